/**
 * The only answers that are ever altered: a document for a browser gets scripts of ours (`page-scripts.ts`) at its start, and its
 * links are kept under the prefix (`page-links.ts`). Everything that is not a navigation stays byte-exact.
 */
import type { HeaderList } from '../hosts/exchange.ts'
import type { Place } from './location.ts'
import { PageLinks } from './page-links.ts'

const asBuffer = (bytes: Uint8Array): Buffer => bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** What is looked at of a document to find the place. */
const LOOKED_AT = 16 * 1024

export interface PageTags {
  /** Element that loads the stand-ins for storage. */
  readonly storage: string
  /** Element that loads the reader of XSL stylesheets. */
  readonly stylesheet: string
}

const fieldOf = (headers: HeaderList, name: string): string => headers.find(([key]) => key === name)?.[1] ?? ''

/** The kind of document an answer is, if it is one that is altered. */
export function documentKind(headers: HeaderList): 'html' | 'xml' | undefined {
  if (!['', 'identity'].includes(fieldOf(headers, 'content-encoding').toLowerCase()) || /^\s*attachment/i.test(fieldOf(headers, 'content-disposition'))) return undefined
  const type = (fieldOf(headers, 'content-type').split(';')[0] as string).trim().toLowerCase()
  if (type === 'text/html') return 'html'
  return type === 'text/xml' || type === 'application/xml' ? 'xml' : undefined
}

/** A document on its way to a browser. Its start is held until the place of the script is known. */
export class PageRewrite {
  /** Fields of the answer; final once there was something to send. */
  headers: HeaderList
  readonly #kind: 'html' | 'xml'
  readonly #tags: PageTags
  readonly #place: Place
  /** What handles the pieces behind the start. */
  #links: PageLinks | undefined
  #started = false
  #parts: Buffer[] = []
  #size = 0

  constructor(headers: HeaderList, kind: 'html' | 'xml', tags: PageTags, place: Place) {
    this.headers = headers
    this.#place = place
    this.#kind = kind
    this.#tags = tags
  }

  /** Takes a piece (copied). Answers what can be sent; undefined while the place is not known, with `last` never. */
  feed(part: Uint8Array, last: boolean): Uint8Array | undefined {
    if (this.#started) return this.#links ? this.#links.feed(asBuffer(part), last) : part
    const start = this.#start(part, last)
    this.#started = start !== undefined
    return start
  }

  #start(part: Uint8Array, last: boolean): Uint8Array | undefined {
    this.#parts.push(Buffer.from(part))
    this.#size += part.length
    const bytes = this.#parts.length === 1 ? this.#parts[0] as Buffer : Buffer.concat(this.#parts)
    this.#parts = [bytes]
    const text = bytes.toString('latin1', 0, Math.min(bytes.length, LOOKED_AT))
    const whole = last || this.#size >= LOOKED_AT
    return this.#kind === 'html' ? this.#html(bytes, text, whole, last) : this.#xml(bytes, text, whole)
  }

  #html(bytes: Buffer, text: string, whole: boolean, last: boolean): Uint8Array | undefined {
    const at = placeInHtml(text, whole)
    if (at === undefined) return undefined
    if (at < 0) return bytes
    this.#links = new PageLinks(this.#place)
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(this.#tags.storage), this.#links.feed(bytes.subarray(at), last)])
  }

  #xml(bytes: Buffer, text: string, whole: boolean): Uint8Array | undefined {
    const root = /<[A-Za-z_]/.exec(text)
    if (!root && !whole) return undefined
    const prolog = root ? text.slice(0, root.index) : text
    if (!/<\?xml-stylesheet\s[^>]*type\s*=\s*["'][^"']*(xsl|xml)[^"']*["']/.test(prolog)) return bytes
    const charset = /^\s*(?:\xef\xbb\xbf)?<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/.exec(text)?.[1]
      ?? /charset\s*=\s*"?([A-Za-z0-9._-]{1,40})/i.exec(fieldOf(this.headers, 'content-type'))?.[1] ?? 'utf-8'
    this.headers = this.headers.map(field => field[0] === 'content-type' ? ['content-type', `text/html; charset=${charset}`] as const : field)
    const start = `<!DOCTYPE html>${this.#tags.storage}${this.#tags.stylesheet}<plaintext>`
    return Buffer.concat([Buffer.from(start), bytes])
  }
}

const step = /(?:\s+|<!--(?:-?>|[\s\S]*?-->)|<\?[^>]*>|<!doctype[^>]*>|<html(?:\s[^>]*)?>|<head(?:\s[^>]*)?>)/iy

/** Where the first script of a page goes: behind the opening of the head, or where one would be. Undefined: more is needed. -1: in a coding that cannot be altered so. */
export function placeInHtml(text: string, whole: boolean): number | undefined {
  if (text.startsWith('\xfe\xff') || text.startsWith('\xff\xfe')) return -1
  let at = text.startsWith('\xef\xbb\xbf') ? 3 : 0
  let found: RegExpExecArray | null
  for (;;) {
    step.lastIndex = at
    found = step.exec(text)
    if (!found) break
    at += found[0].length
    if (/^<head/i.test(found[0])) return at
  }
  // Nothing else can follow that belongs before the head, or it is not all here yet.
  const rest = text.slice(at)
  if (!whole && (rest === '' || isBeginning(rest))) return undefined
  return at
}

/** True when more text could make this a comment, a declaration or an opening that goes before the place. */
const isBeginning = (rest: string): boolean =>
  /^<(?:!--(?!-?>)(?:(?!-->)[\s\S])*|\?[^>]*|!(?:-|d[^>]*|D[^>]*)?|(?:h|ht|htm|html(?:\s[^>]*)?|he|hea|head(?:\s[^>]*)?))?$/i.test(rest)
