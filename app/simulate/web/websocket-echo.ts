/** The websocket of the device's web server, at /ws: every message comes back (RFC 6455, written for the device side alone). */
import { createHash } from 'node:crypto'
import { LIMITS } from '../../limits.ts'
import type { Takeover, WebAnswer, WebRequest } from './web-types.ts'

const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

function frame(opcode: number, payload: Buffer, final = true): Buffer {
  const first = Buffer.of((final ? 0x80 : 0) | opcode)
  if (payload.length < 126) return Buffer.concat([first, Buffer.of(payload.length), payload])
  const length = Buffer.alloc(payload.length < 65536 ? 3 : 9)
  if (payload.length < 65536) {
    length[0] = 126
    length.writeUInt16BE(payload.length, 1)
  } else {
    length[0] = 127
    length.writeBigUInt64BE(BigInt(payload.length), 1)
  }
  return Buffer.concat([first, length, payload])
}

interface Frame { readonly final: boolean, readonly opcode: number, readonly payload: Buffer, readonly size: number }

/** The first frame of the bytes; undefined while incomplete; `bad` when it breaks the rules (unmasked, reserved bits, too large). */
function readFrame(bytes: Buffer): Frame | 'bad' | undefined {
  if (bytes.length < 2) return undefined
  const first = bytes.readUInt8(0)
  const second = bytes.readUInt8(1)
  if ((first & 0x70) !== 0 || (second & 0x80) === 0) return 'bad'
  const short = second & 0x7f
  const head = short === 126 ? 4 : short === 127 ? 10 : 2
  if (bytes.length < head) return undefined
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  if (length > LIMITS.simulatedForm.value) return 'bad'
  if (bytes.length < head + 4 + length) return undefined
  const mask = bytes.subarray(head, head + 4)
  const payload = Buffer.from(bytes.subarray(head + 4, head + 4 + length))
  for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] as number) ^ (mask[i & 3] as number)
  return { final: (first & 0x80) !== 0, opcode: first & 0x0f, payload, size: head + 4 + length }
}

/**
 * Answers an upgrade request. Sub-protocols `echo` and `v1.echo` are taken. Messages that begin with `close ` and a code end the
 * websocket with that code; fragments come back as fragments.
 */
export function echoWebsocket(request: WebRequest, answer: WebAnswer): void {
  const key = request.headers.get('sec-websocket-key')
  if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket' || !key) return answer.send(426, { 'Upgrade': 'websocket' })
  const protocol = (request.headers.get('sec-websocket-protocol') ?? '').split(',').map(name => name.trim()).find(name => name === 'echo' || name === 'v1.echo')
  answer.upgrade({
    'Upgrade': 'websocket', 'Connection': 'Upgrade',
    'Sec-WebSocket-Accept': createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64'),
    ...(protocol === undefined ? {} : { 'Sec-WebSocket-Protocol': protocol }),
  }, (write, end) => new Echo(write, end))
}

class Echo implements Takeover {
  readonly #write: (bytes: Buffer) => void
  readonly #end: () => void
  #buffered: Buffer = Buffer.alloc(0)
  #closed = false

  constructor(write: (bytes: Buffer) => void, end: () => void) {
    this.#write = write
    this.#end = end
  }

  receive(bytes: Buffer): void {
    this.#buffered = this.#buffered.length === 0 ? bytes : Buffer.concat([this.#buffered, bytes])
    while (!this.#closed) {
      const got = readFrame(this.#buffered)
      if (got === undefined) return
      if (got === 'bad') return this.#close(1002)
      this.#buffered = this.#buffered.subarray(got.size)
      this.#onFrame(got)
    }
  }

  close(): void { this.#closed = true }

  #onFrame({ final, opcode, payload }: Frame): void {
    if (opcode === OPCODE.ping) return this.#write(frame(OPCODE.pong, payload))
    if (opcode === OPCODE.pong) return
    if (opcode === OPCODE.close) return this.#close(payload.length >= 2 ? payload.readUInt16BE(0) : undefined)
    const wish = opcode === OPCODE.text && final ? /^close (\d{4})$/.exec(payload.toString('utf8'))?.[1] : undefined
    if (wish !== undefined) return this.#close(Number(wish))
    this.#write(frame(opcode, payload, final))
  }

  #close(code: number | undefined): void {
    this.#closed = true
    const payload = Buffer.alloc(code === undefined ? 0 : 2)
    if (code !== undefined) payload.writeUInt16BE(code)
    this.#write(frame(OPCODE.close, payload))
    this.#end()
  }
}
