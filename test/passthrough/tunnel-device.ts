/**
 * A device for tests of the tunnel, written from wire-protocols 2.11: it speaks the frames over whatever carries them and
 * checks what the service sends (one SEND, one RECV, sizes, ids).
 */
import { TextDecoder } from 'node:util'

export interface TunnelDeviceOptions {
  /** Bytes of one RECV_RESULT at most; 8000 is what a public client answers. */
  chunk?: number
}

/** One connection to the web server inside the device. */
export class WebConnection {
  readonly id: number
  received: Buffer[] = []
  receivedBytes = 0
  /** Sizes of the SEND payloads. */
  sends: number[] = []
  wanted: number[] = []
  waiting: Uint8Array[] = []
  waitingBytes = 0
  ended = false
  shut = false
  #device: TunnelDevice

  constructor(id: number, device: TunnelDevice) {
    this.id = id
    this.#device = device
  }

  get text(): string { return Buffer.concat(this.received).toString('latin1') }

  /** Gives bytes to whoever asks with RECV. */
  write(data: string | Uint8Array): void {
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data
    if (bytes.length === 0) return
    this.waiting.push(bytes)
    this.waitingBytes += bytes.length
    this.answer()
  }

  /** Ends the stream: an empty RECV_RESULT once everything is delivered. */
  end(): void {
    this.ended = true
    this.answer()
  }

  answer(): void {
    while (this.wanted.length > 0 && !this.shut) {
      const part = this.waiting[0]
      if (!part) {
        if (!this.ended) return
        this.wanted.shift()
        this.#device.reply(this.id, 2)
        return
      }
      const size = Math.min(this.wanted[0] as number, this.#device.chunk, part.length)
      this.wanted.shift()
      this.waitingBytes -= size
      if (size === part.length) this.waiting.shift()
      else this.waiting[0] = part.subarray(size)
      this.#device.reply(this.id, 2, part.subarray(0, size))
      this.onTaken?.()
    }
  }

  /** Called after a RECV was answered. */
  onTaken: (() => void) | undefined
}

export class TunnelDevice {
  readonly connections = new Map<number, WebConnection>()
  readonly seen: number[] = []
  readonly complaints: string[] = []
  chunk: number
  /** What the web server does with the bytes of a connection; called for every SEND. */
  serve: (connection: WebConnection, data: Buffer) => void = () => {}
  /** Answers SEND by itself. */
  confirms = true
  /** Answers SHUTDOWN by itself. */
  confirmsShutdown = true
  /** Drops a RECV that comes when there is nothing to give, as one public client does. */
  dropsEarlyRecv = false
  /** Called at every SHUTDOWN of the service. */
  onShutdown: ((connection: WebConnection | undefined, id: number) => void) | undefined
  #send: (frame: Buffer) => void
  #unconfirmed = new Set<number>()

  constructor(send: (frame: Buffer) => void, options: TunnelDeviceOptions = {}) {
    this.#send = send
    this.chunk = options.chunk ?? 8000
  }

  reply(id: number, event: number, data: Uint8Array = Buffer.alloc(0)): void {
    if (event === 3) this.#unconfirmed.delete(id)
    const frame = Buffer.alloc(9 + data.length)
    frame[0] = 2
    frame.writeUInt32BE(id, 1)
    frame.writeUInt32BE(event, 5)
    frame.set(data, 9)
    this.#send(frame)
  }

  confirm(id: number): void { this.reply(id, 3) }

  /** A frame of the service. */
  receive(frame: Buffer): void {
    if (frame.length > 16_384) this.complaints.push(`a frame of ${frame.length} bytes`)
    if (frame[0] !== 2 || frame.length < 9) return void this.complaints.push('no tunnel frame')
    const id = frame.readUInt32BE(1)
    const event = frame.readUInt32BE(5)
    const data = frame.subarray(9)
    let connection = this.connections.get(id)
    switch (event) {
      case 0:
        if (data.length === 0 || data.length > 8192) this.complaints.push(`a SEND of ${data.length} bytes`)
        if (!connection) {
          connection = new WebConnection(id, this)
          this.connections.set(id, connection)
          this.seen.push(id)
        }
        if (this.#unconfirmed.has(id)) this.complaints.push(`session ${id}: SEND before SEND_RESULT`)
        this.#unconfirmed.add(id)
        connection.received.push(Buffer.from(data))
        connection.receivedBytes += data.length
        connection.sends.push(data.length)
        if (this.confirms) this.confirm(id)
        this.serve(connection, Buffer.from(data))
        return
      case 1: {
        if (!connection) return void this.complaints.push(`session ${id}: RECV before SEND`)
        if (this.dropsEarlyRecv && connection.waiting.length === 0 && !connection.ended) return
        if (connection.wanted.length > 0) this.complaints.push(`session ${id}: RECV while one waits`)
        connection.wanted.push(data.readUInt32BE(0) || 8192)
        connection.answer()
        return
      }
      case 4:
        if (connection) connection.shut = true
        this.connections.delete(id)
        this.#unconfirmed.delete(id)
        if (this.confirmsShutdown) this.reply(id, 4)
        this.onShutdown?.(connection, id)
        return
      default: this.complaints.push(`an event ${event}`)
    }
  }
}

export interface InnerHttp { readonly method: string, readonly target: string, readonly headers: ReadonlyMap<string, string>, readonly head: string, readonly body: Buffer }

/** Turns a device into a small HTTP server: `handle` gets whole requests (Content-Length or chunked) and writes raw answers. */
export function serveHttp(device: TunnelDevice, handle: (request: InnerHttp, connection: WebConnection) => void): void {
  const done = new WeakSet<WebConnection>()
  device.serve = connection => {
    if (done.has(connection)) return
    const all = Buffer.concat(connection.received)
    const end = all.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = new TextDecoder('latin1').decode(all.subarray(0, end))
    const lines = head.split('\r\n')
    const headers = new Map(lines.slice(1).map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const))
    const [method = '', target = ''] = (lines[0] ?? '').split(' ')
    let body = all.subarray(end + 4)
    if (headers.get('transfer-encoding') === 'chunked') {
      const parts: Buffer[] = []
      for (let at = 0; ;) {
        const line = body.indexOf('\r\n', at)
        if (line < 0) return
        const size = parseInt(body.toString('latin1', at, line), 16)
        if (body.length < line + 2 + size + 2) return
        if (size === 0) break
        parts.push(body.subarray(line + 2, line + 2 + size))
        at = line + 4 + size
      }
      body = Buffer.concat(parts)
    } else if (body.length < Number(headers.get('content-length') ?? 0)) return
    done.add(connection)
    handle({ method, target, headers, head, body }, connection)
  }
}

/** An answer with its length. */
export const ok = (body: string | Uint8Array, headers = 'Content-Type: text/plain\r\n', status = '200 OK'): Buffer => {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${headers}Content-Length: ${bytes.length}\r\n\r\n`, 'latin1'), bytes])
}
