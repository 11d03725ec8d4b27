/** Nobody is ever locked out (architecture, invariant 4): kill -9 at random moments while 500 devices are assigned. */
import t from 'tap'
import { AppClient } from '../fixtures/app-client.ts'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { freePort, PASSWORD, startService, type Service } from '../fixtures/service.ts'

const COUNT = 500
const KILLS = 12

// Below the ephemeral ports: a client that keeps calling a closed ephemeral port on loopback ends up connected to itself.
const port = await freePort()
let service: Service = await startService({ port, args: ['--challenge-wait=300'] })
const { workingPath } = service
let stopping = false

/** A device as it is in the field: keeps its password, comes back until it is in. */
class Stubborn {
  readonly id: string
  password: string | undefined
  online = false
  device: PlainDevice | undefined
  constructor(n: number) { this.id = `0090331${n.toString(16).padStart(5, '0')}` }

  async live(): Promise<void> {
    while (!stopping) {
      try {
        const device = await PlainDevice.connect(`ws://127.0.0.1:${port}/example.com/devices/sysclients`, { id: this.id }, this.password)
        this.device = device
        device.socket.on('message', () => { this.password = device.password })
        device.identify()
        await device.gone()
      } catch { /* nobody there: again */ }
      this.device = undefined
      await new Promise(resolve => setTimeout(resolve, 50 + Math.random() * 50))
    }
  }
}

t.test(`${COUNT} assignments, ${KILLS} times kill -9`, async t => {
  const devices = Array.from({ length: COUNT }, (_, n) => new Stubborn(n))
  const lives = devices.map(device => device.live())
  const added = new Set<string>()
  let domainId = 1
  for (let kills = 0; kills <= KILLS; kills++) {
    const app = await AppClient.login(service.wsBase, { password: PASSWORD })
    const [domain] = await app.list('GetDomains', 'domains')
    domainId = Number(domain?.['id'])
    let over = false
    const death = kills === KILLS ? new Promise<undefined>(() => {}) : new Promise<void>(resolve => setTimeout(() => { over = true; void service.kill().then(resolve) }, 100 + Math.random() * 600))
    for (const { id } of devices) {
      if (over) break
      if (added.has(id) || (kills < KILLS && added.size > COUNT * (kills + 1) / KILLS)) continue
      // Whether the answer comes or the service dies first: the administrator tries again what was not answered.
      const answer = await Promise.race([app.request('AddDevice', { hwId: id, domainId }), death])
      if (answer && (answer['error'] === undefined || answer['error'] === 'conflict')) added.add(id)
    }
    if (kills < KILLS) await death
    if (kills < KILLS) service = await startService({ workingPath, port, args: ['--challenge-wait=300'] })
    else await app.close()
  }
  t.equal(added.size, COUNT)
  // Once more from nothing, so that every device must prove what it keeps.
  await service.kill()
  service = await startService({ workingPath, port, args: ['--challenge-wait=300'] })
  const app = await AppClient.login(service.wsBase, { password: PASSWORD })
  let online = 0
  for (let tries = 0; tries < 600 && online < COUNT; tries++) {
    online = ((await app.request('GetDevicesPage', { offset: 0, limit: 1 }))['counts'] as { online: number }).online
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  t.equal(online, COUNT, 'all of them are in')
  const { devices: lost } = await app.request('GetDevicesPage', { offset: 0, limit: 10, states: ['lost', 'expected', 'offline'] })
  t.same(lost, [])
  stopping = true
  await app.close()
  t.equal(await service.stop(), 0)
  for (const { device } of devices) device?.socket.terminate()
  await Promise.all(lives)
})
