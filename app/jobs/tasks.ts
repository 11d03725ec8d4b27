/**
 * The task engine: work on many devices that goes on by itself (architecture, invariants on jobs). Tasks and results are on disk, a
 * restart goes on with what was not finished. Not more than `width` devices of a kind are in work at once, and each one that
 * answers makes place for the next: the fleet sets the pace.
 */
import { RequestError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import type { Log } from '../observe/log.ts'
import type { Viewer } from '../domains/viewer.ts'
import type { Store } from '../store/store.ts'
import type { DeviceQueues } from './device-queues.ts'
import type { WorkInput } from './device-work.ts'
import { ExchangeRun, type Turn } from './exchange-run.ts'
import type { KindName, Kinds, Outcome, BoundWork, TaskDevice } from './kinds.ts'
import { RowRun } from './row-run.ts'
import { actorOf, scopeOf, seesTask, taskOf, type Task } from './task.ts'
import { TaskEvents } from './task-events.ts'
import { TaskRows } from './task-rows.ts'

export interface TasksDeps {
  readonly store: Store
  readonly kinds: Kinds
  readonly queues: DeviceQueues
  readonly connected: (hwId: string) => boolean
  /** Writes collected states of devices, so that conditions on them are true. */
  readonly settleDevices: () => void
  readonly now: () => number
  /** Calls back in another turn of the event loop. */
  readonly later: (run: () => void) => void
  readonly log: Log
  /** A task has ended, and some of its devices have failed. */
  readonly failed?: (task: Task) => void
}

export interface NewTask {
  readonly kind: KindName
  /** 0: devices of several domains. */
  readonly domainId: number
  /** What is changed to what, for people; no secrets. */
  readonly detail: string
  /** For the kind; no secrets. */
  readonly work: object
}

type Run = ExchangeRun | RowRun
type Ended = 'done' | 'failed' | 'skipped'

const CANCELLED = 'Cancelled.'
/** After a lost transaction, work on rows is tried again this much later. */
const LOST_WRITE = 1000

export class Tasks {
  readonly rows: TaskRows
  readonly events: TaskEvents
  readonly #deps: TasksDeps
  readonly #tasks = new Map<number, Task>()
  readonly #runs = new Map<number, Run>()
  /** Devices in work per kind. */
  readonly #used = new Map<KindName, number>()
  /** Devices that wait in running tasks: while there is none, a device that comes online costs nothing. */
  #waiting = 0
  #pumping = false
  #stopped = false

  constructor(deps: TasksDeps) {
    this.#deps = deps
    this.rows = new TaskRows(deps.store)
    this.events = new TaskEvents()
  }

  /** Goes on with what an earlier run of the process left. */
  resume(): void {
    for (const row of this.rows.tasks()) {
      if (row.state === 'deleted') {
        this.#deleteRows(row.id)
        continue
      }
      if (row.finishedAt === null) this.rows.interrupted(row.id, this.#deps.now())
      const task = taskOf(row, this.rows.counts(row.id))
      this.#tasks.set(task.id, task)
      if (task.finishedAt !== undefined) continue
      if (task.state === 'cancelled') this.#giveUp(task, CANCELLED)
      else this.#run(task)
    }
  }

  /** After a lost transaction: the counts are taken from what is left, and what was lost is done again. */
  recover(): void {
    const kept = new Set(this.rows.tasks().map(row => row.id))
    this.#waiting = 0
    for (const task of [...this.#tasks.values()]) {
      if (!kept.has(task.id)) {
        this.#tasks.delete(task.id)
        this.#runs.delete(task.id)
        this.events.removed(task)
        continue
      }
      this.rows.settle()
      this.rows.setState(task.id, task.state, task.finishedAt ?? null)
      if (task.finishedAt !== undefined) continue
      task.counts = this.rows.counts(task.id)
      const run = this.#runs.get(task.id)
      if (!run) continue
      this.#waiting += task.counts.waiting
      run.again()
      this.#goOn(task)
    }
  }

  stop(): void {
    this.#stopped = true
    this.events.close()
  }

  /** Starts a task; it is on disk with the next commit. Throws `busy` when too many run. */
  start(viewer: Viewer, given: NewTask): Task {
    let running = 0
    for (const task of this.#tasks.values()) if (task.finishedAt === undefined) running++
    if (running >= LIMITS.tasks.value) throw new RequestError('busy', `Already ${running} tasks are running. Wait for some of them, or cancel them.`)
    const settings = { scope: scopeOf(viewer), address: viewer.address, noting: true, work: given.work }
    const startedAt = this.#deps.now()
    const id = this.rows.insert({ kind: given.kind, domainId: given.domainId, startedBy: viewer.who, detail: given.detail, settings: JSON.stringify(settings), startedAt })
    const task: Task = {
      id, kind: given.kind, domainId: given.domainId, by: viewer.who, detail: given.detail, startedAt, settings, state: 'running', finishedAt: undefined,
      noting: true, counts: { waiting: 0, done: 0, failed: 0, skipped: 0 },
    }
    this.#tasks.set(id, task)
    this.#run(task)
    this.events.added(task)
    return task
  }

  /** Tasks the viewer may see, newest first. */
  list(viewer: Viewer): Task[] {
    return [...this.#tasks.values()].filter(task => seesTask(viewer, task)).sort((a, b) => b.startedAt - a.startedAt || b.id - a.id)
  }

  /** A task the viewer may see; `notFound` otherwise. */
  one(viewer: Viewer, id: number): Task {
    const task = this.#tasks.get(id)
    if (!task || !seesTask(viewer, task)) throw new RequestError('notFound', 'There is no such task.')
    return task
  }

  /** Devices of a task that are in work. */
  working(task: Task): number[] {
    const run = this.#runs.get(task.id)
    return run instanceof ExchangeRun ? [...run.working.keys()] : []
  }

  running(task: Task): number {
    const run = this.#runs.get(task.id)
    return run instanceof ExchangeRun ? run.working.size : 0
  }

  /** Waiting devices are skipped; those in work come to their end. */
  cancel(task: Task): void {
    if (task.state !== 'running') return
    task.state = 'cancelled'
    this.rows.setState(task.id, 'cancelled', null)
    this.#giveUp(task, CANCELLED)
  }

  /** Failed and skipped devices are tried again. Answers how many. */
  retry(task: Task): number {
    const count = task.counts.failed + task.counts.skipped
    if (task.state === 'cancelled' && task.finishedAt === undefined) throw new RequestError('conflict', 'The task is just being cancelled.')
    if (count === 0) return 0
    if (task.finishedAt !== undefined) {
      task.state = 'running'
      task.finishedAt = undefined
      this.rows.setState(task.id, 'running', null)
    }
    this.#inSlices(() => {
      if (task.state !== 'running') return 0
      const changed = this.rows.change(task.id, ['failed', 'skipped'], { state: 'waiting', text: '', now: this.#deps.now() }, this.working(task), LIMITS.taskRowsPerTurn.value)
      return this.#moved(task, changed, 'waiting')
    }, () => {
      const run = this.#runs.get(task.id)
      run?.again()
      if (run) this.#goOn(task)
      else if (task.state === 'running') this.#run(task)
    })
    return count
  }

  /** Adds one device to a task, even to one that has ended. False when the task had it already. */
  append(task: Task, device: { readonly id: number, readonly hwId: string }): boolean {
    if (task.state === 'cancelled' || this.rows.one(task.id, device.id)) return false
    this.rows.add(task.id, device, this.#deps.now())
    task.counts.waiting++
    const run = this.#runs.get(task.id)
    if (run instanceof ExchangeRun) {
      this.#waiting++
      run.noted()
      run.ready(device.id)
      this.#pump()
    } else {
      task.state = 'running'
      task.finishedAt = undefined
      this.rows.setState(task.id, 'running', null)
      this.#run(task)
    }
    this.events.changed(task)
    return true
  }

  /** Takes a task that has ended from the list. */
  remove(task: Task): void {
    if (task.finishedAt === undefined) throw new RequestError('conflict', 'The task has not ended. Cancel it first.')
    this.#tasks.delete(task.id)
    this.rows.setState(task.id, 'deleted', task.finishedAt)
    this.events.removed(task)
    this.#deleteRows(task.id)
  }

  /** A device came online: whatever waits for it may go on. */
  cameOnline(deviceId: number): void {
    if (this.#waiting === 0) return
    for (const taskId of this.rows.waitsIn(deviceId)) {
      const run = this.#runs.get(taskId)
      if (run instanceof ExchangeRun) run.ready(deviceId)
    }
    this.#pump()
  }

  /** Called once a second: pauses end, patience ends, old tasks are forgotten. */
  tick(): void {
    const now = this.#deps.now()
    for (const run of this.#runs.values()) {
      if (!(run instanceof ExchangeRun)) continue
      run.tick(now)
      const task = this.#tasks.get(run.taskId)
      if (task?.state !== 'running' || task.noting || task.counts.waiting <= run.working.size || now - run.since <= run.kind.patience) continue
      // Those that are connected wait for a place only. Who leaves from now on is waited for as long again.
      run.since = now
      this.#deps.settleDevices()
      this.#giveUp(task, run.kind.tooLate, true)
    }
    this.#pump()
    for (const task of this.#tasks.values()) if (task.finishedAt !== undefined && now - task.finishedAt > LIMITS.taskKept.value) this.remove(task)
  }

  // running

  #run(task: Task): void {
    let kind: BoundWork
    try {
      kind = this.#deps.kinds[task.kind](task.settings.work, actorOf(task))
    } catch (cause) {
      this.#deps.log('error', `task ${task.id} (${task.kind}) cannot go on: ${cause instanceof Error ? cause.message : String(cause)}`)
      return this.cancel(task)
    }
    const run = kind.how === 'exchange' ? new ExchangeRun(task.id, kind, this.#deps.now(), this.rows, this.#deps.connected) : new RowRun(task.id, kind, this.rows, this.#deps.store)
    this.#runs.set(task.id, run)
    this.#waiting += task.counts.waiting
    if (task.noting) this.#note(task, run)
    else this.#goOn(task)
  }

  /** Notes the devices of a task, in slices. A restart goes on behind the last one noted. */
  #note(task: Task, run: Run): void {
    this.#inSlices(() => {
      if (task.state !== 'running') return 0
      this.#deps.settleDevices()
      const from = this.rows.lastNoted(task.id)
      const noted = this.#deps.store.write(() => {
        const noted = this.rows.note(task.id, run.kind.devices, run.kind.skips ?? [], from, LIMITS.taskRowsPerTurn.value, this.#deps.now())
        run.kind.noted?.(from, noted.last ?? Number.MAX_SAFE_INTEGER)
        return noted
      })
      task.counts.waiting += noted.waiting
      task.counts.skipped += noted.skipped
      this.#waiting += noted.waiting
      this.events.changed(task)
      if (run instanceof ExchangeRun) {
        run.noted()
        this.#pump()
      }
      return noted.waiting + noted.skipped
    }, () => {
      task.noting = false
      this.rows.setSettings(task.id, JSON.stringify({ ...task.settings, noting: false }))
      this.#goOn(task)
    })
  }

  #goOn(task: Task): void {
    const run = this.#runs.get(task.id)
    if (run instanceof RowRun) {
      if (!run.busy) void this.#work(task, run)
    } else this.#pump()
    this.#endIfOver(task)
  }

  /** Devices that talk: fills the free places, tasks of a kind in turns. */
  #pump(): void {
    if (this.#pumping || this.#stopped) return
    this.#pumping = true
    let more = false
    const blocked = new Set<Run>()
    for (let progress = true; progress;) {
      progress = false
      for (const run of this.#runs.values()) {
        if (!(run instanceof ExchangeRun) || blocked.has(run)) continue
        const task = this.#tasks.get(run.taskId)
        const used = task ? this.#used.get(task.kind) ?? 0 : 0
        const turn = task?.state === 'running' && used < run.kind.width ? run.take(this.#deps.now()) : undefined
        if (!task || turn === undefined || turn === 'later') {
          more ||= turn === 'later'
          blocked.add(run)
          continue
        }
        progress = true
        this.#used.set(task.kind, used + 1)
        void this.#exchange(task, run, turn)
      }
    }
    this.#pumping = false
    if (more) this.#deps.later(() => this.#pump())
  }

  async #exchange(task: Task, run: ExchangeRun, { device }: Turn): Promise<void> {
    let outcome: Outcome
    try {
      outcome = await this.#deps.queues.run(device.deviceId, () => this.#begin(run, device))
    } catch (cause) {
      this.#deps.log('error', `task ${task.id}, device ${device.hwId}: ${cause instanceof Error ? cause.stack ?? cause.message : String(cause)}`)
      outcome = { is: 'failed', text: 'Something went wrong here; the log of the service says what.', again: false }
    }
    if (this.#stopped) return
    this.#used.set(task.kind, (this.#used.get(task.kind) ?? 1) - 1)
    const work = run.ended(device, inputOf(outcome, this.#deps.now()))
    if (work.at === 'done' || work.at === 'failed' || work.at === 'skipped') this.#moved(task, { waiting: 1 }, work.at)
    // What broke off while the task was cancelled is not begun again.
    else if (task.state === 'cancelled') this.#giveUp(task, CANCELLED)
    this.events.changed(task)
    this.#pump()
    this.#endIfOver(task)
  }

  /** It is this device's turn in its own queue, too. */
  async #begin(run: ExchangeRun, device: TaskDevice): Promise<Outcome> {
    const { once } = run.kind
    if (once !== undefined) {
      run.begin(device, once, this.#deps.now())
      try {
        await this.#deps.store.committed()
      } catch {
        return { is: 'failed', text: 'That it begins could not be written down.', again: true }
      }
    }
    return run.kind.work(device)
  }

  /** Rows: slice after slice. */
  async #work(task: Task, run: RowRun): Promise<void> {
    run.busy = true
    try {
      while (task.state === 'running' && !this.#stopped && !task.noting) {
        const counts = await run.slice(this.#deps.now())
        if (!counts) break
        for (const state of ['done', 'failed', 'skipped'] as const) this.#moved(task, { waiting: counts[state] }, state)
        this.events.changed(task)
        await new Promise<void>(resolve => this.#deps.later(resolve))
      }
    } catch (cause) {
      this.#deps.log('error', `task ${task.id}: ${cause instanceof Error ? cause.stack ?? cause.message : String(cause)}`)
      setTimeout(() => { if (!this.#stopped) this.#goOn(task) }, LOST_WRITE).unref()
    }
    run.busy = false
    this.#endIfOver(task)
  }

  // ends

  /** Devices that wait are skipped; with `absent` only those that are not connected. */
  #giveUp(task: Task, text: string, absent = false): void {
    this.#inSlices(() => {
      const changed = this.rows.change(task.id, ['waiting'], { state: 'skipped', text, now: this.#deps.now(), absent }, this.working(task), LIMITS.taskRowsPerTurn.value)
      return this.#moved(task, changed, 'skipped')
    }, () => this.#endIfOver(task))
  }

  /** Keeps the counts true. Answers how many there were. */
  #moved(task: Task, from: Partial<Record<Ended | 'waiting', number>>, to: Ended | 'waiting'): number {
    let sum = 0
    for (const state of ['waiting', 'done', 'failed', 'skipped'] as const) {
      const n = from[state] ?? 0
      task.counts[state] -= n
      sum += n
    }
    task.counts[to] += sum
    if (this.#runs.has(task.id)) this.#waiting += (to === 'waiting' ? sum : 0) - (from.waiting ?? 0)
    if (sum > 0) this.events.changed(task)
    return sum
  }

  #endIfOver(task: Task): void {
    if (task.finishedAt !== undefined || task.counts.waiting > 0 || (task.noting && task.state === 'running')) return
    task.finishedAt = this.#deps.now()
    if (task.state === 'running') task.state = 'done'
    this.rows.setState(task.id, task.state, task.finishedAt)
    this.#runs.delete(task.id)
    this.events.changed(task)
    if (task.state === 'done' && task.counts.failed > 0) this.#deps.failed?.(task)
  }

  #deleteRows(taskId: number): void {
    this.#inSlices(() => this.rows.deleteSome(taskId, LIMITS.taskRowsPerTurn.value) ? 0 : 1, () => {})
  }

  /** Repeats `step` while it changes something, each time in another turn of the event loop; then `end`. */
  #inSlices(step: () => number, end: () => void): void {
    if (this.#stopped) return
    if (step() === 0) return end()
    this.#deps.later(() => this.#inSlices(step, end))
  }
}

function inputOf(outcome: Outcome, now: number): WorkInput {
  switch (outcome.is) {
    case 'done': return { kind: 'succeeded', now }
    case 'skipped': return { kind: 'needless', now, text: outcome.text }
    case 'failed': return { kind: 'failed', now, text: outcome.text, again: outcome.again }
  }
}
