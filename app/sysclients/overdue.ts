/** Connections that owe an answer: one sweep per second for all, no timer per device. */
import type { Link } from './link.ts'

export class Overdue {
  readonly #since = new Map<Link, number>()
  readonly #now: () => number
  readonly #late: (link: Link) => void
  readonly #waits: { readonly new: number, readonly challenged: number }

  constructor(now: () => number, late: (link: Link) => void, waits: { new: number, challenged: number }) {
    this.#now = now
    this.#late = late
    this.#waits = waits
  }

  /** Starts (or starts anew) the waiting time of the state the connection is in. */
  watch(link: Link): void {
    this.#since.delete(link)
    this.#since.set(link, this.#now())
  }

  links(): Iterable<Link> { return this.#since.keys() }

  /** Connections that owe an answer. */
  get count(): number { return this.#since.size }

  forget(link: Link): void { this.#since.delete(link) }

  /** The newest connection of this device that was asked for its proof and has not answered. */
  challenged(hwId: string): Link | undefined {
    let found: Link | undefined
    for (const link of this.#since.keys()) if (link.state.at === 'challenged' && link.state.hwId === hwId) found = link
    return found
  }

  sweep(): void {
    const now = this.#now()
    const shortest = Math.min(this.#waits.new, this.#waits.challenged)
    for (const [link, since] of this.#since) {
      // In the order of their start: the first that cannot be late yet ends the sweep.
      if (now - since < shortest) break
      if (now - since < (link.state.at === 'challenged' ? this.#waits.challenged : this.#waits.new)) continue
      this.#since.delete(link)
      this.#late(link)
    }
  }
}
