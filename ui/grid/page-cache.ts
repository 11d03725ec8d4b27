/** Rows of a long list by position, as far as they are known. Bounded. */
import type { Device } from '../../app/protocol/types.ts'

const MAX_ROWS = 2_000

export class PageCache {
  readonly #rows = new Map<number, Device>()
  readonly #places = new Map<string, number>()

  get(index: number): Device | undefined { return this.#rows.get(index) }

  /** Position of a device, when known. */
  find(hwId: string): number | undefined { return this.#places.get(hwId) }

  has(first: number, end: number): boolean {
    for (let index = first; index < end; index++) if (!this.#rows.has(index)) return false
    return true
  }

  /** Rows as the service sent them. Far rows are forgotten when there are too many. */
  put(offset: number, devices: readonly Device[]): void {
    for (const [at, device] of devices.entries()) this.#place(offset + at, device)
    if (this.#rows.size <= MAX_ROWS) return
    const middle = offset + devices.length / 2
    const far = [...this.#rows.keys()].sort((a, b) => Math.abs(b - middle) - Math.abs(a - middle))
    for (const index of far.slice(0, this.#rows.size - MAX_ROWS / 2)) this.#forget(index)
  }

  #place(index: number, device: Device): void {
    const before = this.#places.get(device.hwId)
    if (before !== undefined && before !== index) this.#rows.delete(before)
    this.#forget(index)
    this.#rows.set(index, device)
    this.#places.set(device.hwId, index)
  }

  #forget(index: number): void {
    const device = this.#rows.get(index)
    this.#rows.delete(index)
    if (device && this.#places.get(device.hwId) === index) this.#places.delete(device.hwId)
  }

  /** New data of known rows, at their places. @returns true when something is shown differently */
  merge(devices: Iterable<Device>): boolean {
    let changed = false
    for (const device of devices) {
      const index = this.#places.get(device.hwId)
      if (index === undefined) continue
      this.#rows.set(index, device)
      changed = true
    }
    return changed
  }

  /** Forgets every row outside the range: their places may have changed. */
  keepOnly(first: number, end: number): void {
    for (const index of [...this.#rows.keys()]) if (index < first || index >= end) this.#forget(index)
  }

  clear(): void {
    this.#rows.clear()
    this.#places.clear()
  }
}
