/**
 * Backup and restore of an instance's database. A backup is one file that any run of this version or a newer one can read:
 * a complete SQLite database, made while the service runs, that holds the secret key too, so that it is enough by itself.
 * Therefore it is as secret as the working path.
 */
import fs from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { StoreError, UsageError } from '../errors.ts'
import { DATABASE_FILE, openFile, prepareWorkingPath } from './database.ts'
import { check, enclose, enclosed, replaceDatabase, syncPath } from './replace.ts'
import { loadSecretKey, sameKey } from './secrets.ts'
import { lockWorkingPath } from './store.ts'

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
      enclose(copy, secretKey === undefined ? key.toString('base64') : undefined)
      devices = check(copy, key)
    } finally {
      copy.close()
    }
    fs.chmodSync(draft, 0o600)
    syncPath(draft)
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

/**
 * Puts a backup in the place of the database. It is verified first; what it replaces is kept beside it. The service must not
 * run on this working path.
 */
export async function restore(workingPath: string, from: string, secretKey: string | undefined): Promise<{ devices: number, kept: string | undefined }> {
  if (!fs.existsSync(from)) throw new UsageError('no-file', `there is no file ${from}`)
  prepareWorkingPath(workingPath)
  const lock = lockWorkingPath(workingPath)
  const draft = path.join(workingPath, `restore.${process.pid}.part`)
  try {
    await copySecretly(from, draft)
    const devices = verify(draft, secretKey, from)
    let kept: string | undefined
    await replaceDatabase(workingPath, draft, folder => {
      kept = folder
      return { text: `a backup with ${devices} devices was restored by command${folder === undefined ? '' : `; what it replaces is kept in ${folder}`}`, snapshot: null }
    })
    return { devices, kept }
  } finally {
    fs.rmSync(draft, { force: true })
    lock.close()
  }
}

/** A copy that nobody else can read at any moment: copying a file would take over its rights first. */
async function copySecretly(from: string, to: string): Promise<void> {
  fs.rmSync(to, { force: true })
  await pipeline(fs.createReadStream(from), fs.createWriteStream(to, { mode: 0o600, flags: 'wx' }))
}

/** Verifies a backup; returns the number of its devices. `name`: what it is called in errors. */
export function verify(file: string, secretKey: string | undefined, name = file): number {
  if (!fs.existsSync(file)) throw new UsageError('no-file', `there is no file ${name}`)
  let database: ReturnType<typeof openFile> | undefined
  try {
    database = openFile(file)
    const key = enclosed(database) ?? secretKey
    if (secretKey !== undefined && key !== undefined && !sameKey(key, secretKey)) throw new UsageError('secret-key', 'this backup was made with another secret key than the one in DEVICES_SECRET_KEY')
    if (key === undefined) throw new UsageError('secret-key', 'this backup holds no secret key; give the one it was made with in DEVICES_SECRET_KEY')
    return check(database, Buffer.from(key, 'base64'))
  } catch (cause) {
    if (cause instanceof UsageError || cause instanceof StoreError) throw cause
    throw new StoreError('damaged', `${name} is no usable backup; nothing was changed (${cause instanceof Error ? cause.message : String(cause)})`, { cause })
  } finally {
    database?.close()
  }
}
