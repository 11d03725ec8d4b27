/** The websocket of one device: connects, comes back with growing pauses, closes in the ways devices do (wire-protocols 2.1). */
import { Socket } from 'node:net'
import { WebSocket } from 'ws'

export interface ConnectionSettings {
  /** Accept any certificate. */
  readonly insecure: boolean
  /** First and longest pause before a reconnect, in ms; each varies by half. */
  readonly reconnect: { readonly first: number, readonly most: number }
  /** Larger frames are refused, as the vendor's client class does (wire-protocols 2.1), in bytes. */
  readonly maxFrame: number
}

export interface ConnectionEvents {
  opened(): void
  message(data: Buffer): void
  /** `code` is that of the close frame, 1006 without one. */
  closed(code: number): void
  /** No connection came about, or it broke. `text` names no secrets. */
  failed(text: string): void
}

/** A connection that lasted this long counts as good: the next pause is the first again. */
const STABLE_MS = 10_000
const HANDSHAKE_MS = 30_000
/** The close frame of a real client with its defect: the status is not masked, the mask begins anew at the reason (app-platform-local, "Interop defect of the real client's close frame"). */
const BAD_CLOSE_FRAME = Buffer.from('8891f6c4b20503e8b8abc06897a892769eb1c66199b3dc', 'hex')

export class Connection {
  readonly #settings: ConnectionSettings
  readonly #events: ConnectionEvents
  readonly #random: () => number
  readonly #localAddress: string | undefined
  #socket: WebSocket | undefined
  #wanted = false
  #url = ''
  #failures = 0
  #openedAt = 0
  #pause: NodeJS.Timeout | undefined

  constructor(settings: ConnectionSettings, events: ConnectionEvents, random: () => number, localAddress: string | undefined) {
    this.#settings = settings
    this.#events = events
    this.#random = random
    this.#localAddress = localAddress
  }

  get open(): boolean { return this.#socket?.readyState === WebSocket.OPEN }
  /** Bytes that wait to be sent. */
  get buffered(): number { return this.#socket?.bufferedAmount ?? 0 }

  /** Connects now and from then on whenever the connection is lost. */
  start(url: string): void {
    this.#wanted = true
    this.#url = url
    clearTimeout(this.#pause)
    this.#connect()
  }

  /** Uses another address: at once when connected, else with the next attempt. */
  move(url: string): void {
    this.#url = url
    if (this.#socket) this.close(1000)
  }

  /** Breaks or closes the connection and stays away. */
  stop(how: 'close' | 'bad-close-frame' | 'cut'): void {
    this.#wanted = false
    clearTimeout(this.#pause)
    this.#pause = undefined
    if (how === 'close') this.close(1000)
    else if (how === 'bad-close-frame') this.#closeBadly()
    else this.cut()
  }

  /** Closes with a close frame; reconnects if it is wanted. */
  close(code: number): void { this.#socket?.close(code) }
  /** Breaks the connection without a close frame; reconnects if it is wanted. */
  cut(): void { this.#socket?.terminate() }

  send(message: Buffer | string): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(message)
  }

  #connect(): void {
    if (this.#socket) {
      // Its close frame is still on the way: for the device it is over.
      const old = this.#socket
      this.#socket = undefined
      old.terminate()
      this.#events.closed(1006)
    }
    let socket: WebSocket
    try {
      socket = new WebSocket(this.#url, {
        perMessageDeflate: false, maxPayload: this.#settings.maxFrame, handshakeTimeout: HANDSHAKE_MS, skipUTF8Validation: true,
        rejectUnauthorized: !this.#settings.insecure, ...(this.#localAddress === undefined ? {} : { localAddress: this.#localAddress }),
      })
    } catch (cause) {
      this.#events.failed(cause instanceof SyntaxError ? 'bad address' : String(cause))
      return this.#later()
    }
    this.#socket = socket
    socket.on('open', () => {
      if (socket !== this.#socket) return
      this.#openedAt = Date.now()
      this.#events.opened()
    })
    socket.on('message', data => { if (Buffer.isBuffer(data) && socket === this.#socket) this.#events.message(data) })
    socket.on('error', cause => { if (socket === this.#socket) this.#events.failed(cause.message) })
    socket.on('close', code => {
      if (socket !== this.#socket) return
      this.#socket = undefined
      this.#failures = this.#openedAt > 0 && Date.now() - this.#openedAt >= STABLE_MS ? 0 : this.#failures + 1
      this.#openedAt = 0
      this.#events.closed(code)
      this.#later()
    })
  }

  #later(): void {
    if (!this.#wanted || this.#socket) return
    const { first, most } = this.#settings.reconnect
    const pause = Math.min(most, first * 2 ** Math.min(16, Math.max(0, this.#failures - 1))) * (0.5 + this.#random())
    clearTimeout(this.#pause)
    this.#pause = setTimeout(() => this.#connect(), pause)
  }

  #closeBadly(): void {
    const socket = this.#socket
    const raw = socket && '_socket' in socket ? socket._socket : undefined
    if (raw instanceof Socket) raw.end(BAD_CLOSE_FRAME)
    else this.cut()
  }
}
