/** What a handler of the service API is: one function per request of the table. Rights are in the viewer of its session. */
import type { Params, Reply, RequestEntry } from '../protocol/message.ts'
import type { Requests } from '../protocol/service-api.ts'
import type { Session } from '../appwebsocket/sessions.ts'
import type { Subscriptions } from './subscriptions.ts'

/** What a handler knows of its connection. */
export interface ApiContext {
  readonly session: Session
  readonly subscriptions: Subscriptions
  /** The request's `src`, carried by the indications of a subscription. */
  readonly src: string | undefined
}

/** One answer, or several parts of it (`last` is in the parts). */
type Answer<E> = Reply<E> | Promise<Reply<E>> | Generator<Reply<E>> | Promise<Generator<Reply<E>>>
export type Handler<E> = E extends RequestEntry ? (params: Params<E>, context: ApiContext) => Answer<E> : never
/** The handlers of a topic's table. */
export type HandlersOf<T> = { readonly [Name in keyof T]: Handler<T[Name]> }
export type Handlers = HandlersOf<Requests>
