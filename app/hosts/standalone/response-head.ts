/** Status line and header fields of a response, as this host writes them. */
import type { HttpResponse } from 'uWebSockets.js'
import { STATUS_CODES } from 'node:http'
import { InvariantError } from '../../errors.ts'
import type { HeaderList } from '../exchange.ts'
import { isSendable } from '../header-fields.ts'

const LATIN1 = /^[\u0000-\u00ff]*$/
const ASCII = /^[\u0000-\u007f]*$/

/** Bytes on the wire: ISO 8859-1, which is how HTTP heads are read, where it suffices; else UTF-8. */
const encoded = (value: string): string | Uint8Array => ASCII.test(value) || !LATIN1.test(value) ? value : Buffer.from(value, 'latin1')

/** Must be called corked. Fields that cannot be sent as one field are left out. */
export function writeHead(res: HttpResponse, status: number, headers: HeaderList): void {
  if (!Number.isInteger(status) || status < 200 || status > 599) throw new InvariantError(`${status} is no status of a final response`)
  res.writeStatus(`${status} ${STATUS_CODES[status] ?? 'Status'}`)
  for (const [name, value] of headers) {
    if (isSendable(name, value)) res.writeHeader(name, encoded(value))
  }
}

/** True when the answer asks for the connection to be closed after it. */
export const wantsClose = (headers: HeaderList): boolean =>
  headers.some(([name, value]) => name.toLowerCase() === 'connection' && value.toLowerCase() === 'close')

/** A short answer of the host or of an upgrade that is refused. The connection stays unless `close`. */
export function answerPlainly(res: HttpResponse, status: number, text: string, headers: HeaderList = [], close = false): void {
  res.cork(() => {
    writeHead(res, status, headers.some(([name]) => name === 'content-type') ? headers : [['content-type', 'text/plain; charset=utf-8'], ...headers])
    res.end(text === '' ? '' : `${text}\n`, close || wantsClose(headers))
  })
}
