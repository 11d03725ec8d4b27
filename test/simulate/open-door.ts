/** A web server without any walls in front of one device web server: /passthrough/<device>/<key>/… is answered under the origin of an "app" page. */
import { once } from 'node:events'
import net from 'node:net'
import type { AddressInfo } from 'node:net'
import { ByteQueue } from '../../app/simulate/device/byte-queue.ts'
import type { HostileTarget } from '../../app/simulate/web/hostile-page.ts'
import { HttpConnection } from '../../app/simulate/web/http.ts'
import type { WebHandler } from '../../app/simulate/web/web-types.ts'
import { Box } from '../../app/simulate/web/box.ts'
import { makeIdentity } from '../../app/simulate/device/identity.ts'
import type { DeviceKind } from '../../app/simulate/device/identity.ts'
import { seededRandom } from '../../app/simulate/random.ts'
import { deviceWeb } from '../../app/simulate/web/routes.ts'
import type { HostileReport } from '../../app/simulate/web/routes.ts'

export const APP_PAGE = '<!doctype html><title>App</title><iframe id="device" src="/passthrough/aa/key1/admin.xml"></iframe>'

export interface OpenDoor { url: string, box: Box, reports: HostileReport[], targets: string[], stop(): Promise<void> }

/** `hostile` makes the device `aa` serve hostile pages; a device `bb` with the same ordinary pages stands beside it. */
export async function openDoor(kind: DeviceKind, hostile: HostileTarget | undefined): Promise<OpenDoor> {
  const identity = makeIdentity(kind, 3, 1)
  const box = new Box({
    kind, identity, url: 'wss://service/sysclients', random: seededRandom(1), updateUrl: undefined, configChange: 'replace',
    identify() {}, register() {}, reboot() {}, now: Date.now, later: (ms, run) => { setTimeout(run, ms).unref() },
  })
  const reports: HostileReport[] = []
  const targets: string[] = []
  const web = (aimed: HostileTarget | undefined): WebHandler => deviceWeb({
    box: () => box, later: box.host.later, hostile: () => aimed, report: report => { reports.push(report) }, seen: ({ target }) => { targets.push(target) },
  })
  const devices = new Map([['aa', web(hostile)], ['bb', web(undefined)]])
  const handler: WebHandler = (request, answer) => {
    const match = /^\/passthrough\/(\w+)\/\w+(\/[^?]*)/.exec(request.target)
    const device = devices.get(match?.[1] ?? '')
    if (!match || !device) {
      answer.send(200, { 'Content-Type': 'text/html' }, APP_PAGE)
      return undefined
    }
    const path = match[2] ?? '/'
    return device({ ...request, path, target: request.query === '' ? path : `${path}?${request.query}` }, answer)
  }
  const server = net.createServer(socket => {
    const out = new ByteQueue()
    const connection = new HttpConnection(handler, out)
    out.changed = () => {
      for (let bytes = out.take(65536); bytes.length > 0; bytes = out.take(65536)) socket.write(bytes)
      if (out.finished) socket.end()
    }
    socket.on('data', bytes => connection.receive(bytes))
    socket.on('close', () => connection.close())
    socket.on('error', () => {})
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets = new Set<net.Socket>()
  server.on('connection', socket => sockets.add(socket))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, box, reports, targets,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
