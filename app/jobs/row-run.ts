/** One running task that works on rows: a slice of devices and their results in one transaction, then the event loop gets its turn. */
import { LIMITS } from '../limits.ts'
import { next, type Work } from './device-work.ts'
import type { Outcome, RowWork, TaskDevice } from './kinds.ts'
import type { EndedState, TaskRows } from './task-rows.ts'
import type { Store } from '../store/store.ts'

const STATES: Record<Outcome['is'], EndedState> = { done: 'done', failed: 'failed', skipped: 'skipped' }

export class RowRun {
  readonly taskId: number
  readonly kind: RowWork
  readonly #rows: TaskRows
  readonly #store: Store
  #seen = 0
  /** True while a slice is being written. */
  busy = false

  constructor(taskId: number, kind: RowWork, rows: TaskRows, store: Store) {
    this.taskId = taskId
    this.kind = kind
    this.#rows = rows
    this.#store = store
  }

  /** Looks at all waiting devices again. */
  again(): void { this.#seen = 0 }

  /**
   * Works on the next slice. Resolves with the results once they are on disk; undefined when no device waits. Rejects when the
   * transaction was lost: nothing of the slice has happened then.
   */
  async slice(now: number): Promise<Record<EndedState, number> | undefined> {
    const devices = this.#rows.waiting(this.taskId, this.#seen, LIMITS.taskRowsPerSlice.value)
    if (devices.length === 0) return undefined
    const counts = { done: 0, failed: 0, skipped: 0 }
    const after = this.#store.write(() => {
      const { outcomes, after } = this.kind.slice(devices)
      devices.forEach((device, n) => {
        const outcome = outcomes[n] ?? { is: 'failed', text: 'no result', again: false }
        const work = resultOf(device, outcome, now)
        counts[STATES[outcome.is]]++
        this.#rows.saveNow(this.taskId, device.deviceId, { state: STATES[outcome.is], text: work.text, attempts: work.attempts, changedAt: now })
      })
      return after
    })
    await this.#store.committed()
    this.#seen = devices.at(-1)?.deviceId ?? this.#seen
    after()
    return counts
  }
}

/** The state of a device after one attempt: work on rows is not tried again by itself. */
function resultOf(device: TaskDevice, outcome: Outcome, now: number): Work {
  const working: Work = { at: 'working', attempts: device.attempts, since: now, text: '' }
  switch (outcome.is) {
    case 'done': return next(working, { kind: 'succeeded', now }, []).work
    case 'skipped': return next(working, { kind: 'needless', now, text: outcome.text }, []).work
    case 'failed': return next(working, { kind: 'failed', now, text: outcome.text, again: false }, []).work
  }
}
