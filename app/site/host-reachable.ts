/**
 * `/manager/fixcert.htm` (wire-protocols 6.1): the client opens it when it suspects that the browser does not trust the certificate of
 * a host. The page says that it could be loaded, and closes. On an App Platform the manager has it; here it is the only page
 * beside the instance.
 */
import type { Exchange, HeaderList, Router } from '../hosts/exchange.ts'

const PAGE = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Devices</title><link rel="icon" href="data:,"><script src="fixcert.js"></script></head><body></body></html>\n'
// Whoever asks is of an address that is not known here. It learns the name that it has used itself, and nothing else.
const SCRIPT = `const asker = window.opener || (window.parent !== window ? window.parent : null)
if (asker) asker.postMessage(JSON.stringify({ mt: 'HostReachable', host: location.host }), '*')
window.close()
`
const COMMON: HeaderList = [['cache-control', 'no-store'], ['x-content-type-options', 'nosniff'], ['referrer-policy', 'no-referrer']]
const FILES: ReadonlyMap<string, { readonly body: string, readonly headers: HeaderList }> = new Map([
  ['/manager/fixcert.htm', {
    body: PAGE,
    headers: [['content-type', 'text/html; charset=utf-8'], ['content-security-policy', "default-src 'none'; script-src 'self'; img-src data:; base-uri 'none'; form-action 'none'"], ...COMMON],
  }],
  ['/manager/fixcert.js', { body: SCRIPT, headers: [['content-type', 'text/javascript; charset=utf-8'], ...COMMON] }],
])

/** The router of a host that has no manager beside it. */
export const withHostReachable = (router: Router): Router => ({
  request: (exchange: Exchange) => {
    const file = exchange.method === 'GET' || exchange.method === 'HEAD' ? FILES.get(exchange.path) : undefined
    if (file) exchange.respond(200, file.headers, file.body)
    else router.request(exchange)
  },
  upgrade: request => router.upgrade(request),
})
