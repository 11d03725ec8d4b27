/** What happened to devices, for those who watch. Nobody watching costs nothing: events carry ids, and the row is read by who needs it. */
import type { DeviceRow } from './device-row.ts'

export interface DeviceEvent {
  readonly kind: 'added' | 'changed' | 'removed'
  readonly id: number
  readonly hwId: string
  /** Domain after the change (removed: before it); 0: none. */
  readonly domainId: number
  /** The row before the change, where the change may have moved it out of somebody's sight. */
  readonly before?: DeviceRow | undefined
}

export class DeviceEvents {
  readonly #listeners = new Set<(event: DeviceEvent) => void>()

  on(listener: (event: DeviceEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  emit(event: DeviceEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  get watched(): boolean { return this.#listeners.size > 0 }
}
