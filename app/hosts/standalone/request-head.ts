/** The head of a request, copied out of uWS: its own object lives only as long as the call that hands it over. */
import type { HttpRequest } from 'uWebSockets.js'
import type { HeaderList } from '../exchange.ts'

const DIGITS = /^\d{1,15}$/

export class RequestHead {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: HeaderList

  constructor(req: HttpRequest) {
    this.method = req.getCaseSensitiveMethod().toUpperCase()
    this.path = req.getUrl()
    const query: string | undefined = req.getQuery() // undefined without a `?`, whatever the declarations say
    this.query = query ?? ''
    const headers: [string, string][] = []
    req.forEach((name, value) => { headers.push([name, value]) })
    this.headers = headers
  }

  /** The first value of a header. */
  header(name: string): string | undefined {
    for (const [key, value] of this.headers) if (key === name) return value
    return undefined
  }

  /** Declared body length: `undefined` for a chunked body, 0 for none, 'bad' for one that two readers could understand differently. */
  bodyLength(): number | undefined | 'bad' {
    let length: number | undefined
    let chunked = false
    for (const [name, value] of this.headers) {
      if (name === 'transfer-encoding') {
        if (value.toLowerCase() !== 'chunked' || chunked) return 'bad'
        chunked = true
      } else if (name === 'content-length') {
        if (length !== undefined || !DIGITS.test(value)) return 'bad'
        length = Number(value)
      }
    }
    if (chunked) return length === undefined ? undefined : 'bad'
    return length ?? 0
  }

  /** True when the client asks for a websocket (RFC 6455, 4.2.1). */
  wantsWebSocket(): boolean {
    return this.method === 'GET' && (this.header('upgrade') ?? '').toLowerCase().split(',').some(one => one.trim() === 'websocket')
  }
}
