/**
 * One websocket of uWebSockets.js as a `Peer`: one small object per connection, no closure and no timer. uWS copies the
 * properties of the user data onto a socket object of its own, so the peer cannot be that object itself; it hangs on it by
 * one property. All peers of a host form a ring through their own links, which costs less than a set of them.
 */
import type { WebSocket } from 'uWebSockets.js'
import type { Peer, PeerHandler } from '../exchange.ts'
import type { Origin } from './gate.ts'

/** What uWS keeps per socket: copied onto its socket object, so that it is read there without a call. */
export interface Carried { readonly peer: UwsPeer }
type Socket = WebSocket<Carried> & Carried

/** The peer of a socket; what `getUserData` would say, without a call into the addon. */
export const peerOf = (socket: WebSocket<Carried>): UwsPeer => (socket as Socket).peer

/** Longest reason in a close frame, bytes (RFC 6455, 5.5). */
const REASON = 123
const NO_CODE = 1005
/** Codes that say that there was no close frame: they cannot be sent (RFC 6455, 7.4.1). */
const UNSENDABLE = new Set([1006, 1015])

/** What all peers of a host share. */
export interface PeerOwner {
  readonly secure: boolean
  /** Somebody threw in a callback of the handler. */
  failed(cause: unknown): void
}

/** A place in the ring of peers. */
export class PeerLink {
  before: PeerLink = this
  after: PeerLink = this

  insertAfter(link: PeerLink): void {
    this.before = link
    this.after = link.after
    link.after.before = this
    link.after = this
  }

  leave(): void {
    this.before.after = this.after
    this.after.before = this.before
    this.before = this.after = this
  }
}

export class UwsPeer extends PeerLink implements Peer<never> {
  readonly handler: PeerHandler<never>
  readonly context: never
  readonly origin: Origin
  readonly maxMessage: number
  readonly #owner: PeerOwner
  #socket: WebSocket<Carried> | undefined = undefined
  #leaving = false

  constructor(handler: PeerHandler<never>, context: never, origin: Origin, maxMessage: number, owner: PeerOwner) {
    super()
    this.handler = handler
    this.context = context
    this.origin = origin
    this.maxMessage = maxMessage
    this.#owner = owner
  }

  get address(): string { return this.origin.address }
  get secure(): boolean { return this.#owner.secure }
  get pongsProve(): boolean { return true }
  get open(): boolean { return this.#socket !== undefined && !this.#leaving }
  get buffered(): number { return this.#socket?.getBufferedAmount() ?? 0 }

  send(data: string | Uint8Array): 'sent' | 'queued' | 'full' | 'closed' {
    if (!this.#socket || this.#leaving) return 'closed'
    // This build of uWS passes on the bytes of a string as V8 holds it, which need not be UTF-8.
    const result = typeof data === 'string' ? this.#socket.send(Buffer.from(data), false) : this.#socket.send(data, true)
    if (result === 1) return 'sent'
    if (result === 0) return 'queued'
    // Dropped: a gap in a stream of messages is worse than an end.
    this.terminate()
    return 'full'
  }

  cork(callback: () => void): void {
    if (this.#socket && !this.#leaving) this.#socket.cork(callback)
    else callback()
  }

  ping(): void { if (!this.#leaving) this.#socket?.ping() }

  end(code: number, reason: string): void {
    if (UNSENDABLE.has(code)) return this.terminate()
    if (!this.#letGo()) return
    queueMicrotask(() => this.#socket?.end(code === NO_CODE ? 0 : code, cut(reason)))
  }

  terminate(): void {
    if (this.#letGo()) queueMicrotask(() => this.#socket?.close())
  }

  /**
   * From here on nothing is sent or received. uWS, which calls `closed` from inside of its closing calls, is told only after
   * the caller has returned: no handler is called in the middle of its own work.
   */
  #letGo(): boolean {
    if (!this.open) return false
    this.#leaving = true
    return true
  }

  // ---- called by the behaviour

  opened(socket: WebSocket<Carried>): void {
    this.#socket = socket
    try { this.handler.opened?.(this) } catch (cause) { this.#failed(cause) }
  }

  received(data: string | Uint8Array): void {
    if (this.#leaving) return
    try { this.handler.message(this, data) } catch (cause) { this.#failed(cause) }
  }

  drained(): void {
    if (this.#leaving) return
    try { this.handler.drained?.(this) } catch (cause) { this.#failed(cause) }
  }

  ponged(): void {
    if (this.#leaving) return
    try { this.handler.pong?.(this) } catch (cause) { this.#failed(cause) }
  }

  closed(code: number, reason: string): void {
    this.#socket = undefined
    try { this.handler.closed?.(this, code, reason) } catch (cause) { this.#failed(cause) }
  }

  #failed(cause: unknown): void {
    this.#owner.failed(cause)
    this.end(1011, 'internal error')
  }
}

const encoder = new TextEncoder()

/** At most `REASON` bytes of UTF-8, no character cut in half. */
function cut(reason: string): Uint8Array {
  const out = new Uint8Array(REASON)
  return out.subarray(0, encoder.encodeInto(reason, out).written)
}
