/**
 * Pages of a search over many devices, without reading all their rows. Three ways, cheapest first: the full-text index names the
 * candidates when they are few; so does a look at all texts in their own index; when matches are many, they are counted there
 * and the page is taken from the order.
 */
import type BetterSqlite3 from 'better-sqlite3'
import { wordsWhere, type PageWhere, type Where } from './device-query.ts'
import { indexQuery } from './device-search.ts'
import { KeptStatements, type Values } from './kept-statements.ts'

/** So many candidates are read and sorted one by one; from more of them pages are made without. */
const FEW = 2_000
/** Rows looked at from the start of the order in the hope that the page is full by then. */
const AHEAD = 2_000

/** `order`: SQL; `indexed`: an index has that order ready. */
export interface Wanted { readonly order: string, readonly indexed: boolean, readonly limit: number, readonly offset: number }
export interface FoundPage { readonly ids: readonly number[], readonly total: number }

export class FoundPages {
  readonly #statements: KeptStatements

  constructor(sqlite: BetterSqlite3.Database) {
    this.#statements = new KeptStatements(sqlite)
  }

  page(parts: PageWhere, wanted: Wanted): FoundPage {
    const words = wordsWhere(parts.words)
    // Of the table only the index is read here: it has domain, text and id.
    const hits: Where = { sql: `SELECT id FROM devices INDEXED BY devices_search WHERE ${parts.scope.sql} AND ${words.sql}`, values: [...parts.scope.values, ...words.values] }
    const few = this.#indexed(parts) ?? this.#ids(`${hits.sql} LIMIT ${FEW + 1}`, hits.values)
    if (few.length <= FEW) return this.#fromFew(few, parts, words, wanted)
    const plain = parts.rest.sql === '1' && wanted.indexed
    const ahead = wanted.indexed ? this.#ahead(parts, words, wanted) : undefined
    if (ahead || plain) return { ids: ahead ?? this.#fromMany(hits, parts.rest, wanted, wanted.limit, wanted.offset), total: this.#count(hits, parts.rest) }
    // Counting takes as long as finding them all.
    const ids = this.#fromMany(hits, parts.rest, wanted, -1, 0)
    return { ids: ids.slice(wanted.offset, wanted.offset + wanted.limit), total: ids.length }
  }

  #ids(sql: string, values: Values | readonly (string | number)[]): number[] {
    return this.#statements.of(sql).pluck().all(...values) as number[]
  }

  /** Candidates of the full-text index; undefined when they are many or the words too short for it. */
  #indexed({ words }: PageWhere): number[] | undefined {
    const query = indexQuery(words)
    if (query === undefined) return undefined
    const ids = this.#ids(`SELECT rowid FROM device_search WHERE device_search MATCH ? LIMIT ${FEW + 1}`, [query])
    return ids.length <= FEW ? ids : undefined
  }

  #fromFew(candidates: readonly number[], { scope, rest }: PageWhere, words: Where, { order, limit, offset }: Wanted): FoundPage {
    if (candidates.length === 0) return { ids: [], total: 0 }
    const ids = this.#ids(
      `SELECT id FROM (SELECT value AS hit FROM json_each(?)) CROSS JOIN devices ON devices.id = hit WHERE ${scope.sql} AND ${rest.sql} AND ${words.sql} ORDER BY ${order}`,
      [JSON.stringify(candidates), ...scope.values, ...rest.values, ...words.values])
    return { ids: ids.slice(offset, offset + limit), total: ids.length }
  }

  #count(hits: Where, rest: Where): number {
    const sql = rest.sql === '1' ? hits.sql.replace('SELECT id', 'SELECT count(*)') : `SELECT count(*) FROM devices WHERE ${rest.sql} AND +id IN (${hits.sql})`
    return this.#ids(sql, [...rest.values, ...hits.values])[0] ?? 0
  }

  /** The page, if the start of the order holds enough matches for it. */
  #ahead({ scope, rest }: PageWhere, words: Where, { order, limit, offset }: Wanted): number[] | undefined {
    if (offset + limit > AHEAD) return undefined
    const ids = this.#ids(`SELECT id FROM (SELECT id, search FROM devices WHERE ${scope.sql} AND ${rest.sql} ORDER BY ${order} LIMIT ${AHEAD}) WHERE ${words.sql} LIMIT ? OFFSET ?`,
      [...scope.values, ...rest.values, ...words.values, limit, offset])
    return ids.length === limit ? ids : undefined
  }

  /** By the order's own index, asking for each id whether it is a hit: rows of the table are not read for that. */
  #fromMany(hits: Where, rest: Where, { order }: Wanted, limit: number, offset: number): number[] {
    return this.#ids(`SELECT id FROM devices WHERE ${rest.sql} AND +id IN (${hits.sql}) ORDER BY ${order} LIMIT ? OFFSET ?`, [...rest.values, ...hits.values, limit, offset])
  }
}
