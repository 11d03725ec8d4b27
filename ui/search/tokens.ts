/**
 * `label: value` in the search field (ours). Pure. A word with a colon that is no label may be a MAC or an IPv6 address, so only
 * words that look like neither are called unknown labels.
 */
import { STATES, TYPES, type DeviceState, type Filter } from '../route/route.ts'
import type { DeviceType } from '../../app/protocol/types.ts'

export type TokenLabel = 'type' | 'online' | 'state' | 'domain' | 'category' | 'product' | 'version'
export const TOKEN_LABELS: readonly TokenLabel[] = ['type', 'online', 'state', 'domain', 'category', 'product', 'version']

/** What people type, English and German, always understood in both. */
const LABEL_WORDS: Record<string, TokenLabel> = {
  type: 'type', typ: 'type', online: 'online', state: 'state', status: 'state', zustand: 'state', domain: 'domain', domäne: 'domain', domaene: 'domain',
  category: 'category', kategorie: 'category', product: 'product', produkt: 'product', version: 'version',
}
const TYPE_WORDS: Record<string, DeviceType> = {
  phone: 'PHONE', telefon: 'PHONE', gateway: 'GW', gw: 'GW', dect: 'DECT', va: 'VA', virtual: 'VA', virtuell: 'VA', platform: 'APP_PLATFORM', plattform: 'APP_PLATFORM', app_platform: 'APP_PLATFORM',
}
const YES = ['yes', 'ja', 'true', '1']
const NO = ['no', 'nein', 'false', '0']
const STATE_WORDS: Record<string, DeviceState> = {
  online: 'online', offline: 'offline', unassigned: 'unassigned', expected: 'expected', erwartet: 'expected', lost: 'lost', verloren: 'lost',
}

export type Reading =
  | { readonly kind: 'words' }
  /** The filter with the token in it. */
  | { readonly kind: 'token', readonly label: TokenLabel, readonly filter: Filter }
  | { readonly kind: 'unknownLabel', readonly label: string }
  | { readonly kind: 'unknownValue', readonly label: TokenLabel, readonly value: string, readonly choices: readonly string[] }

const TOKEN = /(?:^|\s)(\p{L}+):\s*(?:"([^"]*)"|(\S*))\s*$/u
const looksLikeAddress = (label: string): boolean => /^[0-9a-f]{1,4}$/i.test(label)

/** Reads the end of the text: somebody has just typed there. `domains`, `categories`: names that exist. */
export function readToken(text: string, filter: Filter, domains: readonly string[], categories: readonly string[] = []): Reading & { readonly rest: string } {
  const match = TOKEN.exec(text)
  const words: Reading & { rest: string } = { kind: 'words', rest: text.trim() }
  if (!match) return words
  const [, word = '', quoted, plain] = match
  const label = LABEL_WORDS[word.toLowerCase()]
  const rest = text.slice(0, match.index).trim()
  if (!label) return looksLikeAddress(word) ? words : { kind: 'unknownLabel', label: word, rest }
  const value = (quoted ?? plain ?? '').trim()
  if (!value) return { kind: 'unknownValue', label, value, choices: choicesOf(label, domains, categories), rest }
  const changed = apply(label, value, filter, domains, categories)
  return changed ? { kind: 'token', label, filter: changed, rest } : { kind: 'unknownValue', label, value, choices: choicesOf(label, domains, categories), rest }
}

const MOST_CHOICES = 5
const choicesOf = (label: TokenLabel, domains: readonly string[], categories: readonly string[]): readonly string[] => ({
  type: ['phone', 'gateway', 'dect', 'va', 'platform'], online: ['yes', 'no'], state: [...STATES], domain: domains.slice(0, MOST_CHOICES), category: categories.slice(0, MOST_CHOICES), product: [], version: [],
})[label]

const adding = <T extends string>(order: readonly T[], list: readonly T[], item: T): readonly T[] => order.filter(one => one === item || list.includes(one))

/** The name that was meant: written out, or the only one that begins so. */
function named(lower: string, names: readonly string[]): string | undefined {
  const exact = names.find(name => name.toLowerCase() === lower)
  const starting = names.filter(name => name.toLowerCase().startsWith(lower))
  return exact ?? (starting.length === 1 ? starting[0] : undefined)
}
const withName = (list: readonly string[], name: string): readonly string[] => list.includes(name) ? list : [...list, name]

function apply(label: TokenLabel, value: string, filter: Filter, domains: readonly string[], categories: readonly string[]): Filter | undefined {
  const lower = value.toLowerCase()
  switch (label) {
    case 'type': {
      const type = TYPE_WORDS[lower]
      return type && { ...filter, types: adding(TYPES, filter.types, type) }
    }
    case 'online':
      if (YES.includes(lower)) return { ...filter, states: ['online'] }
      return NO.includes(lower) ? { ...filter, states: ['offline', 'expected'] } : undefined
    case 'state': {
      const state = STATE_WORDS[lower]
      return state && { ...filter, states: adding(STATES, filter.states, state) }
    }
    case 'domain': {
      const found = named(lower, domains)
      return found === undefined ? undefined : { ...filter, domains: withName(filter.domains, found) }
    }
    case 'category': {
      const found = named(lower, categories)
      return found === undefined ? undefined : { ...filter, categories: withName(filter.categories, found) }
    }
    case 'product': return { ...filter, product: value }
    case 'version': return { ...filter, version: value }
  }
}

/** Everything in the filter that is shown as a token; `without` is the filter when it is taken away. */
export interface Token { readonly label: TokenLabel, readonly value: string, readonly without: Filter }

export function tokensOf(filter: Filter): Token[] {
  const all: Token[] = []
  for (const type of filter.types) all.push({ label: 'type', value: type, without: { ...filter, types: filter.types.filter(other => other !== type) } })
  for (const state of filter.states) all.push({ label: 'state', value: state, without: { ...filter, states: filter.states.filter(other => other !== state) } })
  for (const name of filter.domains) all.push({ label: 'domain', value: name, without: { ...filter, domains: filter.domains.filter(other => other !== name) } })
  for (const name of filter.categories) all.push({ label: 'category', value: name, without: { ...filter, categories: filter.categories.filter(other => other !== name) } })
  if (filter.product !== undefined) all.push({ label: 'product', value: filter.product, without: { ...filter, product: undefined } })
  if (filter.version !== undefined) all.push({ label: 'version', value: filter.version, without: { ...filter, version: undefined } })
  return all
}
