/** What a client gets when there is no answer of the device (wire-protocols 4.2): a small page for people, a line of text for programs. */
import type { Exchange, HeaderList } from '../hosts/exchange.ts'
import { audienceOf } from './audience.ts'
import { corsHeaders } from './cors.ts'

export interface Refusal {
  readonly status: number
  readonly title: string
  /** What happened. */
  readonly text: string
  /** What to do. */
  readonly advice: string
  readonly retryAfter?: number
}

const refusal = (status: number, title: string, text: string, advice: string, retryAfter?: number): Refusal =>
  ({ status, title, text, advice, ...(retryAfter === undefined ? {} : { retryAfter }) })

export const REFUSALS = {
  badRequest: refusal(400, 'This address cannot be passed on', 'The request has a form that no device understands.', 'Check the address and try again.'),
  noWorker: refusal(403, 'Not allowed here', 'Pages of devices may not install service workers.', 'The page works without it.'),
  tooLong: refusal(431, 'The request is too long', 'The head of the request is longer than a device takes.', 'Use a shorter address or fewer header fields.'),
  busy: refusal(503, 'Too many requests at once', 'As many requests as possible are already on their way to this device.', 'Wait a moment and try again.', 2),
  broken: refusal(502, 'The device did not answer properly', 'The connection to the device broke, or its answer could not be understood.', 'Try again. If it stays like this, restart the device.'),
  silent: refusal(504, 'The device does not answer', 'The device took too long to answer.', 'Try again in a minute. If it stays like this, restart the device.'),
  ended: refusal(403, 'This address is no longer valid', 'The session that opened it has ended.', 'Open the device again from the list of devices.'),
} as const satisfies Record<string, Refusal>

const ADVICE = {
  403: ['Not allowed', 'Open the device again from the list of devices.'],
  404: ['Unknown device', 'Look for the device in the list of devices.'],
  503: ['The device is offline', 'Check that the device has power and network, and try again.'],
} as const

/** A refusal in the words of the access check. */
export const notReached = (status: 403 | 404 | 503, text: string): Refusal =>
  refusal(status, ADVICE[status][0], text, ADVICE[status][1], status === 503 ? 10 : undefined)

const escaped = (text: string): string => text.replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`)

const page = ({ title, text, advice }: Refusal): string =>
  '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
  + `<title>${escaped(title)}</title></head>\n<body><h1>${escaped(title)}</h1>\n<p>${escaped(text)}</p>\n<p>${escaped(advice)}</p></body></html>\n`

/** Fields of every answer that is our own. */
export const OWN_HEADERS: HeaderList = [
  ['cache-control', 'no-store'], ['referrer-policy', 'no-referrer'], ['x-content-type-options', 'nosniff'], ['content-security-policy', "default-src 'none'; sandbox"],
]

/** Answers a request without the device. */
export function refuse(exchange: Exchange, why: Refusal): void {
  const human = audienceOf(exchange) === 'navigation'
  const origin = exchange.header('origin')
  exchange.respond(why.status, [
    ['content-type', human ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8'], ...OWN_HEADERS,
    ...(why.retryAfter === undefined ? [] : [['retry-after', String(why.retryAfter)] as const]),
    ...(origin === undefined ? [] : corsHeaders(origin)),
  ], human ? page(why) : `${why.text} ${why.advice}\n`)
}
