/**
 * Asks for files through a server, and is the device (or the web server) behind it. Usage: tunnel.ts device|web <url of the server,
 * or path of its socket> [port or socket of the web server]. Then one line per round on its input, and one line of JSON per round
 * on its output:
 * `flow <file> <streams> <seconds>` → `{"bytes":n}`: each stream asks for the next file when it has the one before;
 * `pace <file> <per second> <seconds>` → `{"p99":ms}`: requests at fixed times, however long the answers take.
 */
import { AppClient } from '../../test/fixtures/app-client.ts'
import { filledDevice } from '../../test/fixtures/fill.ts'
import { Getter } from './getter.ts'
import { takeOrders } from './orders.ts'
import { flow, pace } from './streams.ts'
import { tunnelDevice } from './tunnel-device.ts'
import { webServer } from './web-server.ts'

const [kind, server = '', behind = '0'] = process.argv.slice(2)
const place = (given: string): number | string => given.startsWith('/') ? given : Number(given)
const at = server.startsWith('/') ? server : Number(new URL(server).port)

let prefix = ''
if (kind === 'device') {
  await tunnelDevice(server)
  const app = await AppClient.login(`${server.replace('http', 'ws')}/example.com/devices`, { password: 'instance-pw-1' })
  prefix = `/example.com/devices/passthrough/${filledDevice(0).hwId}/${String((await app.request('GetUserInfo'))['key'])}`
} else {
  await webServer(place(behind))
}

const getter = (): Getter => new Getter(at)
await takeOrders({
  flow: (file = '', streams = '1', seconds = '1') => flow(getter, () => `${prefix}/${file}`, Number(streams), Number(seconds)),
  pace: (file = '', perSecond = '1', seconds = '1') => pace(getter, `${prefix}/${file}`, Number(perSecond), Number(seconds)),
})
