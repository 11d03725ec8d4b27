/** Puts the snapshot of PostgreSQL in the place of the database file: assembled beside it, verified, then one rename. */
import fs from 'node:fs'
import path from 'node:path'
import { SnapshotError } from '../errors.ts'
import { openFile, prepareWorkingPath } from '../store/database.ts'
import { check, enclose, replaceDatabase } from '../store/replace.ts'
import { sameKey } from '../store/secrets.ts'
import { lockWorkingPath } from '../store/store.ts'
import type { SnapshotDatabase, SnapshotHead } from './snapshot-database.ts'
import { SnapshotNotes } from './snapshot-notes.ts'

const DRAFT = 'restore.snapshot.part'

/** Says what it has done. Throws `SnapshotError` or `StoreError`; then nothing has changed. */
export async function loadSnapshot(database: Pick<SnapshotDatabase, 'read'>, head: SnapshotHead, place: { workingPath: string, secretKey?: string | undefined }): Promise<{ devices: number, text: string }> {
  prepareWorkingPath(place.workingPath)
  const lock = lockWorkingPath(place.workingPath)
  const draft = path.join(place.workingPath, DRAFT)
  try {
    await assemble(database, head, draft)
    const devices = verified(draft, head, place.secretKey)
    const { text } = await replaceDatabase(place.workingPath, draft, kept => ({
      text: `${devices} devices were restored from the snapshot of ${head.madeAt.toISOString()} in PostgreSQL${kept === undefined ? '' : `; what it replaces is kept in ${kept}`}`, snapshot: head.id,
    }))
    new SnapshotNotes(place.workingPath).written = [head.id]
    return { devices, text }
  } finally {
    for (const end of ['', '-wal', '-shm']) fs.rmSync(draft + end, { force: true })
    lock.close()
  }
}

async function assemble(database: Pick<SnapshotDatabase, 'read'>, head: SnapshotHead, draft: string): Promise<void> {
  for (const end of ['', '-wal', '-shm']) fs.rmSync(draft + end, { force: true })
  const file = await fs.promises.open(draft, 'w', 0o600)
  try {
    let bytes = 0
    for await (const part of database.read(head)) {
      await file.write(part)
      bytes += part.length
    }
    if (bytes !== head.bytes) throw new SnapshotError('damaged', `the snapshot in PostgreSQL has ${bytes} bytes instead of ${head.bytes}`)
  } finally {
    await file.close()
  }
}

function verified(draft: string, head: SnapshotHead, secretKey: string | undefined): number {
  const key = head.secretKey ?? secretKey
  if (key === undefined) throw new SnapshotError('damaged', 'the snapshot in PostgreSQL holds no secret key; give the one it was made with in DEVICES_SECRET_KEY')
  if (secretKey !== undefined && !sameKey(key, secretKey)) throw new SnapshotError('damaged', 'the snapshot in PostgreSQL was made with another secret key than the one in DEVICES_SECRET_KEY; start the service with that key, or without one')
  const copy = openFile(draft)
  try {
    const devices = check(copy, Buffer.from(key, 'base64'))
    enclose(copy, head.secretKey)
    copy.pragma('journal_mode = DELETE') // all of it in this one file, or an error
    return devices
  } finally {
    copy.close()
  }
}
