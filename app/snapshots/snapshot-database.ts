/**
 * The two tables in the instance's PostgreSQL database that hold a snapshot: its head, and its parts of bounded size. A
 * snapshot is changed in one transaction, so that a dump holds a whole one. A lock of the connection keeps two processes, or
 * two instances that were given the same database, from writing over each other.
 */
import pg from 'pg'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { z } from 'zod'
import { SnapshotError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { imageHash, partHash, type ImagePart } from './snapshot-image.ts'

/** Where PostgreSQL is, as AppStart says (app-platform-local 2.3). An empty host is the default local socket. */
export interface DatabaseAddress { readonly host: string, readonly name: string, readonly user: string, readonly password: string }

const DEFAULT_SOCKET = '/var/run/postgresql'
const FORMAT = 1
const GOODBYE = 1_000
/** Any two numbers, always the same: locks are counted per database. */
const LOCK = [0x6465_7669, 1] as const

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS devices_snapshot (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), format integer NOT NULL, id text NOT NULL, made_at timestamptz NOT NULL, instance text NOT NULL, program text NOT NULL,
    bytes bigint NOT NULL, parts integer NOT NULL, sha256 text NOT NULL, secret_key text);
  CREATE TABLE IF NOT EXISTS devices_snapshot_part (number integer PRIMARY KEY, sha256 bytea NOT NULL, data bytea NOT NULL);
  ALTER TABLE devices_snapshot_part ALTER COLUMN data SET STORAGE EXTERNAL;`

const headRow = z.object({
  format: z.number(), id: z.string(), made_at: z.date(), instance: z.string(), bytes: z.coerce.number(), parts: z.number(), sha256: z.string(), secret_key: z.string().nullable(),
})
export interface SnapshotHead {
  readonly id: string, readonly madeAt: Date, readonly instance: string, readonly bytes: number
  /** Key of the secrets in it; `undefined` when the operator keeps it. */
  readonly secretKey: string | undefined
  /** All parts are there and belong together. */
  readonly complete: boolean
}
const partRow = z.object({ number: z.number(), sha256: z.instanceof(Buffer) })
const dataRow = z.object({ data: z.instanceof(Buffer) })
const lockRow = z.object({ locked: z.boolean() })
const tableRow = z.object({ name: z.string().nullable() })

const compress = promisify(zlib.zstdCompress)
const decompress = promisify(zlib.zstdDecompress)

export interface NewSnapshot {
  readonly id: string, readonly madeAt: Date, readonly instance: string, readonly program: string, readonly bytes: number, readonly secretKey: string | undefined
  readonly parts: AsyncIterable<ImagePart>
}

export class SnapshotDatabase {
  readonly #client: pg.Client
  /** Hashes of the parts in PostgreSQL, by number. */
  #hashes: Buffer[] = []
  #tables = false
  /** Why the connection is of no use any more. */
  broken: SnapshotError | undefined

  private constructor(client: pg.Client) {
    this.#client = client
    client.on('error', cause => this.#break(cause))
    client.on('end', () => this.#break(new Error('the connection has ended')))
  }

  /** Connects and takes the lock. Throws `SnapshotError` `unreachable` or `in-use`. */
  static async connect(address: DatabaseAddress): Promise<SnapshotDatabase> {
    const client = new pg.Client({
      host: address.host || DEFAULT_SOCKET, port: 5432, database: address.name, user: address.user, password: address.password, ssl: false, application_name: 'devices',
      connectionTimeoutMillis: LIMITS.snapshotConnect.value, query_timeout: LIMITS.snapshotQuery.value, statement_timeout: LIMITS.snapshotQuery.value, keepAlive: true,
    })
    const database = new SnapshotDatabase(client)
    try {
      await client.connect()
      const { locked } = lockRow.parse((await client.query('SELECT pg_try_advisory_lock($1, $2) AS locked', [...LOCK])).rows[0])
      if (locked) return database
    } catch (cause) {
      void database.end()
      throw unreachable(cause)
    }
    await database.end()
    throw new SnapshotError('in-use', 'another process or instance keeps its snapshot in this PostgreSQL database; each instance needs one of its own')
  }

  #break(cause: Error): void { this.broken ??= unreachable(cause) }

  /** Reads what is there; afterwards `write` knows which parts it need not send. */
  async look(): Promise<SnapshotHead | undefined> {
    this.#hashes = []
    const tables = await this.#rows(tableRow, "SELECT to_regclass('devices_snapshot')::text AS name UNION ALL SELECT to_regclass('devices_snapshot_part')::text")
    this.#tables = tables.every(({ name }) => name !== null)
    if (!this.#tables) return undefined
    const [head] = await this.#rows(headRow, 'SELECT format, id, made_at, instance, bytes, parts, sha256, secret_key FROM devices_snapshot')
    if (!head) return undefined
    const parts = await this.#rows(partRow, 'SELECT number, sha256 FROM devices_snapshot_part ORDER BY number')
    if (head.format > FORMAT) throw new SnapshotError('newer', 'the snapshot in PostgreSQL was made by a newer version of this program; use that version')
    this.#hashes = parts.map(({ sha256 }) => sha256)
    const complete = parts.length === head.parts && parts.every(({ number }, index) => number === index) && imageHash(this.#hashes) === head.sha256
    return { id: head.id, madeAt: head.made_at, instance: head.instance, bytes: head.bytes, secretKey: head.secret_key ?? undefined, complete }
  }

  /** The bytes of each part in their order. Throws `SnapshotError` `damaged`. */
  async *read(head: SnapshotHead): AsyncGenerator<Buffer> {
    if (!head.complete) throw new SnapshotError('damaged', 'the snapshot in PostgreSQL is not complete')
    for (const [number, hash] of this.#hashes.entries()) {
      const [row] = await this.#rows(dataRow, 'SELECT data FROM devices_snapshot_part WHERE number = $1', [number])
      const bytes = row && await decompress(row.data, { maxOutputLength: LIMITS.snapshotPart.value }).catch(() => undefined)
      if (!bytes || !partHash(bytes).equals(hash)) throw new SnapshotError('damaged', `part ${number} of the snapshot in PostgreSQL is damaged`)
      yield bytes
    }
  }

  /**
   * Writes a snapshot in one transaction; only parts that differ travel. `expected`: the ids that may be there now, else it
   * throws `foreign` and changes nothing. `committing` is called right before the commit. A failure of the commit itself
   * leaves open which of the two is there: `look` again.
   */
  async write(snapshot: NewSnapshot, expected: readonly string[], committing: () => void): Promise<{ sent: number, parts: number }> {
    await this.#query('BEGIN')
    try {
      // Not each time: it would wait for a dump that goes on.
      if (!this.#tables) await this.#query(SCHEMA)
      const [now] = await this.#rows(z.object({ id: z.string() }), 'SELECT id FROM devices_snapshot FOR UPDATE')
      if (now && !expected.includes(now.id)) throw new SnapshotError('foreign', 'PostgreSQL carries a snapshot that this instance has not written')
      const known = now ? this.#hashes : []
      const hashes: Buffer[] = []
      let sent = 0
      for await (const { number, bytes, sha256 } of snapshot.parts) {
        hashes.push(sha256)
        if (known[number]?.equals(sha256)) continue
        sent++
        await this.#query('INSERT INTO devices_snapshot_part VALUES ($1, $2, $3) ON CONFLICT (number) DO UPDATE SET sha256 = excluded.sha256, data = excluded.data', [number, sha256, await compress(bytes)])
      }
      await this.#query('DELETE FROM devices_snapshot_part WHERE number >= $1', [hashes.length])
      await this.#query(`INSERT INTO devices_snapshot (format, id, made_at, instance, program, bytes, parts, sha256, secret_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (one) DO UPDATE SET format = excluded.format, id = excluded.id, made_at = excluded.made_at, instance = excluded.instance, program = excluded.program,
          bytes = excluded.bytes, parts = excluded.parts, sha256 = excluded.sha256, secret_key = excluded.secret_key`,
      [FORMAT, snapshot.id, snapshot.madeAt, snapshot.instance, snapshot.program, snapshot.bytes, hashes.length, imageHash(hashes), snapshot.secretKey ?? null])
      committing()
      await this.#query('COMMIT')
      this.#hashes = hashes
      this.#tables = true
      return { sent, parts: hashes.length }
    } catch (cause) {
      await this.#query('ROLLBACK').catch(() => {})
      throw cause
    }
  }

  /** Lets go of the connection, and of the lock with it. Resolves when that has happened. */
  async end(): Promise<void> {
    this.broken ??= new SnapshotError('unreachable', 'the connection was ended')
    // A server that does not answer is not waited for.
    await Promise.race([this.#client.end().catch(() => {}), pause(GOODBYE, undefined, { ref: false })])
  }

  async #query(text: string, values: readonly unknown[] = []): Promise<unknown[]> {
    if (this.broken) throw this.broken
    try {
      const { rows } = await this.#client.query<Record<string, unknown>>(text, values.length ? [...values] : undefined)
      return rows
    } catch (cause) {
      throw unreachable(cause)
    }
  }

  async #rows<S extends z.ZodType>(row: S, text: string, values: readonly unknown[] = []): Promise<z.output<S>[]> {
    return z.array(row).parse(await this.#query(text, values))
  }
}

/** Classes of PostgreSQL's codes: the login is wrong, or there is no such database. Waiting does not help. */
const REFUSED = /^(28|3D)/
/** The server goes down, comes up, or has no room right now: as if it were not there. */
const PASSING = /^(08|53|57)/

/** Texts of PostgreSQL and of sockets; neither holds the password. */
function unreachable(cause: unknown): SnapshotError {
  if (cause instanceof SnapshotError) return cause
  const text = cause instanceof Error ? cause.message || cause.name : String(cause)
  const code = cause instanceof pg.DatabaseError ? cause.code ?? '' : undefined
  if (code !== undefined && REFUSED.test(code)) return new SnapshotError('refused', `PostgreSQL does not let the instance in (${text}); see in the App Platform Manager that its database is there`, { cause })
  if (code !== undefined && !PASSING.test(code)) return new SnapshotError('failed', `PostgreSQL refuses (${text}); see to the database of this instance`, { cause })
  return new SnapshotError('unreachable', `PostgreSQL cannot be reached (${text}); it is tried again by itself`, { cause })
}
