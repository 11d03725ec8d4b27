/**
 * The body of one response on its way to a client that may be slower than its writer. What uWS does not take at once is
 * kept here, so that never more than one slice beyond it waits inside uWS, whose buffer has no bound and no way to ask for
 * its size.
 */
import type { HttpResponse } from 'uWebSockets.js'

/** What is given to uWS at once, bytes. */
const SLICE = 64 * 1024
/**
 * After a refusal the first slice is this small: uWS takes every chunk, refused or not, and each attempt must add less than
 * the client has read meanwhile.
 */
const PROBE = 1024

export class ResponseBody {
  readonly #res: HttpResponse
  /** Declared length; `undefined` for a chunked body. */
  readonly #length: number | undefined
  readonly #queue: Uint8Array[] = []
  #accepted = 0
  #slice = SLICE
  /** The client does not take more at the moment. */
  blocked = false
  /** All declared bytes are out: uWS has ended the response by itself and may not be asked again. */
  complete = false
  /** Counts what uWS has taken without complaint; stands still while the client does not read. */
  moved = 0

  constructor(res: HttpResponse, length: number | undefined) {
    this.#res = res
    this.#length = length
  }

  /** Every declared byte has been handed in. */
  get whole(): boolean { return this.#length === undefined || this.#accepted === this.#length }
  get waiting(): boolean { return this.#queue.length > 0 }
  /** The bytes handed in last are the last ones, and none waits in front of them: giving them ends the response. */
  endsWith(bytes: number): boolean { return this.#length !== undefined && this.#accepted + bytes >= this.#length }

  /** Takes a piece; bytes beyond the declared length are dropped. Must be called corked. */
  add(bytes: Uint8Array): void {
    const room = this.#length === undefined ? bytes.length : this.#length - this.#accepted
    const piece = bytes.length > room ? bytes.subarray(0, room) : bytes
    if (piece.length === 0) return
    this.#accepted += piece.length
    // What waits is a copy: the caller may use its memory again (`slice` of a Buffer copies nothing).
    if (this.blocked) {
      this.#queue.push(new Uint8Array(piece))
      return
    }
    const taken = this.#give(piece)
    if (taken < piece.length) this.#queue.push(new Uint8Array(piece.subarray(taken)))
  }

  /** Tries again. Must be called corked: the end of the cork also moves on what uWS itself holds. */
  flush(): void {
    this.blocked = false
    for (let piece = this.#queue[0]; piece && !this.blocked && !this.complete; piece = this.#queue[0]) {
      const taken = this.#give(piece)
      if (taken < piece.length) this.#queue[0] = piece.subarray(taken)
      else this.#queue.shift()
    }
  }

  /** Gives until uWS complains; the number of bytes it took. */
  #give(piece: Uint8Array): number {
    let at = 0
    while (at < piece.length && !this.blocked && !this.complete) {
      const part = piece.subarray(at, at + this.#slice)
      at += this.#length === undefined ? this.#giveChunk(part) : this.#giveKnown(part, this.#length)
      this.#slice = this.blocked ? PROBE : SLICE
      if (!this.blocked) this.moved++
    }
    return at
  }

  #giveChunk(part: Uint8Array): number {
    this.blocked = !this.#res.write(part)
    return part.length
  }

  #giveKnown(part: Uint8Array, length: number): number {
    const before = this.#res.getWriteOffset()
    const [ok, over] = this.#res.tryEnd(part, length)
    if (over) {
      this.complete = true
      return part.length
    }
    this.blocked = !ok
    const taken = this.#res.getWriteOffset() - before
    if (taken > 0) this.moved++
    return taken
  }
}
