/** A code is used up and its device has a password, or neither: kill -9 at random moments while devices are provisioned (architecture, invariant 4). */
import t from 'tap'
import { AppClient } from '../fixtures/app-client.ts'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { freePort, PASSWORD, startService } from '../fixtures/service.ts'
import { prepare } from './prepared.ts'

const COUNT = 150
const KILLS = 6
const { workingPath } = prepare()
const port = await freePort()
const start = () => startService({ workingPath, port, args: ['--challenge-wait=200'] })
let stopping = false

/** Brings its code as long as it has no password, and comes back until it is in. */
async function live(id: string, code: string, kept: Map<string, string>): Promise<void> {
  while (!stopping) {
    try {
      const device = await PlainDevice.connect(`ws://127.0.0.1:${port}/example.com/devices/sysclients`, { id }, kept.get(id))
      device.socket.on('message', () => { if (device.password !== undefined) kept.set(id, device.password) })
      device.identify(device.password === undefined ? { provisioningCode: code } : {})
      if (stopping) device.socket.terminate()
      else sockets.add(device)
      await device.gone()
      sockets.delete(device)
    } catch { /* nobody there: again */ }
    await new Promise(resolve => setTimeout(resolve, 20 + Math.random() * 50))
  }
}
const sockets = new Set<PlainDevice>()

t.test(`${COUNT} codes, ${KILLS} times kill -9`, async t => {
  let service = await start()
  let app = await AppClient.login(service.wsBase, { password: PASSWORD })
  const codes = (await app.list('AddProvisioningCodes', 'codes', { category: 'phones', sips: Array.from({ length: COUNT }, (_, n) => `user${n}`) })).map(entry => String(entry['code']))
  const kept = new Map<string, string>()
  const ids = codes.map((_, n) => `0090338${n.toString(16).padStart(5, '0')}`)
  // They come one after another, so that each kill meets some on their way.
  const lives = codes.map(async (code, n) => {
    await new Promise(resolve => setTimeout(resolve, n * 15))
    await live(ids[n] ?? '', code, kept)
  })
  for (let n = 0; n < KILLS; n++) {
    await new Promise(resolve => setTimeout(resolve, 150 + Math.random() * 250))
    await service.kill()
    service = await start()
  }
  app = await AppClient.login(service.wsBase, { password: PASSWORD })
  const online = async (): Promise<number> => ((await app.request('GetDevicesPage', { offset: 0, limit: 1 }))['counts'] as { online: number }).online
  while (await online() < COUNT) await new Promise(resolve => setTimeout(resolve, 50))
  t.equal(kept.size, COUNT, 'every device has a password')
  const list = await app.list('GetProvisioningCodes', 'codes')
  t.same(codes.map(code => list.find(entry => entry['code'] === code)?.['hwId']), ids, 'every code was used by its device')
  t.ok(list.every(entry => entry['state'] === 'used'))
  stopping = true
  for (const device of sockets) device.socket.terminate()
  await Promise.all(lives)
  await app.close()
  t.equal(await service.stop(), 0)
})
