/** The leanest websocket client that does: a TCP or TLS socket, a fixed key, a zero mask. So that the load costs little. */
import net from 'node:net'
import tls from 'node:tls'

const HEAD_END = Buffer.from('\r\n\r\n')

/** A masked client frame with a zero mask (the payload travels as it is). Payloads up to 65535 bytes. */
export function frame(payload: Buffer, opcode: 1 | 2 | 9 | 10): Buffer {
  const long = payload.length > 125
  const out = Buffer.alloc((long ? 8 : 6) + payload.length)
  out[0] = 0x80 | opcode
  if (long) {
    out[1] = 0x80 | 126
    out.writeUInt16BE(payload.length, 2)
  } else {
    out[1] = 0x80 | payload.length
  }
  payload.copy(out, long ? 8 : 6)
  return out
}

export interface RawOptions { readonly host: string, readonly port: number, readonly path: string, readonly localAddress: string, readonly tls: boolean, readonly session?: Buffer | undefined }

export class RawWebSocket {
  readonly socket: net.Socket
  #rest: Buffer = Buffer.alloc(0)
  #open = false
  readonly #onOpen: () => void
  readonly #onMessage: (payload: Buffer) => void
  /** Called with the TLS session when there is one. */
  onSession: ((session: Buffer) => void) | undefined
  /** Set: answers pings itself, with `pong`. */
  onPing: ((payload: Buffer) => void) | undefined

  constructor(options: RawOptions, onOpen: () => void, onMessage: (payload: Buffer) => void, onError: (error: Error) => void) {
    this.#onOpen = onOpen
    this.#onMessage = onMessage
    const { host, port, localAddress } = options
    const start = (): void => {
      this.socket.write(`GET ${options.path} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`)
    }
    if (options.tls) {
      const secure = tls.connect({ host, port, localAddress, rejectUnauthorized: false, session: options.session } as tls.ConnectionOptions, start)
      secure.on('session', session => this.onSession?.(session))
      this.socket = secure
    } else {
      this.socket = net.connect({ host, port, localAddress }, start)
    }
    this.socket.setNoDelay(true)
    this.socket.on('data', chunk => this.#data(chunk))
    this.socket.on('error', onError)
  }

  send(payload: Buffer, opcode: 1 | 2 = 2): void { this.socket.write(frame(payload, opcode)) }

  pong(payload: Buffer): void { this.socket.write(frame(payload, 10)) }

  #data(chunk: Buffer): void {
    this.#rest = this.#rest.length ? Buffer.concat([this.#rest, chunk]) : chunk
    if (!this.#open) {
      const end = this.#rest.indexOf(HEAD_END)
      if (end < 0) return
      this.#open = true
      this.#rest = this.#rest.subarray(end + 4)
      this.#onOpen()
    }
    while (this.#rest.length >= 2) {
      const short = (this.#rest[1] ?? 0) & 127
      const head = short === 126 ? 4 : short === 127 ? 10 : 2
      if (this.#rest.length < head) return
      const length = short === 126 ? this.#rest.readUInt16BE(2) : short === 127 ? Number(this.#rest.readBigUInt64BE(2)) : short
      if (this.#rest.length < head + length) return
      const opcode = (this.#rest[0] ?? 0) & 15
      const payload = this.#rest.subarray(head, head + length)
      this.#rest = this.#rest.subarray(head + length)
      if (opcode === 9) {
        if (this.onPing) this.onPing(payload)
        else this.pong(payload)
      }
      else if (opcode === 1 || opcode === 2) this.#onMessage(payload)
    }
    if (this.#rest.length === 0) this.#rest = Buffer.alloc(0)
  }
}
