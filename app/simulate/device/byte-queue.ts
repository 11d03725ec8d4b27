/** Bytes on their way from the device's web server into a tunnel: pushed by the server, taken by RECV in pieces of any size. */

/** More of a streamed body: up to about `wanted` bytes, undefined at its end. */
export type ByteSource = (wanted: number) => Buffer | undefined

export class ByteQueue {
  #pieces: Buffer[] = []
  #size = 0
  #source: ByteSource | undefined
  #sourceEnded: (() => void) | undefined
  #ended = false
  #taking = false
  /** Called after bytes were pushed or the end was marked. */
  changed: () => void = () => {}

  /** Bytes that can be taken without asking the source. */
  get size(): number { return this.#size }
  /** No bytes are left and none will come. */
  get finished(): boolean { return this.#ended && this.#size === 0 }

  push(bytes: Buffer): void {
    if (this.#ended || bytes.length === 0) return
    this.#pieces.push(bytes)
    this.#size += bytes.length
    this.#announce()
  }

  /** Streams from `source`, which is asked only as fast as the tunnel takes; `ended` follows its last byte. */
  stream(source: ByteSource, ended: () => void): void {
    this.#source = source
    this.#sourceEnded = ended
    this.#announce()
  }

  end(): void {
    this.#ended = true
    this.#source = undefined
    this.#announce()
  }

  /** Up to `most` bytes; empty when there are none now. */
  take(most: number): Buffer {
    this.#taking = true
    while (this.#size < most && this.#source) this.#fill(most)
    this.#taking = false
    const first = this.#pieces[0]
    if (!first) return Buffer.alloc(0)
    if (first.length > most) {
      this.#pieces[0] = first.subarray(most)
      this.#size -= most
      return first.subarray(0, most)
    }
    if (first.length === most || this.#pieces.length === 1) {
      this.#pieces.shift()
      this.#size -= first.length
      return first
    }
    const joined = Buffer.concat(this.#pieces)
    this.#pieces = joined.length > most ? [joined.subarray(most)] : []
    this.#size = Math.max(0, joined.length - most)
    return joined.subarray(0, most)
  }

  /** Silent while bytes are being taken: the taker sees the change itself, and must not be entered again. */
  #announce(): void {
    if (!this.#taking) this.changed()
  }

  #fill(most: number): void {
    const bytes = this.#source?.(Math.max(most, 64 * 1024))
    if (bytes) {
      this.#pieces.push(bytes)
      this.#size += bytes.length
      return
    }
    const ended = this.#sourceEnded
    this.#source = undefined
    this.#sourceEnded = undefined
    ended?.()
  }
}
