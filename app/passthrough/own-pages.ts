/**
 * What this service itself serves under the prefix of a device, so that pages of devices work without an origin of their own.
 * Never asked from the device.
 */
import type { Exchange } from '../hosts/exchange.ts'
import { corsHeaders } from './cors.ts'
import { LINKS_SCRIPT } from './page-links-script.ts'
import { STORAGE_SCRIPT, STYLESHEET_SCRIPT } from './page-scripts.ts'
import { OWN_HEADERS, REFUSALS, refuse } from './refusal.ts'
import type { Visit } from './visits.ts'

/** Inner paths that are ours. */
export const OWN = { storage: '/.passthrough/storage.js', stylesheet: '/.passthrough/stylesheet.js', cookies: '/.passthrough/cookies' } as const
const FOLDER = '/.passthrough/'

/** True for an inner path that never goes to the device. */
export const isOwn = (target: string): boolean => target.startsWith(FOLDER)

/** Bytes of a cookie that a page may set at once. */
const LONGEST = 8_192

const quoted = (value: string): string => `"${value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')}"`

/** The element that loads one of our scripts. The path of the page tells which cookies it may see. */
export const scriptTag = (prefix: string, script: 'storage' | 'stylesheet', target: string): string =>
  `<script src=${quoted(`${prefix}${OWN[script]}?${encodeURIComponent(target.replace(/\?.*$/s, ''))}`)}></script>`

/** Answers an inner path that is ours. */
export function serveOwn(exchange: Exchange, target: string, visit: Visit, now: number): void {
  const question = target.indexOf('?')
  const path = question < 0 ? target : target.slice(0, question)
  const page = pagePath(question < 0 ? '' : target.slice(question + 1))
  const cookies = (): string => visit.jar?.header(page, now, true) ?? ''
  switch (path) {
    case OWN.storage: return answer(exchange, 'text/javascript; charset=utf-8', STORAGE_SCRIPT(cookies(), page) + LINKS_SCRIPT)
    case OWN.stylesheet: return answer(exchange, 'text/javascript; charset=utf-8', STYLESHEET_SCRIPT)
    case OWN.cookies:
      if (exchange.method !== 'POST') return answer(exchange, 'text/plain; charset=utf-8', cookies())
      return readText(exchange, text => {
        if (text !== '') visit.keep([text], page, now, true)
        visit.tidy()
        answer(exchange, 'text/plain; charset=utf-8', cookies())
      })
    default: return answer(exchange, 'text/plain; charset=utf-8', 'There is nothing at this address.\n', 404)
  }
}

function answer(exchange: Exchange, type: string, body: string, status = 200): void {
  const origin = exchange.header('origin')
  exchange.respond(status, [['content-type', type], ...OWN_HEADERS, ...(origin === undefined ? [] : corsHeaders(origin))], body)
}

function readText(exchange: Exchange, done: (text: string) => void): void {
  if ((exchange.bodyLength ?? 0) > LONGEST) return refuse(exchange, REFUSALS.badRequest)
  let text = ''
  exchange.readBody((chunk, last) => {
    if (exchange.finished) return
    text += Buffer.from(chunk).toString('latin1')
    if (text.length > LONGEST) return refuse(exchange, REFUSALS.badRequest)
    if (last) done(Buffer.from(text, 'latin1').toString())
  })
}

function pagePath(query: string): string {
  try {
    const path = decodeURIComponent(query)
    return path.startsWith('/') ? path : '/'
  } catch {
    return '/'
  }
}
