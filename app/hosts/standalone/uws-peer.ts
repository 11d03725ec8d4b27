/** One websocket of uWebSockets.js as a `Peer`: one small object per connection, no closures. */
import type { WebSocket } from 'uWebSockets.js'
import type { Peer, PeerHandler } from '../exchange.ts'

/** What uWS keeps per socket. It copies the properties onto its own socket object, so the peer itself cannot be it. */
export interface Carried { readonly peer: UwsPeer }

export class UwsPeer implements Peer<never> {
  readonly handler: PeerHandler<never>
  readonly context: never
  readonly address: string
  readonly secure: boolean
  readonly maxMessage: number
  #socket: WebSocket<Carried> | undefined = undefined

  constructor(handler: PeerHandler<never>, context: unknown, address: string, secure: boolean, maxMessage: number) {
    this.handler = handler
    this.context = context as never // checked against the handler by `accept`
    this.address = address
    this.secure = secure
    this.maxMessage = maxMessage
  }

  opened(socket: WebSocket<Carried>): void {
    this.#socket = socket
    this.handler.opened?.(this)
  }

  closed(code: number, reason: string): void {
    this.#socket = undefined
    this.handler.closed?.(this, code, reason)
  }

  get open(): boolean { return this.#socket !== undefined }
  get buffered(): number { return this.#socket?.getBufferedAmount() ?? 0 }

  send(data: string | Uint8Array): 'sent' | 'queued' | 'full' | 'closed' {
    if (!this.#socket) return 'closed'
    // This build of uWS passes on the bytes of a string as V8 holds it, which need not be UTF-8.
    const result = typeof data === 'string' ? this.#socket.send(Buffer.from(data), false) : this.#socket.send(data, true)
    if (result === 1) return 'sent'
    if (result === 0) return 'queued'
    // Dropped: a gap in a stream of messages is worse than an end.
    this.#socket?.close()
    return 'full'
  }

  cork(callback: () => void): void {
    if (this.#socket) this.#socket.cork(callback)
    else callback()
  }

  ping(): void { this.#socket?.ping() }
  end(code: number, reason: string): void { this.#socket?.end(code, reason) }
  terminate(): void { this.#socket?.close() }
}
