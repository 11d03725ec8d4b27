/** The stand-alone host: uWebSockets.js behind `Exchange` and `Peer` (architecture, "Two ways to run"). */
import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import type { Log } from '../../observe/log.ts'
import { collectWhenQuiet } from '../arrivals.ts'
import type { Host, Router, UpgradeAnswer, UpgradeRequest } from '../exchange.ts'
import { reachableHosts } from './address.ts'
import { hostBounds, type HostBounds } from './bounds.ts'
import { Gate } from './gate.ts'
import { Listener, type ListenAddress } from './listener.ts'
import { RequestHead } from './request-head.ts'
import { answerPlainly } from './response-head.ts'
import type { TlsFiles } from './tls-files.ts'
import { UwsExchange, type ExchangeOwner } from './uws-exchange.ts'
import { WebSockets, type WebSocketOwner } from './websockets.ts'

export interface StandaloneOptions {
  readonly listen: ListenAddress
  readonly tls?: TlsFiles | undefined
  readonly router: Router
  readonly log: Log
  readonly count?: (name: 'host_refused') => void
  /** For tests: other bounds than the table's. */
  readonly bounds?: Partial<HostBounds>
}

export interface StandaloneHost extends Host {
  readonly port: number
  /** It speaks TLS. */
  readonly secure: boolean
  /** Websockets and requests in flight. */
  readonly connections: number
  /** Takes the certificate from its files again, if they have changed; connections stay. */
  reloadTls(): void
}

/** Longest time between two sweeps over the exchanges, ms; must be well below the ten seconds of uWS. */
const SWEEP = 4_000
const AGAIN = [['retry-after', '10']] as const

class Standalone implements StandaloneHost, ExchangeOwner, WebSocketOwner {
  readonly secure: boolean
  readonly bounds: HostBounds
  readonly gate: Gate
  readonly urls: string[] = []
  sweeps = 0
  welcoming = true
  readonly #options: StandaloneOptions
  readonly #webSockets: WebSockets
  readonly #listener: Listener
  readonly #exchanges = new Set<UwsExchange>()
  readonly #sweepEvery: number
  #sweeper: NodeJS.Timeout | undefined
  /** Called when the last exchange is over, while the host stops. */
  #idle: (() => void) | undefined
  #stopped: Promise<void> | undefined

  constructor(options: StandaloneOptions) {
    this.#options = options
    this.secure = options.tls !== undefined
    this.bounds = hostBounds(options.bounds)
    this.#sweepEvery = Math.min(SWEEP, this.bounds.uploadIdle / 2, this.bounds.downloadIdle / 2)
    this.gate = new Gate(this.bounds, () => this.#options.count?.('host_refused'))
    this.#webSockets = new WebSockets(this)
    this.#listener = new Listener(options.listen, options.tls, app => {
      this.#webSockets.attach(app)
      app.any('/*', (res, req) => this.request(res, req))
    }, options.log)
  }

  get port(): number { return this.#listener.port }
  get connections(): number { return this.gate.count }

  async open(): Promise<this> {
    await this.#listener.open()
    const scheme = this.secure ? 'https' : 'http'
    this.urls.push(...reachableHosts(this.#options.listen.host).map(host => `${scheme}://${host}:${this.port}`))
    this.#sweeper = setInterval(() => this.#sweep(), this.#sweepEvery).unref()
    return this
  }

  reloadTls(): void { this.#listener.reloadTls() }

  upgrade(request: UpgradeRequest): UpgradeAnswer { return this.#options.router.upgrade(request) }

  request(res: HttpResponse, req: HttpRequest): void {
    const head = new RequestHead(req)
    const length = head.bodyLength()
    // What two readers could understand differently is read by none (RFC 9112, 11.2).
    if (length === 'bad') return answerPlainly(res, 400, 'ambiguous length of the body', [], true)
    if (!this.welcoming) return answerPlainly(res, 503, 'the service stops', AGAIN, true)
    if (head.wantsWebSocket() && (head.header('sec-websocket-key') ?? '').length !== 24) return answerPlainly(res, 400, 'no websocket handshake', [], true)
    const origin = this.gate.enter(res.getRemoteAddress())
    if (typeof origin === 'string') return answerPlainly(res, origin === 'connections' ? 503 : 429, 'too many connections', AGAIN, true)
    const exchange = new UwsExchange(res, head, length, origin, this)
    this.#exchanges.add(exchange)
    try {
      this.#options.router.request(exchange)
    } catch (cause) {
      this.failed(cause)
      exchange.fail()
    }
  }

  over(exchange: UwsExchange): void {
    if (!this.#exchanges.delete(exchange)) return
    this.gate.leave(exchange.origin)
    if (this.#exchanges.size === 0) this.#idle?.()
  }

  failed(cause: unknown): void {
    this.#options.log('error', `the service failed unexpectedly: ${cause instanceof Error ? cause.stack ?? cause.message : String(cause)}`)
  }

  #sweep(): void {
    this.sweeps++
    const upload = this.bounds.uploadIdle / this.#sweepEvery
    const download = this.bounds.downloadIdle / this.#sweepEvery
    let stalled = 0
    for (const exchange of this.#exchanges) {
      if (exchange.sweep(upload, download)) continue
      stalled++
      this.#options.count?.('host_refused')
      exchange.breakOff()
    }
    if (stalled > 0) this.#options.log('info', `${stalled} requests broken off that stood still too long`)
    this.gate.report(this.#options.log)
    if (collectWhenQuiet()) this.#options.log('debug', 'memory given back after a storm')
  }

  stop(): Promise<void> { return this.#stopped ??= this.#stop() }

  async #stop(): Promise<void> {
    this.welcoming = false
    this.#listener.close()
    this.#webSockets.endAll(1001, 'the service stops')
    if (this.#exchanges.size > 0) {
      await new Promise<void>(resolve => {
        this.#idle = resolve
        setTimeout(resolve, this.bounds.drainOnStop).unref()
      })
    }
    clearInterval(this.#sweeper)
    // One turn of the loop, so that the last answers and close frames are on their way.
    await new Promise(resolve => { setImmediate(resolve) })
    this.#listener.closeAll()
  }
}

/** Starts the host. Rejects with `UsageError` where address, port or certificate cannot be used. */
export const startStandalone = (options: StandaloneOptions): Promise<StandaloneHost> => new Standalone(options).open()
