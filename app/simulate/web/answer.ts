/** One HTTP answer on its way into the byte queue of a connection. */
import { STATUS_CODES } from 'node:http'
import type { ByteQueue, ByteSource } from '../device/byte-queue.ts'
import type { Framing, Takeover, WebAnswer, WebHeaders, WebRequest } from './web-types.ts'

const LINE_END = Buffer.from('\r\n')

/** Status line and header fields, with the empty line. */
export function headText(status: number, headers: WebHeaders): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Status'}\r\n`
  for (const [name, value] of Object.entries(headers)) for (const one of typeof value === 'string' ? [value] : value) text += `${name}: ${one}\r\n`
  return `${text}\r\n`
}

export class Answer implements WebAnswer {
  readonly #out: ByteQueue
  readonly #request: WebRequest
  readonly #keep: boolean
  readonly #takeover: (protocol: Takeover) => void
  readonly #done: (again: boolean) => void
  #dropped = false
  #answered = false
  onStatus: ((status: number) => void) | undefined

  constructor(out: ByteQueue, request: WebRequest, keep: boolean, takeover: (protocol: Takeover) => void, done: (again: boolean) => void) {
    this.#out = out
    this.#request = request
    this.#keep = keep
    this.#takeover = takeover
    this.#done = done
  }

  get answered(): boolean { return this.#answered || this.#dropped }
  drop(): void { this.#dropped = true }

  #begin(status: number): void {
    this.#answered = true
    this.onStatus?.(status)
  }

  send(status: number, headers: WebHeaders, body: string | Buffer = ''): void {
    if (this.answered) return
    this.#begin(status)
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    const keep = this.#keep && headers['Connection'] !== 'close'
    const length: WebHeaders = status === 204 || status === 304 ? {} : { 'Content-Length': String(bytes.length) }
    this.#out.push(Buffer.from(headText(status, { ...headers, ...length, ...(keep ? {} : { 'Connection': 'close' }) }), 'latin1'))
    if (this.#request.method !== 'HEAD') this.#out.push(bytes)
    queueMicrotask(() => { if (!this.#dropped) this.#done(keep) })
  }

  stream(status: number, headers: WebHeaders, framing: Framing, length: number, source: ByteSource): void {
    if (this.answered) return
    this.#begin(status)
    const keep = this.#keep && framing !== 'close'
    const mark: WebHeaders = framing === 'length' ? { 'Content-Length': String(length) } : framing === 'chunked' ? { 'Transfer-Encoding': 'chunked' } : {}
    this.#out.push(Buffer.from(headText(status, { ...headers, ...mark, ...(keep ? {} : { 'Connection': 'close' }) }), 'latin1'))
    const done = () => { if (!this.#dropped) this.#done(keep) }
    if (this.#request.method === 'HEAD') return queueMicrotask(done)
    this.#out.stream(framing === 'chunked' ? chunked(source) : source, done)
  }

  upgrade(headers: WebHeaders, protocol: (write: (bytes: Buffer) => void, end: () => void) => Takeover): void {
    if (this.answered) return
    this.#begin(101)
    this.#out.push(Buffer.from(headText(101, headers), 'latin1'))
    this.#takeover(protocol(bytes => this.#out.push(bytes), () => this.#out.end()))
  }
}

/** The chunked coding around a source. */
function chunked(source: ByteSource): ByteSource {
  let ended = false
  return wanted => {
    if (ended) return undefined
    const bytes = source(wanted)
    if (bytes && bytes.length > 0) return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, LINE_END])
    if (bytes) return bytes
    ended = true
    return Buffer.from('0\r\n\r\n')
  }
}
