/** Bytes that wait to be sent, in order. What is pushed is kept, not copied: the caller hands over its ownership. */
export class ByteQueue {
  #parts: Uint8Array[] = []
  #first = 0
  #offset = 0
  #size = 0

  /** Bytes that wait. */
  get size(): number { return this.#size }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#parts.push(bytes)
    this.#size += bytes.length
  }

  /** Moves up to `max` bytes into `target` at `at`. Answers how many. */
  readInto(target: Uint8Array, at: number, max: number): number {
    let done = 0
    while (done < max && this.#size > 0) {
      const part = this.#parts[this.#first] as Uint8Array
      const take = Math.min(part.length - this.#offset, max - done)
      target.set(this.#offset === 0 && take === part.length ? part : part.subarray(this.#offset, this.#offset + take), at + done)
      done += take
      this.#size -= take
      this.#offset += take
      if (this.#offset === part.length) {
        this.#first++
        this.#offset = 0
      }
    }
    if (this.#size === 0) {
      this.#parts = []
      this.#first = 0
    } else if (this.#first > 64) {
      this.#parts = this.#parts.slice(this.#first)
      this.#first = 0
    }
    return done
  }

  clear(): void {
    this.#parts = []
    this.#first = this.#offset = this.#size = 0
  }
}
