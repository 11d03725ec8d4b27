/**
 * The API `com.innovaphone.manager` of the App Platform (wire-protocols 7.3), by the window messages of apps (6.4): those are known
 * exactly, the functions with which lib1 wraps them are not.
 */
import { Fault } from './fault.ts'
import { isObject, member, textOf, type Json } from './unknown.ts'

const API = 'com.innovaphone.manager'
/** The client may have to start the hidden app first, ms. */
const PATIENCE = 20_000

const post = (message: Json): void => window.parent.postMessage(JSON.stringify(message), '*')

/** The answer to the request `src` in a window message; anything else is not ours. */
function answerIn(event: MessageEvent, src: string): Json | undefined {
  if (event.source !== window.parent || typeof event.data !== 'string') return undefined
  try {
    const message: unknown = JSON.parse(event.data)
    return textOf(message, 'mt') === 'ApiResult' && textOf(message, 'api') === API && textOf(message, 'src') === src && isObject(message) ? message : undefined
  } catch {
    return undefined
  }
}

export class ManagerApi {
  readonly #provider: string
  #consuming = false

  /** @param provider name of the App object of the App Platform */
  constructor(provider: string) { this.#provider = provider }

  /** Resolves with the result message. Rejects with `managerRefused` or `managerSilent`. */
  request(mt: string, fields: Json): Promise<Json> {
    if (!this.#consuming) post({ mt: 'ConsumeApi', api: API })
    this.#consuming = true
    const src = `innovaphone.devicesmanager.${crypto.getRandomValues(new Uint32Array(2)).join('')}`
    return new Promise((resolve, reject) => {
      const end = (): void => {
        window.removeEventListener('message', heard)
        clearTimeout(timer)
      }
      const heard = (event: MessageEvent): void => {
        const answer = answerIn(event, src)
        if (!answer) return
        end()
        const msg = member(answer, 'msg')
        const error = textOf(answer, 'errorText') || textOf(msg, 'errorText') || textOf(msg, 'error')
        // It refuses with `error` (7.3), whatever that is.
        if (error !== '' || !isObject(msg) || msg['error'] !== undefined) reject(new Fault('managerRefused', error))
        else resolve(msg)
      }
      const timer = setTimeout(() => {
        end()
        reject(new Fault('managerSilent'))
      }, PATIENCE)
      window.addEventListener('message', heard)
      post({ mt: 'ApiRequest', api: API, ...(this.#provider === '' ? {} : { provider: this.#provider }), src, title: 'Devices', msg: { mt, ...fields } })
    })
  }
}
