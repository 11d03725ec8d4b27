/** Reading the audit log (feature table R20): newest first, searched in the database, bounded. */
import type { z } from 'zod'
import type { Domains } from '../domains/domains.ts'
import { maySee, visible, type Viewer } from '../domains/viewer.ts'
import { LIMITS } from '../limits.ts'
import type { AuditEntry, GetAuditPage } from '../protocol/domain-messages.ts'
import type { Store } from '../store/store.ts'

export type AuditParams = z.infer<typeof GetAuditPage.params>
type Row = Omit<AuditEntry, 'domain'>

const TEXTS = ['who', 'address', 'action', 'subject', 'before', 'after'] as const
const COLUMNS = `id, at, who, address, domain_id AS domainId, action, subject, before, after`

/** The database folds ASCII letters only; others are looked for in small and in capital letters. */
function spellings(word: string): string[] {
  const small = word.toLowerCase()
  return [...new Set([small, small.replace(/[^\x00-\x7f]/g, letter => letter.toUpperCase())])]
}

export class AuditQuery {
  readonly #store: Store
  readonly #domains: Domains

  constructor(store: Store, domains: Domains) {
    this.#store = store
    this.#domains = domains
  }

  /**
   * One page and the number of matches. Looks at the newest `LIMITS.auditLookedAt` entries of the time and the domains asked for;
   * older ones are reached with `to`.
   */
  page(viewer: Viewer, params: AuditParams): { entries: AuditEntry[], total: number } {
    const conditions = [visible(viewer, 'domain_id')]
    const values: (string | number)[] = []
    const add = (sql: string, value: string | number): void => { conditions.push(sql); values.push(value) }
    if (params.domainIds) add('domain_id IN (SELECT value FROM json_each(?))', JSON.stringify(params.domainIds.filter(id => maySee(viewer, id))))
    if (params.from !== undefined) add('at >= ?', params.from)
    if (params.to !== undefined) add('at < ?', params.to)
    const words = (params.search ?? '').split(/\s+/).filter(Boolean).slice(0, 8).map(spellings)
    const searched = `lower(${TEXTS.join(' || char(10) || ')})`
    const matches = words.map(word => `(${word.map(() => `instr(${searched}, ?) > 0`).join(' OR ')})`).join(' AND ') || '1'
    const newest = `(SELECT ${COLUMNS} FROM audit WHERE ${conditions.join(' AND ')} ORDER BY at DESC, id DESC LIMIT ${LIMITS.auditLookedAt.value})`
    const { sqlite } = this.#store
    const total = sqlite.prepare<(string | number)[], { n: number }>(`SELECT count(*) AS n FROM ${newest} WHERE ${matches}`).get(...values, ...words.flat())?.n ?? 0
    const rows = sqlite.prepare<(string | number)[], Row>(`SELECT * FROM ${newest} WHERE ${matches} ORDER BY at DESC, id DESC LIMIT ? OFFSET ?`)
      .all(...values, ...words.flat(), Math.min(params.limit, LIMITS.pageRows.value), params.offset)
    return { entries: rows.map(row => ({ ...row, domain: this.#domains.get(row.domainId)?.name ?? '' })), total }
  }
}
