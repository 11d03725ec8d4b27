/**
 * A consistent copy of the database file, made while the service writes to it: SQLite's own backup, page by page, out of a
 * read transaction that sees one moment. Pages keep their places, so that of two copies only what has changed differs.
 */
import type BetterSqlite3 from 'better-sqlite3'
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { LIMITS } from '../limits.ts'
import { DATABASE_FILE, openFile } from '../store/database.ts'
import { assignedDevices } from '../store/replace.ts'

export const IMAGE_FILE = 'snapshot.part'
/** Pages that are copied in one turn of the event loop: about two milliseconds; the last turn waits for the disk. */
const PAGES_PER_TURN = 100

/** One piece of the copy; `sha256` is that of `bytes`. */
export interface ImagePart { readonly number: number, readonly bytes: Buffer, readonly sha256: Buffer }

export class SnapshotImage {
  readonly #source: BetterSqlite3.Database
  readonly #file: string
  #taken = -1

  /** Opens the database a second time, for reading; it must have been opened by the store before. */
  constructor(workingPath: string) {
    this.#source = openFile(path.join(workingPath, DATABASE_FILE), { readonly: true })
    this.#file = path.join(workingPath, IMAGE_FILE)
    this.remove()
  }

  /** True when something was committed since the last copy. */
  get changed(): boolean { return this.#version() !== this.#taken }

  /** Devices in domains. */
  get devices(): number { return assignedDevices(this.#source) }

  /** SQLite counts the commits of other connections. */
  #version(): number { return Number(this.#source.pragma('data_version', { simple: true })) }

  /** Makes the copy; then `parts` reads it. `remove` ends it. */
  async take(): Promise<{ bytes: number }> {
    fs.writeFileSync(this.#file, '', { mode: 0o600 })
    const version = this.#version()
    this.#source.exec('BEGIN')
    try {
      this.#source.prepare('SELECT count(*) FROM sqlite_master').get() // the transaction begins with the first read
      await this.#source.backup(this.#file, { progress: () => PAGES_PER_TURN })
    } finally {
      this.#source.exec('COMMIT')
    }
    this.#taken = version
    return { bytes: fs.statSync(this.#file).size }
  }

  async *parts(): AsyncGenerator<ImagePart> {
    const file = await fs.promises.open(this.#file, 'r')
    try {
      for (let number = 0; ; number++) {
        const buffer = Buffer.alloc(LIMITS.snapshotPart.value)
        const { bytesRead } = await file.read(buffer, 0, buffer.length, number * buffer.length)
        if (bytesRead === 0) return
        const bytes = buffer.subarray(0, bytesRead)
        yield { number, bytes, sha256: partHash(bytes) }
      }
    } finally {
      await file.close()
    }
  }

  /** What was copied last did not get through: it counts as changed. */
  forget(): void { this.#taken = -1 }

  remove(): void { for (const end of ['', '-journal', '-wal', '-shm']) fs.rmSync(this.#file + end, { force: true }) }

  close(): void {
    this.#source.close()
    this.remove()
  }
}

export const partHash = (bytes: Uint8Array): Buffer => crypto.createHash('sha256').update(bytes).digest()

/** One text for all parts in their order: a snapshot with this text is complete and unmixed. */
export function imageHash(parts: readonly Uint8Array[]): string {
  const hash = crypto.createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}
