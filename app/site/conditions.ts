/** Entity tags and ranges of a GET (RFC 9110, 8.8.3 and 14), as far as files that never change need them. */
import crypto from 'node:crypto'

/** 128 bits, in base64url. */
const TAG_LENGTH = 22

/** An entity tag of these very bytes, with its quotes. */
export const entityTag = (bytes: Uint8Array): string => `"${crypto.createHash('sha256').update(bytes).digest('base64url').slice(0, TAG_LENGTH)}"`

export interface Range { readonly start: number, /** Inclusive. */ readonly end: number }

/** What is asked for: the first range that is there, `none` when there is none such, undefined for all of it. */
export function rangeOf(range: string | undefined, ifRange: string | undefined, tag: string, size: number): Range | 'none' | undefined {
  const list = /^bytes=([\d\s,-]+)$/i.exec(range ?? '')?.[1]
  // A date in If-Range matches nothing: there is no Last-Modified.
  if (list === undefined || (ifRange !== undefined && ifRange.trim() !== tag)) return undefined
  const ranges: Range[] = []
  for (const one of list.split(',')) {
    const [, first = '', last = ''] = /^\s*(\d{0,15})-(\d{0,15})\s*$/.exec(one) ?? []
    // What is no range at all makes the whole field one that is ignored.
    if ((first === '' && last === '') || (first !== '' && last !== '' && Number(last) < Number(first))) return undefined
    const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
    const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
    if (start < size && start <= end) ranges.push({ start, end })
  }
  return ranges[0] ?? 'none'
}
