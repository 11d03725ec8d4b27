/** Who did what, from where, when; old and new value. Secrets never come here: callers write `MASKED` for them. Feature table R20. */
import type BetterSqlite3 from 'better-sqlite3'
import { LIMITS } from '../limits.ts'
import type { Store } from '../store/store.ts'

/** Stands for a secret that is set or was changed. */
export const MASKED = '•••'
/** Longest value kept; longer ones end with an ellipsis. */
const LONGEST = 1000
/** Entries forgotten in one go. */
const PURGE_SLICE = 2000

/** Whoever acts: a login (every `Viewer` is one), a device, or the service itself. */
export interface Actor { readonly who: string, readonly address: string }

export interface AuditEvent {
  /** 0: concerns the instance; only administrators see it. */
  readonly domainId: number
  /** `<thing>.<verb in the past>`: `domain.added`, `device.moved`, `password.revealed`. */
  readonly action: string
  /** What it was done to, in words an administrator knows: a name, a hardware id. */
  readonly subject: string
  readonly before?: string | undefined
  readonly after?: string | undefined
}

const cut = (text: string): string => text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text

export class AuditLog {
  readonly #store: Store
  readonly #now: () => number
  readonly #insert: BetterSqlite3.Statement
  readonly #purge: BetterSqlite3.Statement<[number]>
  readonly #purgeMost: BetterSqlite3.Statement<[number]>

  constructor(store: Store, now: () => number) {
    this.#store = store
    this.#now = now
    this.#insert = store.sqlite.prepare('INSERT INTO audit (at, who, address, domain_id, action, subject, before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    this.#purge = store.sqlite.prepare(`DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ? ORDER BY at LIMIT ${PURGE_SLICE})`)
    this.#purgeMost = store.sqlite.prepare(`DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE id <= (SELECT max(id) FROM audit) - ? ORDER BY id LIMIT ${PURGE_SLICE})`)
  }

  /** Written in the transaction of the change itself, so that neither is there without the other. */
  record(actor: Actor, event: AuditEvent): void {
    this.#store.begin()
    this.#insert.run(this.#now(), actor.who, actor.address, event.domainId, event.action, cut(event.subject), cut(event.before ?? ''), cut(event.after ?? ''))
  }

  /** Forgets some of what is older than `days`, or beyond the bound of all entries. True: there is more of it. */
  purge(days: number): boolean {
    this.#store.begin()
    const old = this.#purge.run(this.#now() - days * 24 * 3600_000).changes
    const tooMany = this.#purgeMost.run(LIMITS.auditEntries.value).changes
    return old === PURGE_SLICE || tooMany === PURGE_SLICE
  }
}
