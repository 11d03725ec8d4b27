/** Ends the connections of many devices, a few at a time: they come back at once, and that is work for both sides. */
import { LIMITS } from '../limits.ts'

export interface Dismissed { readonly id: number, readonly hwId: string }

const EVERY = 100

export class Dismissals {
  readonly #dismiss: (device: Dismissed) => void
  #waiting: Dismissed[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(dismiss: (device: Dismissed) => void) { this.#dismiss = dismiss }

  add(devices: readonly Dismissed[]): void {
    for (const device of devices) this.#waiting.push(device)
    if (this.#waiting.length) this.#timer ??= setInterval(() => this.#some(), EVERY)
  }

  #some(): void {
    for (const device of this.#waiting.splice(0, LIMITS.dismissedAtOnce.value)) this.#dismiss(device)
    if (this.#waiting.length === 0) this.stop()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
