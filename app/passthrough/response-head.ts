/**
 * The head of a device's HTTP answer (RFC 9112). Tolerant in what small web servers do (lines ending in LF alone, no reason,
 * odd spacing), strict in what decides where the answer ends: folded lines and doubtful lengths are refused.
 */
import { ProtocolError } from '../errors.ts'

/** How the end of a body is found. `none`: no body at all, whatever the head says. */
export type Framing = { readonly by: 'none' } | { readonly by: 'length', readonly length: number } | { readonly by: 'chunks' } | { readonly by: 'close' }

export interface ResponseHead {
  readonly status: number
  /** Names in lower case, in the order received. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
}

const LF = 10
const CR = 13

/**
 * Offset behind the blank line that ends a head, or -1 when it is not there yet. `from` is where to look, at most two bytes
 * behind what was looked at before.
 */
export function headEnd(bytes: Buffer, from = 0): number {
  for (let at = bytes.indexOf(LF, from); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return at + 2
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3
  }
  return -1
}

const statusLine = /^HTTP\/\d\.?\d?[ \t]+(\d{3})(?:[ \t].*)?$/
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const control = /[\u0000-\u0008\u000a-\u001f\u007f]/

/** Reads a whole head. Throws `ProtocolError` with the code `bad-status`, `folded-header` or `bad-header`. */
export function parseHead(text: string): ResponseHead {
  const lines = text.split('\n')
  const first = (lines[0] as string).trimEnd()
  const found = statusLine.exec(first)
  const status = Number(found?.[1])
  if (!found || status < 100 || status > 599) throw new ProtocolError('bad-status', 'the answer of the device is not HTTP')
  const headers: Array<readonly [string, string]> = []
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at] as string
    if (line === '' || line === '\r') break
    const start = line.charCodeAt(0)
    if (start === 32 || start === 9) throw new ProtocolError('folded-header', 'the answer of the device has a folded header line')
    const colon = line.indexOf(':')
    // A line that is no field at all is passed over, as browsers do; it can decide nothing.
    if (colon <= 0) continue
    const name = line.slice(0, colon).trimEnd()
    const value = line.slice(colon + 1).trim()
    if (!token.test(name) || control.test(value)) throw new ProtocolError('bad-header', 'the answer of the device has a header line that cannot be passed on')
    headers.push([name.toLowerCase(), value])
  }
  return { status, headers }
}

/**
 * Where the body ends (RFC 9112 6.3). Throws `ProtocolError` `bad-length` for repeated or contradicting lengths and for a
 * transfer coding other than chunked.
 */
export function framingOf(head: ResponseHead, method: string): Framing {
  let length: string | undefined
  let chunks = false
  for (const [name, value] of head.headers) {
    if (name === 'content-length') {
      if (length !== undefined || !/^\d{1,15}$/.test(value)) throw new ProtocolError('bad-length', 'the answer of the device has a doubtful length')
      length = value
    } else if (name === 'transfer-encoding' && value.toLowerCase() !== 'identity') {
      if (chunks || value.toLowerCase() !== 'chunked') throw new ProtocolError('bad-length', 'the answer of the device has an unknown transfer coding')
      chunks = true
    }
  }
  if (chunks && length !== undefined) throw new ProtocolError('bad-length', 'the answer of the device has a length and is chunked')
  if (method === 'HEAD' || head.status < 200 || head.status === 204 || head.status === 304) return { by: 'none' }
  if (chunks) return { by: 'chunks' }
  return length === undefined ? { by: 'close' } : { by: 'length', length: Number(length) }
}

/** Collects a head that comes in several pieces, at most `max` bytes of it. */
export class HeadCollector {
  #bytes = Buffer.alloc(0)
  #size = 0
  #max: number

  constructor(max: number) { this.#max = max }

  /**
   * Adds a piece. Answers the head once it is whole, and how many bytes of this piece belong to it. Throws `ProtocolError`
   * `head-too-long`.
   */
  add(piece: Uint8Array): { head: string, used: number } | undefined {
    const before = this.#size
    const take = Math.min(piece.length, this.#max - before)
    if (this.#bytes.length < before + take) {
      const larger = Buffer.allocUnsafe(Math.max(before + take, Math.min(this.#max, this.#bytes.length * 2)))
      this.#bytes.copy(larger, 0, 0, before)
      this.#bytes = larger
    }
    this.#bytes.set(piece.subarray(0, take), before)
    this.#size = before + take
    const end = headEnd(this.#bytes.subarray(0, this.#size), Math.max(0, before - 2))
    if (end >= 0) {
      const head = this.#bytes.toString('latin1', 0, end)
      this.#bytes = Buffer.alloc(0)
      this.#size = 0
      return { head, used: end - before }
    }
    if (this.#size >= this.#max) throw new ProtocolError('head-too-long', 'the answer of the device has too long a head')
    return undefined
  }
}
