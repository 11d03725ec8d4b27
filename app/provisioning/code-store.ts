/** Rows of provisioning codes, on prepared statements. Times are ms since 1970 UTC. */
import type BetterSqlite3 from 'better-sqlite3'
import { LIMITS } from '../limits.ts'
import { visible, type Viewer } from '../domains/viewer.ts'
import type { Store } from '../store/store.ts'
import { DIGITS, randomText } from '../store/secrets.ts'
import { CODE_LENGTH, type StoredCode } from './code-rules.ts'

const COLUMNS = `p.code, p.domain_id AS domainId, p.category_id AS categoryId, c.name AS category, p.sip, p.administrative, p.rollout, p.created_at AS createdAt,
  p.created_by AS createdBy, p.valid_until AS validUntil, p.used_at AS usedAt, p.device_id AS deviceId, p.hw_id AS hwId, p.interface, p.error`
const FROM = 'FROM provisioning_codes p LEFT JOIN categories c ON c.id = p.category_id'
/** Digits of a new code; tests inject others. */
export type MakeCode = () => string

export interface NewCode { readonly domainId: number, readonly categoryId: number, readonly sip: string, readonly administrative: boolean, readonly rollout: boolean, readonly createdBy: string, readonly validUntil: number }

export class CodeStore {
  readonly #store: Store
  readonly #makeCode: MakeCode
  readonly #get: BetterSqlite3.Statement<[string], StoredCode>
  readonly #insert: BetterSqlite3.Statement
  readonly #use: BetterSqlite3.Statement
  readonly #refuse: BetterSqlite3.Statement<[string, string, string, string]>
  readonly #remove: BetterSqlite3.Statement<[string]>
  readonly #open: BetterSqlite3.Statement<[number, number, number], { n: number }>
  readonly #expired: BetterSqlite3.Statement<[number, string, number, number], StoredCode>
  readonly #old: BetterSqlite3.Statement<[number, number], { code: string, domainId: number }>
  readonly #finished: BetterSqlite3.Statement<[number, number, number], { code: string, domainId: number }>
  /** Rows per domain, counted once. */
  readonly #totals = new Map<number, number>()

  constructor(store: Store, makeCode: MakeCode = () => randomText(CODE_LENGTH, DIGITS)) {
    this.#store = store
    this.#makeCode = makeCode
    const { sqlite } = store
    this.#get = sqlite.prepare(`SELECT ${COLUMNS} ${FROM} WHERE p.code = ?`)
    this.#insert = sqlite.prepare(`INSERT INTO provisioning_codes (code, domain_id, category_id, sip, administrative, rollout, created_at, created_by, valid_until)
      VALUES (@code, @domainId, @categoryId, @sip, @administrative, @rollout, @createdAt, @createdBy, @validUntil) ON CONFLICT DO NOTHING`)
    this.#use = sqlite.prepare(`UPDATE provisioning_codes SET used_at = @now, device_id = @deviceId, hw_id = @hwId, interface = @name, error = ''
      WHERE code = @code AND used_at IS NULL AND valid_until > @now`)
    this.#refuse = sqlite.prepare('UPDATE provisioning_codes SET error = ?, hw_id = ?, interface = ? WHERE code = ? AND used_at IS NULL')
    this.#remove = sqlite.prepare('DELETE FROM provisioning_codes WHERE code = ?')
    this.#open = sqlite.prepare('SELECT count(*) AS n FROM (SELECT 1 FROM provisioning_codes WHERE domain_id = ? AND used_at IS NULL AND valid_until > ? LIMIT ?)')
    this.#expired = sqlite.prepare(`SELECT ${COLUMNS} ${FROM} WHERE (p.valid_until, p.code) > (?, ?) AND p.valid_until <= ? AND p.used_at IS NULL ORDER BY p.valid_until, p.code LIMIT ?`)
    this.#old = sqlite.prepare('SELECT code, domain_id AS domainId FROM provisioning_codes WHERE valid_until <= ? ORDER BY valid_until LIMIT ?')
    this.#finished = sqlite.prepare(`SELECT code, domain_id AS domainId FROM provisioning_codes WHERE domain_id = ? AND (used_at IS NOT NULL OR valid_until <= ?)
      ORDER BY created_at LIMIT ?`)
  }

  get(code: string): StoredCode | undefined { return this.#get.get(code) }

  /** Inserts a code whose digits no stored one has. */
  insert(values: NewCode, now: number): StoredCode {
    this.#store.begin()
    for (;;) {
      const code = this.#makeCode()
      const { changes } = this.#insert.run({ ...values, code, administrative: values.administrative ? 1 : 0, rollout: values.rollout ? 1 : 0, createdAt: now })
      const stored = changes === 1 ? this.get(code) : undefined
      if (!stored) continue
      this.#totals.set(values.domainId, this.#total(values.domainId) + 1)
      return stored
    }
  }

  /** Uses the code up; false when somebody else has, or its time is over. */
  use(code: string, by: { deviceId: number, hwId: string, name: string }, now: number): boolean {
    this.#store.begin()
    return this.#use.run({ code, ...by, now }).changes === 1
  }

  /** Notes why a device was not let in; the code stays open. */
  refuse(code: string, why: string, hwId: string, name: string): void {
    this.#store.begin()
    this.#refuse.run(why, hwId, name, code)
  }

  remove(code: { code: string, domainId: number }): void {
    this.#store.begin()
    if (this.#remove.run(code.code).changes) this.#totals.set(code.domainId, Math.max(0, this.#total(code.domainId) - 1))
  }

  #total(domainId: number): number {
    let total = this.#totals.get(domainId)
    if (total === undefined) {
      total = this.#store.sqlite.prepare<[number], { n: number }>('SELECT count(*) AS n FROM provisioning_codes WHERE domain_id = ?').get(domainId)?.n ?? 0
      this.#totals.set(domainId, total)
    }
    return total
  }

  /** A commit failed: what was counted may not be there. */
  recover(): void { this.#totals.clear() }

  /** May so many more be open in this domain? */
  hasRoom(domainId: number, adding: number, now: number): boolean {
    const most = LIMITS.codesPerDomain.value
    // Rows that are over count only when there are so many rows at all.
    return this.#total(domainId) + adding <= most || (this.#open.get(domainId, now, most)?.n ?? 0) + adding <= most
  }

  /** Codes of a domain that are over and beyond `LIMITS.codesKept`, oldest first. */
  surplus(domainId: number, adding: number, now: number): { code: string, domainId: number }[] {
    const beyond = this.#total(domainId) + adding - LIMITS.codesKept.value
    return beyond > 0 ? this.#finished.all(domainId, now, beyond) : []
  }

  /** Unused codes that ended after `since` (and, ended at the same time, sort behind it) until `now`, in the order of their end. */
  expired(since: { at: number, code: string }, now: number, most: number): StoredCode[] { return this.#expired.all(since.at, since.code, now, most) }

  /** Codes that ended at `until` or before. */
  endedBefore(until: number, most: number): { code: string, domainId: number }[] { return this.#old.all(until, most) }

  /** Codes the viewer may see (of one domain, if given), newest first, in chunks. */
  * list(viewer: Viewer, domainId: number | undefined, chunk: number): Generator<StoredCode[]> {
    const one = domainId ?? (viewer.admin || viewer.domainIds.size !== 1 ? undefined : viewer.domainId)
    // Of one domain by its index; of several in the order in which they were inserted.
    const [place, order] = one === undefined ? ['p.rowid < @rowId', 'p.rowid DESC'] : ['p.domain_id = @one AND (p.created_at, p.code) < (@createdAt, @code)', 'p.created_at DESC, p.code DESC']
    for (let last: (StoredCode & { rowId: number }) | undefined, first = true; first || last; first = false) {
      // Prepared anew for each chunk: what the viewer may see can change between them.
      const rows: (StoredCode & { rowId: number })[] = this.#store.sqlite.prepare<[object], StoredCode & { rowId: number }>(
        `SELECT p.rowid AS rowId, ${COLUMNS} ${FROM} WHERE ${visible(viewer, 'p.domain_id')} AND ${place} ORDER BY ${order} LIMIT @chunk`)
        .all({ chunk, ...(one === undefined ? { rowId: last?.rowId ?? Number.MAX_SAFE_INTEGER } : { one, createdAt: last?.createdAt ?? Number.MAX_SAFE_INTEGER, code: last?.code ?? '' }) })
      if (rows.length) yield rows
      last = rows.length < chunk ? undefined : rows.at(-1)
    }
  }
}
