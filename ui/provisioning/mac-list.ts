/** Devices from a pasted list: a MAC in any notation at the start of each line, then a name if there is one. Pure. */
import { cells, MOST_LINES } from './name-list.ts'

export type MacProblem = 'noMac' | 'short' | 'twice' | 'long'
export interface ListedMac { readonly line: number, readonly text: string, readonly hwId: string, readonly name: string, readonly problem?: MacProblem }

const PAIRS = String.raw`[0-9a-f]{2}(?:([:.\- ]?)[0-9a-f]{2}(?:\1[0-9a-f]{2}){4})`
const FOURS = String.raw`[0-9a-f]{4}([:.\- ])[0-9a-f]{4}\2[0-9a-f]{4}`
const SIXES = String.raw`[0-9a-f]{6}[:.\- ][0-9a-f]{6}`
const MAC = new RegExp(`^"?(?:${PAIRS}|${FOURS}|${SIXES})(?![0-9a-z])"?`, 'i')
/** Looks like somebody meant a MAC. */
const ALMOST = /^[0-9a-f:.\-]{6,}(?:[\s;,]|$)/i
const LONGEST = 128

export function readMacs(text: string): { readonly devices: readonly ListedMac[], readonly cut: boolean } {
  const seen = new Set<string>()
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)
  const devices = lines.slice(0, MOST_LINES).flatMap((raw, at): ListedMac[] => {
    const shown = raw.trim()
    if (shown === '') return []
    const found = MAC.exec(shown)
    const line = at + 1
    // A first line without any digit names columns.
    if (!found && seen.size === 0 && !/\d/.test(shown)) return []
    if (!found) return [{ line, text: shown, hwId: '', name: '', problem: ALMOST.test(shown) ? 'short' : 'noMac' }]
    const hwId = found[0].replace(/[^0-9a-f]/gi, '').toLowerCase()
    const rest = shown.slice(found[0].length).replace(/^\s*[;,\t]?\s*/, '')
    const separator = /^\s*[;\t,]/.exec(shown.slice(found[0].length))?.[0].trim() || (rest.includes('\t') ? '\t' : undefined)
    const name = (separator === undefined ? rest : cells(rest, separator)[0] ?? '').trim()
    const problem: MacProblem | undefined = seen.has(hwId) ? 'twice' : name.length > LONGEST ? 'long' : undefined
    seen.add(hwId)
    return [{ line, text: shown, hwId, name, ...(problem ? { problem } : {}) }]
  })
  return { devices, cut: lines.length > MOST_LINES && lines.slice(MOST_LINES).some(line => line.trim() !== '') }
}
