/**
 * A websocket through a tunnel (wire-protocols 4.3). Our hosts do not hand over the raw socket, so the websocket ends on both
 * sides here; messages, sub-protocol and close codes are carried over.
 */
import http from 'node:http'
import WebSocket from 'ws'
import { accept, type HeaderList, type Peer, type PeerHandler, type UpgradeAnswer, type UpgradeRequest } from '../hosts/exchange.ts'
import { audienceOf } from './audience.ts'
import type { DeviceTunnels } from './device-tunnels.ts'
import { inside, type Place } from './location.ts'
import { REFUSALS } from './refusal.ts'
import type { RelayWorld } from './relay.ts'
import { passedFields } from './request-head.ts'
import { TunnelError, TunnelSocket } from './tunnel-socket.ts'
import type { Revocable, Visit } from './visits.ts'

export interface BridgeTarget {
  readonly tunnels: DeviceTunnels
  readonly visit: Visit
  readonly place: Place
  /** Path and query inside the device, verbatim. */
  readonly target: string
}

type Final = Exclude<UpgradeAnswer, { later: unknown }>

/** Lets one request run over a socket that is there already. */
class OneSocketAgent extends http.Agent {
  readonly #socket: TunnelSocket
  constructor(socket: TunnelSocket) {
    super()
    this.#socket = socket
  }
  override createConnection(): TunnelSocket { return this.#socket }
}

/** Close codes that may stand in a close frame (RFC 6455 7.4). */
const mayBeSent = (code: number): boolean => (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code <= 4999)

const POLICY = 1008
const TOO_BIG = 1009
const BROKEN = 1011
const TRY_LATER = 1013

export class WebsocketBridge implements Revocable {
  readonly #world: RelayWorld
  readonly #to: BridgeTarget
  readonly #answer: (final: Final) => void
  readonly #inner: WebSocket
  #peer: Peer<WebsocketBridge> | undefined
  #answered = false
  #code = BROKEN

  /** Throws `SyntaxError` when the sub-protocols asked for cannot be passed on. */
  private constructor(world: RelayWorld, request: UpgradeRequest, to: BridgeTarget, answer: (final: Final) => void) {
    this.#world = world
    this.#to = to
    this.#answer = answer
    const socket = new TunnelSocket(to.tunnels, world.bounds.tunnelSilence)
    const protocols = request.header('sec-websocket-protocol')?.split(',').map(name => name.trim()) ?? []
    try {
      this.#inner = new WebSocket('ws://device/', protocols, {
        agent: new OneSocketAgent(socket), headers: innerHeaders(request, to, world.now()), perMessageDeflate: false, maxPayload: world.bounds.tunnelMessage,
        finishRequest: inner => {
          inner.path = to.target
          inner.end()
        },
      })
    } catch (cause) {
      socket.destroy()
      throw cause
    }
    to.visit.enter(this)
    this.#listen(socket)
  }

  /** The answer to an upgrade request: it comes when the device has answered. */
  static upgrade(world: RelayWorld, request: UpgradeRequest, to: BridgeTarget): UpgradeAnswer {
    return {
      later: (answer, onAborted) => {
        if (!to.tunnels.hasPlace) return answer({ status: 503, text: REFUSALS.busy.text, headers: [['retry-after', String(REFUSALS.busy.retryAfter)]] })
        try {
          const bridge = new WebsocketBridge(world, request, to, answer)
          onAborted(() => bridge.#inner.terminate())
        } catch (cause) {
          if (!(cause instanceof SyntaxError)) throw cause
          answer({ status: 400, text: 'These sub-protocols cannot be asked for.' })
        }
      },
    }
  }

  #listen(socket: TunnelSocket): void {
    const inner = this.#inner
    inner.on('upgrade', response => this.#keepCookies(response))
    inner.on('unexpected-response', (_request, response) => {
      this.#keepCookies(response)
      const { location } = response.headers
      const headers: HeaderList = location === undefined ? [] : [['location', inside(location, this.#to.place)]]
      this.#refuse(response.statusCode ?? 502, 'The device refused the websocket.', headers)
      inner.terminate()
    })
    inner.on('open', () => {
      socket.settle()
      inner.pause()
      this.#answered = true
      this.#answer(accept(OUTER, this, { maxMessage: this.#world.bounds.tunnelMessage, ...(inner.protocol === '' ? {} : { protocol: inner.protocol }) }))
    })
    inner.on('message', (data, binary) => {
      const message = data instanceof ArrayBuffer ? Buffer.from(data) : Array.isArray(data) ? Buffer.concat(data) : data
      const result = this.#peer?.send(binary ? message : message.toString())
      if (result === 'queued') inner.pause()
      else if (result === 'full' || result === 'closed') inner.terminate()
    })
    inner.on('error', cause => {
      if ('code' in cause && cause.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') this.#code = TOO_BIG
      const why = cause instanceof TunnelError ? cause.why : 'protocol'
      if (!this.#answered && why === 'protocol') this.#world.trouble(this.#to.tunnels.channel.hwId, 'no websocket where one was asked for')
      if (why === 'silent') this.#refuse(504, REFUSALS.silent.text)
      else this.#refuse(502, REFUSALS.broken.text)
    })
    inner.on('close', (code, reason) => {
      this.#to.visit.leave(this)
      this.#refuse(502, REFUSALS.broken.text)
      if (code === 1005) this.#peer?.end(1000, '')
      else if (mayBeSent(code)) this.#peer?.end(code, reason.toString())
      else this.#peer?.end(this.#code, 'the connection to the device broke')
      this.#peer = undefined
    })
  }

  #keepCookies(response: http.IncomingMessage): void {
    const cookies = response.headers['set-cookie']
    if (cookies) this.#to.visit.keep(cookies, this.#to.target, this.#world.now())
  }

  #refuse(status: number, text: string, headers: HeaderList = []): void {
    if (this.#answered) return
    this.#answered = true
    this.#answer({ status, text, headers })
  }

  opened(peer: Peer<WebsocketBridge>): void {
    this.#peer = peer
    if (this.#inner.readyState === WebSocket.OPEN) this.#inner.resume()
    else peer.end(BROKEN, 'the connection to the device broke')
  }

  message(data: string | Uint8Array): void {
    if (this.#inner.readyState !== WebSocket.OPEN) return
    // A websocket cannot be told to wait: what the device does not take is held up to a bound.
    if (this.#inner.bufferedAmount > this.#world.bounds.peerBuffered) {
      this.#code = TRY_LATER
      return this.#inner.terminate()
    }
    this.#inner.send(typeof data === 'string' ? data : Buffer.from(data), { binary: typeof data !== 'string' })
  }

  drained(): void { if (this.#inner.readyState === WebSocket.OPEN) this.#inner.resume() }

  closed(code: number, reason: string): void {
    this.#peer = undefined
    if (this.#inner.readyState !== WebSocket.OPEN) return
    this.#inner.resume()
    if (mayBeSent(code)) this.#inner.close(code, reason)
    else if (code === 1005) this.#inner.close()
    else this.#inner.terminate()
  }

  revoked(): void {
    this.#refuse(403, REFUSALS.ended.text)
    this.#code = POLICY
    this.#inner.terminate()
  }
}

const OUTER: PeerHandler<WebsocketBridge> = {
  opened: peer => peer.context.opened(peer),
  message: (peer, data) => peer.context.message(data),
  drained: peer => peer.context.drained(),
  closed: (peer, code, reason) => peer.context.closed(code, reason),
}

function innerHeaders(request: UpgradeRequest, to: BridgeTarget, now: number): Record<string, string> {
  const headers: Record<string, string> = { host: to.place.host }
  const asked = { method: 'GET', headers: request.headers, header: (name: string) => request.header(name) }
  for (const [name, value] of passedFields(asked, audienceOf(request))) headers[name] = name in headers ? `${headers[name]}, ${value}` : value
  if (request.header('origin') !== undefined) headers['origin'] = `http://${to.place.host}`
  const cookie = to.visit.jar?.header(to.target, now) ?? ''
  if (cookie !== '') headers['cookie'] = cookie
  return headers
}
