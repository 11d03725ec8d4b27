/** The stand-alone host: uWebSockets.js behind `Exchange` and `Peer`. */
import type { HttpRequest, HttpResponse, TemplatedApp, us_listen_socket, us_socket_context_t } from 'uWebSockets.js'
import { STATUS_CODES } from 'node:http'
import net from 'node:net'
import { UsageError } from '../../errors.ts'
import { LIMITS } from '../../limits.ts'
import type { Log } from '../../observe/log.ts'
import type { HeaderList, Host, Router, UpgradeAnswer, UpgradeRequest } from '../exchange.ts'
import { checkTlsFiles, tlsStamp, type TlsFiles } from './tls-files.ts'
import { queryOf, UwsExchange } from './uws-exchange.ts'
import { UwsPeer, type Carried } from './uws-peer.ts'
import { uws, type ListenAt } from './uws.ts'

export interface StandaloneOptions {
  readonly listen: { readonly host: string, readonly port: number }
  readonly tls?: TlsFiles | undefined
  readonly router: Router
  readonly log: Log
  readonly count?: (name: 'host_refused') => void
  /** For tests: other bounds than the table's. */
  readonly bounds?: Partial<Record<'peerIdleSeconds' | 'connectionsPerAddress' | 'connections' | 'peerBuffered' | 'drainOnStop', number>>
}

export interface StandaloneHost extends Host {
  readonly port: number
  /** Reads the certificate again, if it changed; connections stay. */
  reloadTls(): void
}

/** How often the certificate files are looked at. */
const TLS_LOOK = 5_000
/** Listening option of uWS: others may listen on the port, too. */
const SHARED = 0

type Answer = Exclude<UpgradeAnswer, { later: unknown }>

class Standalone implements StandaloneHost {
  readonly urls: string[] = []
  port = 0
  readonly #options: StandaloneOptions
  readonly #secure: boolean
  readonly #perAddress = new Map<string, number>()
  readonly #peers = new Set<UwsPeer>()
  readonly #exchanges = new Set<UwsExchange>()
  #listening: us_listen_socket | undefined
  #stamp = ''
  #stopped = false
  #watch: NodeJS.Timeout | undefined

  constructor(options: StandaloneOptions) {
    this.#options = options
    this.#secure = options.tls !== undefined
  }

  #bound(name: 'peerIdleSeconds' | 'connectionsPerAddress' | 'connections' | 'peerBuffered' | 'drainOnStop'): number {
    return this.#options.bounds?.[name] ?? LIMITS[name].value
  }

  async open(): Promise<this> {
    const { host, port } = this.#options.listen
    if (this.#options.tls) checkTlsFiles(this.#options.tls)
    // uWS sets the options of a port only where the port is given, so a free one is found before. With TLS the port must be
    // shareable with the listener of a renewed certificate.
    const free = await freePort(host, port)
    this.#listening = await this.#listen(free, this.#secure ? SHARED : uws().LIBUS_LISTEN_EXCLUSIVE_PORT)
    this.port = uws().us_socket_local_port(this.#listening)
    const name = net.isIPv6(host) ? `[${host}]` : host
    this.urls.push(`${this.#secure ? 'https' : 'http'}://${name}:${this.port}`)
    if (this.#options.tls) {
      this.#stamp = tlsStamp(this.#options.tls)
      this.#watch = setInterval(() => this.reloadTls(), TLS_LOOK)
      this.#watch.unref()
    }
    return this
  }

  #listen(port: number, options: number): Promise<us_listen_socket> {
    const { tls, listen: { host } } = this.#options
    const app = tls ? uws().SSLApp({ cert_file_name: tls.certFile, key_file_name: tls.keyFile }) : uws().App()
    this.#route(app)
    return new Promise((resolve, reject) => {
      const listenAt: ListenAt = (app.listen as unknown as ListenAt).bind(app)
      listenAt(host, port, options, socket => {
        if (socket) resolve(socket)
        else reject(cannotListen(host, port, undefined))
      })
    })
  }

  #route(app: TemplatedApp): void {
    app.ws<Carried>('/*', {
      maxPayloadLength: LIMITS.appFrame.value, idleTimeout: this.#bound('peerIdleSeconds'), sendPingsAutomatically: true,
      maxBackpressure: this.#bound('peerBuffered'), closeOnBackpressureLimit: 1, compression: 0,
      upgrade: (res, req, context) => this.#upgrade(res, req, context),
      open: socket => socket.getUserData().peer.opened(socket),
      message: (socket, data, binary) => {
        const { peer } = socket.getUserData()
        if (data.byteLength > peer.maxMessage) return void socket.end(1009, 'message too large')
        peer.handler.message(peer, binary ? new Uint8Array(data) : Buffer.from(data).toString('utf8'))
      },
      drain: socket => {
        const { peer } = socket.getUserData()
        peer.handler.drained?.(peer)
      },
      pong: socket => {
        const { peer } = socket.getUserData()
        peer.handler.pong?.(peer)
      },
      close: (socket, code, message) => {
        const { peer } = socket.getUserData()
        this.#peers.delete(peer)
        this.#leave(peer.address)
        peer.closed(code, Buffer.from(message).toString('utf8'))
      },
    })
    app.any('/*', (res, req) => this.#request(res, req))
  }

  /** Takes a place for this address; the interned address, or undefined when there is none left. */
  #enter(res: HttpResponse): string | undefined {
    const address = readable(Buffer.from(res.getRemoteAddressAsText()).toString())
    const count = this.#perAddress.get(address) ?? 0
    if (count >= this.#bound('connectionsPerAddress') || this.#peers.size + this.#exchanges.size >= this.#bound('connections')) {
      this.#options.count?.('host_refused')
      return undefined
    }
    this.#perAddress.set(address, count + 1)
    return address
  }

  #leave(address: string): void {
    const count = (this.#perAddress.get(address) ?? 1) - 1
    if (count > 0) this.#perAddress.set(address, count)
    else this.#perAddress.delete(address)
  }

  #request(res: HttpResponse, req: HttpRequest): void {
    const address = this.#enter(res)
    if (address === undefined) return refuse(res, 429, 'too many connections', [['retry-after', '10']])
    const exchange: UwsExchange = new UwsExchange(res, req, address, this.#secure, () => {
      this.#exchanges.delete(exchange)
      this.#leave(address)
    })
    this.#exchanges.add(exchange)
    try {
      this.#options.router.request(exchange)
    } catch (cause) {
      this.#options.log('error', `a request failed unexpectedly: ${cause instanceof Error ? cause.stack ?? cause.message : String(cause)}`)
      exchange.abort()
    }
    exchange.handlerReturned()
  }

  #upgrade(res: HttpResponse, req: HttpRequest, context: us_socket_context_t): void {
    const headers: [string, string][] = []
    req.forEach((name, value) => { headers.push([name, value]) })
    const header = (name: string): string | undefined => headers.find(([key]) => key === name)?.[1]
    const address = this.#enter(res)
    if (address === undefined) return refuse(res, 429, 'too many connections', [['retry-after', '10']])
    const request: UpgradeRequest = { path: req.getUrl(), query: queryOf(req), headers, header, address, secure: this.#secure }
    const finish = (answer: Answer): void => {
      if ('status' in answer) {
        this.#leave(address)
        return refuse(res, answer.status, answer.text, answer.headers)
      }
      const peer = new UwsPeer(answer.accept, answer.context, address, this.#secure, answer.maxMessage)
      this.#peers.add(peer)
      res.upgrade<Carried>({ peer }, header('sec-websocket-key') ?? '', answer.protocol ?? '', '', context)
    }
    let answer: UpgradeAnswer
    try {
      answer = this.#options.router.upgrade(request)
    } catch (cause) {
      this.#options.log('error', `an upgrade failed unexpectedly: ${cause instanceof Error ? cause.stack ?? cause.message : String(cause)}`)
      answer = { status: 500, text: 'internal error' }
    }
    if (!('later' in answer)) return finish(answer)
    let gone = false
    let waiting: (() => void) | undefined
    res.onAborted(() => {
      if (gone) return
      gone = true
      this.#leave(address)
      waiting?.()
    })
    answer.later(final => {
      if (gone) return
      gone = true
      res.cork(() => finish(final))
    }, callback => { waiting = callback })
  }

  reloadTls(): void {
    const { tls } = this.#options
    if (!tls || this.#stopped) return
    const stamp = tlsStamp(tls)
    if (stamp === this.#stamp) return
    this.#stamp = stamp
    const old = this.#listening
    try {
      checkTlsFiles(tls)
    } catch (cause) {
      return this.#options.log('error', `the certificate stays as it was: ${cause instanceof Error ? cause.message : String(cause)}`)
    }
    this.#listen(this.port, SHARED).then(fresh => {
      // Only the listening socket closes: connections made through it live on.
      this.#listening = fresh
      if (old) uws().us_listen_socket_close(old)
      this.#options.log('info', 'the renewed certificate is in use')
    }, (cause: unknown) => {
      this.#stamp = '' // again at the next look
      this.#options.log('error', `the certificate stays as it was: ${cause instanceof Error ? cause.message : String(cause)}`)
    })
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch)
    this.#stopped = true
    if (this.#listening) uws().us_listen_socket_close(this.#listening)
    this.#listening = undefined
    for (const peer of this.#peers) peer.end(1001, 'the service stops')
    const until = Date.now() + this.#bound('drainOnStop')
    while (this.#exchanges.size > 0 && Date.now() < until) await new Promise(resolve => setTimeout(resolve, 20))
    for (const exchange of this.#exchanges) exchange.abort()
    for (const peer of this.#peers) peer.terminate()
  }
}

/** IPv4 clients of a dual-stack listener come as full IPv6 text. */
function readable(address: string): string {
  const mapped = /^0000:0000:0000:0000:0000:ffff:([0-9a-f]{2})([0-9a-f]{2}):([0-9a-f]{2})([0-9a-f]{2})$/.exec(address)
  return mapped ? mapped.slice(1).map(part => parseInt(part, 16)).join('.') : address
}

function refuse(res: HttpResponse, status: number, text: string, headers: HeaderList = []): void {
  res.cork(() => {
    res.writeStatus(`${status} ${STATUS_CODES[status] ?? 'Status'}`)
    res.writeHeader('content-type', 'text/plain; charset=utf-8')
    for (const [name, value] of headers) res.writeHeader(name, value)
    res.end(`${text}\n`, true)
  })
}

function cannotListen(host: string, port: number, cause: unknown): UsageError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'EACCES') return new UsageError('port-not-allowed', `port ${port} may only be used with more rights; choose one above 1023 with --listen`, { cause })
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EINVAL') return new UsageError('bad-address', `${host} is no address of this machine; choose another with --listen`, { cause })
  return new UsageError('port-in-use', `port ${port} of ${host} is in use; stop the other program or choose another port with --listen`, { cause })
}

/** Asks the operating system for the port (0: any free one): uWS says only that it failed, this says why. */
function freePort(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer()
    probe.once('error', cause => reject(cannotListen(host, port, cause)))
    probe.listen({ host, port, exclusive: true }, () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : port))
    })
  })
}

/** Starts the host. Throws `UsageError` where address, port or certificate cannot be used. */
export const startStandalone = (options: StandaloneOptions): Promise<StandaloneHost> => new Standalone(options).open()
