import { ProtocolError } from '../errors.ts'

/** Bytes of a chunk-size line with its extensions, and of all trailers together. */
const LONGEST_LINE = 4_096

type Where = 'size' | 'extension' | 'sizeEnd' | 'data' | 'dataEnd' | 'trailer' | 'done'

const LF = 10
const CR = 13

const hexValue = (byte: number): number => {
  if (byte >= 48 && byte <= 57) return byte - 48
  const lower = byte | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

/**
 * Takes the chunked transfer coding apart (RFC 9112 7.1), whatever the pieces it comes in. Chunk extensions and trailers are
 * dropped; lines may end in LF alone.
 */
export class ChunkedBody {
  #where: Where = 'size'
  #left = 0
  #digits = 0
  #line = 0
  /** True while the current trailer line has no byte. */
  #blank = true

  get done(): boolean { return this.#where === 'done' }

  /**
   * Reads a piece; `data` is called with the views of body bytes in it. Answers how many bytes belong to the body's coding
   * (fewer than the piece has only when it is done). Throws `ProtocolError` `bad-chunk`.
   */
  feed(piece: Uint8Array, data: (part: Uint8Array) => void): number {
    let at = 0
    while (at < piece.length && this.#where !== 'done') {
      if (this.#where === 'data') {
        const take = Math.min(this.#left, piece.length - at)
        data(at === 0 && take === piece.length ? piece : piece.subarray(at, at + take))
        at += take
        this.#left -= take
        if (this.#left === 0) this.#where = 'dataEnd'
      } else this.#byte(piece[at++] as number)
    }
    return at
  }

  #byte(byte: number): void {
    switch (this.#where) {
      case 'size': return this.#size(byte)
      case 'extension': return this.#extension(byte)
      case 'sizeEnd':
        if (byte !== LF) throw bad()
        return this.#sized()
      case 'dataEnd':
        if (byte === LF) this.#where = 'size'
        else if (byte !== CR || this.#line++ > 0) throw bad()
        if (byte === LF) this.#line = 0
        return
      case 'trailer': return this.#trailer(byte)
    }
  }

  #size(byte: number): void {
    const digit = hexValue(byte)
    if (digit >= 0) {
      // 13 digits stay below 2^53.
      if (++this.#digits > 13) throw bad()
      this.#left = this.#left * 16 + digit
    } else if (this.#digits === 0) throw bad()
    else if (byte === CR) this.#where = 'sizeEnd'
    else if (byte === LF) this.#sized()
    else if (byte === 59 || byte === 32 || byte === 9) this.#where = 'extension'
    else throw bad()
  }

  #extension(byte: number): void {
    if (byte === LF) this.#sized()
    else if (++this.#line > LONGEST_LINE) throw bad()
  }

  #sized(): void {
    this.#digits = 0
    this.#line = 0
    this.#blank = true
    this.#where = this.#left > 0 ? 'data' : 'trailer'
  }

  #trailer(byte: number): void {
    if (++this.#line > LONGEST_LINE) throw bad()
    if (byte === LF) {
      if (this.#blank) this.#where = 'done'
      this.#blank = true
    } else if (byte !== CR) this.#blank = false
  }
}

const bad = (): ProtocolError => new ProtocolError('bad-chunk', 'the answer of the device has a broken chunk')
