/**
 * A webserver of an App Platform without anything outside: it speaks with its plugin (app-platform-local 3), and what browsers
 * and devices would send is made up in this process. So a websocket costs no descriptor, and there may be as many as wanted.
 * What one turn of its event loop has to say leaves in one write.
 */
import { once } from 'node:events'
import net from 'node:net'
import { frame, frameCollector, text, tlv, u32 } from '../../test/fake-platform/frames.ts'

/** One request or websocket; the payload is valid during the call. */
export interface Talk { frame(type: number, purpose: number, payload: Buffer): void }

/** Path of the instance at the plugin. */
export const WEB_PATH = '/example.com/devices'
const CONTROL = 0xffffff00
const VERSION = 2

/** The payload of a request or websocket request. */
export const requestPayload = (path: string, headers = ''): Buffer =>
  tlv([[0, text(path)], [1, text(WEB_PATH)], [5, headers === '' ? undefined : Buffer.from(headers, 'latin1')], [6, text('ap.example.com')], [4, u32(0)]])

export class PlatformWebserver {
  /** Resolves when a plugin has registered its websockets, which it does last. */
  readonly registered: Promise<void>
  readonly #registered = Promise.withResolvers<void>()
  readonly #talks = new Map<number, Talk>()
  #plugin: net.Socket | undefined
  #numbers = 0
  #out: Buffer[] = []

  private constructor(server: net.Server) {
    this.registered = this.#registered.promise
    server.on('connection', socket => {
      this.#plugin = socket
      socket.on('data', frameCollector(({ cid, type, gp, payload }) => {
        if (cid === CONTROL) this.#control(type)
        else this.#talks.get(cid)?.frame(type, gp, payload)
      }))
      socket.on('error', () => {})
      // The load is over when its server is.
      socket.on('close', () => process.exit(0))
    })
  }

  static async listen(socketPath: string): Promise<PlatformWebserver> {
    const server = net.createServer()
    const webserver = new PlatformWebserver(server)
    server.listen(socketPath)
    await once(server, 'listening')
    return webserver
  }

  /** The number of a new request or websocket. */
  begin(talk: Talk): number {
    this.#talks.set(++this.#numbers, talk)
    return this.#numbers
  }

  finish(cid: number): void { this.#talks.delete(cid) }

  send(cid: number, type: number, purpose = 0, payload?: Uint8Array): void {
    if (this.#out.length === 0) process.nextTick(() => this.#flush())
    this.#out.push(frame(cid, type, purpose, payload))
  }

  #flush(): void {
    const out = this.#out
    this.#out = []
    this.#plugin?.write(Buffer.concat(out))
  }

  #control(type: number): void {
    if (type === 0x1f) return this.send(CONTROL, 0x22, VERSION)
    this.send(CONTROL, 2, 0)
    if (type === 4) this.#registered.resolve()
  }
}
