/**
 * The head of a response as items (app-platform-local 3.2, 3.4). Whatever has an item of its own goes there; the rest are
 * header fields. A webserver older than version 2 knows no status: there only success, redirects and refusals can be said.
 */
import { STATUS_CODES } from 'node:http'
import { InvariantError } from '../../errors.ts'
import type { HeaderList } from '../exchange.ts'
import { BODILESS, isSendable } from '../header-fields.ts'
import { encodeItems, type ByteRange, type Items } from './items.ts'
import { Reject, rejectOf, type RejectCode } from './message-types.ts'
import { NONE, resourceOf, UNCHANGED } from './resource-types.ts'

export interface Question { readonly method: string, readonly registered: string, readonly relative: string }

export type Answer =
  | { readonly is: 'head', readonly payload: Uint8Array }
  /** Ends the request at once. */
  | { readonly is: 'redirect', readonly payload: Uint8Array }
  | { readonly is: 'reject', readonly code: RejectCode }

const GZIP = 1
const RANGE = 2
const CHUNKED = 0xffffffff
/** The header fields that a redirect of the webserver can do without. */
const REDIRECT_FIELDS = new Set(['location', 'cache-control', 'referrer-policy', 'content-type'])

/** `length`: of the body; `undefined` is chunked. `version` is the webserver's. */
export function answerOf(version: number, status: number, headers: HeaderList, length: number | undefined, question: Question): Answer {
  if (!Number.isInteger(status) || status < 200 || status > 599) throw new InvariantError(`${status} is no status of a final response`)
  const location = headers.find(([name]) => name.toLowerCase() === 'location')?.[1]
  if (status === 302 && location !== undefined && length === 0) {
    const target = redirectTarget(location, headers, question)
    const payload = target === undefined ? undefined : encodeItems({ redirect: target }, version)
    if (payload) return { is: 'redirect', payload }
  }
  if (version < 2) {
    const redirect = status >= 300 && status < 400 && location !== undefined ? encodeItems({ redirect: location }, version) : undefined
    if (redirect) return { is: 'redirect', payload: redirect }
    if (status >= 300 && status !== 304) return { is: 'reject', code: rejectOf(status) }
  }
  const payload = encodeItems(headItems(version, status, headers, length), version)
  return payload ? { is: 'head', payload } : { is: 'reject', code: Reject.internal }
}

function headItems(version: number, status: number, headers: HeaderList, length: number | undefined): Items {
  const fields: (readonly [string, string])[] = []
  const known: { etag?: string, ranges?: readonly ByteRange[] } = {}
  let resource: number | undefined
  let flags = 0
  let size = length
  for (const [name, value] of headers) {
    if (!isSendable(name, value)) continue
    const key = name.toLowerCase()
    const number = key === 'content-type' ? resourceOf(value) : undefined
    const tag = key === 'etag' ? /^"([^"]+)"$/.exec(value)?.[1] : undefined
    const range = key === 'content-range' && status === 206 ? /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(value) : null
    if (number !== undefined) resource = number
    else if (tag !== undefined) known.etag = tag
    else if (key === 'content-encoding' && value.toLowerCase() === 'gzip') flags |= GZIP
    else if (range && length !== undefined) {
      known.ranges = [{ kind: 1, start: Number(range[1]), end: Number(range[2]) }]
      size = Number(range[3])
      flags |= RANGE
    } else fields.push([name, value])
  }
  if (status === 304) resource = UNCHANGED
  const framed = version === 0 || BODILESS.has(status) ? {} : size === undefined ? { chunked: true as const } : { size }
  return {
    ...known, ...framed, ...(fields.length ? { headers: fields } : {}),
    ...(version >= 2 ? { status, statusText: STATUS_CODES[status] ?? 'Status' } : {}),
    transfer: { resource: resource ?? NONE, flags, ...(version === 0 ? { size: BODILESS.has(status) ? 0 : Math.min(size ?? CHUNKED, CHUNKED) } : {}) },
  }
}

/**
 * The relative form that the webserver is known to send on: to the instance's own files, from below the registered path, with
 * `../` for each level. A bare registered path has no level to count from.
 */
function redirectTarget(location: string, headers: HeaderList, { method, registered, relative }: Question): string | undefined {
  const root = `${registered.replace(/\/$/, '')}/`
  if (method !== 'GET' || !location.startsWith(root) || !/^\/[^/]/.test(relative)) return undefined
  if (headers.some(([name]) => !REDIRECT_FIELDS.has(name.toLowerCase()))) return undefined
  const levels = relative.split('/').length - 2
  return `${levels === 0 ? './' : '../'.repeat(levels)}${location.slice(root.length)}`
}
