/** The update client of a device with factory settings: asks its update URL until the answer tells where to register (features 5.2, 5.3). */
import type { Box } from '../web/box.ts'
import { execute, runScript } from '../web/execute.ts'
import { up1 } from '../web/updates.ts'
import { parseCommand } from '../web/commands.ts'

export class Polling {
  readonly #every: number
  readonly #box: () => Box
  readonly #failed: (text: string) => void
  #wanted = false
  #next: NodeJS.Timeout | undefined

  constructor(every: number, box: () => Box, failed: (text: string) => void) {
    this.#every = every
    this.#box = box
    this.#failed = failed
  }

  /** Polls now and from then on. */
  start(): void {
    this.#wanted = true
    clearTimeout(this.#next)
    void this.#poll()
  }

  /** True when it was polling. */
  stop(): boolean {
    const was = this.#wanted
    this.#wanted = false
    clearTimeout(this.#next)
    return was
  }

  async #poll(): Promise<void> {
    const box = this.#box()
    const command = parseCommand('mod cmd UP1 poll')
    const run = { line: (text: string) => execute(box, parseCommand(text)), script: (text: string) => runScript(box, text) }
    const outcome = command.kind === 'module' ? await up1(box, command, run) : undefined
    if (!this.#wanted) return
    if (outcome?.is === 'failed') this.#failed(`update URL: ${outcome.error}`)
    // A new registration address needs neither `config write` nor a restart (features 5.3).
    else box.activate()
    this.#next = setTimeout(() => { void this.#poll() }, this.#every)
  }
}
