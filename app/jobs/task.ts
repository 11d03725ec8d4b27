/** A task as the engine holds it, and as clients see it. */
import { z } from 'zod'
import { maySee, type Viewer } from '../domains/viewer.ts'
import { id } from '../protocol/types.ts'
import type { Task as WireTask } from '../protocol/task-messages.ts'
import type { KindName } from './kinds.ts'
import type { StateCounts, TaskRow, TaskState } from './task-rows.ts'

/** The `settings` column. `work` belongs to the kind. */
export const storedSettings = z.object({
  /** The rights the task was started with: ids of domains, or null for all. */
  scope: z.array(id).nullable(),
  /** Where it was started from. */
  address: z.string(),
  /** True until all devices of the task are noted. */
  noting: z.boolean(),
  work: z.unknown(),
})
export type StoredSettings = z.infer<typeof storedSettings>

export interface Task {
  readonly id: number
  readonly kind: KindName
  /** 0: devices of several domains. */
  readonly domainId: number
  readonly by: string
  readonly detail: string
  readonly startedAt: number
  readonly settings: StoredSettings
  state: TaskState
  finishedAt: number | undefined
  noting: boolean
  counts: StateCounts
}

export function taskOf(row: TaskRow, counts: StateCounts): Task {
  const settings = storedSettings.parse(JSON.parse(row.settings))
  return {
    id: row.id, kind: row.kind, domainId: row.domainId, by: row.startedBy, detail: row.detail, startedAt: row.startedAt, settings,
    state: row.state, finishedAt: row.finishedAt ?? undefined, noting: settings.noting, counts,
  }
}

/** The rights a viewer starts a task with. */
export const scopeOf = (viewer: Viewer): number[] | null => viewer.admin ? null : [...viewer.domainIds].sort((a, b) => a - b)

/** A task acts as whoever started it, with the rights of that moment. */
export const actorOf = (task: Pick<Task, 'by' | 'domainId' | 'settings'>): Viewer => ({
  admin: task.settings.scope === null, role: 'full', domainId: task.domainId, domainIds: new Set(task.settings.scope ?? []), who: task.by, address: task.settings.address,
})

/** A task within one domain is seen by whoever sees that domain; others by those who see every domain they may touch. */
export function seesTask(viewer: Viewer, task: Pick<Task, 'domainId' | 'settings'>): boolean {
  if (viewer.admin) return true
  if (task.domainId !== 0) return maySee(viewer, task.domainId)
  const { scope } = task.settings
  return scope?.length ? scope.every(domainId => maySee(viewer, domainId)) : false
}

/** `running`: devices in work; they count as waiting on disk. */
export function toWire(task: Task, running: number): WireTask {
  const { waiting, done, failed, skipped } = task.counts
  const wire: WireTask = {
    id: task.id, kind: task.kind, domainId: task.domainId, by: task.by, detail: task.detail, state: task.state === 'deleted' ? 'cancelled' : task.state,
    startedAt: task.startedAt, total: waiting + done + failed + skipped, done, failed, skipped, running, waiting: Math.max(0, waiting - running),
  }
  if (task.finishedAt !== undefined) wire.finishedAt = task.finishedAt
  return wire
}
