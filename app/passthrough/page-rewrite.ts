/**
 * The one alteration that is ever made to an answer: a document for a browser gets a script of ours (`page-scripts.ts`) at its
 * start. Everything that is not a navigation stays byte-exact.
 */
import type { HeaderList } from '../hosts/exchange.ts'

/** What is looked at of a document to find the place. */
const LOOKED_AT = 16 * 1024

export interface RewrittenStart { readonly headers: HeaderList, readonly body: Uint8Array }

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

/** Holds the start of a document until the place of the script is known. */
export class PageRewrite {
  readonly #headers: HeaderList
  readonly #kind: 'html' | 'xml'
  readonly #tags: PageTags
  #parts: Buffer[] = []
  #size = 0

  constructor(headers: HeaderList, kind: 'html' | 'xml', tags: PageTags) {
    this.#headers = headers
    this.#kind = kind
    this.#tags = tags
  }

  /** Takes a piece (copied). Answers the altered start once the place is known; with `last` at the latest. */
  feed(part: Uint8Array, last: boolean): RewrittenStart | undefined {
    this.#parts.push(Buffer.from(part))
    this.#size += part.length
    const bytes = this.#parts.length === 1 ? this.#parts[0] as Buffer : Buffer.concat(this.#parts)
    this.#parts = [bytes]
    const text = bytes.toString('latin1', 0, Math.min(bytes.length, LOOKED_AT))
    const whole = last || this.#size >= LOOKED_AT
    return this.#kind === 'html' ? this.#html(bytes, text, whole) : this.#xml(bytes, text, whole)
  }

  #html(bytes: Buffer, text: string, whole: boolean): RewrittenStart | undefined {
    const at = placeInHtml(text, whole)
    if (at === undefined) return undefined
    if (at < 0) return { headers: this.#headers, body: bytes }
    return { headers: this.#headers, body: Buffer.concat([bytes.subarray(0, at), Buffer.from(this.#tags.storage), bytes.subarray(at)]) }
  }

  #xml(bytes: Buffer, text: string, whole: boolean): RewrittenStart | undefined {
    const root = /<[A-Za-z_]/.exec(text)
    if (!root && !whole) return undefined
    const prolog = root ? text.slice(0, root.index) : text
    if (!/<\?xml-stylesheet\s[^>]*type\s*=\s*["'][^"']*(xsl|xml)[^"']*["']/.test(prolog)) return { headers: this.#headers, body: bytes }
    const charset = /^\s*(?:\xef\xbb\xbf)?<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/.exec(text)?.[1]
      ?? /charset\s*=\s*"?([A-Za-z0-9._-]{1,40})/i.exec(fieldOf(this.#headers, 'content-type'))?.[1] ?? 'utf-8'
    const headers = this.#headers.map(field => field[0] === 'content-type' ? ['content-type', `text/html; charset=${charset}`] as const : field)
    const start = `<!DOCTYPE html>${this.#tags.storage}${this.#tags.stylesheet}<plaintext>`
    return { headers, body: Buffer.concat([Buffer.from(start), bytes]) }
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
