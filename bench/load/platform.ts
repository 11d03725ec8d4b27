/**
 * The webserver of an App Platform with browsers and devices (or clients of a bare plugin), in one process. Usage: platform.ts
 * <its socket> devices|echo. Orders, one line each, and their results:
 * `storm <count> <width>` → `{"failed":n}`: so many websockets come, `width` under way at a time, and stay; `drop`: they go;
 * `device [count]`: devices that serve files, and a sign-in; then `flow` and `pace` as in tunnel.ts.
 */
import { filledDevice } from '../../test/fixtures/fill.ts'
import { FileTunnels } from './file-tunnels.ts'
import { admin, identityOf, isChallenge, isWelcome, proof } from './identity.ts'
import { takeOrders } from './orders.ts'
import { PlatformFleet } from './platform-fleet.ts'
import { PlatformGetter } from './platform-getter.ts'
import { sessionKey } from './platform-login.ts'
import { PlatformSocket, sysclientRequest } from './platform-socket.ts'
import { PlatformWebserver } from './platform-webserver.ts'
import { flow, pace } from './streams.ts'

const [socketPath = '', kind = 'echo'] = process.argv.slice(2)
const webserver = await PlatformWebserver.listen(socketPath)
const fleet = new PlatformFleet(webserver, kind === 'devices' ? 'devices' : 'echo')

/** The n-th device, which serves files; resolves when it is in. */
const fileDevice = (n: number): Promise<void> => new Promise((resolve, reject) => {
  const tunnels = new FileTunnels(frame => socket.send(frame))
  const socket = new PlatformSocket(webserver, sysclientRequest, {
    opened: () => socket.send(admin(identityOf(n))),
    message: (_, payload) => {
      if (payload[0] === 2) tunnels.message(payload)
      else if (isChallenge(payload)) socket.send(proof(n, payload))
      else if (isWelcome(payload)) resolve()
    },
    closed: () => reject(new Error('the service closed the websocket of the device')),
  })
})

let key = ''
let devices = 1
const pathOf = (file: string) => (stream: number): string => `/passthrough/${filledDevice(stream % devices).hwId}/${key}/${file}`
const getter = (): PlatformGetter => new PlatformGetter(webserver)

await takeOrders({
  storm: async (count = '0', width = '1') => {
    await webserver.registered
    return fleet.storm(Number(count), Number(width))
  },
  drop: () => {
    fleet.drop()
    return {}
  },
  device: async (count = '1') => {
    await webserver.registered
    devices = Number(count)
    for (let n = 0; n < devices; n++) await fileDevice(n)
    key = await sessionKey(webserver, 'instance-pw-1')
    return {}
  },
  flow: (file = '', streams = '1', seconds = '1') => flow(getter, pathOf(file), Number(streams), Number(seconds)),
  pace: (file = '', perSecond = '1', seconds = '1') => pace(getter, pathOf(file)(0), Number(perSecond), Number(seconds)),
})
