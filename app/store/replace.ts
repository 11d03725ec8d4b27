/**
 * Puts another database in the place of the one in a working path. It brings its secret key in a table of its own, which the
 * store takes over when it opens the file: so one rename is the moment at which both change, and a crash before or after it
 * leaves one of the two whole.
 */
import type BetterSqlite3 from 'better-sqlite3'
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { StoreError } from '../errors.ts'
import { DATABASE_FILE, openFile, schemaVersion, versionOf } from './database.ts'
import { KEY_FILE, Secrets } from './secrets.ts'

const KEY_TABLE = 'backup_key'
const KEEPING = 'replacing'
const keyRow = z.object({ key: z.string() })

/** Adds the key to a copy of the database. `undefined`: the operator keeps his own key elsewhere, and there it stays. */
export function enclose(database: BetterSqlite3.Database, key: string | undefined): void {
  database.exec(`CREATE TABLE ${KEY_TABLE} (key TEXT NOT NULL)`)
  if (key !== undefined) database.prepare(`INSERT INTO ${KEY_TABLE} VALUES (?)`).run(key)
}

/** The key that a copy brings. Throws where the file is no copy of ours. */
export const enclosed = (database: BetterSqlite3.Database): string | undefined =>
  z.array(keyRow).parse(database.prepare(`SELECT key FROM ${KEY_TABLE}`).all())[0]?.key

/** Takes over the key of a database that was put in place; nothing where there is none. Called before the key is read. */
export function adopt(database: BetterSqlite3.Database, workingPath: string): void {
  if (!database.prepare('SELECT 1 FROM sqlite_master WHERE name = ?').get(KEY_TABLE)) return
  const key = enclosed(database)
  if (key !== undefined) {
    const draft = path.join(workingPath, `${KEY_FILE}.${process.pid}`)
    fs.writeFileSync(draft, `${key}\n`, { mode: 0o600, flush: true })
    fs.renameSync(draft, path.join(workingPath, KEY_FILE))
    syncPath(workingPath)
  }
  // What is deleted is overwritten: the key must not stay in free pages.
  database.pragma('secure_delete = ON')
  database.exec(`DROP TABLE ${KEY_TABLE}`)
  database.pragma('secure_delete = OFF')
  database.pragma('wal_checkpoint(TRUNCATE)')
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
  return z.object({ n: z.number() }).parse(database.prepare('SELECT count(*) AS n FROM devices WHERE domain_id <> 0').get()).n
}

/**
 * Puts the verified `draft`, a file in the working path, in the place of the database. Nobody may have the database open.
 * Returns the folder in which the former one is kept with its key; `undefined` when there was none.
 */
export function replaceDatabase(workingPath: string, draft: string): string | undefined {
  syncPath(draft)
  const kept = keepFormer(workingPath)
  fs.renameSync(draft, path.join(workingPath, DATABASE_FILE))
  syncPath(workingPath)
  return kept
}

function keepFormer(workingPath: string): string | undefined {
  const place = (name: string): string => path.join(workingPath, name)
  if (!fs.existsSync(place(DATABASE_FILE))) return undefined
  closeFully(place(DATABASE_FILE))
  const name = `replaced-${new Date().toISOString().replace(/[:.]/g, '-')}-${crypto.randomBytes(2).toString('hex')}`
  // Named so when it is complete.
  const draft = place(KEEPING)
  fs.rmSync(draft, { recursive: true, force: true })
  fs.mkdirSync(draft, { mode: 0o700 })
  // The former one stays in its place until the rename; here it has a second name.
  for (const file of [DATABASE_FILE, KEY_FILE]) if (fs.existsSync(place(file))) fs.linkSync(place(file), path.join(draft, file))
  // There is none of these unless the database is damaged. To another database they must never be applied.
  for (const file of [`${DATABASE_FILE}-wal`, `${DATABASE_FILE}-shm`]) if (fs.existsSync(place(file))) fs.renameSync(place(file), path.join(draft, file))
  syncPath(draft)
  fs.renameSync(draft, place(name))
  return place(name)
}

/** Everything into the one file, so that it is whole without its journal. */
function closeFully(file: string): void {
  try {
    const database = openFile(file)
    try {
      database.pragma('wal_checkpoint(TRUNCATE)')
    } finally {
      database.close()
    }
  } catch {
    // Too damaged to be opened: kept as it is.
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
