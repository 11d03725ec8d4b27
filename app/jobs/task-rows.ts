/**
 * Tasks and their devices on disk. Results are collected and written with the next commit, many in one transaction; what is not
 * written yet is known here, so that nobody reads an old state. A device in work is `waiting` on disk: a restart begins it anew. Only
 * work that must not happen twice notes before that it has `begun`.
 */
import type BetterSqlite3 from 'better-sqlite3'
import type { Where } from '../devices/device-query.ts'
import { Status } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { KindName, TaskDevice } from './kinds.ts'

export type TaskState = 'running' | 'done' | 'cancelled' | 'deleted'
export type DeviceState = TaskDevice['state']
export type EndedState = Exclude<DeviceState, 'waiting' | 'begun'>
type EndedOrWaiting = EndedState | 'waiting'

export interface TaskRow {
  readonly id: number, readonly kind: KindName, readonly domainId: number, readonly startedBy: string, readonly detail: string, readonly settings: string
  readonly state: TaskState, readonly startedAt: number, readonly finishedAt: number | null
}

export interface StateCounts { waiting: number, done: number, failed: number, skipped: number }

interface Result { readonly state: DeviceState, readonly text: string, readonly attempts: number, readonly changedAt: number }

const DEVICE = 'device_id AS deviceId, hw_id AS hwId, state, error AS text, attempts, changed_at AS changedAt'

export class TaskRows {
  readonly #store: Store
  /** Results to be written with the next commit: task → device → result. */
  readonly #dirty = new Map<number, Map<number, Result>>()
  /** Written in the open transaction. */
  #uncommitted: [task: number, device: number, result: Result][] = []
  #watching = false
  readonly #insert: BetterSqlite3.Statement
  readonly #setState: BetterSqlite3.Statement<[string, number | null, number]>
  readonly #setSettings: BetterSqlite3.Statement<[string, number]>
  readonly #setResult: BetterSqlite3.Statement<[string, string, number, number, number, number]>
  readonly #waitingAfter: BetterSqlite3.Statement<[number, number, number], TaskDevice>
  readonly #one: BetterSqlite3.Statement<[number, number], TaskDevice>
  readonly #waitsIn: BetterSqlite3.Statement<[number], { taskId: number }>
  readonly #slice: BetterSqlite3.Statement<[number, number], { last: number | null, waiting: number | null, skipped: number | null }>
  readonly #lastNoted: BetterSqlite3.Statement<[number], { last: number | null }>
  readonly #add: BetterSqlite3.Statement<[number, number, string, number]>

  constructor(store: Store) {
    this.#store = store
    const { sqlite } = store
    this.#insert = sqlite.prepare(`INSERT INTO tasks (kind, domain_id, started_by, detail, settings, state, started_at)
      VALUES (@kind, @domainId, @startedBy, @detail, @settings, 'running', @startedAt)`)
    this.#setState = sqlite.prepare('UPDATE tasks SET state = ?, finished_at = ? WHERE id = ?')
    this.#setSettings = sqlite.prepare('UPDATE tasks SET settings = ? WHERE id = ?')
    this.#setResult = sqlite.prepare('UPDATE task_devices SET state = ?, error = ?, attempts = ?, changed_at = ? WHERE task_id = ? AND device_id = ?')
    this.#waitingAfter = sqlite.prepare(`SELECT ${DEVICE} FROM task_devices WHERE task_id = ? AND device_id > ? AND state = 'waiting' ORDER BY device_id LIMIT ?`)
    this.#one = sqlite.prepare(`SELECT ${DEVICE} FROM task_devices WHERE task_id = ? AND device_id = ?`)
    this.#waitsIn = sqlite.prepare(`SELECT task_id AS taskId FROM task_devices WHERE device_id = ? AND state = 'waiting'`)
    this.#slice = sqlite.prepare(`SELECT max(device_id) AS last, sum(state = 'waiting') AS waiting, sum(state = 'skipped') AS skipped FROM task_devices WHERE task_id = ? AND device_id > ?`)
    this.#lastNoted = sqlite.prepare('SELECT max(device_id) AS last FROM task_devices WHERE task_id = ?')
    this.#add = sqlite.prepare(`INSERT INTO task_devices (task_id, device_id, hw_id, state, changed_at) VALUES (?, ?, ?, 'waiting', ?)`)
    store.beforeCommit(() => this.settle())
  }

  insert(task: { kind: KindName, domainId: number, startedBy: string, detail: string, settings: string, startedAt: number }): number {
    this.#store.begin()
    return Number(this.#insert.run(task).lastInsertRowid)
  }

  /** All tasks, oldest first. */
  tasks(): TaskRow[] {
    return this.#store.sqlite.prepare<[], TaskRow>(`SELECT id, kind, domain_id AS domainId, started_by AS startedBy, detail, settings, state,
      started_at AS startedAt, finished_at AS finishedAt FROM tasks ORDER BY id`).all()
  }

  setState(taskId: number, state: TaskState, finishedAt: number | null): void {
    this.#store.begin()
    this.#setState.run(state, finishedAt, taskId)
  }

  setSettings(taskId: number, settings: string): void {
    this.#store.begin()
    this.#setSettings.run(settings, taskId)
  }

  counts(taskId: number): StateCounts {
    const counts = { waiting: 0, done: 0, failed: 0, skipped: 0 }
    for (const { state, n } of this.#store.sqlite.prepare<[number], { state: DeviceState, n: number }>(
      'SELECT state, count(*) AS n FROM task_devices WHERE task_id = ? GROUP BY state').all(taskId)) counts[state === 'begun' ? 'waiting' : state] += n
    return counts
  }

  /** Devices with higher ids are still to be noted. */
  lastNoted(taskId: number): number { return this.#lastNoted.get(taskId)?.last ?? 0 }

  /** Notes up to `limit` devices of a condition, with ids above `after`. `last` is undefined when there was none. */
  note(taskId: number, devices: Where, skips: readonly { sql: string, text: string }[], after: number, limit: number, now: number): { last: number | undefined, waiting: number, skipped: number } {
    const why = skips.length ? `CASE ${skips.map(({ sql }) => `WHEN ${sql} THEN ?`).join(' ')} ELSE '' END` : "''"
    const skip = skips.map(({ sql }) => sql).join(' OR ') || '0'
    this.#store.begin()
    this.#store.sqlite.prepare(`INSERT INTO task_devices (task_id, device_id, hw_id, state, error, changed_at)
      SELECT ?, id, hw_id, CASE WHEN ${skip} THEN 'skipped' ELSE 'waiting' END, ${why}, ?
      FROM devices WHERE ${devices.sql} AND id > ? ORDER BY id LIMIT ?`).run(taskId, ...skips.map(({ text }) => text), now, ...devices.values, after, limit)
    const slice = this.#slice.get(taskId, after)
    return { last: slice?.last ?? undefined, waiting: slice?.waiting ?? 0, skipped: slice?.skipped ?? 0 }
  }

  /** What had begun when an earlier run of the process ended has failed, for the reason that was written down then. */
  interrupted(taskId: number, now: number): void {
    this.#store.begin()
    this.#store.sqlite.prepare<[number, number]>(`UPDATE task_devices SET state = 'failed', attempts = attempts + 1, changed_at = ? WHERE task_id = ? AND state = 'begun'`).run(now, taskId)
  }

  /** Adds one device that waits. */
  add(taskId: number, device: { id: number, hwId: string }, now: number): void {
    this.#store.begin()
    this.#add.run(taskId, device.id, device.hwId, now)
  }

  /** The next waiting devices, by ascending id. */
  waiting(taskId: number, after: number, limit: number): TaskDevice[] {
    const dirty = this.#dirty.get(taskId)
    const rows = this.#waitingAfter.all(taskId, after, limit)
    return dirty ? rows.map(row => ({ ...row, ...dirty.get(row.deviceId) })) : rows
  }

  one(taskId: number, deviceId: number): TaskDevice | undefined {
    const row = this.#one.get(taskId, deviceId)
    const result = this.#dirty.get(taskId)?.get(deviceId)
    return row && result ? { ...row, ...result } : row
  }

  /** Tasks for which this device waits. */
  waitsIn(deviceId: number): number[] { return this.#waitsIn.all(deviceId).map(row => row.taskId) }

  /** Keeps a result; on disk with the next commit. */
  save(taskId: number, deviceId: number, result: Result): void {
    let results = this.#dirty.get(taskId)
    if (!results) this.#dirty.set(taskId, results = new Map())
    results.set(deviceId, result)
    this.#store.begin()
  }

  /** Writes a result now, inside the open transaction. */
  saveNow(taskId: number, deviceId: number, result: Result): void {
    this.#store.begin()
    this.#setResult.run(result.state, result.text, result.attempts, result.changedAt, taskId, deviceId)
  }

  /** Writes what was collected, so that queries see it. */
  settle(): void {
    if (this.#dirty.size === 0) return
    for (const [taskId, results] of this.#dirty) {
      for (const [deviceId, result] of results) {
        this.saveNow(taskId, deviceId, result)
        this.#uncommitted.push([taskId, deviceId, result])
      }
    }
    this.#dirty.clear()
    if (this.#watching) return
    this.#watching = true
    this.#store.whenCommitted(error => {
      this.#watching = false
      const lost = this.#uncommitted
      this.#uncommitted = []
      if (error) for (const [taskId, deviceId, result] of lost) if (!this.#dirty.get(taskId)?.has(deviceId)) this.save(taskId, deviceId, result)
    })
  }

  /** Changes up to `limit` devices of a task from one of `from` to `state`; with `absent` only those that are not connected. Answers how many of each there were. */
  change(taskId: number, from: readonly EndedOrWaiting[], to: { state: EndedOrWaiting, text: string, now: number, absent?: boolean }, except: readonly number[], limit: number): Partial<Record<EndedOrWaiting, number>> {
    this.settle()
    const rows = this.#store.sqlite.prepare<[number, number], { id: number, state: EndedOrWaiting }>(
      `SELECT rowid AS id, state FROM task_devices WHERE task_id = ? AND state IN (${from.map(state => `'${state}'`).join(',')})
       AND device_id NOT IN (${except.join(',')})${to.absent ? ` AND device_id NOT IN (SELECT id FROM devices WHERE status = ${Status.online})` : ''} LIMIT ?`).all(taskId, limit)
    this.#store.begin()
    const update = this.#store.sqlite.prepare<[string, string, number, number]>('UPDATE task_devices SET state = ?, error = ?, attempts = 0, changed_at = ? WHERE rowid = ?')
    const changed: Partial<Record<EndedOrWaiting, number>> = {}
    for (const { id, state } of rows) {
      update.run(to.state, to.text, to.now, id)
      changed[state] = (changed[state] ?? 0) + 1
    }
    return changed
  }

  /** Deletes up to `limit` devices of a task, and the task itself with the last. True when it is gone. */
  deleteSome(taskId: number, limit: number): boolean {
    this.#dirty.delete(taskId)
    this.#store.begin()
    const { changes } = this.#store.sqlite.prepare<[number, number]>('DELETE FROM task_devices WHERE rowid IN (SELECT rowid FROM task_devices WHERE task_id = ? LIMIT ?)').run(taskId, limit)
    if (changes === limit) return false
    this.#store.sqlite.prepare<[number]>('DELETE FROM tasks WHERE id = ?').run(taskId)
    return true
  }

  /** Devices of a task in one of these states by ascending id, for pages. `only`/`except`: ids of devices in work. */
  group(taskId: number, states: readonly DeviceState[], within: { only?: readonly number[], except?: readonly number[] }, offset: number, limit: number): TaskDevice[] {
    this.settle()
    const more = within.only ? ` AND device_id IN (${within.only.join(',')})` : within.except?.length ? ` AND device_id NOT IN (${within.except.join(',')})` : ''
    return this.#store.sqlite.prepare<[number, number, number], TaskDevice>(
      `SELECT ${DEVICE} FROM task_devices WHERE task_id = ? AND state IN (${states.map(state => `'${state}'`).join(',')})${more} ORDER BY rowid LIMIT ? OFFSET ?`).all(taskId, limit, offset)
  }
}
