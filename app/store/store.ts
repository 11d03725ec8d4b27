/** The store of one instance: database, group commit and secrets under one handle. */
import type BetterSqlite3 from 'better-sqlite3'
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'
import { eq } from 'drizzle-orm'
import fs from 'node:fs'
import path from 'node:path'
import { StoreError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { openDatabase, openFile, prepareWorkingPath, type Opened } from './database.ts'
import { GroupCommit } from './group-commit.ts'
import { adopt, type Arrival } from './replace.ts'
import { loadSecretKey, Secrets } from './secrets.ts'
import { settings } from './schema.ts'

const KEY_CHECK = 'key-check'

export interface StoreOptions {
  readonly workingPath: string
  /** Base64 of the secret key, when the operator keeps it elsewhere. */
  readonly secretKey?: string | undefined
  readonly onFailure: (error: StoreError) => void
}

export class Store {
  readonly sqlite: BetterSqlite3.Database
  readonly orm: BetterSQLite3Database
  readonly secrets: Secrets
  readonly workingPath: string
  /** Set when the database has been put in place of another since the last run. */
  readonly arrival: Arrival | undefined
  /** Number of this run; device states written by earlier runs do not count. */
  readonly run: number
  readonly #commit: GroupCommit
  readonly #lock: BetterSqlite3.Database
  readonly #beforeCommit: (() => void)[] = []
  #writes = 0

  constructor(options: StoreOptions) {
    prepareWorkingPath(options.workingPath)
    this.workingPath = options.workingPath
    this.#lock = lockWorkingPath(options.workingPath)
    const { sqlite, orm, secrets, arrival } = openLocked(options, this.#lock)
    this.arrival = arrival
    this.sqlite = sqlite
    this.orm = orm
    this.secrets = secrets
    this.#commit = new GroupCommit(sqlite, {
      withinMs: LIMITS.commitWithin.value, unawaitedWithinMs: LIMITS.statesWithin.value,
      onFailure: error => {
        this.#writes++ // what was read since the last commit is outdated too
        options.onFailure(error)
      },
      beforeCommit: () => { for (const add of this.#beforeCommit) add() },
    })
    if (this.secret(KEY_CHECK) === undefined) this.setSecret(KEY_CHECK, 'ok')
    this.run = Number(this.setting('run') ?? 0) + 1
    this.setSetting('run', String(this.run))
    this.#commit.flush()
  }

  /** See `GroupCommit.write`. */
  write<T>(work: () => T): T {
    this.#writes++
    return this.#commit.write(work)
  }
  /** How often `write` was called: who keeps what it has read can tell whether it may be outdated. */
  get writes(): number { return this.#writes }
  /** See `GroupCommit.begin`. */
  begin(): void { this.#commit.begin() }
  afterCommit(callback: (error: StoreError | undefined) => void): void { this.#commit.afterCommit(callback) }
  /** See `GroupCommit.whenCommitted`. */
  whenCommitted(callback: (error: StoreError | undefined) => void): void { this.#commit.whenCommitted(callback) }
  committed(): Promise<void> { return this.#commit.committed() }
  flush(): void { this.#commit.flush() }
  /** Registers work to be done inside each commit. */
  beforeCommit(add: () => void): void { this.#beforeCommit.push(add) }

  setting(name: string): string | undefined {
    return this.orm.select({ value: settings.value }).from(settings).where(eq(settings.name, name)).get()?.value ?? undefined
  }

  setSetting(name: string, value: string): void {
    this.write(() => this.orm.insert(settings).values({ name, value }).onConflictDoUpdate({ target: settings.name, set: { value } }).run())
  }

  secret(name: string): string | undefined {
    const sealed = this.orm.select({ sealed: settings.sealed }).from(settings).where(eq(settings.name, name)).get()?.sealed
    return sealed ? this.secrets.open(sealed, `setting:${name}`) : undefined
  }

  setSecret(name: string, value: string): void {
    const sealed = this.secrets.seal(value, `setting:${name}`)
    this.write(() => this.orm.insert(settings).values({ name, sealed }).onConflictDoUpdate({ target: settings.name, set: { sealed } }).run())
  }

  close(): void {
    this.#commit.flush()
    // A backup that just reads must not hold up everything else; what stays in the journal is read with the next start.
    this.sqlite.pragma('busy_timeout = 0')
    this.sqlite.pragma('wal_checkpoint(TRUNCATE)')
    this.sqlite.close()
    this.#lock.close()
  }
}

/** Database and secrets of a locked working path. What cannot be opened is let go, so that it can be tried again in this process. */
function openLocked(options: StoreOptions, lock: BetterSqlite3.Database): Opened & { secrets: Secrets, arrival: Arrival | undefined } {
  let opened: Opened | undefined
  try {
    clearLeftovers(options.workingPath)
    opened = openDatabase(options.workingPath)
    const arrival = adopt(opened.sqlite, options.workingPath)
    const secrets = new Secrets(loadSecretKey(options.workingPath, options.secretKey))
    const sealed = opened.orm.select({ sealed: settings.sealed }).from(settings).where(eq(settings.name, KEY_CHECK)).get()?.sealed
    if (sealed) secrets.open(sealed, `setting:${KEY_CHECK}`) // throws wrong-key
    return { ...opened, secrets, arrival }
  } catch (cause) {
    opened?.sqlite.close()
    lock.close()
    throw cause
  }
}

/** What a crash has left half done. Whoever holds the lock is the only one who makes such files. */
function clearLeftovers(workingPath: string): void {
  for (const name of fs.readdirSync(workingPath)) {
    if (/^(restore|self-backup|self-restore|snapshot)\b.*\.part(-wal|-shm|-journal)?$/.test(name) || /^(snapshots\.json|secret\.key)\.\d+$/.test(name)) fs.rmSync(path.join(workingPath, name), { force: true })
  }
}

export const LOCK_FILE = 'running.lock'

/**
 * One process per working path. The lock is an open SQLite transaction on a file of its own: the operating system frees it
 * with the process, however that ends.
 */
export function lockWorkingPath(workingPath: string): BetterSqlite3.Database {
  const lock = openFile(path.join(workingPath, LOCK_FILE))
  try {
    lock.pragma('busy_timeout = 0')
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (cause) {
    lock.close()
    throw new StoreError('in-use', `another process already serves the working path ${workingPath}; stop it, or choose another with --working-path`, { cause })
  }
}
