/**
 * The files of the apps, embedded in the executable. Files live below `/<path>/<build>/` and may be cached for ever; other
 * addresses redirect there (wire-protocols 6.1).
 */
import zlib from 'node:zlib'
import type { Exchange, HeaderList } from '../hosts/exchange.ts'
import { APPS } from '../appwebsocket/app-info.ts'
import { entityTag, rangeOf } from './conditions.ts'

const TYPES: Readonly<Record<string, string>> = {
  htm: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml',
  png: 'image/png', woff2: 'font/woff2', json: 'application/json', txt: 'text/plain; charset=utf-8',
}
const COMPRESSED = new Set(['htm', 'js', 'css', 'svg', 'json', 'txt'])

/** No inline script or style, nothing from elsewhere. The app is framed by myApps, whose address is not known here. */
const PAGE_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'"

/**
 * The address has the build in it, so that what it names never changes and is hardly asked for again. It is always answered in full:
 * how a webserver of an App Platform takes a 304 is not known (app-platform-local 3.4).
 */
const ALWAYS = [['cache-control', 'public, max-age=31536000, immutable'], ['x-content-type-options', 'nosniff'], ['referrer-policy', 'no-referrer'], ['accept-ranges', 'bytes']] as const

/** One form in which a file is sent, with an entity tag of its own: ranges count the bytes that travel. */
interface Form { readonly body: Uint8Array, readonly tag: string, readonly headers: HeaderList }
interface SiteFile { readonly plain: Form, readonly gzip: Form | undefined }

export class Site {
  readonly #read: (name: string) => Uint8Array | undefined
  readonly #build: string
  readonly #files = new Map<string, SiteFile | undefined>()

  /** `read` gives an embedded file by name. */
  constructor(build: string, read: (name: string) => Uint8Array | undefined) {
    this.#build = build
    this.#read = read
  }

  #file(name: string): SiteFile | undefined {
    if (this.#files.has(name)) return this.#files.get(name)
    // Names come from outside: a flat list of plain names, never a path.
    const data = /^[\w.-]{1,80}$/.test(name) ? this.#read(`ui_${name}`) : undefined
    if (!data) return undefined
    const kind = name.slice(name.lastIndexOf('.') + 1)
    const headers: HeaderList = [
      ['content-type', TYPES[kind] ?? 'application/octet-stream'],
      ...(kind === 'htm' ? [['content-security-policy', PAGE_POLICY] as const] : []),
      ...(kind === 'woff2' ? [['access-control-allow-origin', '*'] as const] : []),
    ]
    const compressed = COMPRESSED.has(kind)
    const form = (body: Uint8Array, more: HeaderList = []): Form => {
      const tag = entityTag(body)
      return { body, tag, headers: [...headers, ...more, ...ALWAYS, ...(compressed ? [['vary', 'accept-encoding'] as const] : []), ['etag', tag]] }
    }
    const file: SiteFile = { plain: form(data), gzip: compressed ? form(zlib.gzipSync(data, { level: 9 }), [['content-encoding', 'gzip']]) : undefined }
    this.#files.set(name, file)
    return file
  }

  /**
   * Answers a GET or HEAD. `path` is the part below the instance (`/150001/main.js`), `base` the path of the instance; false when
   * there is no such file.
   */
  serve(exchange: Exchange, path: string, base: string): boolean {
    if (exchange.method !== 'GET' && exchange.method !== 'HEAD') return false
    const parts = path.split('/').filter(Boolean)
    if (parts.length === 2 && parts[0] === this.#build) return this.#send(exchange, parts[1] ?? '')
    // An address without the build, or with the build of another version: go to the current one.
    const name = parts.at(-1) ?? `${APPS.ui}.htm`
    if (parts.length > 2 || (parts.length === 2 && !/^[0-9a-fA-F]+$/.test(parts[0] ?? ''))) return false
    const target = this.#file(name) ? name : this.#file(`${name}.htm`) ? `${name}.htm` : undefined
    if (target === undefined) return false
    const query = exchange.query ? `?${exchange.query}` : ''
    exchange.respond(302, [['location', `${base}/${this.#build}/${target}${query}`], ['cache-control', 'no-store'], ['referrer-policy', 'no-referrer']])
    return true
  }

  #send(exchange: Exchange, name: string): boolean {
    const file = this.#file(name)
    if (!file) return false
    const { body, tag, headers } = (/\bgzip\b/.test(exchange.header('accept-encoding') ?? '') ? file.gzip : undefined) ?? file.plain
    const range = exchange.method === 'GET' ? rangeOf(exchange.header('range'), exchange.header('if-range'), tag, body.length) : undefined
    if (range === undefined) exchange.respond(200, headers, body)
    else if (range === 'none') exchange.respond(416, [['content-range', `bytes */${body.length}`], ['accept-ranges', 'bytes'], ['cache-control', 'no-store']])
    else exchange.respond(206, [...headers, ['content-range', `bytes ${range.start}-${range.end}/${body.length}`]], body.subarray(range.start, range.end + 1))
    return true
  }
}
