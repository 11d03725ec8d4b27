/** One websocket of a device or browser as the webserver of an App Platform hands it to its plugin (app-platform-local 3.5). */
import { requestPayload, type PlatformWebserver, type Talk } from './platform-webserver.ts'

const REQUEST = 0x10
const MESSAGE = 0x11
const Sub = { accept: 0, accepted: 2, send: 3, sendResult: 4, receive: 5, receiveResult: 6, close: 7, closed: 8 } as const
const TEXT = 0x8000_0000

export interface SocketHandler {
  opened(socket: PlatformSocket): void
  /** The payload is valid during the call. */
  message(socket: PlatformSocket, payload: Buffer): void
  /** The plugin has refused or closed it. */
  closed(): void
}

export class PlatformSocket implements Talk {
  readonly #webserver: PlatformWebserver
  readonly #handler: SocketHandler
  readonly #cid: number
  /** The plugin has asked for a message. */
  #wanted = false
  #waiting: { readonly payload: Buffer, readonly flags: number }[] | undefined = undefined

  /** `request`: from `requestPayload`. */
  constructor(webserver: PlatformWebserver, request: Buffer, handler: SocketHandler) {
    this.#webserver = webserver
    this.#handler = handler
    this.#cid = webserver.begin(this)
    webserver.send(this.#cid, REQUEST, 0, request)
  }

  /** Sends a message, as soon as the plugin asks for it. */
  send(payload: Buffer | string): void {
    const next = typeof payload === 'string' ? { payload: Buffer.from(payload), flags: TEXT } : { payload, flags: 0 }
    if (this.#wanted) {
      this.#wanted = false
      this.#webserver.send(this.#cid, MESSAGE, next.flags + Sub.receiveResult, next.payload)
    } else (this.#waiting ??= []).push(next)
  }

  /** The client has gone. */
  drop(): void {
    this.#webserver.finish(this.#cid)
    this.#webserver.send(this.#cid, MESSAGE, Sub.closed, Buffer.from([0, 0]))
  }

  frame(type: number, purpose: number, payload: Buffer): void {
    const sub = purpose & 0xffff
    if (type !== MESSAGE || sub === Sub.close) {
      this.drop()
      return this.#handler.closed()
    }
    if (sub === Sub.accept) {
      this.#webserver.send(this.#cid, MESSAGE, Sub.accepted)
      this.#handler.opened(this)
    } else if (sub === Sub.receive) {
      this.#wanted = true
      const next = this.#waiting?.shift()
      if (this.#waiting?.length === 0) this.#waiting = undefined
      if (!next) return
      this.#wanted = false
      this.#webserver.send(this.#cid, MESSAGE, next.flags + Sub.receiveResult, next.payload)
    } else if (sub === Sub.send) {
      this.#webserver.send(this.#cid, MESSAGE, Sub.sendResult)
      this.#handler.message(this, payload)
    }
  }
}

/** The request of a device. */
export const sysclientRequest = requestPayload('/sysclients')
