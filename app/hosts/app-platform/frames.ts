/** Bytes of the webserver's socket to messages and back (app-platform-local 3.1). */
import { HEADER, MOST } from './message-types.ts'

/** One message; the payload is `data` from `from` to `to` and valid during the call only. */
export type OnMessage = (cid: number, type: number, purpose: number, data: Buffer, from: number, to: number) => void

/** Cuts a stream into messages, whatever its pieces are. Copies only what a piece leaves incomplete. */
export class FrameReader {
  readonly #kept = Buffer.allocUnsafeSlow(HEADER + MOST)
  #length = 0

  /** Forgets what is incomplete: a new connection begins. */
  reset(): void { this.#length = 0 }

  read(piece: Buffer, onMessage: OnMessage): void {
    let at = 0
    if (this.#length > 0) {
      at = this.#fill(piece, at, HEADER)
      if (this.#length < HEADER) return
      const need = HEADER + this.#kept.readUInt16BE(10)
      at = this.#fill(piece, at, need)
      if (this.#length < need) return
      this.#length = 0
      emit(this.#kept, 0, need, onMessage)
    }
    while (piece.length - at >= HEADER) {
      const end = at + HEADER + piece.readUInt16BE(at + 10)
      if (end > piece.length) break
      emit(piece, at, end, onMessage)
      at = end
    }
    if (at < piece.length) this.#fill(piece, at, HEADER + MOST)
  }

  #fill(piece: Buffer, at: number, upTo: number): number {
    const bytes = Math.min(upTo - this.#length, piece.length - at)
    if (bytes <= 0) return at
    piece.copy(this.#kept, this.#length, at, at + bytes)
    this.#length += bytes
    return at + bytes
  }
}

function emit(data: Buffer, at: number, end: number, onMessage: OnMessage): void {
  onMessage(data.readUInt32BE(at), data.readUInt16BE(at + 4), data.readUInt32BE(at + 6), data, at + HEADER, end)
}

/** Messages are written into blocks of this size. */
const BLOCK = 256 * 1024
const NOTHING = new Uint8Array(0)

/**
 * Messages on their way out: all of one turn of the event loop leave together. They are written one behind the other into
 * large blocks, so a message costs no object of its own.
 *
 * While a read is handled the outbox is held: what it leads to may be put off to the end of the turn (tunnels do that), and that
 * must come before the outbox is sent, or every turn would write twice. Immediates run in the order in which they were asked for.
 */
export class Outbox {
  readonly #write: (bytes: Buffer) => void
  #block = Buffer.alloc(0)
  #from = 0
  #to = 0
  #flushing: NodeJS.Immediate | undefined
  #held = false

  /** `write` gets the bytes to send; they stay as they are. */
  constructor(write: (bytes: Buffer) => void) { this.#write = write }

  /** Adds a message; the payload is copied. */
  put(cid: number, type: number, purpose: number, payload: Uint8Array = NOTHING): void {
    const at = this.#header(cid, type, purpose, payload.length)
    this.#block.set(payload, at)
  }

  /** Adds a message whose payload is a text of so many bytes in UTF-8. */
  putText(cid: number, type: number, purpose: number, text: string, bytes: number): void {
    const at = this.#header(cid, type, purpose, bytes)
    this.#block.write(text, at, bytes, 'utf8')
  }

  /** Adds a message whose payload is in parts, `bytes` in all. */
  putParts(cid: number, type: number, purpose: number, parts: readonly Uint8Array[], bytes: number): void {
    let at = this.#header(cid, type, purpose, bytes)
    for (const part of parts) {
      this.#block.set(part, at)
      at += part.length
    }
  }

  /** Runs `handle`, and only then asks for the end of the turn. */
  hold(handle: () => void): void {
    this.#held = true
    try {
      handle()
    } finally {
      this.#held = false
      if (this.#to > this.#from) this.#flushing ??= setImmediate(() => this.flush())
    }
  }

  /** Sends what there is, now. */
  flush(): void {
    clearImmediate(this.#flushing)
    this.#flushing = undefined
    if (this.#to === this.#from) return
    const bytes = this.#block.subarray(this.#from, this.#to)
    this.#from = this.#to
    this.#write(bytes)
  }

  /** Forgets what was not sent: the connection is gone. */
  clear(): void {
    clearImmediate(this.#flushing)
    this.#flushing = undefined
    this.#from = this.#to
  }

  /** Writes a header; answers where its payload begins. */
  #header(cid: number, type: number, purpose: number, length: number): number {
    if (this.#block.length - this.#to < HEADER + length) {
      this.flush()
      this.#block = Buffer.allocUnsafeSlow(BLOCK)
      this.#from = this.#to = 0
    }
    const block = this.#block
    const at = this.#to
    block.writeUInt32BE(cid, at)
    block.writeUInt16BE(type, at + 4)
    block.writeUInt32BE(purpose, at + 6)
    block.writeUInt16BE(length, at + 10)
    this.#to = at + HEADER + length
    if (!this.#held) this.#flushing ??= setImmediate(() => this.flush())
    return at + HEADER
  }
}
