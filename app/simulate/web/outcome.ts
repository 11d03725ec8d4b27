/** What a command answers, and how that looks on the wire (device-commands chapter 3, "Answer classifier"). */
import { element } from './xml.ts'

export type Outcome =
  /** Unknown module or command: `?` and CRLF, status 200. */
  | { readonly is: 'unknown' }
  | { readonly is: 'done' }
  | { readonly is: 'failed', readonly error: string }
  | { readonly is: 'reset' }
  /** Children and attributes of the answer are the module's own. */
  | { readonly is: 'xml', readonly xml: string }
  | { readonly is: 'text', readonly text: string, readonly type?: string }

export const UNKNOWN: Outcome = { is: 'unknown' }
export const DONE: Outcome = { is: 'done' }
export const RESET: Outcome = { is: 'reset' }
export const failed = (error: string): Outcome => ({ is: 'failed', error })

/** Body and content type of an outcome. */
export function outcomeBody(outcome: Outcome): { readonly type: string, readonly body: string } {
  const xml = (body: string) => ({ type: 'text/xml', body: `<?xml version="1.0" encoding="utf-8"?>\r\n${body}\r\n` })
  switch (outcome.is) {
    case 'unknown': return { type: 'text/plain', body: '?\r\n' }
    case 'done': return xml(element('info', { state: 'ok' }))
    case 'failed': return xml(element('info', { error: outcome.error }))
    case 'reset': return xml(element('info', { reset: 'true' }))
    case 'xml': return xml(outcome.xml)
    case 'text': return { type: outcome.type ?? 'text/plain', body: outcome.text }
  }
}
