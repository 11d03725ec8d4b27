/** Opens the SQLite file of an instance, brings its schema up to date, and refuses what it must not touch. */
import type BetterSqlite3 from 'better-sqlite3'
import Database from 'better-sqlite3'
import { drizzle, type BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'
import { z } from 'zod'
import fs from 'node:fs'
import path from 'node:path'
import { naturalKey } from '../devices/device-search.ts'
import { InvariantError, StoreError, UsageError } from '../errors.ts'
import { asset, native } from '../runtime/native.ts'

export const DATABASE_FILE = 'devices.db'

const migrationList = z.array(z.object({ sql: z.array(z.string()), bps: z.boolean(), folderMillis: z.number(), hash: z.string() }))

export interface Opened { readonly sqlite: BetterSqlite3.Database, readonly orm: BetterSQLite3Database }

let addon: object | undefined
function sqliteAddon(): object {
  const loaded = addon ?? native('better_sqlite3')
  if (typeof loaded !== 'object' || loaded === null) throw new InvariantError('the SQLite addon has no exports')
  return addon = loaded
}

/** Opens a database file as it is. */
export function openFile(file: string, options: { readonly?: boolean } = {}): BetterSqlite3.Database {
  // The type declarations know a path only; an addon object has been accepted since better-sqlite3 12.
  const binding: { nativeBinding?: string } = Object.assign({}, { nativeBinding: sqliteAddon() as never })
  return new Database(file, { ...binding, readonly: options.readonly ?? false, fileMustExist: options.readonly ?? false, timeout: 5_000 })
}

const migrations = (): z.infer<typeof migrationList> =>
  migrationList.parse(JSON.parse(Buffer.from(asset('migrations.json') ?? []).toString() || '[]'))

/** The time stamp of the newest migration this executable knows: the version of the schema. */
export const schemaVersion = (): number => migrations().at(-1)?.folderMillis ?? 0

/** The schema version of an open database; 0 for an empty one. */
export function versionOf(sqlite: BetterSqlite3.Database): number {
  const exists = sqlite.prepare("SELECT 1 FROM sqlite_master WHERE name = '__drizzle_migrations'").get()
  if (!exists) return 0
  const row = z.object({ version: z.number().nullable() }).parse(sqlite.prepare('SELECT max(created_at) AS version FROM __drizzle_migrations').get())
  return row.version ?? 0
}

/** Folder by folder: the recursive form of Node never returns where a file system refuses folders, as /proc does. */
function makeFolder(folder: string): void {
  if (fs.existsSync(folder)) return
  makeFolder(path.dirname(folder))
  fs.mkdirSync(folder, { mode: 0o700 })
}

/** Makes the working path usable; clear errors where it is not. */
export function prepareWorkingPath(workingPath: string): void {
  try {
    makeFolder(path.resolve(workingPath))
    fs.accessSync(workingPath, fs.constants.W_OK | fs.constants.X_OK)
  } catch (cause) {
    throw new UsageError('working-path', `the working path ${workingPath} cannot be written (${cause instanceof Error ? cause.message : String(cause)}); choose another with --working-path`, { cause })
  }
}

/** Opens and migrates the database in `workingPath`. */
export function openDatabase(workingPath: string): Opened {
  const file = path.join(workingPath, DATABASE_FILE)
  let sqlite: BetterSqlite3.Database
  try {
    sqlite = openFile(file)
    sqlite.pragma('journal_mode = WAL')
    sqlite.pragma('synchronous = FULL')
    sqlite.pragma('foreign_keys = ON')
    sqlite.pragma('temp_store = MEMORY')
    sqlite.pragma('cache_size = -4000') // the operating system caches the file as well: at 100,000 devices a larger one saves nothing
    sqlite.pragma('journal_size_limit = 67108864')
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause)
    throw new StoreError(/not a database|malformed/.test(text) ? 'damaged' : 'not-writable', `${file} cannot be opened: ${text}`, { cause })
  }
  const known = migrations()
  const newest = known.at(-1)?.folderMillis ?? 0
  if (versionOf(sqlite) > newest) {
    sqlite.close()
    throw new StoreError('newer-version', `${file} was written by a newer version of this program; use that version, or restore a backup made with this one`)
  }
  const orm = drizzle(sqlite)
  migrate(sqlite, known)
  fs.chmodSync(file, 0o600)
  return { sqlite, orm }
}

/**
 * Applies the embedded migrations. Keeps drizzle's own table and rule (created_at of the last one applied), because its
 * migrator reads a folder, which a single executable does not have.
 */
function migrate(sqlite: BetterSqlite3.Database, known: z.infer<typeof migrationList>): void {
  sqlite.exec('CREATE TABLE IF NOT EXISTS __drizzle_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, hash text NOT NULL, created_at numeric)')
  const applied = versionOf(sqlite)
  sqlite.function('natural_key', { deterministic: true }, text => naturalKey(String(text))) // migration 0002
  sqlite.transaction(() => {
    for (const migration of known) {
      if (migration.folderMillis <= applied) continue
      for (const statement of migration.sql) sqlite.exec(statement)
      sqlite.prepare('INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)').run(migration.hash, migration.folderMillis)
    }
  }).immediate()
}
