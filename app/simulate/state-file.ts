/**
 * Where simulated devices keep their sysclient passwords: a file of JSON lines, appended and flushed to the disk before a device
 * goes on. Many devices that get a password together share one flush.
 */
import fs from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { UsageError } from '../errors.ts'

/** Where passwords are kept. Promises resolve when the change is durable. */
export interface PasswordStore {
  password(id: string): string | undefined
  keep(id: string, password: string): Promise<void>
  forget(id: string): Promise<void>
  close(): Promise<void>
}

const entry = z.object({ id: z.string(), password: z.string().nullable() })

/** Keeps passwords as long as the process lives. */
export class MemoryPasswords implements PasswordStore {
  readonly #passwords = new Map<string, string>()
  password(id: string): string | undefined { return this.#passwords.get(id) }
  async keep(id: string, password: string): Promise<void> { this.#passwords.set(id, password) }
  async forget(id: string): Promise<void> { this.#passwords.delete(id) }
  async close(): Promise<void> {}
}

interface Waiting { readonly line: string, readonly done: () => void, readonly fail: (cause: unknown) => void }

export class StateFile implements PasswordStore {
  readonly #passwords: Map<string, string>
  readonly #file: fs.promises.FileHandle
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined
  /** A failed write may have left half a line: nothing more is promised after it. */
  #broken: unknown

  private constructor(passwords: Map<string, string>, file: fs.promises.FileHandle) {
    this.#passwords = passwords
    this.#file = file
  }

  /**
   * Reads the file, drops a last line that a crash cut off, and rewrites it without superseded lines.
   * Throws `UsageError` `state-file` when it cannot be read or written or holds something else.
   */
  static async open(name: string): Promise<StateFile> {
    try {
      const passwords = fs.existsSync(name) ? read(fs.readFileSync(name, 'utf8')) : new Map<string, string>()
      const fresh = `${name}.new`
      const lines = [...passwords].map(([id, password]) => `${JSON.stringify({ id, password })}\n`)
      const out = fs.openSync(fresh, 'w', 0o600)
      fs.writeFileSync(out, lines.join(''))
      fs.fsyncSync(out)
      fs.closeSync(out)
      fs.renameSync(fresh, name)
      const folder = fs.openSync(path.dirname(path.resolve(name)), 'r')
      fs.fsyncSync(folder)
      fs.closeSync(folder)
      return new StateFile(passwords, await fs.promises.open(name, 'a', 0o600))
    } catch (cause) {
      throw new UsageError('state-file', `cannot use the state file ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    }
  }

  password(id: string): string | undefined { return this.#passwords.get(id) }

  async keep(id: string, password: string): Promise<void> {
    await this.#append({ id, password })
    this.#passwords.set(id, password)
  }

  async forget(id: string): Promise<void> {
    if (!this.#passwords.has(id)) return
    await this.#append({ id, password: null })
    this.#passwords.delete(id)
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#file.close()
  }

  #append(line: z.infer<typeof entry>): Promise<void> {
    return new Promise((done, fail) => {
      if (this.#broken !== undefined) return fail(this.#broken)
      this.#waiting.push({ line: `${JSON.stringify(line)}\n`, done, fail })
      this.#writing ??= this.#flush()
    })
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      try {
        await this.#file.appendFile(batch.map(({ line }) => line).join(''))
        await this.#file.datasync()
        for (const { done } of batch) done()
      } catch (cause) {
        this.#broken = cause
        for (const { fail } of [...batch, ...this.#waiting.splice(0)]) fail(cause)
      }
    }
    this.#writing = undefined
  }
}

function read(text: string): Map<string, string> {
  const passwords = new Map<string, string>()
  const lines = text.split('\n')
  // Whole lines end with a line feed: what follows the last one was cut off before it was promised.
  lines.pop()
  lines.forEach((line, at) => {
    const { id, password } = parsed(line, at + 1)
    if (password === null) passwords.delete(id)
    else passwords.set(id, password)
  })
  return passwords
}

function parsed(line: string, number: number): z.infer<typeof entry> {
  try {
    return entry.parse(JSON.parse(line))
  } catch {
    // The line itself may hold a password: it is not quoted.
    throw new Error(`line ${number} is no entry of a simulated device`)
  }
}
