/** Prepared statements, kept by their text: shapes of filters are few, but clients choose them. */
import type BetterSqlite3 from 'better-sqlite3'

const MOST = 200

export type Values = (string | number)[]

export class KeptStatements {
  readonly #sqlite: BetterSqlite3.Database
  readonly #statements = new Map<string, BetterSqlite3.Statement<Values, unknown>>()

  constructor(sqlite: BetterSqlite3.Database) {
    this.#sqlite = sqlite
  }

  of(sql: string): BetterSqlite3.Statement<Values, unknown> {
    const kept = this.#statements.get(sql)
    if (kept) return kept
    if (this.#statements.size >= MOST) this.#statements.clear()
    const statement = this.#sqlite.prepare<Values, unknown>(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}
