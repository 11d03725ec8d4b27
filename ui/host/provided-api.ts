/** An API that this app provides to other apps of the client (wire-protocols 6.4): requests and answers pass through the parent window. */
import { isObject, isString, parseObject } from '../connection/shape.ts'
import type { ClientApiId } from '../../app/protocol/client-apis.ts'

/** Whoever asks, as the client names it. It is only ever given back. */
export type Consumer = string | number
type Message = Readonly<Record<string, unknown>>

export interface ApiRequest {
  readonly consumer: Consumer
  /** Mark of the consumer for this request; undefined: it gave none. */
  readonly src: unknown
  readonly msg: Message
}
export interface ApiEvents {
  onRequest(request: ApiRequest): void
  /** This consumer hears no answer any more. */
  onConsumerClosed?(consumer: Consumer): void
}

const isConsumer = (value: unknown): value is Consumer => isString(value) || typeof value === 'number'

export class ProvidedApi {
  readonly #parent: Window
  readonly #api: ClientApiId

  /** @param model what consumers learn of this provider before they ask it */
  constructor(self: Window, api: ClientApiId, model: Message, events: ApiEvents) {
    this.#parent = self.parent
    this.#api = api
    self.addEventListener('message', event => {
      // Only the client itself brings requests: other frames can say what they want.
      if (event.source !== this.#parent) return
      const message = parseObject(event.data)
      if (message?.['api'] !== api || !isConsumer(message['consumer'])) return
      const { mt, consumer, src, msg } = message
      if (mt === 'ApiRequest' && isObject(msg)) events.onRequest({ consumer, src, msg })
      if (mt === 'ApiConsumerClosed') events.onConsumerClosed?.(consumer)
    })
    this.#post({ mt: 'RegisterApi', api })
    this.#post({ mt: 'ApiModel', api, model })
  }

  /** An answer, or one part of it. */
  answer({ consumer, src }: ApiRequest, msg: Message): void { this.#post({ mt: 'ApiResult', api: this.#api, consumer, src, msg }) }

  #post(message: Message): void { this.#parent.postMessage(JSON.stringify(message), '*') }
}

/** Names of the providers of an API, as the client tells them: the first is the one to ask. `listener` hears every change. */
export function consumeApi(self: Window, api: ClientApiId, listener: (providers: readonly string[]) => void): void {
  self.addEventListener('message', event => {
    if (event.source !== self.parent) return
    const message = parseObject(event.data)
    const apis = message?.['mt'] === 'ApiUpdate' ? message['apis'] : undefined
    const providers = isObject(apis) ? apis[api] : undefined
    if (isObject(providers)) listener(Object.keys(providers))
  })
  self.parent.postMessage(JSON.stringify({ mt: 'ConsumeApi', api }), '*')
}
