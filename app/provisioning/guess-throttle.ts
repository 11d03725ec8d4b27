/**
 * Guessing is made hopeless: wrong codes and tokens are counted per address. The first few cost nothing; then each attempt of the
 * address gets a slot of its own in time, further apart with each; then none is looked at for a while. The same wrong guess again
 * is no new one: a device that comes back with its old code is not guessing.
 */
import crypto from 'node:crypto'
import { LIMITS } from '../limits.ts'

interface Guesses {
  /** Fingerprints of the wrong ones. */
  readonly wrong: Set<string>
  /** Last wrong one. */
  last: number
  /** Slots are given out up to here. */
  nextSlot: number
}

const FIRST_WAIT = 250
const LONGEST_WAIT = 5_000
/** An attempt whose slot would be later than this is not looked at. */
const LONGEST_QUEUE = 5 * 60_000
const MOST_ADDRESSES = 50_000

/** Whoever has one IPv6 address has a /64 of them. */
export function networkOf(address: string): string {
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '')
  if (!plain.includes(':')) return plain
  const [head = ''] = plain.split('::')
  const groups = head.split(':').filter(Boolean)
  return [...groups, '0', '0', '0', '0'].slice(0, 4).join(':')
}

export class GuessThrottle {
  readonly #addresses = new Map<string, Guesses>()
  readonly #now: () => number
  readonly #key = crypto.randomBytes(16)

  constructor(now: () => number) { this.#now = now }

  #print(guess: string): string { return crypto.createHmac('sha256', this.#key).update(guess).digest('base64').slice(0, 16) }

  #of(address: string): Guesses | undefined {
    const known = this.#addresses.get(networkOf(address))
    if (!known || this.#now() - known.last < LIMITS.wrongGuessMemory.value) return known
    this.#addresses.delete(networkOf(address))
    return undefined
  }

  /** An attempt begins. ms to wait before looking at it; undefined: it is not to be looked at. */
  begin(address: string, guess: string): number | undefined {
    const known = this.#of(address)
    if (!known) return 0
    const count = known.wrong.size
    if (known.wrong.has(this.#print(guess))) return 0
    if (count >= LIMITS.wrongGuessesPerAddress.value) return undefined
    if (count < LIMITS.wrongGuessesFree.value) return 0
    const now = this.#now()
    const slot = Math.max(now, known.nextSlot) + Math.min(FIRST_WAIT * 2 ** (count - LIMITS.wrongGuessesFree.value), LONGEST_WAIT)
    if (slot - now > LONGEST_QUEUE) return undefined
    known.nextSlot = slot
    return slot - now
  }

  /** It was wrong. True when it is a new guess of that address. */
  failed(address: string, guess: string): boolean {
    const key = networkOf(address)
    const known = this.#of(address) ?? { wrong: new Set<string>(), last: 0, nextSlot: 0 }
    const print = this.#print(guess)
    if (known.wrong.has(print)) return false
    known.wrong.add(print)
    known.last = this.#now()
    this.#addresses.delete(key)
    this.#addresses.set(key, known)
    if (this.#addresses.size > MOST_ADDRESSES) {
      const oldest = this.#addresses.keys().next()
      if (!oldest.done) this.#addresses.delete(oldest.value)
    }
    return true
  }

  /** Wrong guesses of an address that still count. */
  wrongOf(address: string): number { return this.#of(address)?.wrong.size ?? 0 }
}
