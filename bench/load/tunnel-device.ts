/** A device that serves files through its tunnels, on a websocket of its own. */
import { FileTunnels } from './file-tunnels.ts'
import { admin, identityOf, isChallenge, isWelcome, proof } from './identity.ts'
import { RawWebSocket } from './raw-websocket.ts'

/** Connects the first device of `fill`; resolves when it is in. `url`: base of the service. */
export function tunnelDevice(url: string): Promise<RawWebSocket> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    let corked = false
    const tunnels = new FileTunnels(frame => {
      if (!corked) {
        corked = true
        socket.socket.cork()
        process.nextTick(() => {
          corked = false
          socket.socket.uncork()
        })
      }
      socket.send(frame)
    })
    const socket = new RawWebSocket({ host: hostname, port: Number(port), path: '/example.com/devices/sysclients', localAddress: '127.0.0.1', tls: false }, () => socket.send(admin(identityOf(0))), payload => {
      if (payload[0] === 2) tunnels.message(payload)
      else if (isChallenge(payload)) socket.send(proof(0, payload))
      else if (isWelcome(payload)) resolve(socket)
    }, reject)
  })
}
