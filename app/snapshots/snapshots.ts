/**
 * Keeps a snapshot of an instance's database in its PostgreSQL database, so that a backup of the App Platform holds it and a
 * restore there brings it back. Begins before the instance opens its file, because a restored snapshot takes its place.
 */
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { SnapshotError, StoreError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import type { Log } from '../observe/log.ts'
import { DATABASE_FILE, openFile } from '../store/database.ts'
import { assignedDevices } from '../store/replace.ts'
import { loadSecretKey } from '../store/secrets.ts'
import { SnapshotDatabase, type DatabaseAddress, type SnapshotHead } from './snapshot-database.ts'
import { SnapshotImage } from './snapshot-image.ts'
import { loadSnapshot } from './snapshot-load.ts'
import { SnapshotNotes } from './snapshot-notes.ts'
import { decide, type LocalFile } from './snapshot-rules.ts'

export interface SnapshotsOptions {
  readonly address: DatabaseAddress
  readonly workingPath: string
  /** The key of the operator (base64), when he keeps it himself. */
  readonly secretKey: string | undefined
  /** `name@domain` */
  readonly instance: string
  /** Version of this program, for whoever looks into the tables. */
  readonly program: string
  readonly log: Log
  /** The time, ms; only written down. What is waited for is measured by a clock that nobody sets. */
  readonly now: () => number
  /** Backups of the platform do not hold the devices, and why; `undefined` when they do again. */
  readonly trouble: (text: string | undefined) => void
  /** A snapshot has taken the place of the database. */
  readonly loaded: (text: string) => void
  /** Somebody has restored this snapshot while the instance runs: the instance is to be stopped and begun again. False: not now. */
  readonly restart: (snapshot: string) => boolean
  /** For tests: another time between snapshots than the table's, ms. */
  readonly every?: number | undefined
}

/** Pauses between attempts to connect, ms: doubled up to the time between snapshots. */
const FIRST_PAUSE = 1_000
const RETRY = 500
/** How long an instance without a database file asks again, by the reason, before it begins with an empty one. Other reasons end it. */
const PATIENCE: Readonly<Record<string, number>> = {
  unreachable: LIMITS.snapshotFirst.value, // it may start later than we do
  'in-use': LIMITS.snapshotConnect.value, // by a former process that is about to be gone
  refused: 0,
}
const INCOMPLETE = 'PostgreSQL carries a snapshot that is not complete; a restore may be under way. Nothing is written until then'
const says = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause)
const refusal = (why: string): string => `${why}. Nothing is written over it: restore another backup, or delete the table devices_snapshot there to keep what runs now`
/** Trying again would find the same. */
const isFinal = (cause: unknown): boolean =>
  (cause instanceof SnapshotError && cause.code !== 'unreachable') || (cause instanceof StoreError && cause.code !== 'in-use' && cause.code !== 'not-writable')

export class Snapshots {
  readonly #options: SnapshotsOptions
  readonly #notes: SnapshotNotes
  readonly #every: number
  #database: SnapshotDatabase | undefined
  #image: SnapshotImage | undefined
  /** A snapshot that could not be loaded, and what is said about it. */
  #refused: { readonly id: string, readonly text: string } | undefined
  #timer: NodeJS.Timeout | undefined
  #turn: Promise<void> | undefined
  // Times of `performance.now()`.
  #wrote = -Infinity
  #looked = -Infinity
  #connectAt = -Infinity
  #missingSince: number | undefined
  #pause = FIRST_PAUSE
  #restarting = false
  /** The instance has waited long enough for its last snapshot. */
  #over = false
  #trouble: string | undefined

  private constructor(options: SnapshotsOptions) {
    this.#options = options
    this.#notes = new SnapshotNotes(options.workingPath)
    this.#every = options.every ?? LIMITS.snapshotEvery.value
  }

  /**
   * Looks at PostgreSQL and brings the database file into the state it should have. Without a file it asks for some time, so
   * that an instance does not begin empty because PostgreSQL starts later than the service. Throws where there is neither a
   * file nor a usable snapshot, though there is one. `stopping`: the instance is not wanted any more.
   */
  static async begin(options: SnapshotsOptions, stopping: AbortSignal): Promise<Snapshots> {
    const snapshots = new Snapshots(options)
    if (options.address.name === '') snapshots.#say('it was started without the name of a PostgreSQL database')
    else await snapshots.#begin(stopping)
    return snapshots
  }

  get #file(): string { return path.join(this.#options.workingPath, DATABASE_FILE) }

  #local(): LocalFile {
    return { instance: this.#options.instance, exists: fs.existsSync(this.#file), written: this.#notes.written, devices: () => this.#image?.devices ?? devicesOf(this.#file) }
  }

  async #begin(stopping: AbortSignal): Promise<void> {
    const since = performance.now()
    for (;;) {
      try {
        this.#database = await SnapshotDatabase.connect(this.#options.address)
        const head = await this.#database.look()
        const decision = decide(this.#local(), head, Infinity, 0)
        if (head && decision === 'load') await this.#load(this.#database, head)
        else if (head && decision === 'refuse') this.#refuse(head, foreignText(head))
        else if (decision === 'wait') this.#say(INCOMPLETE)
        return
      } catch (cause) {
        await this.#leave()
        const { exists } = this.#local()
        const patience = PATIENCE[cause instanceof SnapshotError ? cause.code : '']
        if (patience === undefined && !exists) throw cause
        this.#say(says(cause))
        if (exists || stopping.aborted || performance.now() - since >= (patience ?? 0)) return
        await pause(RETRY)
      }
    }
  }

  async #load(database: SnapshotDatabase, head: SnapshotHead): Promise<void> {
    const { workingPath, secretKey, log, loaded } = this.#options
    try {
      loaded((await loadSnapshot(database, head, { workingPath, secretKey })).text)
    } catch (cause) {
      if (!this.#local().exists || (cause instanceof SnapshotError && cause.code === 'unreachable')) throw cause
      log('error', `the snapshot in PostgreSQL was not put in place: ${says(cause)}`)
      if (isFinal(cause)) this.#refuse(head, `the snapshot there was not written by this instance and cannot be used (${says(cause)})`)
      else this.#say(`a restored snapshot cannot be put in place now (${says(cause)}); it is tried again`)
    }
  }

  #refuse({ id }: { readonly id: string }, why: string): void {
    this.#refused = { id, text: refusal(why) }
    this.#say(this.#refused.text)
  }

  /** The instance has opened its database file: from now on its changes are written. `arrived`: the snapshot it was loaded from, if that is new. */
  watch(arrived?: string | null): void {
    if (this.#options.address.name === '') return
    if (arrived) this.#notes.written = [arrived]
    this.#image = new SnapshotImage(this.#options.workingPath)
    this.#timer = setInterval(() => this.#tick(), Math.min(LIMITS.snapshotLook.value, this.#every)).unref()
    this.#tick()
  }

  #tick(): void {
    this.#turn ??= this.#work(false).finally(() => { this.#turn = undefined })
  }

  /** One turn; never throws. `last`: the instance stops, so what has changed is written now. */
  async #work(last: boolean): Promise<void> {
    const at = performance.now()
    try {
      const database = await this.#connected(at, last)
      if (!database) return
      // A change is on its way a few seconds later; without one, PostgreSQL is looked at for a restored snapshot.
      const mayWrite = last || at >= this.#wrote + this.#every
      if (!last && at < this.#looked + this.#every && !(mayWrite && this.#image?.changed)) return
      this.#looked = at
      const found = await database.look()
      this.#missingSince = found ? undefined : this.#missingSince ?? at
      switch (decide(this.#local(), found, at - (this.#missingSince ?? at), this.#every)) {
        case 'wait': return this.#say(found ? INCOMPLETE : 'its snapshot in PostgreSQL has gone; a restore may be under way. It is written anew if none comes')
        case 'refuse': return found && this.#refuse(found, foreignText(found))
        case 'load': return found && this.#foreign(found, last)
        default:
          if (mayWrite && (this.#image?.changed || !found)) {
            this.#wrote = at
            await this.#write(database, found ? [found.id] : [])
          }
          this.#refused = undefined
          this.#pause = FIRST_PAUSE
          this.#say(undefined)
      }
    } catch (cause) {
      this.#image?.forget()
      await this.#leave()
      this.#say(says(cause))
    }
  }

  /** The connection, made anew when it is time for that. */
  async #connected(at: number, last: boolean): Promise<SnapshotDatabase | undefined> {
    if (this.#database && !this.#database.broken) return this.#database
    await this.#leave()
    if (this.#over || (!last && at < this.#connectAt)) return undefined
    this.#connectAt = at + this.#pause
    this.#pause = Math.min(this.#pause * 2, this.#every)
    const database = await SnapshotDatabase.connect(this.#options.address)
    this.#database = database
    this.#looked = -Infinity
    if (this.#over) await this.#leave()
    return this.#over ? undefined : database
  }

  #foreign({ id }: SnapshotHead, last: boolean): void {
    if (id === this.#refused?.id) return this.#say(this.#refused.text)
    if (last || this.#restarting) return
    this.#restarting = this.#options.restart(id)
    if (this.#restarting) this.#options.log('warn', 'a snapshot was restored in PostgreSQL: the instance begins again with it')
  }

  async #write(database: SnapshotDatabase, there: readonly string[]): Promise<void> {
    const image = this.#image
    if (!image) return
    const { workingPath, secretKey, instance, program, log } = this.#options
    const id = crypto.randomUUID()
    try {
      const { bytes } = await image.take()
      const { sent, parts } = await database.write({
        id, madeAt: new Date(this.#options.now()), instance, program, bytes, parts: image.parts(), secretKey: secretKey === undefined ? loadSecretKey(workingPath, undefined).toString('base64') : undefined,
      }, there, () => { this.#notes.written = [...there, id] })
      this.#notes.written = [id]
      log('debug', `snapshot of ${bytes} bytes in PostgreSQL: ${sent} of ${parts} parts had changed`)
    } finally {
      image.remove()
    }
  }

  async #leave(): Promise<void> {
    const database = this.#database
    this.#database = undefined
    await database?.end()
  }

  #say(text: string | undefined): void {
    if (text === this.#trouble) return
    this.#trouble = text
    this.#options.log(text === undefined ? 'info' : 'warn', text ?? 'PostgreSQL carries a snapshot of the database')
    this.#options.trouble(text === undefined ? undefined : `Backups of the App Platform do not hold the current devices: ${text}.`)
  }

  /** The last snapshot, if something has changed and PostgreSQL takes it in time; then the connection is given up. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#restarting = true // no more
    const limit = setTimeout(() => {
      this.#over = true
      void this.#leave()
    }, LIMITS.snapshotOnStop.value)
    await this.#turn
    if (this.#image && !this.#over) await this.#work(true)
    clearTimeout(limit)
    this.#over = true
    await this.#leave()
    this.#image?.close()
    this.#image = undefined
  }
}

/** Of a file that nobody has open. One that cannot be read may hold devices. */
function devicesOf(file: string): number {
  try {
    const database = openFile(file)
    try {
      return assignedDevices(database)
    } finally {
      database.close()
    }
  } catch {
    return 1
  }
}

const foreignText = ({ instance }: { readonly instance: string }): string =>
  `the snapshot there is of ${instance}. If two instances were given one database, give each its own; if a backup of that instance is to take the place of this one, stop this one, delete devices.db in its working path, and start it`
