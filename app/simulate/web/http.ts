/** HTTP/1.1 as a small device speaks it: requests out of the bytes of a tunnel session, one after the other. */
import { STATUS_CODES } from 'node:http'
import { LIMITS } from '../../limits.ts'
import type { ByteQueue } from '../device/byte-queue.ts'
import type { LocalConnection } from '../device/tunnels.ts'
import { Answer } from './answer.ts'
import type { BodySink, Takeover, WebHandler, WebRequest } from './web-types.ts'

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
