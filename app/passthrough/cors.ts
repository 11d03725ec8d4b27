/**
 * Cross-origin access to devices: consumers of the client API read them from their own origin (wire-protocols 3.9), and pages of
 * devices have no origin at all. The key in the address is the permission.
 */
import type { HeaderList } from '../hosts/exchange.ts'

const EXPOSED = 'Accept-Ranges, Age, Allow, Content-Disposition, Content-Encoding, Content-Length, Content-Location, Content-Range, Date, ETag, '
  + 'Last-Modified, Link, Location, Retry-After, Server, X-Requested-With'

/** What an answer needs so that a script of `origin` may read it. */
export const corsHeaders = (origin: string): HeaderList => [
  ['access-control-allow-origin', origin], ['access-control-allow-credentials', 'true'], ['access-control-expose-headers', EXPOSED], ['vary', 'Origin'],
]

interface Headed { readonly method: string, header(name: string): string | undefined }

/** True for the question of a browser whether a request may be made. */
export const isPreflight = (request: Headed): boolean =>
  request.method === 'OPTIONS' && request.header('origin') !== undefined && request.header('access-control-request-method') !== undefined

const names = /^[!#$%&'*+.^_`|~0-9A-Za-z, -]{0,2000}$/

/** The answer to it: what is asked for is allowed. */
export function preflightAnswer(request: Headed): HeaderList {
  const method = request.header('access-control-request-method') ?? ''
  const fields = request.header('access-control-request-headers') ?? ''
  const headers: Array<readonly [string, string]> = [
    ['access-control-allow-origin', request.header('origin') ?? 'null'], ['access-control-allow-credentials', 'true'],
    ['access-control-allow-methods', names.test(method) ? method : 'GET'], ['access-control-max-age', '600'],
    ['vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'], ['cache-control', 'no-store'],
  ]
  if (fields !== '' && names.test(fields)) headers.push(['access-control-allow-headers', fields])
  if (request.header('access-control-request-private-network') === 'true') headers.push(['access-control-allow-private-network', 'true'])
  return headers
}
