import { Duplex } from 'node:stream'
import { InvariantError } from '../errors.ts'
import { ByteQueue } from './byte-queue.ts'
import type { DeviceTunnels } from './device-tunnels.ts'
import type { Tunnel, TunnelFailure, TunnelUser } from './tunnel.ts'

/** A tunnel session ended against the will of its user. */
export class TunnelError extends Error {
  readonly why: TunnelFailure
  constructor(why: TunnelFailure) {
    super(`the tunnel ended: ${why}`)
    this.name = 'TunnelError'
    this.why = why
  }
}

/**
 * A tunnel session as a stream, for protocols that want a socket. One RECV stands as long as the reader keeps up; a write is
 * done when the device has taken its last byte.
 */
export class TunnelSocket extends Duplex implements TunnelUser {
  readonly #tunnels: DeviceTunnels
  readonly #tunnel: Tunnel
  readonly #queue = new ByteQueue()
  #begun = false
  #written: (() => void) | undefined
  #wants = true

  /** `silence`: milliseconds the device may take for its first answer. Throws `InvariantError` unless `hasPlace` of the tunnels said so. */
  constructor(tunnels: DeviceTunnels, silence: number) {
    super({ allowHalfOpen: false })
    this.#tunnels = tunnels
    const tunnel = tunnels.open(this)
    if (!tunnel) throw new InvariantError('a tunnel without a place for it')
    this.#tunnel = tunnel
    tunnel.patience = silence
  }

  /** From now on the device may be silent as long as it likes. */
  settle(): void { this.#tunnel.patience = Infinity }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#queue.push(chunk)
    this.#written = done
    this.#pump()
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    for (const { chunk } of chunks) this.#queue.push(chunk)
    this.#written = done
    this.#pump()
  }

  #pump(): void {
    if (this.#queue.size > 0) {
      if (!this.#tunnel.maySend()) return
      if (this.#begun) this.#tunnel.send(this.#queue)
      else {
        this.#begun = true
        this.#tunnels.begin(this.#tunnel, this.#queue)
      }
      return
    }
    if (this.#tunnel.sending || !this.#written) return
    const done = this.#written
    this.#written = undefined
    done()
  }

  override _read(): void {
    this.#wants = true
    if (this.#begun) this.#tunnel.ask()
  }

  override _destroy(cause: Error | null, done: (cause: Error | null) => void): void {
    this.#tunnel.close()
    this.#queue.clear()
    done(cause)
  }

  ready(): void {
    if (this.#wants && this.#begun && !this.#tunnel.sending) this.#tunnel.ask()
    this.#pump()
  }

  received(data: Uint8Array): void {
    this.#wants = this.push(Buffer.from(data))
    if (this.#wants) this.#tunnel.ask()
  }

  ended(): void { this.push(null) }
  failed(why: TunnelFailure): void { this.destroy(new TunnelError(why)) }
}
