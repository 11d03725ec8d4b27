/** The same request for many devices, one after the other at a bounded pace, with a result for each. */
import { Cell } from '../state/cell.ts'
import type { Device } from '../../app/protocol/types.ts'

export interface BulkResult { readonly device: Device, readonly state: 'waiting' | 'running' | 'done' | 'failed', readonly error?: unknown }
export interface Progress { readonly running: boolean, readonly results: readonly BulkResult[] }

const AT_ONCE = 4
/** Shortest time between two requests in ms: the service closes connections that send more than 200 messages a second. */
const PACE = 10

export class Bulk {
  readonly progress = new Cell<Progress>({ running: false, results: [] })
  #stopped = false

  /** Runs `action` for each device; a failure of one does not stop the others. Resolves when all have a result or `stop` was called. */
  async run(devices: readonly Device[], action: (device: Device) => Promise<unknown>): Promise<Progress> {
    this.#stopped = false
    const results: BulkResult[] = devices.map(device => ({ device, state: 'waiting' }))
    const tell = (running: boolean): void => this.progress.set({ running, results: [...results] })
    tell(true)
    let next = 0
    let free = performance.now()
    const worker = async (): Promise<void> => {
      while (next < devices.length && !this.#stopped) {
        const at = next++
        const device = devices[at]
        if (!device) return
        const wait = free - performance.now()
        free = Math.max(free, performance.now()) + PACE
        if (wait > 0) await new Promise(resolve => setTimeout(resolve, wait))
        results[at] = { device, state: 'running' }
        try {
          await action(device)
          results[at] = { device, state: 'done' }
        } catch (error) {
          results[at] = { device, state: 'failed', error }
        }
        tell(true)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    tell(false)
    return this.progress.value
  }

  /** What is running is finished, the rest stays as it is. */
  stop(): void { this.#stopped = true }
}
