/**
 * Documents of devices are written for the root of a host: their links with an absolute path (`/x`) would leave the prefix. This
 * reads a document as it passes and puts the prefix in front of them. Text, scripts and everything else stay as they are; what
 * scripts ask for later is led back by the script in the page (`page-links-script.ts`).
 */
import { inside, refreshInside, type Place } from './location.ts'

/** A longer tag is passed on as it is. */
const LONGEST_TAG = 16 * 1024

/** Attributes that hold one address. */
const ADDRESSES = new Set(['href', 'src', 'action', 'formaction', 'poster', 'background', 'data', 'xlink:href'])
/** Attributes that hold a list of addresses. */
const LISTS = new Set(['srcset', 'imagesrcset'])
/** Elements whose content is no markup. */
const RAW = new Set(['script', 'style', 'textarea', 'title', 'xmp', 'iframe', 'noembed', 'noframes', 'plaintext'])

interface Attribute { readonly name: string, readonly from: number, readonly to: number }
interface Tag { readonly name: string, readonly end: number, readonly attributes: readonly Attribute[] }

const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13 && code !== 11)

/** Reads the start tag at `at` (HTML Standard 13.2.5). Undefined when its end is not there. */
export function tagAt(text: string, at: number): Tag | undefined {
  const length = text.length
  const attributes: Attribute[] = []
  let i = at + 1
  while (i < length && !isSpace(text.charCodeAt(i)) && text[i] !== '/' && text[i] !== '>') i++
  const name = text.slice(at + 1, i).toLowerCase()
  for (;;) {
    while (i < length && (isSpace(text.charCodeAt(i)) || text[i] === '/')) i++
    if (i >= length) return undefined
    if (text[i] === '>') return { name, end: i + 1, attributes }
    const start = i++
    while (i < length && !isSpace(text.charCodeAt(i)) && text[i] !== '/' && text[i] !== '>' && text[i] !== '=') i++
    const called = text.slice(start, i).toLowerCase()
    let j = i
    while (j < length && isSpace(text.charCodeAt(j))) j++
    if (j >= length) return undefined
    if (text[j] !== '=') continue
    j++
    while (j < length && isSpace(text.charCodeAt(j))) j++
    if (j >= length) return undefined
    const quote = text[j]
    if (quote === '"' || quote === "'") {
      const close = text.indexOf(quote, j + 1)
      if (close < 0) return undefined
      attributes.push({ name: called, from: j + 1, to: close })
      i = close + 1
    } else {
      i = j
      while (i < length && !isSpace(text.charCodeAt(i)) && text[i] !== '>') i++
      if (i >= length) return undefined
      attributes.push({ name: called, from: j, to: i })
    }
  }
}

/** Longer than any match of it: so much of a style sheet is held back until more of it has come. */
const STYLE_TAIL = 64
const inStyle = /(?:url\(\s{0,16}["']?|@import\s{1,16}["'])(?=\/(?:[^/]|$))/gi

export class PageLinks {
  readonly #place: Place
  #rest = ''
  /** Where the text stands: in markup, in a comment, or in an element without markup inside. */
  #in = ''
  #mapped = false

  constructor(place: Place) { this.#place = place }

  /** Takes the next piece of the document, answers what of it can go out. */
  feed(piece: Buffer, last: boolean): Buffer {
    const text = this.#rest + piece.toString('latin1')
    this.#rest = ''
    let out = ''
    let at = 0
    while (at < text.length) {
      const done = this.#in === '' ? this.#markup(text, at, last) : this.#in === '!--' ? this.#comment(text, at, last) : this.#raw(text, at, last)
      out += done.out
      at = done.end
      if (!done.more) continue
      this.#rest = text.slice(at)
      break
    }
    return Buffer.from(out, 'latin1')
  }

  /** `more`: what is left needs more text. */
  #markup(text: string, at: number, last: boolean): { out: string, end: number, more?: boolean } {
    const open = text.indexOf('<', at)
    if (open < 0) return { out: text.slice(at), end: text.length }
    const before = text.slice(at, open)
    if (text.startsWith('<!--', open)) {
      this.#in = '!--'
      return { out: `${before}<!`, end: open + 2 }
    }
    if (!last && text.length - open < 4 && '<!--'.startsWith(text.slice(open))) return { out: before, end: open, more: true }
    if (!/[a-z]/i.test(text[open + 1] ?? '')) return { out: `${before}<`, end: open + 1 }
    const tag = tagAt(text, open)
    if (tag) {
      if (RAW.has(tag.name)) this.#in = tag.name
      return { out: before + this.#tag(text, open, tag), end: tag.end }
    }
    if (!last && text.length - open <= LONGEST_TAG) return { out: before, end: open, more: true }
    return { out: `${before}<`, end: open + 1 }
  }

  #comment(text: string, at: number, last: boolean): { out: string, end: number, more?: boolean } {
    const close = /--!?>/g
    close.lastIndex = at
    const found = close.exec(text)
    if (found) {
      this.#in = ''
      return { out: text.slice(at, close.lastIndex), end: close.lastIndex }
    }
    const safe = last ? text.length : Math.max(at, text.length - 3)
    return { out: text.slice(at, safe), end: safe, more: true }
  }

  #raw(text: string, at: number, last: boolean): { out: string, end: number, more?: boolean } {
    const name = this.#in
    const close = new RegExp(`</${name}(?=[\\s/>])`, 'gi')
    close.lastIndex = at
    const found = name === 'plaintext' ? null : close.exec(text)
    const tail = name === 'style' ? STYLE_TAIL : name.length + 2
    const end = found ? found.index : last ? text.length : Math.max(at, text.length - tail)
    if (found) this.#in = ''
    if (name !== 'style') return { out: text.slice(at, end), end, more: !found }
    const { out, reached } = this.#style(text, at, end)
    return { out, end: reached, more: !found }
  }

  /** A style sheet from `at` to `end`; a match that begins there is taken as a whole. */
  #style(text: string, at: number, end: number): { out: string, reached: number } {
    let out = ''
    let reached = at
    inStyle.lastIndex = at
    for (let found = inStyle.exec(text); found && found.index < end; found = inStyle.exec(text)) {
      const address = found.index + found[0].length
      out += text.slice(reached, address)
      if (!text.startsWith(`${this.#place.prefix}/`, address)) out += this.#place.prefix
      reached = address
    }
    return reached >= end ? { out, reached } : { out: out + text.slice(reached, end), reached: end }
  }

  #tag(text: string, open: number, tag: Tag): string {
    const valueOf = (name: string): string => {
      const found = tag.attributes.find(attribute => attribute.name === name)
      return found ? text.slice(found.from, found.to).trim().toLowerCase() : ''
    }
    let out = this.#map(tag.name, tag.name === 'script' ? valueOf('type') : tag.name === 'link' ? valueOf('rel') : '')
    let reached = open
    for (const { name, from, to } of tag.attributes) {
      const value = text.slice(from, to)
      const led = ADDRESSES.has(name) ? this.#address(value)
        : LISTS.has(name) ? value.replace(/(^|,)(\s*)([^\s,]+)/g, (_all, comma: string, space: string, one: string) => comma + space + this.#address(one))
        : name === 'style' ? this.#style(value, 0, value.length).out
        : name === 'content' && tag.name === 'meta' && valueOf('http-equiv') === 'refresh' ? refreshInside(value, this.#place)
        : value
      if (led === value) continue
      out += text.slice(reached, from) + led
      reached = to
    }
    return out + text.slice(reached, tag.end)
  }

  #address(value: string): string {
    const address = value.trim()
    return /^(?:\/|https?:)/i.test(address) ? inside(address, this.#place) : value
  }

  /** The import map that leads absolute paths in modules back, before the first of them; not in a page that has a map of its own. */
  #map(name: string, kind: string): string {
    if (this.#mapped) return ''
    if (name === 'script' && kind === 'importmap') this.#mapped = true
    if (this.#mapped || !((name === 'script' && kind === 'module') || (name === 'link' && kind === 'modulepreload'))) return ''
    this.#mapped = true
    const root = `${this.#place.prefix}/`
    return `<script type="importmap">${JSON.stringify({ imports: { '/': root, [root]: root } }).replaceAll('<', '\\u003c')}</script>`
  }
}
