/**
 * One running task that talks with devices: which of them is next. Waiting ones stay on disk and are read in portions by
 * ascending id; in memory are only those in work, those whose pause ends later, and those that just came online.
 */
import { LIMITS } from '../limits.ts'
import { dueAt, next, type Work, type WorkInput } from './device-work.ts'
import type { ExchangeWork, TaskDevice } from './kinds.ts'
import type { TaskRows } from './task-rows.ts'

/** Rows read at once. */
const PORTION = 500

export interface Turn { readonly device: TaskDevice, readonly work: Work }

export class ExchangeRun {
  readonly taskId: number
  readonly kind: ExchangeWork
  /** Devices that are not connected are waited for from this time on. */
  since: number
  readonly working = new Map<number, Work>()
  readonly #rows: TaskRows
  readonly #connected: (hwId: string) => boolean
  #portion: TaskDevice[] = []
  #at = 0
  /** Devices up to this id were looked at. */
  #seen = 0
  /** Set when the rows above `#seen` are known to be none. */
  #exhausted = false
  readonly #ready = new Set<number>()
  readonly #paused = new Map<number, number>()

  constructor(taskId: number, kind: ExchangeWork, since: number, rows: TaskRows, connected: (hwId: string) => boolean) {
    this.taskId = taskId
    this.kind = kind
    this.since = since
    this.#rows = rows
    this.#connected = connected
  }

  /** More devices were noted, with higher ids. */
  noted(): void { this.#exhausted = false }

  /** Looks at all waiting devices again. */
  again(): void {
    this.#portion = []
    this.#at = 0
    this.#seen = 0
    this.#exhausted = false
    this.#ready.clear()
    this.#paused.clear()
  }

  /** A device that waits came online, or was added behind those already looked at. */
  ready(deviceId: number): void {
    if (deviceId <= this.#seen && !this.working.has(deviceId)) this.#ready.add(deviceId)
  }

  /** Ends pauses. True when a device may go on. */
  tick(now: number): boolean {
    const before = this.#ready.size
    for (const [deviceId, due] of this.#paused) {
      if (due > now) continue
      this.#paused.delete(deviceId)
      this.#ready.add(deviceId)
    }
    return this.#ready.size > before
  }

  /** The next device whose work may begin. `later`: many were looked at, none may; look on in another turn of the event loop. */
  take(now: number): Turn | 'later' | undefined {
    for (let looked = 0; looked < LIMITS.taskRowsPerTurn.value; looked++) {
      const device = this.#candidate()
      if (!device) return undefined
      const turn = this.#admit(device, now)
      if (turn) return turn
    }
    return 'later'
  }

  #candidate(): TaskDevice | undefined {
    for (const deviceId of this.#ready) {
      this.#ready.delete(deviceId)
      const device = this.#rows.one(this.taskId, deviceId)
      if (device?.state === 'waiting') return device
    }
    if (this.#at >= this.#portion.length) {
      if (this.#exhausted) return undefined
      this.#portion = this.#rows.waiting(this.taskId, this.#seen, PORTION)
      this.#at = 0
      this.#exhausted = this.#portion.length < PORTION
    }
    const device = this.#portion[this.#at++]
    if (device) this.#seen = device.deviceId
    return device
  }

  #admit(device: TaskDevice, now: number): Turn | undefined {
    // What was read in a portion may have changed since: cancelled, in work already.
    if (device.state !== 'waiting' || this.working.has(device.deviceId)) return undefined
    const { work, effects } = next({ at: 'waiting', attempts: device.attempts, since: device.changedAt, text: device.text },
      { kind: 'turn', now, connected: this.#connected(device.hwId) }, this.kind.pauses)
    const effect = effects[0]
    if (effect?.do === 'awaitTime') this.#paused.set(device.deviceId, effect.until)
    if (effect?.do !== 'work') return undefined
    this.working.set(device.deviceId, work)
    return { device, work }
  }

  /** Work that must not happen twice begins: to be on disk before it does. */
  begin(device: TaskDevice, once: string, now: number): void {
    this.#rows.save(this.taskId, device.deviceId, { state: 'begun', text: once, attempts: device.attempts, changedAt: now })
  }

  /** The work on a device has come to an end: its new state, kept for the disk. */
  ended(device: TaskDevice, input: WorkInput): Work {
    const before = this.working.get(device.deviceId)
    this.working.delete(device.deviceId)
    const { work } = next(before ?? { at: 'working', attempts: device.attempts, since: 0, text: '' }, input, this.kind.pauses)
    const state = work.at === 'working' ? 'waiting' : work.at
    this.#rows.save(this.taskId, device.deviceId, { state, text: work.text, attempts: work.attempts, changedAt: work.since })
    if (state === 'waiting') this.#paused.set(device.deviceId, dueAt(work, this.kind.pauses))
    return work
  }
}
