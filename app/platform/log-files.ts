/**
 * Log files where the log view of the App Platform looks, in its line format (app-platform-local 1.2). Where no file can be
 * written, lines go to the standard output.
 */
import fs from 'node:fs'
import path from 'node:path'
import { LIMITS } from '../limits.ts'
import type { Level, Log } from '../observe/log.ts'
import { DEFAULT_FLAGS, isShown } from './log-flags.ts'

const LONGEST = 4000
const KEPT = 5
const two = (value: number, digits = 2): string => String(value).padStart(digits, '0')

/** `MM-DD HH:MM:SS.mmm` */
function stamp(at: number): string {
  const time = new Date(at)
  return `${two(time.getUTCMonth() + 1)}-${two(time.getUTCDate())} ${two(time.getUTCHours())}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())}.${two(time.getUTCMilliseconds(), 3)}`
}

/** `<exe>-YYYY-MM-DDTHH_MM_SSZ_mmm.txt` */
const fileName = (name: string, at: number): string => `${name}-${new Date(at).toISOString().replaceAll(':', '_').replace(/\.(\d{3})Z$/, 'Z_$1')}.txt`

export interface LogFilesOptions {
  /** Folder of all programs, `/var/log/apps`. */
  readonly folder: string
  /** Base name of the executable. */
  readonly name: string
  readonly now: () => number
  /** For what cannot be written to a file. */
  readonly fallback: (line: string) => void
}

export class LogFiles {
  /** Bytes; a file is closed when it has reached them. */
  size: number = LIMITS.logFile.value
  flags = DEFAULT_FLAGS
  enabled = true
  readonly #options: LogFilesOptions
  readonly #folder: string
  #fd: number | undefined
  #written = 0

  constructor(options: LogFilesOptions) {
    this.#options = options
    this.#folder = path.join(options.folder, options.name)
    this.#open(this.#files().at(-1))
  }

  /** Lines of the service itself. */
  readonly service = (room: string): Log => (level, text) => { if (this.enabled && isShown(this.flags, room, level)) this.#line('', room, level, text) }

  /** Lines of one instance; `flags` is asked for each line. */
  instance(key: string, flags: () => bigint): (room: string) => Log {
    return room => (level, text) => { if (this.enabled && isShown(flags(), room, level)) this.#line(`${key} `, room, level, text) }
  }

  /** Somebody has deleted the files: a new one is begun. */
  reopen(): void { this.#open(undefined) }

  close(): void {
    if (this.#fd !== undefined) fs.closeSync(this.#fd)
    this.#fd = undefined
  }

  #line(who: string, room: string, level: Level, text: string): void {
    // Control characters become blanks, so that nobody outside can forge a line.
    const clean = text.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, LONGEST)
    const line = `${stamp(this.#options.now())} ${who}${level === 'warn' || level === 'error' ? `${level} ` : ''}${room}: ${clean}\n`
    if (this.#fd === undefined) return this.#options.fallback(line)
    try {
      if (this.#written >= this.size) this.#open(undefined)
      this.#written += fs.writeSync(this.#fd, line)
    } catch {
      this.#options.fallback(line)
    }
  }

  /** Files of earlier times, oldest first: their names sort by time. */
  #files(): string[] {
    try {
      return fs.readdirSync(this.#folder).filter(file => file.startsWith(`${this.#options.name}-`) && file.endsWith('.txt')).sort()
    } catch {
      return []
    }
  }

  /** Goes on with a file, or begins one; the oldest ones go. */
  #open(existing: string | undefined): void {
    this.close()
    try {
      // One by one: Node's own recursion never ends where a parent cannot be made, below /proc for one.
      for (const folder of [this.#options.folder, this.#folder]) if (!fs.existsSync(folder)) fs.mkdirSync(folder)
      this.#fd = fs.openSync(path.join(this.#folder, existing ?? fileName(this.#options.name, this.#options.now())), 'a', 0o640)
      this.#written = fs.fstatSync(this.#fd).size
      for (const old of this.#files().slice(0, -KEPT)) fs.rmSync(path.join(this.#folder, old), { force: true })
    } catch {
      // Lines go to the standard output.
    }
  }
}
