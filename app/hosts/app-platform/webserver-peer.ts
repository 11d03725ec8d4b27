/**
 * One websocket of the webserver's socket as a `Peer`: one small object per connection, no closure and no timer. The protocol
 * has no ping, no close code and no sub-protocol: these are matters between webserver and client.
 */
import type { Peer, PeerHandler } from '../exchange.ts'
import type { Conversation, ConnectionOwner } from './webserver-exchange.ts'
import { encodeItems } from './items.ts'
import { MORE, MOST, purpose, Sub, TEXT, Type } from './message-types.ts'
import type { RequestHead } from './request-head.ts'
import { next, type At, type Effect, type Input } from './websocket-machine.ts'

/** What the websockets of one connection need of it. */
export interface PeerOwner extends ConnectionOwner {
  /** Bytes that may wait for one peer. */
  readonly peerBuffered: number
  /** A message of the service is longer than the protocol can carry. */
  tooLong(bytes: number): void
}

const RECEIVE = purpose(Sub.Receive)
const SEND_TEXT = purpose(Sub.Send, TEXT)
const SEND_BINARY = purpose(Sub.Send)
const CLOSE = encodeItems({ closeReason: 0 }, 0)
/** A writer is told to wait while more than this waits, bytes. */
const HIGH = 64 * 1024
const GOING_AWAY = 1001
const LOST = 1006
const TOO_BIG = 1009
const NO_HANDLER: PeerHandler<never> = { message: () => {} }

export class WebserverPeer implements Peer<never>, Conversation {
  readonly secure: boolean
  readonly address: string
  handler: PeerHandler<never> = NO_HANDLER
  /** Set with the handler, when the router accepts. */
  context = undefined as never
  readonly #cid: number
  readonly #owner: PeerOwner
  #at: At = 'asked'
  /** Waits for the SEND_RESULT in front of it. */
  #queue: (string | Uint8Array)[] | undefined = undefined
  #buffered = 0
  /** Bytes of the SEND that is under way. */
  #sending = 0
  #parts: Buffer[] | undefined = undefined
  #maxMessage = 0
  #toldToWait = false
  /** Sends in front of a ping: its pong is their result. */
  #pings = 0
  #leaving = false
  /** What `closed` says. */
  #code = LOST
  #reason = ''
  #abandoned: (() => void) | undefined = undefined

  constructor(cid: number, { secure, address }: RequestHead, owner: PeerOwner) {
    this.secure = secure
    this.address = address
    this.#cid = cid
    this.#owner = owner
  }

  // ---- the answer of the router

  /** Nothing has been decided. */
  get undecided(): boolean { return this.#at === 'asked' }

  onAbandoned(callback: () => void): void { this.#abandoned = callback }

  accept(handler: PeerHandler<never>, context: never, maxMessage: number): void {
    this.handler = handler
    this.context = context
    this.#maxMessage = maxMessage
    this.#abandoned = undefined
    this.#step('accept')
  }

  /** Refuses with one of the codes of `MetaData`: there is no other answer to a websocket request. */
  refuse(code: number): void {
    if (!this.undecided) return
    this.#abandoned = undefined
    this.#owner.outbox.put(this.#cid, Type.MetaData, code)
    this.#step('refuse')
  }

  // ---- Peer

  get open(): boolean { return !this.#leaving && (this.#at === 'idle' || this.#at === 'sending') }
  get buffered(): number { return this.#buffered }
  get pongsProve(): boolean { return false }

  send(data: string | Uint8Array): 'sent' | 'queued' | 'full' | 'closed' {
    if (!this.open) return 'closed'
    const bytes = typeof data === 'string' ? Buffer.byteLength(data) : data.length
    if (bytes > MOST || this.#buffered + bytes > this.#owner.peerBuffered) {
      if (bytes > MOST) this.#owner.tooLong(bytes)
      // A gap in a stream of messages is worse than an end.
      this.terminate()
      return 'full'
    }
    this.#buffered += bytes
    if (this.#at === 'idle') {
      this.#write(data, bytes)
      this.#at = next(this.#at, 'send').at
    } else {
      this.#queue ??= []
      // A copy: the caller uses its memory again (`slice` of a Buffer copies nothing).
      this.#queue.push(typeof data === 'string' ? data : new Uint8Array(data))
    }
    if (this.#buffered <= HIGH) return 'sent'
    this.#toldToWait = true
    return 'queued'
  }

  /** All messages of one turn of the event loop leave together anyway. */
  cork(callback: () => void): void { callback() }

  ping(): void {
    if (!this.open) return
    if (this.#at === 'idle') queueMicrotask(() => this.#pong())
    else this.#pings = 1 + (this.#queue?.length ?? 0)
  }

  end(code: number, reason: string): void {
    if (!this.open) return
    this.#leaving = true
    this.#code = code
    this.#reason = reason
    // No handler is called in the middle of its own work.
    queueMicrotask(() => this.#step('end'))
  }

  terminate(): void {
    if (!this.open) return
    this.#queue = undefined
    this.#buffered = this.#sending
    this.end(LOST, '')
    // The webserver closes when the client has taken what is under way, which may be never.
    queueMicrotask(() => this.#ended())
  }

  /** The host stops. */
  leave(reason: string): void {
    if (this.#at === 'asked') this.refuse(0x12)
    else if (this.#at === 'accepting') this.#step('end')
    else this.end(GOING_AWAY, reason)
  }

  // ---- messages of the webserver

  message(type: number, gp: number, data: Buffer, from: number, to: number): void {
    if (type === Type.ShutdownComplete) return this.#step('gone')
    if (type !== Type.WebSocketMessage) return
    const flags = gp >>> 16
    switch (gp & 0xffff) {
      case Sub.ReceiveResult: return this.#received(data, from, to, flags)
      case Sub.SendResult: return this.#sent()
      case Sub.Accepted: return this.#step('accepted')
      case Sub.Closed:
        if (!this.#leaving) {
          this.#code = to - from >= 2 && data.readUInt16BE(from) !== 0 ? LOST : 1000
        }
        return this.#step('gone')
    }
  }

  gone(): void { this.#step('gone') }

  #received(data: Buffer, from: number, to: number, flags: number): void {
    const last = (flags & MORE) === 0
    const { at, effects } = next(this.#at, last ? 'received' : 'part')
    this.#at = at
    if (effects.length === 0) return
    this.#owner.outbox.put(this.#cid, Type.WebSocketMessage, RECEIVE)
    if (this.#leaving) return
    let bytes = to - from
    for (const part of this.#parts ?? []) bytes += part.length
    if (bytes > this.#maxMessage) {
      this.#parts = undefined
      return this.end(TOO_BIG, 'message too large')
    }
    if (!last) {
      this.#parts ??= []
      this.#parts.push(Buffer.from(data.subarray(from, to)))
      return
    }
    const text = (flags & TEXT) !== 0
    if (!this.#parts) return this.#deliver(text ? data.toString('utf8', from, to) : data.subarray(from, to))
    const whole = Buffer.concat([...this.#parts, data.subarray(from, to)])
    this.#parts = undefined
    this.#deliver(text ? whole.toString() : whole)
  }

  #deliver(data: string | Uint8Array): void {
    try { this.handler.message(this, data) } catch (cause) { this.#failed(cause) }
  }

  #sent(): void {
    if (this.#at !== 'sending' && this.#at !== 'finishing') return
    this.#buffered -= this.#sending
    this.#sending = 0
    if (this.#pings > 0 && --this.#pings === 0) this.#pong()
    const message = this.#queue?.shift()
    if (this.#queue?.length === 0) this.#queue = undefined
    if (message !== undefined) this.#write(message, typeof message === 'string' ? Buffer.byteLength(message) : message.length)
    this.#step(message === undefined ? 'sent' : 'sentMore')
  }

  #write(data: string | Uint8Array, bytes: number): void {
    this.#sending = bytes
    if (typeof data === 'string') this.#owner.outbox.putText(this.#cid, Type.WebSocketMessage, SEND_TEXT, data, bytes)
    else this.#owner.outbox.put(this.#cid, Type.WebSocketMessage, SEND_BINARY, data)
  }

  #step(input: Input): void {
    const { at, effects } = next(this.#at, input)
    this.#at = at
    for (const effect of effects) this.#carryOut(effect)
  }

  #carryOut(effect: Effect): void {
    const { outbox } = this.#owner
    switch (effect) {
      case 'accept': return outbox.put(this.#cid, Type.WebSocketMessage, purpose(Sub.Accept))
      case 'receive': return outbox.put(this.#cid, Type.WebSocketMessage, RECEIVE)
      case 'close': return outbox.put(this.#cid, Type.WebSocketMessage, purpose(Sub.Close), CLOSE)
      case 'open':
        try { this.handler.opened?.(this) } catch (cause) { this.#failed(cause) }
        return
      case 'drained': return this.#drained()
      case 'ended': return this.#ended()
      case 'abandoned':
        try { this.#abandoned?.() } catch (cause) { this.#owner.failed(cause) }
        return
      case 'forget': return this.#owner.forget(this.#cid)
      // Written by the caller of the step, which has the bytes.
      case 'refuse': case 'send': case 'keep': case 'deliver':
    }
  }

  #drained(): void {
    if (!this.#toldToWait || this.#buffered > HIGH / 2 || this.#leaving) return
    this.#toldToWait = false
    try { this.handler.drained?.(this) } catch (cause) { this.#failed(cause) }
  }

  #pong(): void {
    if (!this.open) return
    try { this.handler.pong?.(this) } catch (cause) { this.#failed(cause) }
  }

  /** Tells the handler, once. */
  #ended(): void {
    this.#leaving = true
    this.#queue = this.#parts = undefined
    const { handler } = this
    this.handler = NO_HANDLER
    try { handler.closed?.(this, this.#code, this.#reason) } catch (cause) { this.#owner.failed(cause) }
  }

  #failed(cause: unknown): void {
    this.#owner.failed(cause)
    this.end(1011, 'internal error')
  }
}
