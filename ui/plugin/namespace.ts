/** Global objects of the PBX Manager's scripts, such as `plugin.innovaphone`: made when they are not there. */
import { isObject, member } from './unknown.ts'

export function namespace(...names: readonly string[]): object {
  let at: object = window
  for (const name of names) {
    const found = member(at, name)
    const next = isObject(found) || typeof found === 'function' ? found : {}
    if (next !== found) Reflect.set(at, name, next)
    at = next
  }
  return at
}
