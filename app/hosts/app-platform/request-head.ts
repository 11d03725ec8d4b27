/** What a request says about itself, out of its items (app-platform-local 3.2, 3.4). */
import type { HeaderList } from '../exchange.ts'
import type { ByteRange, Items } from './items.ts'
import { LIMITS } from '../../limits.ts'

/** Bits of the connection flags. */
const TLS = 1
const LOCAL = 8
const CHUNKED = 0xffffffff
/** Methods that may have a body although nothing says so; the oldest webserver does not say. */
const MAY_HAVE_BODY = new Set(['POST', 'PUT', 'PROPFIND', 'PROPPATCH', 'LOCK'])

export class RequestHead {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: HeaderList
  readonly secure: boolean
  /** The webserver does not tell who the client is, only whether it is on the same machine. Empty: unknown. */
  readonly address: string
  /** `undefined`: read until its end. */
  readonly bodyLength: number | undefined
  /** The registered path that the request came by, and the rest of its path. */
  readonly registered: string
  readonly relative: string

  /** `version` is the webserver's. */
  constructor(method: string, items: Items, version: number) {
    const target = items.path ?? ''
    const mark = target.indexOf('?')
    this.method = method
    this.registered = items.registeredPath ?? ''
    this.relative = mark < 0 ? target : target.slice(0, mark)
    this.query = mark < 0 ? '' : target.slice(mark + 1)
    this.path = `${this.registered.replace(/\/$/, '')}${this.relative === '' || this.relative.startsWith('/') ? '' : '/'}${this.relative}`
    this.headers = headersOf(items)
    const flags = items.flags ?? 0
    this.secure = (flags & TLS) !== 0
    this.address = (flags & LOCAL) !== 0 ? '127.0.0.1' : ''
    this.bodyLength = bodyLength(method, items, version)
  }

  header(name: string): string | undefined {
    for (const [key, value] of this.headers) if (key === name) return value
    return undefined
  }

  /** Longer than a stand-alone listener would take. */
  get tooLarge(): boolean {
    let bytes = 0
    for (const [name, value] of this.headers) bytes += name.length + value.length + 4
    return bytes > LIMITS.headerBytes.value
  }
}

/** What has an item of its own may be missing among the fields, and is put among them. */
function headersOf(items: Items): HeaderList {
  const given = items.headers ?? []
  const has = (name: string): boolean => given.some(([key]) => key === name)
  const front: [string, string][] = items.host !== undefined && !has('host') ? [['host', items.host]] : []
  const back: [string, string][] = []
  if (items.etag && !has('if-none-match')) back.push(['if-none-match', quoted(items.etag)])
  if (items.ranges?.length && !has('range')) back.push(['range', `bytes=${items.ranges.map(rangeText).join(', ')}`])
  return front.length || back.length ? [...front, ...given, ...back] : given
}

const quoted = (tag: string): string => tag === '*' || tag.includes('"') ? tag : `"${tag}"`

function rangeText({ kind, start, end }: ByteRange): string {
  if (kind === 3) return `-${start}`
  return kind === 2 ? `${start}-` : `${start}-${end}`
}

function bodyLength(method: string, items: Items, version: number): number | undefined {
  if (items.chunked) return undefined
  if (items.size !== undefined) return items.size
  const size = items.transfer?.size
  if (size !== undefined) return size === CHUNKED ? undefined : size
  return version === 0 && MAY_HAVE_BODY.has(method) ? undefined : 0
}
