/** What a kind of task is made of. `open` binds it to one task; everything else in this room is the same for all kinds. */
import type { Where } from '../devices/device-query.ts'
import type { Viewer } from '../domains/viewer.ts'
import type { TASK_KINDS } from '../protocol/task-messages.ts'
import type { Pauses } from './device-work.ts'

export type KindName = typeof TASK_KINDS[number]

export interface TaskDevice { readonly deviceId: number, readonly hwId: string, readonly state: 'waiting' | 'begun' | 'done' | 'failed' | 'skipped', readonly text: string, readonly attempts: number, readonly changedAt: number }

export type Outcome =
  | { readonly is: 'done' }
  | { readonly is: 'skipped', readonly text: string }
  /** `again`: another attempt may succeed. A connection that broke counts as such. */
  | { readonly is: 'failed', readonly text: string, readonly again: boolean }

interface Common {
  /** Devices of the task, as a condition on their rows. Read in slices while the task runs already. */
  readonly devices: Where
  /** Those of them that get no work from the beginning, and why: the first condition that holds says it. */
  readonly skips?: readonly { readonly sql: string, readonly text: string }[]
  /** Runs in the transaction that notes the devices with ids above `after` up to `until`. */
  noted?(after: number, until: number): void
}

/** Work that talks with each device, several at once. */
export interface ExchangeWork extends Common {
  readonly how: 'exchange'
  /** Devices in work at once, all tasks of this kind together. */
  readonly width: number
  readonly pauses: Pauses
  /** Devices that are not connected are waited for this long since the task started or was resumed, in ms. */
  readonly patience: number
  /** Why those are skipped that did not come. */
  readonly tooLate: string
  /**
   * For work that must not happen twice: that it begins is on disk before it does. When the service ends meanwhile, nobody knows
   * whether it happened; the device has failed with this text, and is not tried again by itself.
   */
  readonly once?: string
  /** Resolves within a bounded time. */
  work(device: TaskDevice): Promise<Outcome>
}

/** Work on rows alone: many devices in one transaction, their results in the same one. */
export interface RowWork extends Common {
  readonly how: 'rows'
  /** Called inside the transaction: one outcome per device, in order, and what is to be done once it is on disk. */
  slice(devices: readonly TaskDevice[]): { readonly outcomes: readonly Outcome[], readonly after: () => void }
}

export type BoundWork = ExchangeWork | RowWork

/** Makes the work of one task out of its stored settings, with the rights it was started with. Throws when they are not this kind's. */
export type Kind = (settings: unknown, viewer: Viewer) => BoundWork
export type Kinds = { readonly [Name in KindName]: Kind }
