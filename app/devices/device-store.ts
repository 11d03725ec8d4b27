/** Rows of devices: what the sysclient channel reads and writes for each connection, on prepared statements. */
import type BetterSqlite3 from 'better-sqlite3'
import type { Store } from '../store/store.ts'
import type { Identify } from '../protocol/sysclient-messages.ts'
import { Status } from '../store/schema.ts'
import { derived, DEVICE_COLUMNS, reported, type DeviceRow, type ReportedColumns } from './device-row.ts'
import { DeviceCounters } from './counters.ts'
import { DeviceEvents } from './device-events.ts'

/** What a connecting device is checked against. */
export interface AuthRow extends ReportedColumns {
  readonly id: number, readonly hwId: string, readonly domainId: number, readonly name: string, readonly status: Status, readonly run: number
  readonly passwordSealed: Buffer | null, readonly pendingSealed: Buffer | null, readonly pendingDelivered: number
  readonly adminPasswordKind: string, readonly adminPasswordSealed: Buffer | null
}

const REPORTED = ['reportedName', 'product', 'version', 'type', 'pbxActive', 'other', 'mini', 'fxs', 'fwBuild', 'bcBuild', 'major', 'fw', 'bc', 'webRoot', 'ethIfs'] as const satisfies readonly (keyof ReportedColumns)[]
const snake = (name: string): string => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
const AUTH_COLUMNS = ['id', 'hwId', 'domainId', 'name', 'status', 'run', ...REPORTED, 'passwordSealed', 'pendingSealed', 'pendingDelivered', 'adminPasswordKind', 'adminPasswordSealed']
const DERIVED = ['label', 'ipSort', 'search']
/** Rows reset per slice after a start: short enough to keep connections flowing. */
const RESET_SLICE = 1000

/** Hardware ids are compared without regard to case; kept in lower case. */
export const hwKey = (hwId: string): string => hwId.toLowerCase()

export const passwordContext = (deviceId: number): string => `device:${deviceId}:password`
export const adminPasswordContext = (deviceId: number): string => `device:${deviceId}:admin-password`

export class DeviceStore {
  readonly #store: Store
  #counters: DeviceCounters
  readonly events = new DeviceEvents()
  /** States to be written with the next commit: id → state. */
  readonly #dirty = new Map<number, { status: Status, at: number }>()
  /** Written in the open transaction. */
  readonly #uncommitted = new Map<number, { status: Status, at: number }>()
  #cleared = false
  /** Grows whenever domain or state of a device may have become another than a row read before tells. */
  #changes = 0
  readonly #auth: BetterSqlite3.Statement<[string], AuthRow>
  readonly #place: BetterSqlite3.Statement<[number], { id: number, hwId: string, domainId: number, status: Status }>
  readonly #row: BetterSqlite3.Statement<[number], DeviceRow>
  readonly #setStatus: BetterSqlite3.Statement<[number, number, number, number]>
  readonly #setReported: BetterSqlite3.Statement
  readonly #insert: BetterSqlite3.Statement
  readonly #remove: BetterSqlite3.Statement<[number]>

  constructor(store: Store) {
    this.#store = store
    const { sqlite } = store
    // Connected unknown devices went with the last run; a clean stop leaves none, a crash does.
    store.write(() => sqlite.prepare('DELETE FROM devices WHERE domain_id = 0').run())
    store.flush()
    this.#counters = new DeviceCounters(sqlite)
    this.#auth = sqlite.prepare<[string], AuthRow>(`SELECT ${AUTH_COLUMNS.map(name => `${snake(name)} AS ${name}`).join(', ')} FROM devices WHERE hw_id = ?`)
    this.#place = sqlite.prepare('SELECT id, hw_id AS hwId, domain_id AS domainId, status FROM devices WHERE id = ?')
    this.#row = sqlite.prepare<[number], DeviceRow>(`SELECT ${DEVICE_COLUMNS} FROM devices WHERE id = ?`)
    this.#setStatus = sqlite.prepare('UPDATE devices SET status = ?, run = ?, last_seen = ? WHERE id = ?')
    this.#setReported = sqlite.prepare(`UPDATE devices SET ${[...REPORTED, ...DERIVED].map(name => `${snake(name)} = @${name}`).join(', ')} WHERE id = @id`)
    const inserted = ['hwId', 'domainId', 'name', ...REPORTED, ...DERIVED, 'status', 'run', 'lastSeen', 'addedAt', 'addedHow']
    this.#insert = sqlite.prepare(`INSERT INTO devices (${inserted.map(snake).join(', ')}) VALUES (${inserted.map(name => `@${name}`).join(', ')})`)
    this.#remove = sqlite.prepare('DELETE FROM devices WHERE id = ?')
    store.beforeCommit(() => this.#writeStates())
  }

  get counters(): DeviceCounters { return this.#counters }

  /** What a connecting device is checked against, with its state right now. */
  auth(hwId: string): AuthRow | undefined {
    const row = this.#auth.get(hwKey(hwId))
    const dirty = row && this.#dirty.get(row.id)
    return dirty ? { ...row, status: dirty.status } : row
  }

  /** While this is the same number, rows read since it was that are current, but for states (see `status`). */
  get version(): number { return this.#changes + this.#store.writes }

  /** The state of a device of which `row` was read while `version` was the same. */
  status(row: { id: number, status: Status }): Status { return this.#dirty.get(row.id)?.status ?? row.status }

  /** Domain and state of a device right now; undefined when it is gone. */
  place(id: number): { id: number, hwId: string, domainId: number, status: Status } | undefined {
    const place = this.#place.get(id)
    const dirty = this.#dirty.get(id)
    return place && dirty ? { ...place, status: dirty.status } : place
  }

  row(id: number): DeviceRow | undefined {
    const row = this.#row.get(id)
    const dirty = this.#dirty.get(id)
    return row && dirty ? { ...row, status: dirty.status, lastSeen: dirty.at } : row
  }

  /** Inserts a device; `identify` is what it reports, undefined for one added before it ever connected. */
  insert(values: { hwId: string, domainId: number, name: string, type: string, status: Status, addedHow: string, now: number, identify: Identify | undefined }): number {
    const told: ReportedColumns = values.identify ? reported(values.identify)
      : { reportedName: '', product: '', version: '', type: values.type, pbxActive: 0, other: 0, mini: 0, fxs: 0, fwBuild: '', bcBuild: '', major: '', fw: '', bc: '', webRoot: '', ethIfs: '[]' }
    const hwId = hwKey(values.hwId)
    this.#store.begin()
    const { lastInsertRowid } = this.#insert.run({
      hwId, domainId: values.domainId, name: values.name, ...told, ...derived({ hwId, name: values.name, ...told }),
      status: values.status, run: this.#store.run, lastSeen: values.identify ? values.now : 0, addedAt: values.now, addedHow: values.addedHow,
    })
    const id = Number(lastInsertRowid)
    this.counters.add(values.domainId, values.status, 1)
    this.events.emit({ kind: 'added', id, hwId, domainId: values.domainId })
    return id
  }

  /** Stores what the device reports, if anything differs from `known`. True when something was written. */
  report(known: { id: number, hwId: string, name: string } & ReportedColumns, identify: Identify): boolean {
    const told = reported(identify)
    if (REPORTED.every(name => told[name] === known[name])) return false
    // The given name may have changed since `known` was read.
    const { name } = this.#row.get(known.id) ?? known
    this.#store.begin()
    this.#setReported.run({ id: known.id, ...told, ...derived({ hwId: known.hwId, name, ...told }) })
    return true
  }

  /** A device came, went or lost its password. Written with the next commit; visible at once through `row`, counters and events. */
  setStatus(device: { id: number, hwId: string, domainId: number }, from: Status, to: Status, now: number): void {
    this.#dirty.set(device.id, { status: to, at: now })
    if (from !== to) this.counters.move(device.domainId, from, to)
    // Opened now, not at the commit: what connecting devices read until then costs half inside a transaction.
    this.#store.begin()
    if (this.events.watched) this.events.emit({ kind: 'changed', id: device.id, hwId: device.hwId, domainId: device.domainId })
  }

  remove(row: DeviceRow): void {
    this.#writeStates()
    this.#store.begin()
    this.#changes++
    this.#remove.run(row.id)
    this.counters.add(row.domainId, row.status, -1)
    this.events.emit({ kind: 'removed', id: row.id, hwId: row.hwId, domainId: row.domainId, before: row })
  }

  #writeStates(): void {
    if (this.#dirty.size === 0) return
    this.#store.begin()
    this.#changes++
    for (const [id, state] of this.#dirty) {
      this.#setStatus.run(state.status, this.#store.run, state.at, id)
      this.#uncommitted.set(id, state)
    }
    this.#dirty.clear()
    if (this.#cleared) return
    this.#cleared = true
    this.#store.whenCommitted(error => {
      this.#cleared = false
      if (!error) this.#uncommitted.clear()
    })
  }

  /** After a commit that failed: its states are written again with the next, and the counters are taken from what is left. */
  recover(): void {
    for (const [id, state] of this.#uncommitted) if (!this.#dirty.has(id)) this.#dirty.set(id, state)
    this.#uncommitted.clear()
    this.#writeStates()
    this.#counters = new DeviceCounters(this.#store.sqlite)
  }

  /** Makes states current for a query over many rows. */
  settle(): void { this.#writeStates() }

  /**
   * States left by a run that was killed: everything it wrote as connected is offline by now, unless it has come back. Done in
   * slices after the start, so that 100,000 devices can reconnect meanwhile. `next` schedules the following slice.
   */
  resetOldRuns(next: (slice: () => void) => void): void {
    const rows = this.#store.sqlite.prepare<[number, number], { id: number, hwId: string, domainId: number, status: Status, lastSeen: number }>(
      `SELECT id, hw_id AS hwId, domain_id AS domainId, status, last_seen AS lastSeen FROM devices WHERE status IN (${Status.online}, ${Status.lost}) AND run <> ? LIMIT ?`)
      .all(this.#store.run, RESET_SLICE)
    for (const row of rows) if (!this.#dirty.has(row.id)) this.setStatus(row, row.status, Status.offline, row.lastSeen)
    this.#writeStates()
    if (rows.length === RESET_SLICE) next(() => this.resetOldRuns(next))
  }
}
