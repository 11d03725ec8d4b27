/**
 * The head of a device's answer as the browser gets it. A device is not trusted: its pages run in a sandbox without an origin,
 * and none of its headers may change anything that belongs to the name of this service.
 */
import type { HeaderList } from '../hosts/exchange.ts'
import type { Audience } from './audience.ts'
import { corsHeaders } from './cors.ts'
import { inside, refreshInside, type Place } from './location.ts'
import type { ResponseHead } from './response-head.ts'

/** Scripts, forms, dialogs, windows and downloads work; the origin is a new one for each document, so nothing of the service can be reached. */
export const SANDBOX = 'sandbox allow-scripts allow-forms allow-modals allow-popups allow-downloads'

const DROPPED = new Set([
  // one hop only; the host writes its own
  'connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'content-length',
  // would count for the whole host name, or outlive the page
  'clear-site-data', 'strict-transport-security', 'public-key-pins', 'public-key-pins-report-only', 'expect-ct', 'alt-svc', 'service-worker-allowed',
  'nel', 'report-to', 'reporting-endpoints', 'origin-agent-cluster', 'use-as-dictionary', 'speculation-rules', 'no-vary-search', 'accept-ch', 'critical-ch',
  'observe-browsing-topics', 'attribution-reporting-register-source', 'attribution-reporting-register-trigger', 'set-login', 'shared-storage-write',
  'activate-storage-access', 'p3p', 'set-cookie2',
  // reports would carry the address with its key
  'content-security-policy-report-only', 'cross-origin-opener-policy-report-only', 'cross-origin-embedder-policy-report-only',
  // a page without an origin is foreign to its own files, and pages are shown inside the user interface
  'x-frame-options', 'cross-origin-opener-policy', 'cross-origin-embedder-policy', 'cross-origin-resource-policy',
  'referrer-policy', 'timing-allow-origin',
])

/** A browser would ask for a password under the name of this service. */
const LOGIN = new Set(['www-authenticate', 'proxy-authenticate', 'authentication-info', 'proxy-authentication-info'])

export interface OuterAnswer {
  readonly headers: HeaderList
  /** Values of `Set-Cookie`, for the jar. */
  readonly cookies: readonly string[]
}

const NO_COOKIES: readonly string[] = []

/** Translates the fields of an answer. `origin` is the `Origin` of the outer request. */
export function outerAnswer(head: ResponseHead, place: Place, audience: Audience, origin: string | undefined): OuterAnswer {
  const headers: Array<readonly [string, string]> = []
  let cookies: string[] | undefined
  for (const field of head.headers) {
    const [name, value] = field
    switch (name) {
      case 'set-cookie': (cookies ??= []).push(value); continue
      case 'location': case 'content-location': headers.push([name, inside(value, place)]); continue
      case 'refresh': headers.push([name, refreshInside(value, place)]); continue
      case 'content-security-policy': {
        const policy = embeddable(value)
        if (policy !== '') headers.push([name, policy])
        continue
      }
      default:
        if (DROPPED.has(name) || name.startsWith('access-control-') || (audience !== 'program' && LOGIN.has(name))) continue
        headers.push(field)
    }
  }
  headers.push(['content-security-policy', SANDBOX], ['referrer-policy', 'no-referrer'])
  if (origin !== undefined) for (const field of corsHeaders(origin)) headers.push(field)
  return { headers, cookies: cookies ?? NO_COOKIES }
}

/**
 * A device's own policy without what would keep its page out of the user interface (`frame-ancestors`: embedding guards
 * against foreign sites, which do not know the key) or would send the address with its key elsewhere (reports).
 */
const embeddable = (policy: string): string =>
  policy.split(',').map(one => one.split(';').filter(directive => !/^\s*(frame-ancestors|report-uri|report-to)\b/i.test(directive)).join(';').trim())
    .filter(one => one !== '').join(', ')
