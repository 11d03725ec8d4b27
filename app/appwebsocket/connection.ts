/** State of one AppWebsocket connection. */
import type { Peer } from '../hosts/exchange.ts'
import type { Subscriptions } from '../api/subscriptions.ts'
import type { Session } from './sessions.ts'

export class AppConnection {
  peer: Peer<AppConnection> | undefined = undefined
  /** The open challenge; a login uses it up. */
  challenge: string | undefined = undefined
  session: Session | undefined = undefined
  subscriptions: Subscriptions | undefined = undefined
  /** Messages that wait for the one in work: answers come in the order of the requests (wire-protocols 5.1). */
  readonly queue: string[] = []
  busy = false
  /** Messages in the current second, and how many seconds in a row were above the bound. */
  second = 0
  messages = 0
  hotSeconds = 0
  readonly since: number
  /** Path the connection was opened at, below the instance. */
  readonly path: string

  constructor(since: number, path: string) {
    this.since = since
    this.path = path
  }
}
