/**
 * Words of a search (ours: GetDevicesPage). All must be contained in the text of the device, anywhere. Rare words are found by
 * the full-text index of three-character parts, the rest by looking at the texts of all devices, which an index holds together.
 */

/** Parts of a word that are asked for in the index. Names and MACs tend to begin alike, so the last ones tell most. */
const PARTS = 6
const PART_LENGTH = 3
const MOST_WORDS = 8

/** Words with their alternatives: one that can be a MAC in another notation (dashes, colons, dots, upper case) is also looked for as plain digits. */
export type Words = readonly (readonly string[])[]

export function searchWords(search: string): Words {
  return search.toLowerCase().split(/\s+/).filter(Boolean).slice(0, MOST_WORDS).map(word => {
    const digits = word.replace(/[-:.]/g, '')
    return digits !== word && digits.length >= 4 && /^[0-9a-f]+$/.test(digits) ? [word, digits] : [word]
  })
}

/** Text as it stands in the column `search`: the index reads no further than to a NUL. */
export const searchable = (text: string): string => text.toLowerCase().replaceAll('\0', ' ')

/** Condition on the column `search`; one variable for each alternative of each word. */
export const containsAll = (words: Words): string => words.map(alternatives => `(${alternatives.map(() => 'instr(search, ?) > 0').join(' OR ')})`).join(' AND ')

/**
 * What to ask the full-text index for: each device with all words is among its answers, others may be, too. Undefined when no
 * word is long enough. Every part is quoted, so nothing of a word is syntax.
 */
export function indexQuery(words: Words): string | undefined {
  const asked = words.map(alternatives => alternatives.map(partsOf)).filter(alternatives => alternatives.every(parts => parts.length > 0))
  if (asked.length === 0) return undefined
  return asked.map(alternatives => `(${alternatives.map(parts => `(${parts.map(quoted).join(' AND ')})`).join(' OR ')})`).join(' AND ')
}

function partsOf(word: string): string[] {
  const characters = [...word]
  if (characters.includes('\0')) return []
  const starts = Math.max(0, characters.length - PART_LENGTH + 1)
  const parts = Array.from({ length: starts }, (_, at) => characters.slice(at, at + PART_LENGTH).join(''))
  return [...new Set(parts)].slice(-PARTS)
}

const quoted = (part: string): string => `"${part.replaceAll('"', '""')}"`

/**
 * Sorts text as people expect numbers in it, as plain text does: each run of digits is preceded by its length, without leading
 * zeros. `büro 102` comes before `büro 1012`. Bare MAC addresses keep the order of their digits.
 */
export function naturalKey(text: string): string {
  if (/^[0-9a-f]{12}$/.test(text)) return text
  return text.replace(/\d+/g, digits => {
    const number = digits.replace(/^0+(?=\d)/, '')
    return `${String(Math.min(number.length, 99)).padStart(2, '0')}${number}`
  })
}
