/** One HTTP request of the outside, handed to a plugin (app-platform-local 3.4). */
import type http from 'node:http'
import { readText, readTlv, text, tlv, u32, u64, type Frame } from './frames.ts'
import type { Plugin } from './plugin.ts'

const TYPES: Readonly<Record<string, number>> = {
  GET: 5, HEAD: 5, POST: 6, PUT: 7, PROPFIND: 0x13, MOVE: 0x14, COPY: 0x15, MKCOL: 0x16, DELETE: 0x17, OPTIONS: 0x18, LOCK: 0x19, UNLOCK: 0x1a, PROPPATCH: 0x1b,
}
const REJECTS: Readonly<Record<number, number>> = { 0x10: 404, 0x11: 400, 0x12: 451, 0x13: 411, 0x14: 502, 0x15: 402, 0x16: 500 }
const RESOURCES: Readonly<Record<number, string>> = {
  0x101: 'application/octet-stream', 0x107: 'image/png', 0x10d: 'text/plain', 0x10e: 'text/xml', 0x10f: 'text/css', 0x110: 'text/javascript', 0x111: 'application/json',
  0x112: 'text/html', 0x113: 'image/svg+xml', 0x106: 'image/gif', 0x118: 'image/jpeg', 0x120: 'application/xml', 0x10c: 'application/pdf', 0x109: 'image/x-icon', 0x11f: 'text/csv',
}

export const rejectStatus = (gp: number): number => REJECTS[gp] ?? 500

/** All fields of a request in one item, repeated ones joined. */
export function headerItem(raw: readonly string[]): Buffer {
  const joined = new Map<string, [string, string]>()
  for (let at = 0; at < raw.length; at += 2) {
    const [name, value] = [raw[at] ?? '', raw[at + 1] ?? '']
    const known = joined.get(name.toLowerCase())
    if (known) known[1] += `, ${value}`
    else if (name.toLowerCase() !== 'host') joined.set(name.toLowerCase(), [name, value])
  }
  return Buffer.from([...joined.values()].map(([name, value]) => `${name}\0${value}\0`).join(''), 'latin1')
}

/** Items that every request begins with. */
export const requestItems = (relative: string, registered: string, request: http.IncomingMessage, flags: number): [number, Buffer | undefined][] => {
  const headers = headerItem(request.rawHeaders)
  return [[0, text(relative)], [1, text(registered)], [5, headers.length ? headers : undefined], [6, text(request.headers.host ?? '')], [4, u32(flags)]]
}

interface Range { kind: number, start: number, end: number }
function rangesOf(header: string | undefined): Range[] {
  const list = /^bytes=(.+)$/.exec(header ?? '')?.[1]?.split(',') ?? []
  return list.flatMap(one => {
    const [, start = '', end = ''] = /^ *(\d*)-(\d*) *$/.exec(one) ?? []
    if (start === '' && end === '') return []
    return [start === '' ? { kind: 3, start: Number(end), end: 0 } : end === '' ? { kind: 2, start: Number(start), end: 0 } : { kind: 1, start: Number(start), end: Number(end) }]
  })
}

function rangeItem(ranges: readonly Range[], version: number): Buffer | undefined {
  if (ranges.length === 0) return undefined
  const number = version === 0 ? u32 : u64
  return Buffer.concat([u32(ranges.length), ...ranges.flatMap(({ kind, start, end }) => [Buffer.from([kind]), number(start), number(end)])])
}

export function serveHttp(plugin: Plugin, version: number, relative: string, registered: string, request: http.IncomingMessage, response: http.ServerResponse, flags: number): void {
  const type = TYPES[request.method ?? '']
  if (type === undefined) return void response.writeHead(501, { connection: 'close' }).end()
  let wanted = 0
  let sending = false
  let head: { length: number | undefined } | undefined
  let sent = 0
  let over = false

  const finish = (): void => {
    if (over) return
    over = true
    plugin.finish(cid)
    plugin.send(cid, 0x0f)
  }
  /** Ended by a refusal or redirect: unconfirmed. */
  const answer = (status: number, headers: http.OutgoingHttpHeaders = {}): void => {
    over = true
    plugin.finish(cid)
    response.writeHead(status, { 'content-length': 0, ...headers }).end()
  }
  const pull = (): void => {
    if (wanted === 0 || over) return
    const piece = request.read(Math.min(wanted, request.readableLength || wanted)) as Buffer | null
    if (piece) {
      wanted = 0
      plugin.send(cid, 0x0d, 0, piece)
    } else if (request.readableEnded || (request.complete && request.readableLength === 0)) {
      wanted = 0
      plugin.send(cid, 0x0d)
    }
  }
  const start = (payload: Buffer): void => {
    const items = readTlv(payload)
    const transfer = items.get(0x0b)
    if (!transfer) throw new Error('a head without TRANSFER_INFO')
    const resource = transfer.readUInt16BE(0)
    const flagBits = transfer.readUInt16BE(2)
    const size = version === 0 ? transfer.readUInt32BE(4) === 0xffffffff ? undefined : transfer.readUInt32BE(4) : items.has(0x11) ? Number(items.get(0x11)?.readBigUInt64BE()) : undefined
    if (version < 2 && items.has(0x13)) plugin.wrong('a status for an old webserver')
    if (version < 1 && (items.has(0x11) || items.has(0x12))) plugin.wrong('DATA_SIZE for an old webserver')
    let status = items.get(0x13)?.readUInt32BE() ?? (resource === 2 ? 304 : 200)
    const headers: [string, string][] = []
    const parts = items.get(5)?.toString('latin1').split('\0') ?? []
    for (let at = 0; at + 1 < parts.length; at += 2) headers.push([parts[at] ?? '', parts[at + 1] ?? ''])
    const media = RESOURCES[resource]
    if (media) headers.push(['Content-Type', media])
    if (flagBits & 1) headers.push(['Content-Encoding', 'gzip'])
    const tag = readText(items.get(2))
    if (tag !== undefined) headers.push(['ETag', `"${tag}"`])
    let length = size
    const range = items.get(3)
    if (range && size !== undefined) {
      const [from, to] = version === 0 ? [range.readUInt32BE(5), range.readUInt32BE(9)] : [Number(range.readBigUInt64BE(5)), Number(range.readBigUInt64BE(13))]
      status = 206
      length = to - from + 1
      headers.push(['Content-Range', `bytes ${from}-${to}/${size}`])
    }
    head = { length }
    if (length !== undefined && status !== 204 && status !== 304) headers.push(['Content-Length', String(length)])
    response.writeHead(status, items.has(0x14) ? readText(items.get(0x14)) : undefined, headers.flat())
    response.flushHeaders()
  }
  const body = (payload: Buffer): void => {
    if (!head) return plugin.wrong('SEND before the head')
    if (sending) return plugin.wrong('a second SEND')
    sent += payload.length
    if (head.length !== undefined && sent > head.length) plugin.wrong('more than DATA_SIZE')
    sending = true
    const done = (): void => {
      sending = false
      if (!over) plugin.send(cid, 0x0a)
    }
    if (response.write(payload)) done()
    else response.once('drain', done)
  }
  const close = (): void => {
    if (!head) plugin.wrong('MESSAGE_HANDLER_CLOSED before the head')
    if (sending) plugin.wrong('MESSAGE_HANDLER_CLOSED before SEND_RESULT')
    if (head?.length !== undefined && sent < head.length && request.method !== 'HEAD' && ![204, 304].includes(response.statusCode)) request.socket.destroy()
    else response.end()
    finish()
  }
  const talk = ({ type, gp, payload }: Frame): void => {
    if (type === 0x0c) {
      if (wanted !== 0) plugin.wrong('a second RECV')
      wanted = gp === 0 ? 0xffff : Math.min(gp, 0xffff)
      pull()
    } else if (type === 0x0b && head) plugin.wrong('a second head')
    else if (type === 0x0b && gp === 1) answer(302, { location: readText(readTlv(payload).get(0x0f)) })
    else if (type === 0x0b && gp !== 0) answer(rejectStatus(gp))
    else if (type === 0x0b) start(payload)
    else if (type === 0x09) body(payload)
    else if (type === 0x12) close()
    else plugin.wrong(`message ${type.toString(16)} in a request`)
  }
  const cid = plugin.begin(one => {
    try {
      talk(one)
    } catch (cause) {
      plugin.wrong(String(cause))
      request.socket.destroy()
    }
  }, () => {
    over = true
    request.socket.destroy()
  })
  request.on('readable', pull)
  request.on('end', pull)
  request.on('error', () => {})
  response.on('close', finish)
  const chunked = request.headers['transfer-encoding'] !== undefined
  const length = request.headers['content-length'] === undefined ? undefined : Number(request.headers['content-length'])
  const old = Buffer.concat([Buffer.from([1, 0, 0, 0]), u32(chunked ? 0xffffffff : length ?? 0)])
  plugin.send(cid, type, 0, tlv([
    ...requestItems(relative, registered, request, flags), [0x11, version > 0 && !chunked && length !== undefined ? u64(length) : undefined],
    [0x12, version > 0 && chunked ? Buffer.alloc(0) : undefined], [0x0b, version === 0 ? old : undefined], [3, rangeItem(rangesOf(request.headers.range), version)],
  ]))
}
