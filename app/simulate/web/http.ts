/** HTTP/1.1 as a small device speaks it: requests out of the bytes of a tunnel session, answers into its byte queue. */
import { STATUS_CODES } from 'node:http'
import { LIMITS } from '../../limits.ts'
import type { ByteQueue, ByteSource } from '../device/byte-queue.ts'
import type { LocalConnection } from '../device/tunnels.ts'

export interface WebRequest {
  readonly method: string
  /** As received. */
  readonly target: string
  /** Without the query, percent-encoding kept. */
  readonly path: string
  /** Without the question mark, as received. */
  readonly query: string
  /** Names in lower case; repeated fields joined with a comma. */
  readonly headers: ReadonlyMap<string, string>
}

export type WebHeaders = Readonly<Record<string, string | readonly string[]>>
/** How the end of a body is marked; `close` ends the connection. */
export type Framing = 'length' | 'chunked' | 'close'

/** Receives a request body as it arrives. */
export interface BodySink { data(bytes: Buffer): void, end(): void }

/** A protocol that takes the connection over after 101. */
export interface Takeover { receive(bytes: Buffer): void, close(): void }

export interface WebAnswer {
  /** Head and body at once. */
  send(status: number, headers: WebHeaders, body?: string | Buffer): void
  /** A body of any size, made while it is taken; `length` in bytes is announced with framing `length`. */
  stream(status: number, headers: WebHeaders, framing: Framing, length: number, source: ByteSource): void
  /** Answers 101 and hands the connection over. */
  upgrade(headers: WebHeaders, protocol: (write: (bytes: Buffer) => void, end: () => void) => Takeover): void
  readonly answered: boolean
  /** Called with the status when the answer begins. */
  onStatus: ((status: number) => void) | undefined
}

/** Answers requests. May return a sink to receive the body; without one the body is read and dropped. Answers may come later. */
export type WebHandler = (request: WebRequest, answer: WebAnswer) => BodySink | undefined

/** Collects a body up to `LIMITS.simulatedForm`, or answers 413. */
export function collect(answer: WebAnswer, done: (body: Buffer) => void): BodySink {
  const pieces: Buffer[] = []
  let size = 0
  return {
    data(bytes) {
      size += bytes.length
      if (size <= LIMITS.simulatedForm.value) pieces.push(Buffer.from(bytes))
      else if (!answer.answered) answer.send(413, { 'Connection': 'close' }, 'too large\r\n')
    },
    end() { if (!answer.answered) done(Buffer.concat(pieces)) },
  }
}

type Reading =
  | { readonly at: 'head' }
  | { readonly at: 'body', left: number }
  | { readonly at: 'chunk-size' }
  | { readonly at: 'chunk', left: number }
  | { readonly at: 'chunk-end' }
  | { readonly at: 'trailer' }
  | { readonly at: 'takeover', readonly protocol: Takeover }
  | { readonly at: 'done' }

const HEAD_END = Buffer.from('\r\n\r\n')
const LINE_END = Buffer.from('\r\n')
const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP\/1\.([01])$/

function parseHead(text: string): { request: WebRequest, minor: string } | undefined {
  const [first = '', ...lines] = text.split('\r\n')
  const match = REQUEST_LINE.exec(first)
  if (!match) return undefined
  const [, method = '', target = '', minor = ''] = match
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon <= 0) return undefined
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  const question = target.indexOf('?')
  return {
    request: {
      method, target, headers,
      path: question < 0 ? target : target.slice(0, question), query: question < 0 ? '' : target.slice(question + 1),
    },
    minor,
  }
}

/** One connection to the local web server: requests one after the other, kept alive unless asked otherwise. */
export class HttpConnection implements LocalConnection {
  readonly #handler: WebHandler
  readonly #out: ByteQueue
  #buffered: Buffer = Buffer.alloc(0)
  #reading: Reading = { at: 'head' }
  #sink: BodySink | undefined
  #answer: Answer | undefined

  constructor(handler: WebHandler, out: ByteQueue) {
    this.#handler = handler
    this.#out = out
  }

  receive(bytes: Buffer): void {
    if (this.#reading.at === 'takeover') return this.#reading.protocol.receive(bytes)
    if (this.#reading.at === 'done') return
    this.#buffered = this.#buffered.length === 0 ? bytes : Buffer.concat([this.#buffered, bytes])
    while (this.#step()) { /* as far as the bytes go */ }
    // The tunnel message is reused by nobody, but a view would keep its whole allocation alive.
    if (this.#buffered.length === 0) this.#buffered = Buffer.alloc(0)
  }

  close(): void {
    if (this.#reading.at === 'takeover') this.#reading.protocol.close()
    this.#reading = { at: 'done' }
    this.#answer?.drop()
  }

  /** One part of the input; false when more bytes or the running answer must come first. */
  #step(): boolean {
    const reading = this.#reading
    switch (reading.at) {
      case 'head': return this.#answer === undefined && this.#readHead()
      case 'body':
      case 'chunk': return this.#readBody(reading)
      case 'chunk-size': return this.#readChunkSize()
      case 'chunk-end': return this.#line() !== undefined && this.#go({ at: 'chunk-size' })
      case 'trailer': {
        const line = this.#line()
        if (line === undefined) return false
        return line === '' ? this.#bodyEnds() : true
      }
      case 'takeover': {
        const rest = this.#buffered
        this.#buffered = Buffer.alloc(0)
        if (rest.length > 0) reading.protocol.receive(rest)
        return false
      }
      case 'done': return false
    }
  }

  #go(next: Reading): true {
    this.#reading = next
    return true
  }

  #line(): string | undefined {
    const end = this.#buffered.indexOf(LINE_END)
    if (end < 0) {
      if (this.#buffered.length > LIMITS.simulatedHead.value) this.#refuse(431)
      return undefined
    }
    const line = this.#buffered.toString('latin1', 0, end)
    this.#buffered = this.#buffered.subarray(end + 2)
    return line
  }

  #readHead(): boolean {
    const end = this.#buffered.indexOf(HEAD_END)
    if (end > LIMITS.simulatedHead.value || (end < 0 && this.#buffered.length > LIMITS.simulatedHead.value)) return this.#refuse(431)
    if (end < 0) return false
    const head = parseHead(this.#buffered.toString('latin1', 0, end))
    if (!head) return this.#refuse(400)
    this.#buffered = this.#buffered.subarray(end + 4)
    const { request, minor } = head
    const connection = request.headers.get('connection')?.toLowerCase() ?? ''
    const keep = minor === '1' ? !connection.includes('close') : connection.includes('keep-alive')
    const chunked = request.headers.get('transfer-encoding')?.toLowerCase().includes('chunked') ?? false
    const length = request.headers.get('content-length')
    if (length !== undefined && !/^\d{1,15}$/.test(length)) return this.#refuse(400)
    this.#reading = chunked ? { at: 'chunk-size' } : { at: 'body', left: Number(length ?? 0) }
    const answer = new Answer(this.#out, request, keep, protocol => { this.#reading = { at: 'takeover', protocol } }, again => this.#answered(again))
    this.#answer = answer
    this.#sink = this.#handler(request, answer)
    const now = this.#reading
    return now.at === 'body' && now.left === 0 ? this.#bodyEnds() : true
  }

  #readBody(reading: { readonly at: 'body' | 'chunk', left: number }): boolean {
    if (this.#buffered.length === 0 && reading.left > 0) return false
    const piece = this.#buffered.subarray(0, reading.left)
    this.#buffered = this.#buffered.subarray(piece.length)
    reading.left -= piece.length
    if (piece.length > 0) this.#sink?.data(piece)
    if (this.#reading !== reading || reading.left > 0) return true
    return reading.at === 'chunk' ? this.#go({ at: 'chunk-end' }) : this.#bodyEnds()
  }

  #readChunkSize(): boolean {
    const line = this.#line()
    if (line === undefined) return false
    const size = /^([0-9a-fA-F]{1,12})(?:;.*)?$/.exec(line)?.[1]
    if (size === undefined) return this.#refuse(400)
    const left = parseInt(size, 16)
    return this.#go(left === 0 ? { at: 'trailer' } : { at: 'chunk', left })
  }

  #bodyEnds(): boolean {
    const sink = this.#sink
    this.#sink = undefined
    this.#reading = { at: 'head' }
    sink?.end()
    return true
  }

  #answered(again: boolean): void {
    this.#answer = undefined
    if (!again) {
      this.#reading = { at: 'done' }
      this.#out.end()
    } else {
      while (this.#step()) { /* a further request may wait already */ }
    }
  }

  #refuse(status: number): false {
    this.#reading = { at: 'done' }
    this.#out.push(Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`))
    this.#out.end()
    return false
  }
}

function headText(status: number, headers: WebHeaders): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Status'}\r\n`
  for (const [name, value] of Object.entries(headers)) for (const one of typeof value === 'string' ? [value] : value) text += `${name}: ${one}\r\n`
  return `${text}\r\n`
}

class Answer implements WebAnswer {
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
