/** HttpGet of the client API: a consumer reads something of a device through this app (wire-protocols 3.9). */
import { isString } from '../connection/shape.ts'
import type { DevicesResult } from '../../app/protocol/client-apis.ts'

/** Longest text given to a consumer, in bytes: window messages are copied several times. */
export const LONGEST = 4 * 1024 * 1024
const PATIENCE = 60_000

type Answer = DevicesResult<'HttpGet'>
const refuse = (uri: unknown, error: 'badRequest' | 'failed', errorText: string): Answer => ({ mt: 'HttpGetResult', ...(isString(uri) ? { uri } : {}), error, errorText })

/** True for addresses below the pages of a device of this service; anything else would make this app a tool against its own host. */
export function isBelow(base: string, uri: unknown): uri is string {
  if (!isString(uri) || !URL.canParse(uri)) return false
  const { origin, pathname, username, password } = new URL(uri)
  const start = new URL(base)
  return origin === start.origin && username === '' && password === '' && pathname.startsWith(start.pathname) && pathname.length > start.pathname.length
}

async function read(response: Response): Promise<string | undefined> {
  const reader = response.body?.getReader()
  if (!reader) return ''
  const parts: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return new Blob(parts).text()
    size += value.length
    if (size > LONGEST) {
      await reader.cancel()
      return undefined
    }
    parts.push(value)
  }
}

/** @param base passthrough base of this service  @param signal ends the request when nobody waits for it */
export async function httpGet(base: string, uri: unknown, signal: AbortSignal): Promise<Answer> {
  if (!isBelow(base, uri)) return refuse(uri, 'badRequest', 'The address does not lie below the uri of a device.')
  try {
    const response = await fetch(uri, { credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer', signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]) })
    if (!isBelow(base, response.url)) return refuse(uri, 'failed', 'The device leads to another address.')
    const result = await read(response)
    if (result === undefined) return refuse(uri, 'failed', `The answer is longer than ${LONGEST} bytes.`)
    return { mt: 'HttpGetResult', uri, status: response.status, result, ...(response.ok ? {} : { error: 'failed', errorText: `The device answered ${response.status}.` }) }
  } catch (cause) {
    return refuse(uri, 'failed', cause instanceof Error && cause.name === 'TimeoutError' ? 'The device did not answer in time.' : 'The device could not be reached.')
  }
}
