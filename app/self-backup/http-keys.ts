/**
 * Keys for the backup and restore addresses of an instance, as the manager of an App Platform has them (wire-protocols 7.5):
 * an administrator gets one by RequestHttpKey and puts it into the address. Ours is good once and for a short time, because
 * addresses end up in logs.
 */
import { LIMITS } from '../limits.ts'
import type { Viewer } from '../domains/viewer.ts'
import { randomText } from '../store/secrets.ts'

const LENGTH = 32
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

export class HttpKeys {
  readonly #now: () => number
  readonly #keys = new Map<string, { readonly viewer: Viewer, readonly until: number }>()

  constructor(now: () => number) { this.#now = now }

  /** A new key for who asks. */
  make(viewer: Viewer): string {
    const oldest = this.#keys.keys().next()
    if (this.#keys.size >= LIMITS.httpKeys.value && !oldest.done) this.#keys.delete(oldest.value)
    const key = randomText(LENGTH, ALPHABET)
    this.#keys.set(key, { viewer, until: this.#now() + LIMITS.httpKeyValid.value })
    return key
  }

  /** Who got this key; `undefined` when it is unknown, used or too old. */
  owner(key: string): Viewer | undefined {
    const known = this.#keys.get(key)
    return known && known.until > this.#now() ? known.viewer : undefined
  }

  /** It is used up. */
  use(key: string): void { this.#keys.delete(key) }
}
