import { parseSetCookie } from 'set-cookie-parser'

interface Kept { readonly name: string, readonly value: string, readonly path: string, readonly expires: number, readonly httpOnly: boolean }

export interface CookieBounds { readonly cookiesPerDevice: number, readonly cookieSize: number }

/**
 * The cookies of one device in one session, kept here instead of in the browser: there they would belong to the name of this
 * service, for all devices and the service alike. Rules of RFC 6265 for a single host; `Domain`, `Secure` and `SameSite` have
 * no meaning in a tunnel.
 */
export class CookieJar {
  readonly #bounds: CookieBounds
  /** By name and path, in the order of creation. */
  readonly #cookies = new Map<string, Kept>()

  constructor(bounds: CookieBounds) { this.#bounds = bounds }

  get size(): number { return this.#cookies.size }

  /**
   * Takes the values of `Set-Cookie`. `path` is the path of the request inside the device, `now` in ms. `fromPage`: a script set
   * it, which neither makes nor changes HttpOnly cookies.
   */
  store(values: readonly string[], path: string, now: number, fromPage = false): void {
    const fitting = values.filter(value => value.length <= this.#bounds.cookieSize)
    for (const cookie of parseSetCookie(fitting, { decodeValues: false, silent: true, split: false })) {
      const { name, value } = cookie
      if (!writable(name) || !writable(value) || (fromPage && cookie.httpOnly)) continue
      const scope = cookie.path?.startsWith('/') ? cookie.path : directory(path)
      const key = `${name}\u0000${scope}`
      if (fromPage && this.#cookies.get(key)?.httpOnly) continue
      const expires = cookie.maxAge !== undefined ? now + cookie.maxAge * 1000 : cookie.expires?.getTime() ?? Infinity
      if (expires <= now) {
        this.#cookies.delete(key)
        continue
      }
      this.#cookies.set(key, { name, value, path: scope, expires, httpOnly: cookie.httpOnly === true })
      if (this.#cookies.size > this.#bounds.cookiesPerDevice) this.#dropOldest()
    }
  }

  #dropOldest(): void {
    for (const key of this.#cookies.keys()) {
      this.#cookies.delete(key)
      return
    }
  }

  /** The `Cookie` header for a request to `path`; empty when there is none. `forPage`: what a script may see. */
  header(path: string, now: number, forPage = false): string {
    if (this.#cookies.size === 0) return ''
    const fitting: Kept[] = []
    for (const [key, cookie] of this.#cookies) {
      if (cookie.expires <= now) this.#cookies.delete(key)
      else if (covers(cookie.path, path) && !(forPage && cookie.httpOnly)) fitting.push(cookie)
    }
    fitting.sort((a, b) => b.path.length - a.path.length)
    return fitting.map(({ name, value }) => name === '' ? value : `${name}=${value}`).join('; ')
  }
}

const writable = (text: string): boolean => !/[\u0000-\u001f\u007f;]/.test(text)

const pathOnly = (path: string): string => {
  const query = path.indexOf('?')
  return query < 0 ? path : path.slice(0, query)
}

/** The default path of a cookie (RFC 6265 5.1.4). */
function directory(path: string): string {
  const only = pathOnly(path)
  const slash = only.lastIndexOf('/')
  return slash <= 0 ? '/' : only.slice(0, slash)
}

function covers(scope: string, path: string): boolean {
  const only = pathOnly(path)
  if (only === scope) return true
  return only.startsWith(scope) && (scope.endsWith('/') || only[scope.length] === '/')
}
