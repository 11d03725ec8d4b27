/**
 * Backup and restore of an instance's database. A backup is one file that any run of this version or a newer one can read:
 * a complete SQLite database, made while the service runs, that holds the secret key too, so that it is enough by itself.
 * Therefore it is as secret as the working path.
 */
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { StoreError, UsageError } from '../errors.ts'
import { DATABASE_FILE, openFile, prepareWorkingPath, schemaVersion, versionOf } from './database.ts'
import { KEY_FILE, loadSecretKey, Secrets } from './secrets.ts'
import { lockWorkingPath } from './store.ts'

const KEY_TABLE = 'backup_key'
const keyRow = z.object({ key: z.string() })

/** Writes a backup of the database in `workingPath` to `out`; works while the service runs. Throws when `out` exists. */
export function backup(workingPath: string, out: string, secretKey: string | undefined): { bytes: number, devices: number } {
  const source = path.join(workingPath, DATABASE_FILE)
  if (!fs.existsSync(source)) throw new UsageError('no-database', `there is no database in ${workingPath}; name the place with --working-path`)
  if (fs.existsSync(out)) throw new UsageError('file-exists', `${out} exists already; choose another name or remove it`)
  const draft = `${out}.${process.pid}.part`
  const key = loadSecretKey(workingPath, secretKey)
  try {
    fs.writeFileSync(draft, '', { mode: 0o600, flag: 'wx' })
    const database = openFile(source)
    try {
      database.prepare('VACUUM INTO ?').run(draft)
    } finally {
      database.close()
    }
    const copy = openFile(draft)
    let devices: number
    try {
      copy.exec(`CREATE TABLE ${KEY_TABLE} (key TEXT NOT NULL)`)
      // The operator keeps a key of his own elsewhere: then it stays there.
      if (secretKey === undefined) copy.prepare(`INSERT INTO ${KEY_TABLE} VALUES (?)`).run(key.toString('base64'))
      devices = check(copy, key)
    } finally {
      copy.close()
    }
    fs.chmodSync(draft, 0o600)
    syncFile(draft)
    fs.renameSync(draft, out)
    return { bytes: fs.statSync(out).size, devices }
  } catch (cause) {
    if (cause instanceof UsageError || cause instanceof StoreError) throw cause
    throw new UsageError('backup-failed', `the backup could not be written to ${out}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  } finally {
    fs.rmSync(draft, { force: true })
    fs.rmSync(`${draft}-journal`, { force: true })
  }
}

/** Whole, of a version we know, and its secrets open with the key. Returns the number of devices. */
function check(database: ReturnType<typeof openFile>, key: Buffer): number {
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
 * Puts a backup in the place of the database. It is verified first; what it replaces is kept beside it. The service must not
 * run on this working path.
 */
export function restore(workingPath: string, from: string, secretKey: string | undefined): { devices: number, kept: string | undefined } {
  if (!fs.existsSync(from)) throw new UsageError('no-file', `there is no file ${from}`)
  prepareWorkingPath(workingPath)
  const lock = lockWorkingPath(workingPath)
  const draft = path.join(workingPath, `restore.${process.pid}.part`)
  try {
    fs.copyFileSync(from, draft)
    fs.chmodSync(draft, 0o600)
    const { devices, key } = verified(draft, from, secretKey)
    syncFile(draft)
    const kept = keepFormer(workingPath)
    // The key first: a database without its key would be refused, a key without its database is harmless.
    if (key !== undefined) writeKey(workingPath, key)
    fs.renameSync(draft, path.join(workingPath, DATABASE_FILE))
    return { devices, kept }
  } finally {
    fs.rmSync(draft, { force: true })
    lock.close()
  }
}

function verified(draft: string, from: string, secretKey: string | undefined): { devices: number, key: string | undefined } {
  let database: ReturnType<typeof openFile> | undefined
  try {
    database = openFile(draft)
    const rows = z.array(keyRow).parse(database.prepare(`SELECT key FROM ${KEY_TABLE}`).all())
    const key = rows[0]?.key
    const usable = key ?? secretKey
    if (usable === undefined) throw new UsageError('secret-key', 'this backup holds no secret key; give the one it was made with in DEVICES_SECRET_KEY')
    const devices = check(database, Buffer.from(usable, 'base64'))
    database.exec(`DROP TABLE ${KEY_TABLE}`)
    return { devices, key }
  } catch (cause) {
    if (cause instanceof UsageError || cause instanceof StoreError) throw cause
    throw new StoreError('damaged', `${from} is no usable backup; nothing was changed (${cause instanceof Error ? cause.message : String(cause)})`, { cause })
  } finally {
    database?.close()
  }
}

/** Moves database and key aside; returns the folder they are in. */
function keepFormer(workingPath: string): string | undefined {
  const present = [DATABASE_FILE, `${DATABASE_FILE}-wal`, `${DATABASE_FILE}-shm`].filter(name => fs.existsSync(path.join(workingPath, name)))
  if (present.length === 0) return undefined
  const folder = path.join(workingPath, `replaced-${new Date().toISOString().replace(/[:.]/g, '-')}-${crypto.randomBytes(2).toString('hex')}`)
  fs.mkdirSync(folder, { mode: 0o700 })
  const key = path.join(workingPath, KEY_FILE)
  if (fs.existsSync(key)) fs.copyFileSync(key, path.join(folder, KEY_FILE))
  for (const name of present) fs.renameSync(path.join(workingPath, name), path.join(folder, name))
  return folder
}

function writeKey(workingPath: string, key: string): void {
  const draft = path.join(workingPath, `${KEY_FILE}.${process.pid}`)
  fs.writeFileSync(draft, `${key}\n`, { mode: 0o600, flush: true })
  fs.renameSync(draft, path.join(workingPath, KEY_FILE))
}

function syncFile(file: string): void {
  const fd = fs.openSync(file, 'r+')
  fs.fsyncSync(fd)
  fs.closeSync(fd)
}
