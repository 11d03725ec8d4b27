/**
 * Which snapshots the database file in a working path has written, in a file beside it. Written durably before and after
 * each commit in PostgreSQL, so that no crash makes an own snapshot look like a restored one.
 */
import fs from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { syncPath } from '../store/replace.ts'

export const NOTES_FILE = 'snapshots.json'
const notes = z.object({ written: z.array(z.string()).max(2) })

export class SnapshotNotes {
  readonly #folder: string

  constructor(workingPath: string) { this.#folder = workingPath }

  /** Empty when nothing is known: then every snapshot is somebody else's. */
  get written(): readonly string[] {
    try {
      return notes.parse(JSON.parse(fs.readFileSync(path.join(this.#folder, NOTES_FILE), 'utf8'))).written
    } catch {
      return []
    }
  }

  /** Complete on disk before it takes the place of the former. */
  set written(ids: readonly string[]) {
    const file = path.join(this.#folder, NOTES_FILE)
    const draft = `${file}.${process.pid}`
    fs.writeFileSync(draft, JSON.stringify({ written: ids }) + '\n', { mode: 0o600, flush: true })
    fs.renameSync(draft, file)
    syncPath(this.#folder)
  }
}
