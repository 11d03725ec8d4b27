/**
 * The host on an App Platform: its webserver hands over requests and websockets through a unix socket (app-platform-local 3).
 *
 * What the protocol cannot carry, and the behaviour table therefore names: methods without a message type, the address of
 * the client, repeated header fields as such, pings, close codes and sub-protocols of websockets, the text of a refused
 * upgrade, messages of more than 65535 bytes to a websocket. Requests into devices are ordinary requests here:
 * REGISTER_PASSTHROUGH would bring any method, but its raw form has never been seen on the wire, and a registration that the
 * webserver refuses costs the whole connection.
 */
import { LIMITS } from '../../limits.ts'
import type { Log } from '../../observe/log.ts'
import { arrived, collectWhenQuiet } from '../arrivals.ts'
import type { Host, Router, UpgradeAnswer, UpgradeRequest } from '../exchange.ts'
import { Type, METHODS, PASSTHROUGH_REQUEST, Reject, rejectOf } from './message-types.ts'
import type { Registration } from './connection-machine.ts'
import { decodeItems, encodeItems, type Items } from './items.ts'
import { RequestHead } from './request-head.ts'
import { WebserverExchange, type Conversation } from './webserver-exchange.ts'
import { WebserverLink } from './webserver-link.ts'
import { WebserverPeer, type PeerOwner } from './webserver-peer.ts'

/** A path whose users the webserver checks with passwords that it asks us for (3.3, dynamic authentication). */
export interface ProtectedPath {
  readonly path: string
  /** The password of that user; `undefined`: there is no such user. */
  passwordOf(user: string): string | undefined | Promise<string | undefined>
}

type Bounds = Readonly<Record<'connections' | 'uploadIdle' | 'downloadIdle' | 'drainOnStop' | 'peerBuffered', number>>

export interface AppPlatformOptions {
  /** Socket of the webserver. */
  readonly socketPath: string
  /** Path of the instance, without trailing slash: `/example.com/devices`. */
  readonly webPath: string
  readonly router: Router
  readonly log: Log
  readonly count?: (name: 'host_refused') => void
  readonly protectedPaths?: readonly ProtectedPath[]
  /** The webserver has all registrations (`undefined`), or why not. */
  readonly onState?: (trouble: string | undefined) => void
  /** For tests: other bounds than the table's. */
  readonly bounds?: Partial<Bounds>
}

export interface AppPlatformHost extends Host {
  /** Websockets and requests in flight. */
  readonly connections: number
}

const SWEEP = 4_000
type Final = Exclude<UpgradeAnswer, { later: unknown }>

class AppPlatform implements AppPlatformHost, PeerOwner {
  readonly urls: readonly string[] = []
  sweeps = 0
  readonly #options: AppPlatformOptions
  readonly #bounds: Bounds
  readonly #link: WebserverLink
  readonly #conversations = new Map<number, Conversation>()
  readonly #sweepEvery: number
  readonly #sweeper: NodeJS.Timeout
  #welcoming = true
  /** Called when something is over, while the host stops. */
  #look: (() => void) | undefined
  #stopped: Promise<void> | undefined

  constructor(options: AppPlatformOptions) {
    this.#options = options
    const bound = (name: keyof Bounds): number => options.bounds?.[name] ?? LIMITS[name].value
    this.#bounds = {
      connections: bound('connections'), uploadIdle: bound('uploadIdle'), downloadIdle: bound('downloadIdle'),
      drainOnStop: bound('drainOnStop'), peerBuffered: bound('peerBuffered'),
    }
    const root = options.webPath || '/'
    const registrations: Registration[] = [
      { type: Type.Register, path: root }, ...(options.protectedPaths ?? []).map(({ path }) => ({ type: Type.Register, path, protected: true })),
      { type: Type.WebSocketListen, path: root },
    ]
    this.#link = new WebserverLink({
      socketPath: options.socketPath, webPath: root, registrations, log: options.log, onState: options.onState,
      onMessage: (cid, type, purpose, data, from, to) => this.#message(cid, type, purpose, data, from, to), onDrop: () => this.#drop(),
    })
    this.#sweepEvery = Math.min(SWEEP, this.#bounds.uploadIdle / 2, this.#bounds.downloadIdle / 2)
    this.#sweeper = setInterval(() => this.#sweep(), this.#sweepEvery).unref()
    this.#link.start()
  }

  get outbox(): WebserverLink['outbox'] { return this.#link.outbox }
  get version(): number { return this.#link.version }
  get peerBuffered(): number { return this.#bounds.peerBuffered }
  get connections(): number { return this.#conversations.size }

  forget(cid: number): void {
    this.#conversations.delete(cid)
    this.#look?.()
  }

  answered(): void { this.#look?.() }

  failed(cause: unknown): void {
    this.#options.log('error', `the service failed unexpectedly: ${cause instanceof Error ? cause.stack ?? cause.message : String(cause)}`)
  }

  tooLong(bytes: number): void { this.#options.log('warn', `a websocket was closed: the webserver cannot carry its message of ${bytes} bytes`) }

  // ---- messages

  #message(cid: number, type: number, purpose: number, data: Buffer, from: number, to: number): void {
    const method = METHODS.get(type)
    if (method !== undefined) return this.#request(cid, method, data.subarray(from, to))
    if (type === Type.WebSocketRequest) return this.#upgrade(cid, data.subarray(from, to))
    if (type === Type.UserPassword) return this.#askForPassword(cid, data.subarray(from, to))
    if (type === PASSTHROUGH_REQUEST) return this.#refuse(cid, Reject.badRequest)
    // What concerns an unknown connection is ignored: it has crossed our own last word.
    this.#conversations.get(cid)?.message(type, purpose, data, from, to)
  }

  /** The head of a new request or websocket; undefined when it has been refused. */
  #head(cid: number, method: string, payload: Buffer): RequestHead | undefined {
    const former = this.#conversations.get(cid)
    if (former) {
      this.#options.log('warn', 'the webserver used the number of a connection twice')
      former.gone()
    }
    let items: Items
    try {
      items = decodeItems(payload)
    } catch (cause) {
      this.#options.log('warn', `a request of the webserver could not be read: ${cause instanceof Error ? cause.message : String(cause)}`)
      this.#refuse(cid, Reject.badRequest)
      return undefined
    }
    const head = new RequestHead(method, items, this.version)
    const refusal = !this.#welcoming || this.#conversations.size >= this.#bounds.connections ? Reject.unavailable : this.#isOurs(head) ? undefined : Reject.badRequest
    if (refusal === undefined) {
      arrived()
      return head
    }
    this.#refuse(cid, refusal)
    return undefined
  }

  #isOurs({ registered }: RequestHead): boolean {
    const { webPath, protectedPaths = [] } = this.#options
    return registered === (webPath || '/') || protectedPaths.some(({ path }) => path === registered)
  }

  #refuse(cid: number, code: number): void {
    this.#options.count?.('host_refused')
    this.outbox.put(cid, Type.MetaData, code)
  }

  #request(cid: number, method: string, payload: Buffer): void {
    const head = this.#head(cid, method, payload)
    if (!head) return
    const exchange = new WebserverExchange(cid, head, this)
    this.#conversations.set(cid, exchange)
    if (head.tooLarge) return exchange.respond(431, [['content-type', 'text/plain; charset=utf-8']], 'the head of the request is too large\n')
    try {
      this.#options.router.request(exchange)
    } catch (cause) {
      this.failed(cause)
      exchange.fail()
    }
  }

  #upgrade(cid: number, payload: Buffer): void {
    const head = this.#head(cid, 'GET', payload)
    if (!head) return
    const peer = new WebserverPeer(cid, head, this)
    this.#conversations.set(cid, peer)
    const { path, query, headers, address, secure } = head
    const request: UpgradeRequest = { path, query, headers, address, secure, header: name => head.header(name) }
    const decide = (final: Final): void => {
      if (!peer.undecided) return
      if ('status' in final) peer.refuse(rejectOf(final.status))
      // `accept` has checked that handler and context belong together.
      else peer.accept(final.accept, final.context as never, final.maxMessage)
    }
    try {
      const answer = this.#options.router.upgrade(request)
      if ('later' in answer) answer.later(decide, callback => peer.onAbandoned(callback))
      else decide(answer)
    } catch (cause) {
      this.failed(cause)
      decide({ status: 500, text: 'internal error' })
    }
  }

  #askForPassword(cid: number, payload: Buffer): void {
    let items: Items = {}
    try {
      items = decodeItems(payload)
    } catch {
      // Without a name there is no such user.
    }
    const { user, registeredPath } = items
    const place = this.#options.protectedPaths?.find(({ path }) => path === registeredPath)
    const answer = (password: string | undefined): void => {
      if (!this.#link.joined) return
      this.outbox.put(cid, Type.UserPasswordResult, 0, user === undefined || password === undefined ? undefined : encodeItems({ user, password }, this.version))
    }
    if (!place || user === undefined) return answer(undefined)
    Promise.resolve().then(() => place.passwordOf(user)).then(answer, cause => {
      this.failed(cause)
      answer(undefined)
    })
  }

  // ---- life

  #drop(): void {
    const all = [...this.#conversations.values()]
    this.#conversations.clear()
    for (const one of all) one.gone()
  }

  #sweep(): void {
    this.sweeps++
    const upload = this.#bounds.uploadIdle / this.#sweepEvery
    const download = this.#bounds.downloadIdle / this.#sweepEvery
    let stalled = 0
    for (const one of this.#conversations.values()) {
      if (!(one instanceof WebserverExchange) || one.sweep(upload, download)) continue
      stalled++
      one.breakOff()
    }
    if (stalled > 0) this.#options.log('info', `${stalled} requests broken off that stood still too long`)
    if (collectWhenQuiet()) this.#options.log('debug', 'memory given back after a storm')
  }

  stop(): Promise<void> { return this.#stopped ??= this.#stop() }

  /** Requests are answered, websockets closed and their end confirmed; then the socket is closed (3.7). */
  async #stop(): Promise<void> {
    this.#welcoming = false
    for (const one of this.#conversations.values()) if (one instanceof WebserverPeer) one.leave('the service stops')
    await new Promise<void>(resolve => {
      const look = (): void => {
        for (const one of this.#conversations.values()) if (!(one instanceof WebserverExchange) || !one.finished) return
        resolve()
      }
      // Thousands end in one turn: one look for all of them.
      let asked: NodeJS.Immediate | undefined
      this.#look = () => {
        asked ??= setImmediate(() => {
          asked = undefined
          look()
        })
      }
      look()
      setTimeout(resolve, this.#bounds.drainOnStop).unref()
    })
    this.#look = undefined
    clearInterval(this.#sweeper)
    this.#link.stop()
  }
}

/** Starts the host. It connects to the webserver by itself, and again whenever the connection is lost. */
export const startAppPlatform = (options: AppPlatformOptions): AppPlatformHost => new AppPlatform(options)
