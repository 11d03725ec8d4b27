/** Upgrades and websockets of this host: from the router's answer to a `Peer`. */
import type { HttpRequest, HttpResponse, us_socket_context_t, WebSocketBehavior } from 'uWebSockets.js'
import type { UpgradeAnswer, UpgradeRequest } from '../exchange.ts'
import { InvariantError } from '../../errors.ts'
import type { HostBounds } from './bounds.ts'
import type { Gate, Origin } from './gate.ts'
import { RequestHead } from './request-head.ts'
import { answerPlainly } from './response-head.ts'
import { PeerLink, peerOf, UwsPeer, type Carried, type PeerOwner } from './uws-peer.ts'
import type { UwsApp } from './uws.ts'

/** What the websockets of one host need of it. */
export interface WebSocketOwner extends PeerOwner {
  readonly bounds: HostBounds
  readonly gate: Gate
  /** False while the host stops. */
  readonly welcoming: boolean
  upgrade(request: UpgradeRequest): UpgradeAnswer
  /** An HTTP request after all. */
  request(res: HttpResponse, req: HttpRequest): void
}

type Final = Exclude<UpgradeAnswer, { later: unknown }>

/** A message may be this many times as long as allowed before uWS cuts the connection without a close frame. */
const TOLERANCE = 2
const TOO_MANY = 'too many connections'
const AGAIN = [['retry-after', '10']] as const

/**
 * Why uWS ended a connection by itself, as a close code. A close frame that cannot be read is a close nevertheless: a known
 * client masks the code of its close frame wrongly (app-platform-local, "Interop defect").
 */
const CAUSES: Readonly<Record<string, readonly [code: number, reason: string]>> = {
  'Received too big message': [1009, 'message too large'],
  'Received invalid UTF-8': [1007, 'invalid UTF-8'],
  'Received invalid WebSocket frame': [1002, 'invalid frame'],
  'Received invalid close payload': [1005, ''],
}

/** All websockets of a host, whichever of its listeners took them. */
export class WebSockets {
  readonly #owner: WebSocketOwner
  readonly #ring = new PeerLink()

  constructor(owner: WebSocketOwner) { this.#owner = owner }

  /**
   * Registers with a listener. The largest message is a matter of the behaviour in uWS, and the behaviour one of the path,
   * which says nothing about it here: so there are two behaviours, one of them tried first and handing on what is not for it,
   * and the context that an upgrade goes into is chosen after the answer of the router.
   */
  attach(app: UwsApp): void {
    const { sysclientFrame, appFrame } = this.#owner.bounds
    const contexts: Contexts = { small: undefined, large: undefined, smallest: sysclientFrame }
    app.ws('/:any/*', this.#behavior(sysclientFrame, (res, req, context) => {
      contexts.small ??= context
      if (contexts.large) this.#upgrade(res, req, contexts)
      else req.setYield(true)
    }))
    app.ws('/*', this.#behavior(appFrame, (res, req, context) => {
      contexts.large ??= context
      this.#upgrade(res, req, contexts)
    }))
  }

  /** Closes all peers there are. */
  endAll(code: number, reason: string): void {
    for (let link = this.#ring.after, next: PeerLink; link !== this.#ring; link = next) {
      next = link.after
      if (link instanceof UwsPeer) link.end(code, reason)
    }
  }

  #behavior(largest: number, upgrade: (res: HttpResponse, req: HttpRequest, context: us_socket_context_t) => void): WebSocketBehavior<Carried> {
    const { peerIdleSeconds, peerBuffered } = this.#owner.bounds
    return {
      maxPayloadLength: largest * TOLERANCE, idleTimeout: peerIdleSeconds, sendPingsAutomatically: true,
      maxBackpressure: peerBuffered, closeOnBackpressureLimit: 0, compression: 0,
      upgrade,
      open: socket => { peerOf(socket).opened(socket) },
      message: (socket, data, binary) => {
        const peer = peerOf(socket)
        if (data.byteLength > peer.maxMessage) peer.end(1009, 'message too large')
        else peer.received(binary ? new Uint8Array(data) : Buffer.from(data).toString('utf8'))
      },
      drain: socket => { peerOf(socket).drained() },
      pong: socket => { peerOf(socket).ponged() },
      close: (socket, code, message) => {
        const peer = peerOf(socket)
        const text = Buffer.from(message).toString('utf8')
        const [ownCode, reason] = code === 1006 ? CAUSES[text] ?? [code, text] : [code, text]
        peer.leave()
        this.#owner.gate.leave(peer.origin)
        peer.closed(ownCode, reason)
      },
    }
  }

  #upgrade(res: HttpResponse, req: HttpRequest, contexts: Contexts): void {
    const head = new RequestHead(req)
    if (!head.wantsWebSocket()) return this.#owner.request(res, req)
    if (!this.#owner.welcoming) return answerPlainly(res, 503, 'the service stops', AGAIN, true)
    if ((head.header('sec-websocket-version') ?? '13') !== '13') return answerPlainly(res, 426, 'websocket version 13 only', [['sec-websocket-version', '13']])
    const origin = this.#owner.gate.enter(res.getRemoteAddress())
    if (typeof origin === 'string') return answerPlainly(res, origin === 'connections' ? 503 : 429, TOO_MANY, AGAIN, true)
    const { path, query, headers } = head
    const request: UpgradeRequest = { path, query, headers, header: name => head.header(name), address: origin.address, secure: this.#owner.secure }
    let answer: UpgradeAnswer
    try {
      answer = this.#owner.upgrade(request)
    } catch (cause) {
      this.#owner.failed(cause)
      answer = { status: 500, text: 'internal error' }
    }
    const key = head.header('sec-websocket-key') ?? ''
    if ('later' in answer) this.#wait(res, key, answer.later, origin, contexts)
    else this.#finish(res, key, answer, origin, contexts)
  }

  /** The router decides later; the client may go meanwhile. */
  #wait(res: HttpResponse, key: string, later: Extract<UpgradeAnswer, { later: unknown }>['later'], origin: Origin, contexts: Contexts): void {
    let over = false
    let gone: (() => void) | undefined
    res.onAborted(() => {
      if (over) return
      over = true
      this.#owner.gate.leave(origin)
      try {
        gone?.()
      } catch (cause) {
        this.#owner.failed(cause)
      }
    })
    const decide = (final: Final): void => {
      if (over) return
      over = true
      res.cork(() => this.#finish(res, key, final, origin, contexts))
    }
    try {
      later(decide, callback => { gone = callback })
    } catch (cause) {
      this.#owner.failed(cause)
      decide({ status: 500, text: 'internal error' })
    }
  }

  #finish(res: HttpResponse, key: string, answer: Final, origin: Origin, contexts: Contexts): void {
    if ('status' in answer) {
      this.#owner.gate.leave(origin)
      return answerPlainly(res, answer.status, answer.text, answer.headers)
    }
    const context = answer.maxMessage <= contexts.smallest ? contexts.small ?? contexts.large : contexts.large
    if (!context) throw new InvariantError('a websocket without a behaviour')
    // `accept` has checked that handler and context belong together.
    const peer = new UwsPeer(answer.accept, answer.context as never, origin, answer.maxMessage, this.#owner)
    peer.insertAfter(this.#ring)
    res.upgrade<Carried>({ peer }, key, answer.protocol ?? '', '', context)
  }
}

/** The two places of one listener that an upgrade can go into, known once somebody came by. */
interface Contexts { small: us_socket_context_t | undefined, large: us_socket_context_t | undefined, readonly smallest: number }
