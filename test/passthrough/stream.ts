/** Large bodies for tests, made as they are needed. */
import crypto from 'node:crypto'
import type { WebConnection } from './tunnel-device.ts'

/** Pseudo-random bytes of a stream, made as they are needed. */
export class Stream {
  #cipher = crypto.createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16, 2))
  hash = crypto.createHash('sha256')
  left: number
  constructor(size: number) { this.left = size }
  take(max: number): Buffer {
    const bytes = this.#cipher.update(Buffer.alloc(Math.min(max, this.left)))
    this.left -= bytes.length
    this.hash.update(bytes)
    return bytes
  }
}

/** Writes `stream` to whoever asks for it, never far ahead. */
export function pour(stream: Stream, connection: WebConnection): void {
  const more = (): void => {
    while (connection.waitingBytes < 64_000 && stream.left > 0) connection.write(stream.take(64_000))
  }
  connection.onTaken = more
  more()
}
