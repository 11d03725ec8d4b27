/** Promises that wait until something about a device is true. */
interface Waiter { readonly condition: () => boolean, readonly done: () => void }

export class Waiters {
  /** Created at the first use: most devices of a fleet are never waited for. */
  #waiting: Set<Waiter> | undefined

  until(condition: () => boolean, what: string, ms: number): Promise<void> {
    if (condition()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting ??= new Set()
      const timer = setTimeout(() => { waiting.delete(waiter); reject(new Error(`waited ${ms} ms for ${what}`)) }, ms)
      const waiter: Waiter = { condition, done: () => { clearTimeout(timer); waiting.delete(waiter); resolve() } }
      waiting.add(waiter)
    })
  }

  check(): void {
    if (this.#waiting) for (const waiter of this.#waiting) if (waiter.condition()) waiter.done()
  }
}
