/**
 * Who logged in, as entries of the audit log. Apps log in with every page and every reconnect: of one person at one address, one
 * entry an hour is kept.
 */
import type { AuditLog } from './audit-log.ts'
import type { Viewer } from '../domains/viewer.ts'
import { LIMITS } from '../limits.ts'

const AGAIN_AFTER = 3600_000

export class LoginRecord {
  readonly #audit: AuditLog
  readonly #now: () => number
  readonly #last = new Map<string, number>()

  constructor(audit: AuditLog, now: () => number) {
    this.#audit = audit
    this.#now = now
  }

  succeeded(viewer: Viewer, app: string): void {
    const key = JSON.stringify([viewer.domainId, viewer.who, viewer.address, app])
    const now = this.#now()
    const last = this.#last.get(key)
    if (last !== undefined && now - last < AGAIN_AFTER) return
    this.#last.delete(key)
    this.#last.set(key, now)
    if (this.#last.size > LIMITS.loginsRemembered.value) {
      const oldest = this.#last.keys().next()
      if (!oldest.done) this.#last.delete(oldest.value)
    }
    this.#audit.record(viewer, { domainId: viewer.domainId, action: 'login.succeeded', subject: app, after: viewer.admin ? 'administrator' : '' })
  }
}
