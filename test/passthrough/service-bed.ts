/** Tunnels through the executable itself: an app that has logged in, and devices that came with their passwords. */
import fs from 'node:fs'
import { AppClient } from '../fixtures/app-client.ts'
import { fill, filledDevice, filledPassword } from '../fixtures/fill.ts'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { PASSWORD, startService, temporaryFolder, type Service } from '../fixtures/service.ts'
import { TunnelDevice } from './tunnel-device.ts'

export interface ServiceBed {
  readonly service: Service
  readonly app: AppClient
  readonly port: number
  /** The key of the app's session. */
  readonly key: string
  /** `/example.com/devices/passthrough/<hwId>/<key>` of the n-th device. */
  prefix(n: number): string
  /** Connects the n-th device; resolves when it is in. */
  device(n: number, more?: object): Promise<TunnelDevice & { readonly plain: PlainDevice }>
  /** Resident memory of the service in bytes. */
  rss(): number
  stop(): Promise<void>
}

/** A service that knows `devices` devices (`fill`). */
export async function startServiceBed(devices: number): Promise<ServiceBed> {
  const workingPath = temporaryFolder()
  fill(workingPath, devices)
  const service = await startService({ workingPath })
  const app = await AppClient.login(service.wsBase, { password: PASSWORD })
  const key = String((await app.request('GetUserInfo'))['key'])
  const sockets: PlainDevice[] = []
  return {
    service, app, key, port: Number(new URL(service.url).port),
    prefix: n => `/example.com/devices/passthrough/${filledDevice(n).hwId}/${key}`,
    async device(n, more = {}) {
      const { hwId, product, version, type } = filledDevice(n)
      const plain = await PlainDevice.connect(`${service.wsBase}/sysclients`, { id: hwId, product, version, type, more }, filledPassword(n))
      sockets.push(plain)
      const device = Object.assign(new TunnelDevice(frame => plain.socket.send(frame)), { plain })
      plain.socket.on('message', (data: Buffer) => { if (data[0] === 2) device.receive(data) })
      plain.identify()
      await plain.until(3, true)
      return device
    },
    rss: () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${service.process.pid}/status`, 'utf8'))?.[1]) * 1024,
    async stop() {
      for (const { socket } of sockets) socket.terminate()
      await app.close()
      await service.stop()
    },
  }
}
