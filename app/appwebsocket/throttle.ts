/**
 * Slows down repeated failed logins, per address and per name (domain of the login). It never refuses: the answer comes later.
 * Attempts count when they begin, so that many at once do not slip through.
 */
import { LIMITS } from '../limits.ts'

interface Failures { count: number, last: number }

/** Failures older than this are forgotten. */
const MEMORY = 15 * 60_000
/** A name is known to everybody: failures from elsewhere may slow its owner down by this much only. */
const LONGEST_FOR_NAME = 3_000
const FIRST_WAIT = 250
const MOST_KEYS = 50_000

const addressKey = (address: string): string => `address ${address}`
const nameKey = (name: string): string => `name ${name.toLowerCase()}`
const pairKey = (address: string, name: string): string => `pair ${address} ${name.toLowerCase()}`

export class LoginThrottle {
  readonly #failures = new Map<string, Failures>()
  readonly #now: () => number

  constructor(now: () => number) { this.#now = now }

  /** An attempt begins. Milliseconds to wait before answering it. */
  begin(address: string, name: string): number {
    this.#add(pairKey(address, name))
    // An unknown address is everybody's: one of them must not lock out the others.
    const byAddress = Math.min(this.#add(addressKey(address)), address === '' ? LONGEST_FOR_NAME : Infinity)
    const byName = Math.min(this.#add(nameKey(name)), LONGEST_FOR_NAME)
    return Math.max(byAddress, byName)
  }

  /** The attempt was right: what this address has tried with this name is taken back, and nothing else. Who owns one domain guesses no faster at others. */
  succeeded(address: string, name: string): void {
    const pair = this.#failures.get(pairKey(address, name))?.count ?? 1
    this.#failures.delete(pairKey(address, name))
    for (const key of [addressKey(address), nameKey(name)]) {
      const known = this.#failures.get(key)
      if (!known) continue
      if (known.count > pair) known.count -= pair
      else this.#failures.delete(key)
    }
  }

  #add(key: string): number {
    const now = this.#now()
    const known = this.#failures.get(key)
    const count = known && now - known.last < MEMORY ? known.count + 1 : 1
    this.#failures.delete(key)
    this.#failures.set(key, { count, last: now })
    if (this.#failures.size > MOST_KEYS) {
      const oldest = this.#failures.keys().next()
      if (!oldest.done) this.#failures.delete(oldest.value)
    }
    const beyond = count - LIMITS.failedLoginsFree.value
    return beyond <= 0 ? 0 : Math.min(FIRST_WAIT * 2 ** Math.min(beyond - 1, 20), LIMITS.failedLoginWait.value)
  }
}
