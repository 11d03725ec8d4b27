/**
 * Admission while very many devices arrive at once: those beyond the bound come later, so that the ones inside are let in
 * quickly and memory stays bounded. Devices try again by themselves with growing pauses (wire-protocols 2.1).
 */

/** The storm is over when nobody had to wait for so long, ms. */
const CALM = 30_000

export class Storm {
  readonly #now: () => number
  readonly #most: number
  readonly #changed: ((active: boolean) => void) | undefined
  #deferredAt: number | undefined

  /** `changed` is told when admission begins to defer devices, and when it has stopped. */
  constructor(now: () => number, most: number, changed?: (active: boolean) => void) {
    this.#now = now
    this.#most = most
    this.#changed = changed
  }

  /** May one more connection come in while `arriving` ones are not let in yet? */
  admits(arriving: number): boolean {
    if (arriving < this.#most) return true
    if (this.#deferredAt === undefined) this.#changed?.(true)
    this.#deferredAt = this.#now()
    return false
  }

  /** Called once a second. */
  tick(): void {
    if (this.#deferredAt === undefined || this.#now() - this.#deferredAt < CALM) return
    this.#deferredAt = undefined
    this.#changed?.(false)
  }
}
