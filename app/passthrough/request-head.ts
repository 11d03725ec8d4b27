/** The head of a request as the device gets it (wire-protocols 4.2): what was received, without what belongs to this service or to one hop only. */
import type { HeaderList } from '../hosts/exchange.ts'
import type { Audience } from './audience.ts'
import { refererFor, type Place } from './location.ts'

export interface OuterRequest {
  readonly method: string
  readonly headers: HeaderList
  header(name: string): string | undefined
}

export interface InnerRequest {
  /** Path and query inside the device, verbatim. */
  readonly target: string
  readonly place: Place
  readonly audience: Audience
  /** Cookies of the device; empty for none. */
  readonly cookie: string
  /** Bytes of the body; `undefined` for a chunked one. */
  readonly length: number | undefined
  /** True when the answer is going to be altered, so that it must not be compressed. */
  readonly plain: boolean
}

/** Never passed on: one hop only, ours to decide, or private to the service (`cookie` belongs to its name, `referer` holds the key). */
const OURS = new Set([
  'connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect',
  'http2-settings', 'host', 'content-length', 'cookie', 'cookie2', 'referer', 'origin', 'authorization', 'available-dictionary', 'dictionary-id',
])

const control = /[\u0000-\u0008\u000a-\u001f\u007f]/
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH'])

const written = new Map<string, string>()
/** `content-type` as `Content-Type`: small web servers have been seen to care. */
export function asWritten(name: string): string {
  let known = written.get(name)
  if (known === undefined) {
    known = name.replace(/(^|-)[a-z]/g, letter => letter.toUpperCase())
    if (written.size < 512) written.set(name, known)
  }
  return known
}

/**
 * Whether an `Authorization` may go to the device. Browsers add the passwords they know for the name of the service by
 * themselves, so of a browser only those are passed that a script must have set.
 */
const mayAuthorize = (value: string, audience: Audience): boolean =>
  audience === 'program' || (audience === 'page' && !/^(basic|digest|negotiate|ntlm)\b/i.test(value))

/** Header fields of the outer request that go to the device as they are. */
export function passedFields(request: OuterRequest, audience: Audience): Array<readonly [string, string]> {
  const named = request.header('connection')?.toLowerCase()
  const hop = named === undefined || named === 'keep-alive' || named === 'close' ? undefined : new Set(named.split(',').map(name => name.trim()))
  const fields: Array<readonly [string, string]> = []
  for (const field of request.headers) {
    const [name, value] = field
    if (name === 'authorization' ? !mayAuthorize(value, audience) : OURS.has(name) || name.startsWith('sec-') || hop?.has(name)) continue
    if (!control.test(value)) fields.push(field)
  }
  return fields
}

/** The whole head as text, to be sent as latin1. */
export function requestHead(request: OuterRequest, inner: InnerRequest): string {
  const { place, target } = inner
  let head = `${request.method} ${target} HTTP/1.1\r\nHost: ${place.host}\r\n`
  for (const [name, value] of passedFields(request, inner.audience)) {
    head += name === 'accept-encoding' && inner.plain ? 'Accept-Encoding: identity\r\n' : `${asWritten(name)}: ${value}\r\n`
  }
  if (request.header('origin') !== undefined) head += `Origin: http://${place.host}\r\n`
  const referer = request.header('referer')
  const from = referer === undefined || control.test(referer) ? undefined : refererFor(referer, place)
  if (from !== undefined) head += `Referer: ${from}\r\n`
  if (inner.cookie !== '') head += `Cookie: ${inner.cookie}\r\n`
  if (inner.length === undefined) head += 'Transfer-Encoding: chunked\r\n'
  else if (inner.length > 0 || WITH_BODY.has(request.method)) head += `Content-Length: ${inner.length}\r\n`
  return `${head}Connection: close\r\n\r\n`
}

/** True when path and query can stand in a request line. */
export const isTarget = (target: string): boolean => /^\/[\u0021-\u007e\u0080-\u00ff]*$/.test(target)

/** True for what can be the value of `Host`; it is repeated towards the device and in addresses. */
export const isHost = (host: string): boolean => /^[A-Za-z0-9._~:[\]-]{1,300}$/.test(host)

/** True for a method name. */
export const isMethod = (method: string): boolean => /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}$/.test(method)
