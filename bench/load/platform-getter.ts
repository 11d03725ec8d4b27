/** One request after the other as the webserver of an App Platform hands them to its plugin (app-platform-local 3.4). */
import { requestPayload, type PlatformWebserver, type Talk } from './platform-webserver.ts'

const Type = { get: 0x05, send: 0x09, sendResult: 0x0a, head: 0x0b, shutdownComplete: 0x0f, handlerClosed: 0x12 } as const
const HEADERS = [
  'User-Agent', 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0', 'Accept', '*/*', 'Accept-Language', 'de,en;q=0.8', 'Accept-Encoding', 'gzip, deflate',
  'Sec-Fetch-Site', 'same-origin', 'Sec-Fetch-Mode', 'cors', 'Sec-Fetch-Dest', 'empty', '',
].join('\0')

export class PlatformGetter implements Talk {
  readonly #webserver: PlatformWebserver
  #cid = 0
  #bytes = 0
  #done: ((bytes: number) => void) | undefined

  constructor(webserver: PlatformWebserver) { this.#webserver = webserver }

  /** Bytes of the body of the answer. `path`: below the instance. */
  get(path: string): Promise<number> {
    this.#cid = this.#webserver.begin(this)
    this.#bytes = 0
    this.#webserver.send(this.#cid, Type.get, 0, requestPayload(path, HEADERS))
    return new Promise(resolve => { this.#done = resolve })
  }

  frame(type: number, purpose: number, payload: Buffer): void {
    if (type === Type.head && purpose !== 0) throw new Error(`a request was refused with ${purpose}`)
    if (type === Type.send) {
      this.#bytes += payload.length
      this.#webserver.send(this.#cid, Type.sendResult)
    } else if (type === Type.handlerClosed) {
      this.#webserver.send(this.#cid, Type.shutdownComplete)
      this.#webserver.finish(this.#cid)
      this.#done?.(this.#bytes)
    }
  }

  /** Nothing stays open between requests. */
  close(): void {}
}
