/** Reading the audit log (feature table R20): newest first, searched in the database, bounded. */
import type BetterSqlite3 from 'better-sqlite3'
import type { z } from 'zod'
import type { Domains } from '../domains/domains.ts'
import { maySee, visible, type Viewer } from '../domains/viewer.ts'
import { LIMITS } from '../limits.ts'
import type { AuditEntry, GetAuditPage } from '../protocol/domain-messages.ts'
import type { Store } from '../store/store.ts'

export type AuditParams = z.infer<typeof GetAuditPage.params>
type Row = Omit<AuditEntry, 'domain'>

const TEXTS = ['who', 'address', 'action', 'subject', 'before', 'after'] as const
const SEARCHED = `lower(${TEXTS.join(' || char(10) || ')})`
const MOST_WORDS = 8
/** Entries searched in one go. */
const SLICE = 5000

/** The database folds ASCII letters only; others are looked for in small and in capital letters. */
function spellings(word: string): string[] {
  const small = word.toLowerCase()
  return [...new Set([small, small.replace(/[^\x00-\x7f]/g, letter => letter.toUpperCase())])]
}

export class AuditQuery {
  readonly #store: Store
  readonly #domains: Domains
  readonly #rows: BetterSqlite3.Statement<[string], Row>

  constructor(store: Store, domains: Domains) {
    this.#store = store
    this.#domains = domains
    this.#rows = store.sqlite.prepare('SELECT id, at, who, address, domain_id AS domainId, action, subject, before, after FROM audit WHERE id IN (SELECT value FROM json_each(?))')
  }

  /**
   * One page and the number of matches. Looks at the newest `LIMITS.auditLookedAt` entries of the time and the domains asked for;
   * older ones are reached with `to`. Texts are searched in slices, so that others are served meanwhile.
   */
  async page(viewer: Viewer, params: AuditParams): Promise<{ entries: AuditEntry[], total: number }> {
    const words = (params.search ?? '').split(/\s+/).filter(Boolean).slice(0, MOST_WORDS).map(spellings)
    let ids = this.#newest(viewer, params)
    if (words.length) ids = await this.#matching(ids, words)
    const wanted = ids.slice(params.offset, params.offset + Math.min(params.limit, LIMITS.pageRows.value))
    const rows = new Map(this.#rows.all(JSON.stringify(wanted)).map(row => [row.id, row]))
    const entries = wanted.flatMap(id => {
      const row = rows.get(id)
      return row ? [{ ...row, domain: this.#domains.get(row.domainId)?.name ?? '' }] : []
    })
    return { entries, total: ids.length }
  }

  /** Ids from the indices alone, newest first. */
  #newest(viewer: Viewer, params: AuditParams): number[] {
    const conditions = [visible(viewer, 'domain_id')]
    const values: (string | number)[] = []
    const add = (sql: string, value: string | number): void => { conditions.push(sql); values.push(value) }
    if (params.domainIds) add('domain_id IN (SELECT value FROM json_each(?))', JSON.stringify(params.domainIds.filter(id => maySee(viewer, id))))
    if (params.from !== undefined) add('at >= ?', params.from)
    if (params.to !== undefined) add('at < ?', params.to)
    return this.#store.sqlite.prepare<(string | number)[], number>(
      `SELECT id FROM audit WHERE ${conditions.join(' AND ')} ORDER BY at DESC, id DESC LIMIT ${LIMITS.auditLookedAt.value}`).pluck().all(...values)
  }

  async #matching(ids: readonly number[], words: readonly string[][]): Promise<number[]> {
    const matches = words.map(word => `(${word.map(() => `instr(${SEARCHED}, ?) > 0`).join(' OR ')})`).join(' AND ')
    const statement = this.#store.sqlite.prepare<(string | number)[], number>(`SELECT id FROM audit WHERE id IN (SELECT value FROM json_each(?)) AND ${matches}`).pluck()
    const found: number[] = []
    for (let at = 0; at < ids.length; at += SLICE) {
      if (at > 0) await new Promise(resolve => setImmediate(resolve))
      const slice = ids.slice(at, at + SLICE)
      const hits = new Set(statement.all(JSON.stringify(slice), ...words.flat()))
      for (const id of slice) if (hits.has(id)) found.push(id)
    }
    return found
  }
}
