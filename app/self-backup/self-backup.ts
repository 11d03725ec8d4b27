/**
 * Backup and restore of one instance by HTTP, at the addresses and with the parameters that the manager of an App Platform
 * has for its own (wire-protocols 7.5): `GET …/backup?key=…[&uncompressed=1]` and `POST …/restore?key=…[&src=…]`.
 */
import fs from 'node:fs'
import path from 'node:path'
import { Transform, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import zlib from 'node:zlib'
import type { AuditLog } from '../audit/audit-log.ts'
import { refusal } from '../appwebsocket/rights.ts'
import type { Viewer } from '../domains/viewer.ts'
import { UsageError } from '../errors.ts'
import type { Exchange } from '../hosts/exchange.ts'
import { LIMITS } from '../limits.ts'
import type { Log } from '../observe/log.ts'
import { RequestHttpKey } from '../protocol/service-api.ts'
import { replaceDatabase } from '../store/replace.ts'
import { lockWorkingPath, type Store } from '../store/store.ts'
import type { HttpKeys } from './http-keys.ts'
import { selfCommand } from './self-command.ts'
import { bodyOf, send } from './streams.ts'

export interface SelfBackupDeps {
  readonly keys: HttpKeys
  readonly store: Store
  readonly audit: AuditLog
  readonly appName: string
  readonly appDomain: string
  readonly secretKey: string | undefined
  readonly now: () => number
  readonly log: Log
  readonly replace: Replace | undefined
}

/** Puts another database in place; says in words what it did. When it throws, nothing has changed. */
export type Prepare = () => Promise<string>
/** Stops the instance, calls `prepare`, and starts the instance again. Once asked, `prepare` is called, even when the instance stops for good. */
export type Replace = (prepare: Prepare) => void

/** Carries a replacement out; says what happened either way. */
export const carryOut = (prepare: Prepare, log: Log): Promise<string> => prepare().catch((cause: unknown) => {
  const text = `A backup was not restored, the former database stays: ${cause instanceof Error ? cause.message : String(cause)}`
  log('error', text)
  return text
})

const HEADERS = [['cache-control', 'no-store'], ['x-content-type-options', 'nosniff']] as const
const GZIP = Buffer.from([0x1f, 0x8b])

class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) { super(message); this.status = status }
}

export class SelfBackup {
  readonly #deps: SelfBackupDeps
  readonly #stopped = new AbortController()
  #work: Promise<void> | undefined

  constructor(deps: SelfBackupDeps) { this.#deps = deps }

  /** Breaks off what is under way; resolves when nothing has the database open any more. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#work
  }

  /** True when the path below the instance is one of the two. */
  serve(exchange: Exchange, below: string): boolean {
    const work = below === '/backup' && exchange.method === 'GET' ? this.#backup : below === '/restore' && exchange.method === 'POST' ? this.#restore : undefined
    if (!work) return false
    const query = new URLSearchParams(exchange.query)
    try {
      // The body must be asked for now, or never.
      const body = work === this.#restore ? bodyOf(exchange) : undefined
      const viewer = this.#admit(query)
      this.#work = work.call(this, exchange, query, viewer, body).catch((cause: unknown) => this.#refuse(exchange, cause)).finally(() => { this.#work = undefined })
    } catch (cause) {
      this.#refuse(exchange, cause)
    }
    return true
  }

  #admit(query: URLSearchParams): Viewer {
    const { appName, appDomain, keys } = this.#deps
    if ((query.get('appName') ?? appName) !== appName || (query.get('appDomain') ?? appDomain) !== appDomain) throw new Refusal(404, 'This is another instance.')
    const key = query.get('key') ?? ''
    const viewer = keys.owner(key)
    // The right to it may have been taken meanwhile.
    if (!viewer || refusal(viewer, RequestHttpKey.needs)) throw new Refusal(403, 'The key is unknown, used or too old. Ask for another one (RequestHttpKey).')
    if (this.#work) throw new Refusal(503, 'A backup or restore of this instance is under way. Try again when it has ended.')
    keys.use(key)
    return viewer
  }

  #refuse(exchange: Exchange, cause: unknown): void {
    if (exchange.finished) return
    const status = cause instanceof Refusal ? cause.status : cause instanceof UsageError ? 400 : 500
    const errorText = cause instanceof Error ? cause.message : String(cause)
    this.#deps.log(status === 500 ? 'error' : 'info', `backup or restore refused: ${errorText}`)
    try {
      exchange.respond(status, [...HEADERS, ['content-type', 'application/json'], ...(status === 503 ? [['retry-after', '10'] as const] : [])], `${JSON.stringify({ error: 'failed', errorText })}\n`)
    } catch {
      exchange.abort() // its head has been sent
    }
  }

  readonly #backup = async (exchange: Exchange, query: URLSearchParams, viewer: Viewer): Promise<void> => {
    const { store, appName, appDomain, secretKey, now, audit } = this.#deps
    const file = path.join(store.workingPath, `self-backup.${now()}.part`)
    try {
      await store.committed()
      await selfCommand(['backup', '--working-path', store.workingPath, '--out', file], secretKey, this.#stopped.signal)
      const { size } = fs.statSync(file)
      audit.record(viewer, { domainId: 0, action: 'database.backedUp', subject: `${size} bytes` })
      const plain = query.get('uncompressed') === '1'
      const name = `${appName}-${appDomain}-${new Date(now()).toISOString().slice(0, 16).replace(/[:T]/g, '')}.db${plain ? '' : '.gz'}`
      exchange.start(200, [...HEADERS, ['content-type', 'application/octet-stream'], ['content-disposition', `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"`]], plain ? size : undefined)
      const stream = fs.createReadStream(file, { signal: this.#stopped.signal })
      await send(exchange, plain ? stream : packed(stream))
    } finally {
      fs.rmSync(file, { force: true })
    }
  }

  readonly #restore = async (exchange: Exchange, query: URLSearchParams, viewer: Viewer, body = bodyOf(exchange)): Promise<void> => {
    const { store, secretKey, now, log, replace } = this.#deps
    if (!replace) throw new Refusal(503, 'This instance cannot be begun again.')
    const draft = path.join(store.workingPath, `self-restore.${now()}.part`)
    let kept = false
    try {
      await pipeline(body, bounded(exchange), unzipped, fs.createWriteStream(draft, { mode: 0o600 }), { signal: this.#stopped.signal })
      const said = await selfCommand(['restore', '--check', '--in', draft], secretKey, this.#stopped.signal)
      const devices = Number(/(\d+) devices/.exec(said)?.[1] ?? 0)
      log('warn', `${viewer.who} restores a backup with ${devices} devices`)
      const src = query.get('src')
      exchange.respond(200, [...HEADERS, ['content-type', 'application/json']], `${JSON.stringify({ ok: true, devices, ...(src === null ? {} : { src }) })}\n`)
      kept = true
      replace(async () => {
        const lock = lockWorkingPath(store.workingPath)
        try {
          const by = `${viewer.who} restored a backup with ${devices} devices`
          return (await replaceDatabase(store.workingPath, draft, folder => ({ text: folder === undefined ? by : `${by}; what it replaces is kept in ${folder}`, snapshot: null }))).text
        } finally {
          lock.close()
          fs.rmSync(draft, { force: true })
        }
      })
    } finally {
      if (!kept) for (const end of ['', '-wal', '-shm']) fs.rmSync(draft + end, { force: true })
    }
  }
}

function packed(stream: Readable): Readable {
  const gzip = zlib.createGzip({ level: 3 })
  // Whichever of the two ends, the other ends with it.
  pipeline(stream, gzip).catch(() => {})
  return gzip
}

function bounded(exchange: Exchange): Transform {
  if ((exchange.bodyLength ?? 0) > LIMITS.restoreUpload.value) throw new Refusal(413, 'The backup is too large.')
  let bytes = 0
  return new Transform({
    transform: (chunk: Buffer, _, done) => {
      bytes += chunk.length
      done(bytes > LIMITS.restoreUpload.value ? new Refusal(413, 'The backup is too large.') : null, chunk)
    },
  })
}

/** As it is, or unpacked: backups travel either way. Bounded after unpacking as well. */
async function* unzipped(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const pieces = source[Symbol.asyncIterator]()
  let first = Buffer.alloc(0)
  while (first.length < GZIP.length) {
    const next = await pieces.next()
    if (next.done) break
    first = Buffer.concat([first, next.value])
  }
  const whole = (async function* () {
    yield first
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value
  })()
  if (!first.subarray(0, GZIP.length).equals(GZIP)) return yield* whole
  let bytes = 0
  const gunzip = zlib.createGunzip()
  const fed = pipeline(whole, gunzip).catch((cause: unknown) => { gunzip.destroy(cause instanceof Error ? cause : new Error(String(cause))) })
  try {
    for await (const piece of gunzip) {
      bytes += (piece as Buffer).length
      if (bytes > LIMITS.restoreUpload.value) throw new Refusal(413, 'The backup is too large.')
      yield piece as Buffer
    }
  } catch (cause) {
    throw cause instanceof Refusal ? cause : new UsageError('damaged', 'The file cannot be unpacked: it is no complete backup.')
  }
  await fed
}
