/** Many websockets of an App Platform's webserver that come at once: devices that prove themselves, or clients of a bare plugin. */
import { admin, identityOf, isChallenge, isWelcome, proof } from './identity.ts'
import { PlatformSocket, sysclientRequest, type SocketHandler } from './platform-socket.ts'
import type { PlatformWebserver } from './platform-webserver.ts'

const HELLO = Buffer.from('hello')

export class PlatformFleet {
  readonly #webserver: PlatformWebserver
  readonly #kind: 'devices' | 'echo'
  #sockets: PlatformSocket[] = []

  constructor(webserver: PlatformWebserver, kind: 'devices' | 'echo') {
    this.#webserver = webserver
    this.#kind = kind
  }

  /** Lets so many come, `width` of them under way at a time. Resolves when all are in, with the number of those that failed. */
  storm(count: number, width: number): Promise<{ failed: number }> {
    return new Promise(resolve => {
      let started = 0
      let over = 0
      let failed = 0
      const startOne = (): void => {
        const n = started++
        let done = false
        const finish = (ok: boolean): void => {
          if (done) return
          done = true
          over++
          if (!ok) failed++
          if (started < count) startOne()
          else if (over === count) resolve({ failed })
        }
        this.#sockets.push(new PlatformSocket(this.#webserver, sysclientRequest, this.#kind === 'devices' ? device(n, finish) : echo(finish)))
      }
      for (let n = 0; n < Math.min(count, width); n++) startOne()
    })
  }

  /** All go. */
  drop(): void {
    for (const socket of this.#sockets) socket.drop()
    this.#sockets = []
  }
}

const device = (n: number, finish: (ok: boolean) => void): SocketHandler => ({
  opened: socket => socket.send(admin(identityOf(n))),
  message: (socket, payload) => {
    if (isChallenge(payload)) socket.send(proof(n, payload))
    else if (isWelcome(payload)) finish(true)
  },
  closed: () => finish(false),
})

const echo = (finish: (ok: boolean) => void): SocketHandler => ({
  opened: socket => socket.send(HELLO), message: () => finish(true), closed: () => finish(false),
})
