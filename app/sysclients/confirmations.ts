/**
 * The protocol confirms nothing that the service sends (wire-protocols 2.8). Messages arrive in order, so the pong of a websocket
 * ping sent behind one proves that it has arrived. Costs nothing while nobody waits.
 */
import type { Link } from './link.ts'

export type Confirmation = (result: 'confirmed' | 'gone') => void

export class Confirmations {
  readonly #waiting = new Map<Link, Confirmation[]>()

  /** Pings; calls back with the pong, or when the connection ends first. Returns a function that stops waiting. */
  expect(link: Link, done: Confirmation): () => void {
    const waiting = this.#waiting.get(link)
    if (waiting) waiting.push(done)
    else this.#waiting.set(link, [done])
    link.peer?.ping()
    return () => {
      const left = this.#waiting.get(link)?.filter(other => other !== done)
      if (left?.length) this.#waiting.set(link, left)
      else this.#waiting.delete(link)
    }
  }

  pong(link: Link): void { if (this.#waiting.size > 0) this.#end(link, 'confirmed') }
  closed(link: Link): void { if (this.#waiting.size > 0) this.#end(link, 'gone') }

  #end(link: Link, result: 'confirmed' | 'gone'): void {
    const waiting = this.#waiting.get(link)
    this.#waiting.delete(link)
    for (const done of waiting ?? []) done(result)
  }
}
