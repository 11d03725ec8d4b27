import type { Exchange } from '../hosts/exchange.ts'
import type { TunnelBounds } from './bounds.ts'
import { ByteQueue } from './byte-queue.ts'
import type { DeviceTunnels } from './device-tunnels.ts'
import type { Tunnel } from './tunnel.ts'

const LAST_CHUNK = Buffer.from('0\r\n\r\n')

/**
 * A request on its way into a device: head and body in SENDs, each after the SEND_RESULT of the one before. A device that does
 * not take them stops the sender, not the service.
 */
export class Upload {
  readonly #exchange: Exchange
  readonly #tunnels: DeviceTunnels
  readonly #tunnel: Tunnel
  readonly #bounds: TunnelBounds
  readonly #queue = new ByteQueue()
  #begun = false
  #allQueued = false
  #chunked = false
  #paused = false
  #over = false

  constructor(exchange: Exchange, tunnels: DeviceTunnels, tunnel: Tunnel, bounds: TunnelBounds) {
    this.#exchange = exchange
    this.#tunnels = tunnels
    this.#tunnel = tunnel
    this.#bounds = bounds
  }

  /** True when the device has taken the whole request. */
  get taken(): boolean { return this.#allQueued && this.#queue.size === 0 && !this.#tunnel.sending }

  /**
   * Begins. `head` makes the head for a body of that many bytes, or for a chunked one. `moved` is called whenever something was
   * handed to the device or nothing is left.
   */
  start(first: string, head: (length: number | undefined) => string, moved: () => void): void {
    const length = this.#exchange.bodyLength
    if (length !== undefined) this.#queue.push(Buffer.from(first, 'latin1'))
    if (length === 0) {
      this.#allQueued = true
      return moved()
    }
    let headQueued = length !== undefined
    this.#exchange.readBody((chunk, last) => {
      if (this.#over) return
      if (!headQueued) {
        headQueued = true
        // A chunked body that is there as a whole is sent with its length: simple clients read one SEND as a complete request.
        this.#chunked = !last
        this.#queue.push(Buffer.from(head(last ? chunk.length : undefined), 'latin1'))
      }
      this.#body(chunk, last)
      moved()
    })
  }

  #body(chunk: Uint8Array, last: boolean): void {
    if (chunk.length > 0) this.#queue.push(this.#chunked ? coded(chunk) : Uint8Array.prototype.slice.call(chunk))
    if (last) {
      if (this.#chunked) this.#queue.push(LAST_CHUNK)
      this.#allQueued = true
    } else if (!this.#paused && this.#queue.size > this.#bounds.tunnelBuffer) {
      this.#paused = true
      this.#exchange.pauseBody()
    }
  }

  /** Sends what may be sent now. */
  pump(): void {
    // What fits into one SEND goes in one SEND.
    if (this.#over || (!this.#begun && !this.#allQueued && this.#queue.size < this.#bounds.tunnelSend)) return
    if (this.#queue.size > 0 && this.#tunnel.maySend()) {
      if (this.#begun) this.#tunnel.send(this.#queue)
      else {
        this.#begun = true
        this.#tunnels.begin(this.#tunnel, this.#queue)
      }
      if (this.#over) return
    }
    if (this.#paused && this.#queue.size < this.#bounds.tunnelBuffer / 2) this.#resume()
  }

  #resume(): void {
    this.#paused = false
    this.#exchange.resumeBody()
  }

  /** Forgets what was not sent. */
  stop(): void {
    this.#over = true
    this.#queue.clear()
  }

  /** Lets the rest of a body flow that nobody needs, so that its sender gets to read the answer. */
  drop(): void { if (this.#paused) this.#resume() }
}

function coded(chunk: Uint8Array): Uint8Array {
  const size = Buffer.from(`${chunk.length.toString(16)}\r\n`, 'latin1')
  const bytes = Buffer.allocUnsafe(size.length + chunk.length + 2)
  bytes.set(size)
  bytes.set(chunk, size.length)
  bytes.write('\r\n', size.length + chunk.length, 'latin1')
  return bytes
}
