/**
 * Keeps a snapshot of an instance's database in its PostgreSQL database, so that a backup of the App Platform holds it and a
 * restore there brings it back. Begins before the instance opens its file, because a restored snapshot takes its place.
 */
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { SnapshotError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import type { Log } from '../observe/log.ts'
import { DATABASE_FILE } from '../store/database.ts'
import { loadSecretKey } from '../store/secrets.ts'
import { SnapshotDatabase, type DatabaseAddress, type SnapshotHead } from './snapshot-database.ts'
import { SnapshotImage } from './snapshot-image.ts'
import { loadSnapshot } from './snapshot-load.ts'
import { SnapshotNotes } from './snapshot-notes.ts'
import { decide, judge } from './snapshot-rules.ts'

export interface SnapshotsOptions {
  readonly address: DatabaseAddress
  readonly workingPath: string
  /** The key of the operator (base64), when he keeps it himself. */
  readonly secretKey: string | undefined
  /** `name@domain`, for whoever looks into the tables. */
  readonly instance: string
  /** Version of this program, likewise. */
  readonly program: string
  readonly log: Log
  readonly now: () => number
  /** Backups of the platform do not hold the devices, and why; `undefined` when they do again. */
  readonly trouble: (text: string | undefined) => void
  /** A snapshot has taken the place of the database. */
  readonly loaded: (text: string) => void
  /** Somebody has restored another snapshot while the instance runs: it is to be stopped and begun again. */
  readonly restart: () => void
  /** For tests: another time between snapshots than the table's, ms. */
  readonly every?: number | undefined
}

/** Pauses between attempts to connect, ms: doubled up to the time between snapshots. */
const FIRST_PAUSE = 1_000
const RETRY = 500
/** How long an instance without a database file asks again, by the reason; others are final. */
const PATIENCE: Readonly<Record<string, number>> = {
  unreachable: LIMITS.snapshotFirst.value, // it may start later than we do
  'in-use': LIMITS.snapshotConnect.value, // by a former process that is about to be gone
  refused: 0,
}
const says = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause)

export class Snapshots {
  readonly #options: SnapshotsOptions
  readonly #notes: SnapshotNotes
  readonly #every: number
  #database: SnapshotDatabase | undefined
  #image: SnapshotImage | undefined
  /** A snapshot that could not be loaded: nothing is written over it, and it does not cause a restart. */
  #refused: string | undefined
  #missing = false
  #timer: NodeJS.Timeout | undefined
  #turn: Promise<void> | undefined
  /** Times of the last snapshot and of the last look, ms. */
  #wrote = 0
  #looked = 0
  #connectAt = 0
  #pause = FIRST_PAUSE
  /** The instance has waited long enough for its last snapshot. */
  #late = false
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
    if (options.address.name === '') snapshots.#say('the manager named no PostgreSQL database')
    else await snapshots.#begin(stopping)
    return snapshots
  }

  get #exists(): boolean { return fs.existsSync(path.join(this.#options.workingPath, DATABASE_FILE)) }

  async #begin(stopping: AbortSignal): Promise<void> {
    const since = this.#options.now()
    for (;;) {
      try {
        const database = this.#database = await SnapshotDatabase.connect(this.#options.address)
        const head = await database.look()
        if (head && decide({ exists: this.#exists, written: this.#notes.written }, head.id) === 'load') await this.#load(database, head)
        return
      } catch (cause) {
        this.#leave()
        const why = cause instanceof SnapshotError ? cause.code : 'unusable'
        const there = PATIENCE[why]
        if (there === undefined && !this.#exists) throw cause
        this.#say(says(cause))
        if (this.#exists || stopping.aborted || this.#options.now() - since >= (there ?? 0)) return
        await pause(RETRY)
      }
    }
  }

  async #load(database: SnapshotDatabase, head: SnapshotHead): Promise<void> {
    const { workingPath, secretKey, log, loaded } = this.#options
    try {
      const { devices, kept } = await loadSnapshot(database, head, { workingPath, secretKey })
      loaded(`${devices} devices were restored from the snapshot of ${head.madeAt.toISOString()} in PostgreSQL${kept === undefined ? '' : `; what it replaces is kept in ${kept}`}`)
    } catch (cause) {
      if (!this.#exists || (cause instanceof SnapshotError && cause.code === 'unreachable')) throw cause
      this.#refused = head.id
      log('error', `the snapshot in PostgreSQL cannot be used: ${says(cause)}`)
      this.#say(refusedText(says(cause)))
    }
  }

  /** The instance has opened its database file: from now on its changes are written. */
  watch(): void {
    if (this.#options.address.name === '') return
    this.#image = new SnapshotImage(this.#options.workingPath)
    this.#timer = setInterval(() => this.#tick(), Math.min(LIMITS.snapshotLook.value, this.#every)).unref()
    this.#tick()
  }

  #tick(): void {
    this.#turn ??= this.#work(false).finally(() => { this.#turn = undefined })
  }

  /** One turn; never throws. `last`: the instance stops, so what has changed is written now. */
  async #work(last: boolean): Promise<void> {
    const now = this.#options.now()
    try {
      const database = await this.#connected(now, last)
      if (!database || this.#late) return
      // A change is on its way a few seconds later; without one, PostgreSQL is looked at for a restored snapshot.
      if (!last && now < this.#looked + this.#every && (now < this.#wrote + this.#every || !this.#image?.changed)) return
      this.#looked = now
      const found = await database.look()
      const look = judge(this.#notes.written, found, this.#missing)
      this.#missing = look.is === 'vanished'
      if (look.is === 'restored') return this.#foreign(found?.id, look.complete)
      this.#refused = undefined
      if (look.is === 'vanished' && !look.again) return
      if (this.#image?.changed || !found) {
        this.#wrote = now
        await this.#write(database, found ? [found.id] : [])
      }
      this.#say(undefined)
    } catch (cause) {
      this.#image?.forget()
      this.#leave()
      this.#say(says(cause))
    }
  }

  /** The connection, made anew when it is time for that. */
  async #connected(now: number, last: boolean): Promise<SnapshotDatabase | undefined> {
    if (this.#database && !this.#database.broken) return this.#database
    this.#leave()
    if (!last && now < this.#connectAt) return undefined
    this.#connectAt = now + this.#pause
    this.#pause = Math.min(this.#pause * 2, this.#every)
    this.#database = await SnapshotDatabase.connect(this.#options.address)
    this.#pause = FIRST_PAUSE
    this.#looked = 0
    return this.#database
  }

  #foreign(id: string | undefined, complete: boolean): void {
    if (id === this.#refused) return
    if (!complete) return this.#say('PostgreSQL carries a snapshot that is not complete; a restore may be under way. Nothing is written until then')
    this.#options.log('warn', 'a snapshot was restored in PostgreSQL: the instance begins again with it')
    this.#options.restart()
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

  #leave(): void {
    this.#database?.end()
    this.#database = undefined
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
    const last = (async () => {
      await this.#turn
      if (this.#image) await this.#work(true)
    })()
    const limit = setTimeout(() => {
      this.#late = true
      this.#leave()
    }, LIMITS.snapshotOnStop.value)
    await last
    clearTimeout(limit)
    this.#leave()
    this.#image?.close()
    this.#image = undefined
  }
}

const refusedText = (why: string): string => `the snapshot there was not written by this instance and cannot be used (${why}). Restore another backup, or delete the table devices_snapshot there to keep what runs now`
