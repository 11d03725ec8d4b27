/** Requests that wait for their answers, matched by `src` (wire-protocols 5.1). */
import { BadAnswer, NotConnected, RequestRefused } from './errors.ts'
import { isString, oneOf } from './shape.ts'
import { REPLIES } from './messages.ts'
import type { RequestName, RequestReply } from './table.ts'

const isCode = oneOf('notLoggedIn', 'noAccess', 'notFound', 'badRequest', 'conflict', 'offline', 'busy', 'failed')

interface Waiting {
  readonly since: number
  /** True when this was the last part. */
  take(message: Record<string, unknown>): boolean
  fail(error: Error): void
}

export class Requests {
  readonly #waiting = new Map<string, Waiting>()
  #count = 0

  /**
   * Registers a request. `onPart` gets every part of an answer in parts and may be called several times.
   * @returns `src` to send along, and the promise of the last part
   */
  expect<K extends RequestName>(mt: K, now: number, inParts: boolean, onPart?: (part: RequestReply<K>) => void): { src: string, done: Promise<RequestReply<K>> } {
    const src = String(++this.#count)
    const done = new Promise<RequestReply<K>>((resolve, reject) => {
      const check = REPLIES[mt]
      this.#waiting.set(src, {
        since: now, fail: reject,
        take: message => {
          if (isString(message['error'])) {
            reject(new RequestRefused(isCode(message['error']) ? message['error'] : 'failed', isString(message['errorText']) ? message['errorText'] : '',
              isString(message['field']) ? message['field'] : undefined))
            return true
          }
          const more = inParts && message['last'] !== true
          if (!check(message)) {
            reject(new BadAnswer(mt))
            return true
          }
          onPart?.(message)
          if (more) return false
          resolve(message)
          return true
        },
      })
    })
    return { src, done }
  }

  /** True when the message was an answer to a request. */
  answer(message: Record<string, unknown>): boolean {
    const src = message['src']
    const waiting = isString(src) ? this.#waiting.get(src) : undefined
    if (!isString(src) || !waiting) return false
    if (waiting.take(message)) this.#waiting.delete(src)
    return true
  }

  /** Nobody answers any more: all waiting requests fail. */
  lose(): void {
    const all = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const waiting of all) waiting.fail(new NotConnected(true))
  }

  /** When the request that waits longest was sent. */
  get oldest(): number | undefined {
    for (const waiting of this.#waiting.values()) return waiting.since
    return undefined
  }
}
