/** Forgets old entries of the audit log: once a day, a few at a time. */
import type { AuditLog } from './audit-log.ts'

const DAY = 24 * 3600_000
/** The first time soon after the start, when the devices have come back. */
const FIRST = 10 * 60_000
/** Pause between two slices. */
const PAUSE = 50

export class AuditKeeper {
  readonly #audit: AuditLog
  readonly #days: () => number
  #timer: NodeJS.Timeout

  constructor(audit: AuditLog, days: () => number) {
    this.#audit = audit
    this.#days = days
    this.#timer = this.#in(FIRST)
  }

  /** Begins now, such as after the time was made shorter. */
  now(): void {
    clearTimeout(this.#timer)
    this.#timer = this.#in(0)
  }

  #in(ms: number): NodeJS.Timeout {
    return setTimeout(() => { this.#timer = this.#in(this.#audit.purge(this.#days()) ? PAUSE : DAY) }, ms).unref()
  }

  stop(): void { clearTimeout(this.#timer) }
}
