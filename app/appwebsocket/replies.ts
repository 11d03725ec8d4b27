/** How an app is answered: results, refusals, lists in parts (wire-protocols 3.1, 5.1). */
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { RequestError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import type { Log } from '../observe/log.ts'
import type { CounterName } from '../observe/metrics.ts'
import { REQUESTS, type Failure, type Requests } from '../protocol/service-api.ts'
import type { AppConnection } from './connection.ts'

/** What every message has. */
export const envelope = z.looseObject({ mt: z.string().max(128), src: z.string().max(1024).optional() })
export type Envelope = z.infer<typeof envelope>

export const isApiRequest = (mt: string): mt is keyof Requests => Object.hasOwn(REQUESTS, mt)
const isList = (reply: z.ZodType): boolean => reply instanceof z.ZodObject && 'last' in reply.shape

interface Deps { readonly log: Log, readonly count: (name: CounterName) => void }

export class Replies {
  readonly #deps: Deps
  constructor(deps: Deps) { this.#deps = deps }

  send(connection: AppConnection, message: Envelope): void {
    const text = JSON.stringify(message)
    // Lists come in parts and what else grows has a bound. Should one message be too long all the same, the webserver of a platform would end the connection for it.
    if (text.length * 3 <= LIMITS.appMessageOut.value || Buffer.byteLength(text) <= LIMITS.appMessageOut.value) return void connection.peer?.send(text)
    this.#deps.count('app_messages_too_long')
    this.#deps.log('error', `${message.mt} with ${text.length} characters was not sent: it is too long for one message`)
    this.send(connection, { mt: message.mt, ...(message.src === undefined ? {} : { src: message.src }), error: 'failed', errorText: 'The answer is too long for one message.' })
  }

  /** The result of a request, with its `src`. */
  answer(connection: AppConnection, request: Envelope, result: string, body: object): void {
    this.send(connection, { mt: result, ...(request.src === undefined ? {} : { src: request.src }), ...body })
  }

  /** The refusal of a request; what is no `RequestError` is our own mistake and goes to the log. */
  fail(connection: AppConnection, request: Envelope, result: string, error: unknown): void {
    const known = error instanceof RequestError ? error : undefined
    if (!known) this.#deps.log('error', `${request.mt} failed: ${error instanceof Error ? error.stack ?? error.message : String(error)}`)
    const failure: Failure = { error: known?.code ?? 'failed', errorText: known?.message ?? 'Something went wrong here; the log of the service says what.' }
    if (known?.field !== undefined) failure.field = known.field
    if (known?.count !== undefined) failure.count = known.count
    const entry = isApiRequest(request.mt) ? REQUESTS[request.mt] : undefined
    for (const name of entry?.echo ?? []) if (typeof request[name] === 'string' && request[name].length <= LIMITS.name.value) Object.assign(failure, { [name]: request[name] })
    // A list has come to its end (wire-protocols 3.1).
    this.answer(connection, request, result, entry && isList(entry.reply) ? { ...failure, last: true } : failure)
  }

  /** Parts of a list: no faster than the client reads, and the event loop gets a turn between them. */
  async stream(connection: AppConnection, message: Envelope, result: string, parts: Generator<object>): Promise<void> {
    try {
      for (const part of parts) {
        if (!connection.peer) return
        this.answer(connection, message, result, part)
        await new Promise(resolve => setImmediate(resolve))
        while (connection.peer && connection.peer.buffered > LIMITS.peerBuffered.value / 4) await wait(10)
      }
    } catch (error) {
      this.fail(connection, message, result, error)
    }
  }
}
