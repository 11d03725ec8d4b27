/** Which part of the matrix is drawn: few domains all, of hundreds those that matter or are looked for. Pure. */
import type { DomainSettings } from '../../app/protocol/domain-messages.ts'
import type { Domain } from '../../app/protocol/types.ts'

/** Up to this many domains the whole matrix is drawn. */
const WHOLE = 24
const MOST_ROWS = 100
const MOST_COLUMNS = 40

export interface MatrixPart {
  readonly rows: readonly Domain[]
  readonly columns: readonly Domain[]
  readonly known: ReadonlyMap<number, DomainSettings>
  /** Given rights in all, also those not drawn. */
  readonly grants: number
  /** Domains that are not in it. */
  readonly hidden: number
}

/** @param words part of a name; rows and columns that match it are drawn, with those they have rights to or give rights to */
export function matrixPart(all: readonly Domain[], known: ReadonlyMap<number, DomainSettings>, words: string): MatrixPart {
  const needle = words.trim().toLowerCase()
  const givers = new Map<number, number[]>()
  let grants = 0
  for (const { id, access } of known.values()) {
    grants += access.length
    for (const seen of access) givers.set(seen, [...givers.get(seen) ?? [], id])
  }
  const matches = (domain: Domain): boolean => domain.name.toLowerCase().includes(needle)
  const access = (domain: Domain): readonly number[] => known.get(domain.id)?.access ?? []
  const few = all.length <= WHOLE
  const rows = needle
    ? all.filter(domain => matches(domain) || access(domain).some(id => all.some(other => other.id === id && matches(other))))
    : few ? all : all.filter(domain => access(domain).length > 0)
  const columns = few ? all : all.filter(domain => (needle !== '' && matches(domain)) || (givers.get(domain.id)?.some(id => rows.some(row => row.id === id)) ?? false))
  const shownRows = (rows.length > 0 || needle ? rows : all).slice(0, MOST_ROWS)
  const shownColumns = (columns.length > 0 ? columns : all).slice(0, MOST_COLUMNS)
  const drawn = new Set([...shownRows, ...shownColumns].map(domain => domain.id))
  return { rows: shownRows, columns: shownColumns, known, grants, hidden: all.length - drawn.size }
}
