/** Why a request of the user interface was not done. */
import type { Failure } from '../../app/protocol/service-api.ts'

/** The service refused. `code` is part of its contract; `message` is its text for people (English). */
export class RequestRefused extends Error {
  readonly code: Failure['error']
  readonly field: string | undefined
  constructor(code: Failure['error'], text: string, field?: string) { super(text); this.name = 'RequestRefused'; this.code = code; this.field = field }
}

/** There is no connection, or it was lost before the answer: nobody knows whether the request was done. */
export class NotConnected extends Error {
  /** True when the request had left already. */
  readonly sent: boolean
  constructor(sent: boolean) { super('no connection to the service'); this.name = 'NotConnected'; this.sent = sent }
}

/** The service answered something else than its protocol says. */
export class BadAnswer extends Error {
  constructor(mt: string) { super(`the answer to ${mt} has another shape than expected`); this.name = 'BadAnswer' }
}
