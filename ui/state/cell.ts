/** A value that tells when it changes: all the state the user interface shares between its parts. */
import { useEffect, useState } from 'preact/hooks'

export interface ReadCell<T> {
  readonly value: T
  /** @returns the function that ends the subscription */
  subscribe(listener: () => void): () => void
}

export class Cell<T> implements ReadCell<T> {
  #value: T
  readonly #listeners = new Set<() => void>()

  constructor(value: T) { this.#value = value }

  get value(): T { return this.#value }

  set(value: T): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    for (const listener of [...this.#listeners]) listener()
  }

  update(change: (value: T) => T): void { this.set(change(this.#value)) }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }
}

/** The value of a cell; the component is drawn again when it changes. */
export function useCell<T>(cell: ReadCell<T>): T {
  const [, redraw] = useState(0)
  const shown = cell.value
  useEffect(() => {
    // A change between drawing and subscribing would be missed otherwise.
    if (!Object.is(shown, cell.value)) redraw(count => count + 1)
    return cell.subscribe(() => redraw(count => count + 1))
  }, [cell])
  return shown
}
