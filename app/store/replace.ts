/**
 * Puts another database in the place of the one in a working path. It brings its secret key, and what is to be said about it,
 * in tables of its own, which the store takes over when it opens the file: so one rename is the moment at which all of it
 * changes, and a crash before or after it leaves one of the two whole.
 */
import type BetterSqlite3 from 'better-sqlite3'
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { StoreError } from '../errors.ts'
import { DATABASE_FILE, openFile, schemaVersion, versionOf } from './database.ts'
import { KEY_FILE, Secrets } from './secrets.ts'

const KEY_TABLE = 'backup_key'
const ARRIVAL_TABLE = 'arrival'
/** What is replaced is collected here and named `replaced-…` when it is complete. */
const KEEPING = 'replacing'
const keyRow = z.object({ key: z.string() })

/** What a database that was put in place says about itself. */
const arrivalRow = z.object({ text: z.string(), snapshot: z.string().nullable() })
export type Arrival = z.infer<typeof arrivalRow>

/** Another process that reads the database may take so long, ms, until it is given up. */
const EXCLUSIVE_WITHIN = 10_000
const TRY_EVERY = 250

const has = (database: BetterSqlite3.Database, table: string): boolean => database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(table) !== undefined

/** Adds the key to a copy of the database. `undefined`: the operator keeps his own key elsewhere, and there it stays. */
export function enclose(database: BetterSqlite3.Database, key: string | undefined): void {
  database.exec(`CREATE TABLE ${KEY_TABLE} (key TEXT NOT NULL)`)
  if (key !== undefined) database.prepare(`INSERT INTO ${KEY_TABLE} VALUES (?)`).run(key)
}

/** The key that a copy brings. Throws where the file is no copy of ours. */
export const enclosed = (database: BetterSqlite3.Database): string | undefined =>
  z.array(keyRow).parse(database.prepare(`SELECT key FROM ${KEY_TABLE}`).all())[0]?.key

/** Takes over the key of a database that was put in place, and what it says; nothing where there is none. Called before the key is read. */
export function adopt(database: BetterSqlite3.Database, workingPath: string): Arrival | undefined {
  if (!has(database, KEY_TABLE)) return undefined
  const key = enclosed(database)
  if (key !== undefined) {
    const draft = path.join(workingPath, `${KEY_FILE}.${process.pid}`)
    fs.writeFileSync(draft, `${key}\n`, { mode: 0o600, flush: true })
    fs.renameSync(draft, path.join(workingPath, KEY_FILE))
    syncPath(workingPath)
  }
  const arrival = has(database, ARRIVAL_TABLE) ? z.array(arrivalRow).parse(database.prepare(`SELECT text, snapshot FROM ${ARRIVAL_TABLE}`).all())[0] : undefined
  // What is deleted is overwritten: the key must not stay in free pages.
  database.pragma('secure_delete = ON')
  database.exec(`DROP TABLE ${KEY_TABLE}; DROP TABLE IF EXISTS ${ARRIVAL_TABLE}`)
  database.pragma('secure_delete = OFF')
  database.pragma('wal_checkpoint(TRUNCATE)')
  return arrival
}

/** Whole, of a version we know, and its secrets open with the key. Returns the number of devices in domains. Throws `StoreError`. */
export function check(database: BetterSqlite3.Database, key: Buffer): number {
  const integrity = z.array(z.object({ integrity_check: z.string() })).parse(database.pragma('integrity_check'))
  if (integrity[0]?.integrity_check !== 'ok') throw new StoreError('damaged', 'the backup is damaged')
  const version = versionOf(database)
  if (version === 0) throw new StoreError('damaged', 'the file is no backup of this program')
  if (version > schemaVersion()) throw new StoreError('newer-version', 'the backup was made by a newer version of this program; use that version')
  const secrets = new Secrets(key)
  const sealed = z.object({ sealed: z.instanceof(Uint8Array) }).parse(database.prepare("SELECT sealed FROM settings WHERE name = 'key-check'").get())
  secrets.open(sealed.sealed, 'setting:key-check')
  return assignedDevices(database)
}

/** How many devices are in domains. */
export const assignedDevices = (database: BetterSqlite3.Database): number => z.object({ n: z.number() }).parse(database.prepare('SELECT count(*) AS n FROM devices WHERE domain_id <> 0').get()).n

/**
 * Puts the verified `draft`, a file in the working path, in the place of the database. The store must be closed; another
 * process that only reads it is waited for. `told` says what has happened, given the folder in which the former database is
 * kept with its key (`undefined`: there was none). Throws `StoreError` `in-use` and changes nothing when the file cannot be had.
 */
export async function replaceDatabase(workingPath: string, draft: string, told: (kept: string | undefined) => Arrival): Promise<Arrival> {
  const kept = await keepFormer(workingPath)
  const arrival = told(kept)
  const database = openFile(draft)
  try {
    database.exec(`DROP TABLE IF EXISTS ${ARRIVAL_TABLE}; CREATE TABLE ${ARRIVAL_TABLE} (text TEXT NOT NULL, snapshot TEXT)`)
    database.prepare(`INSERT INTO ${ARRIVAL_TABLE} VALUES (?, ?)`).run(arrival.text, arrival.snapshot)
    database.pragma('journal_mode = DELETE') // all of it in this one file, or an error
  } finally {
    database.close()
  }
  syncPath(draft)
  fs.renameSync(draft, path.join(workingPath, DATABASE_FILE))
  syncPath(workingPath)
  return arrival
}

async function keepFormer(workingPath: string): Promise<string | undefined> {
  const place = (name: string): string => path.join(workingPath, name)
  if (!fs.existsSync(place(DATABASE_FILE))) return undefined
  await closeFully(place(DATABASE_FILE))
  const folder = place(`replaced-${new Date().toISOString().replace(/[:.]/g, '-')}-${crypto.randomBytes(2).toString('hex')}`)
  const draft = place(KEEPING)
  fs.rmSync(draft, { recursive: true, force: true })
  fs.mkdirSync(draft, { mode: 0o700 })
  // The former one stays in its place until the rename; here it has a second name.
  for (const name of [DATABASE_FILE, KEY_FILE]) if (fs.existsSync(place(name))) fs.linkSync(place(name), path.join(draft, name))
  // There is none of these unless the database is damaged. To another database they must never be applied.
  for (const name of [`${DATABASE_FILE}-wal`, `${DATABASE_FILE}-shm`]) if (fs.existsSync(place(name))) fs.renameSync(place(name), path.join(draft, name))
  syncPath(draft)
  fs.renameSync(draft, folder)
  return folder
}

/** Everything into the one file, so that it is whole without its journal. That works only while nobody else has it open, so it proves that too. */
async function closeFully(file: string): Promise<void> {
  for (const until = performance.now() + EXCLUSIVE_WITHIN; ; await pause(TRY_EVERY)) {
    try {
      const database = openFile(file)
      try {
        database.pragma('busy_timeout = 0')
        database.pragma('journal_mode = DELETE')
        return
      } finally {
        database.close()
      }
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
      if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) return // too damaged to be opened: kept as it is
      if (!/^SQLITE_(BUSY|LOCKED)/.test(code)) throw new StoreError('not-writable', `${file} cannot be closed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
      if (performance.now() > until) throw new StoreError('in-use', `${file} cannot be replaced: another process, perhaps a backup, has it open; end it and try again`, { cause })
    }
  }
}

/** On disk, as a file or as a folder. */
export function syncPath(file: string): void {
  const fd = fs.openSync(file, 'r')
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}
