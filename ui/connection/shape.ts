/** Checks of unknown input, small enough for the browser. A message of another shape is refused, never passed on. */
export type Guard<T> = (value: unknown) => value is T

export const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
export const isString = (value: unknown): value is string => typeof value === 'string'
export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
export const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'

export const optional = <T>(guard: Guard<T>): Guard<T | undefined> =>
  (value): value is T | undefined => value === undefined || guard(value)
export const orNull = <T>(guard: Guard<T>): Guard<T | null> =>
  (value): value is T | null => value === null || guard(value)
export const oneOf = <T extends string>(...choices: readonly T[]): Guard<T> =>
  (value): value is T => isString(value) && choices.some(choice => choice === value)
export const listOf = <T>(guard: Guard<T>): Guard<T[]> =>
  (value): value is T[] => Array.isArray(value) && value.every(item => guard(item))
export const mapOf = <T>(guard: Guard<T>): Guard<Record<string, T>> =>
  (value): value is Record<string, T> => isObject(value) && Object.values(value).every(item => guard(item))

/** An object with at least these members; every member of `T` has to be named, so that a changed message is a type error here. */
export const shape = <T extends object>(members: { readonly [K in keyof T]-?: Guard<T[K]> }): Guard<T> => {
  const entries = Object.entries<Guard<unknown>>(members)
  return (value): value is T => isObject(value) && entries.every(([name, guard]) => guard(value[name]))
}

/** The JSON text as an object, or undefined. */
export function parseObject(text: unknown): Record<string, unknown> | undefined {
  if (!isString(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
