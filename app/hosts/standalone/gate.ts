/**
 * Counts who is here: websockets and requests in flight, in all and per address. An idle connection between two requests
 * does not count; it ends by itself after ten seconds.
 */
import type { Log } from '../../observe/log.ts'
import { arrived } from '../arrivals.ts'
import { addressText } from './address.ts'
import type { HostBounds } from './bounds.ts'

/** One address with somebody from it; shared by all of its connections, so that its text is kept once. */
export interface Origin { readonly address: string, count: number }

export type Refusal = 'connections' | 'connectionsPerAddress'

export class Gate {
  readonly #origins = new Map<string, Origin>()
  readonly #bounds: HostBounds
  readonly #refused: () => void
  #count = 0
  #refusedSince = 0
  #lastRefused = ''

  /** `refused` is called for everybody who is sent away. */
  constructor(bounds: HostBounds, refused: () => void) {
    this.#bounds = bounds
    this.#refused = refused
  }

  get count(): number { return this.#count }

  enter(binaryAddress: ArrayBuffer): Origin | Refusal {
    const address = addressText(binaryAddress)
    const origin = this.#origins.get(address) ?? { address, count: 0 }
    const refusal = this.#count >= this.#bounds.connections ? 'connections' : origin.count >= this.#bounds.connectionsPerAddress ? 'connectionsPerAddress' : undefined
    if (refusal) {
      this.#refusedSince++
      this.#lastRefused = `${address} (${refusal})`
      this.#refused()
      return refusal
    }
    if (origin.count === 0) this.#origins.set(address, origin)
    origin.count++
    this.#count++
    arrived()
    return origin
  }

  leave(origin: Origin): void {
    this.#count--
    if (--origin.count === 0) this.#origins.delete(origin.address)
  }

  /** One line for all refusals since the last one. */
  report(log: Log): void {
    if (this.#refusedSince === 0) return
    log('warn', `${this.#refusedSince} connections or requests refused by a bound, the last from ${this.#lastRefused}`)
    this.#refusedSince = 0
  }
}
