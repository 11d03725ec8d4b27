/** What a search of another app finds here (wire-protocols 3.13). Pure. */
import type { SearchInfoMessage, SearchResultMessage } from '../../app/protocol/client-apis.ts'
import type { Device, Domain } from '../../app/protocol/types.ts'

/** As many devices are found at most; whoever wants more refines the words. */
export const MOST_DEVICES = 20
const MOST_DOMAINS = 10
/** Lower is better (0 to 9999). */
const EXACT = 1_000
const STARTS = 2_000
const CONTAINS = 3_000

export interface SearchRequest { readonly words: string, readonly kind: 'app' | 'device', readonly marks: Omit<SearchResultMessage, 'mt'> }

/** @returns undefined when the search is for something that is never found here (contacts) */
export function readSearch(msg: Readonly<Record<string, unknown>>, src: unknown): SearchRequest & { readonly ours: boolean } {
  const { search, type } = msg
  const words = typeof search === 'string' ? search.trim().slice(0, 200) : ''
  // Consumers read `src` or, in older examples, `source` inside the message.
  const marks = { ...(msg['src'] === undefined && src === undefined ? {} : { src: msg['src'] ?? src }), ...(msg['source'] === undefined ? {} : { source: msg['source'] }) }
  const ours = words !== '' && (type === undefined || type === '' || type === 'app' || type === 'device')
  return { words, kind: type === 'device' ? 'device' : 'app', marks, ours }
}

function relevance(words: string, ...texts: readonly string[]): number {
  const wanted = words.toLowerCase()
  const plain = wanted.replace(/[:.-]/g, '')
  const all = texts.map(text => text.toLowerCase())
  if (all.some(text => text === wanted || text === plain)) return EXACT
  return all.some(text => text.startsWith(wanted) || text.startsWith(plain)) ? STARTS : CONTAINS
}

const info = (request: SearchRequest, dn: string, link: string, details: NonNullable<SearchInfoMessage['device']>, rank: number): SearchInfoMessage =>
  ({ mt: 'SearchInfo', ...request.marks, dn, type: request.kind, ...(request.kind === 'device' ? { device: details } : { app: {} }), link, relevance: rank })

/** @param app name of the App object that shows devices: links lead there  @param devices those the service has found */
export function searchInfos(request: SearchRequest, app: string, devices: readonly Device[], domains: readonly Domain[], nameOf: (domainId: number) => string): SearchInfoMessage[] {
  const found = devices.slice(0, MOST_DEVICES).map(device => {
    const name = device.name || device.hwId
    const dn = [name, device.product, ...(device.name ? [device.hwId] : []), nameOf(device.domainId)].filter(Boolean).join(' · ')
    return info(request, dn, `${app}?hwId=${encodeURIComponent(device.hwId)}`, { hwId: device.hwId, name, product: device.product, online: device.online }, relevance(request.words, name, device.hwId))
  })
  const words = request.words.toLowerCase()
  const inDomains = domains.filter(domain => domain.name.toLowerCase().includes(words)).slice(0, MOST_DOMAINS).map(domain =>
    info(request, domain.name, `${app}?domain=${encodeURIComponent(domain.name)}`, { domain: domain.name }, relevance(request.words, domain.name)))
  return [...found, ...inDomains].sort((a, b) => a.relevance - b.relevance)
}
