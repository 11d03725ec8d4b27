/** The simulator against the executable itself: two implementations that share no code. */
import { createHash } from 'node:crypto'
import path from 'node:path'
import t from 'tap'
import type { SimulatedDevice } from '../../app/simulate/device/device.ts'
import { createSimulator } from '../../app/simulate/simulator.ts'
import type { SimulatorOptions } from '../../app/simulate/simulator.ts'
import { blobBytes } from '../../app/simulate/web/test-bodies.ts'
import { openBrowser } from '../browser/browser.ts'
import { AppClient } from '../fixtures/app-client.ts'
import { PASSWORD, startService } from '../fixtures/service.ts'
import type { Service } from '../fixtures/service.ts'

const app = 'innovaphone-devices'
const login = (service: Service): Promise<AppClient> => AppClient.login(service.wsBase, { app, sip: app, domain: 'example.com', guid: '0'.repeat(32), dn: 'Admin', password: PASSWORD })

let service: Service
let client: AppClient
t.before(async () => {
  service = await startService({ args: ['--challenge-wait=200'] })
  client = await login(service)
})
t.teardown(async () => {
  client.socket.terminate()
  await service.stop()
})

async function fleet(options: Partial<SimulatorOptions>): Promise<{ devices: readonly SimulatedDevice[], stop: () => Promise<void> }> {
  const simulator = await createSimulator({ url: `${service.wsBase}/sysclients`, type: 'phone', reconnect: { first: 20, most: 200 }, restartMs: 20, ...options })
  await simulator.start()
  await Promise.all(simulator.devices.map(device => device.untilConnected()))
  return simulator
}

/** Adds a device and waits until it has its password. */
async function add(device: SimulatedDevice): Promise<string> {
  const added = await client.request('AddDevice', { hwId: device.id, domainId: 1, name: 'Test' })
  if (added['error']) throw new Error(String(added['errorText']))
  return device.untilPassword()
}
async function tunnel(device: SimulatedDevice): Promise<string> {
  const { uri } = await client.request('OpenTunnel', { hwId: device.id })
  return new URL(String(uri), service.url).href
}

t.test('added, deployed a password, proven after a reconnect, added again after a long reset', async t => {
  const simulator = await fleet({ count: 30, stateFile: path.join(service.workingPath, 'simulated') })
  t.teardown(() => simulator.stop())
  await Promise.all(simulator.devices.map(add))
  const [device] = simulator.devices
  if (!device) throw new Error('no device')
  const first = await device.untilAdminPassword()
  t.ok(first.length >= 8)
  device.adminPassword = undefined
  device.drop()
  await device.untilDisconnected()
  t.equal(await device.untilAdminPassword(), first, 'the challenge was answered: the password is deployed again')
  await client.request('GetDevicesPage', { offset: 0, limit: 100, search: device.id, recvUpdates: true })
  const lost = client.until(({ mt, devices }) => mt === 'DevicesPageUpdate' && JSON.stringify(devices).includes('"state":"lost"'))
  await device.longReset()
  await lost
  const second = await add(device)
  t.match(second, /^[A-Za-z0-9_!]{32}$/)
})

t.test('bodies through the real tunnel, byte for byte', async t => {
  const simulator = await fleet({ count: 1, seed: 11 })
  t.teardown(() => simulator.stop())
  const [device] = simulator.devices
  if (!device) throw new Error('no device')
  await add(device)
  const base = await tunnel(device)
  const expected = blobBytes(6, 0, 1_500_000)
  await Promise.all(['length', 'chunked', 'close', 'length', 'chunked', 'close'].map(async framing => {
    const body = Buffer.from(await (await fetch(`${base}blob?bytes=1500000&seed=6&framing=${framing}`)).arrayBuffer())
    t.ok(body.equals(expected), framing)
  }))
  const digest = await (await fetch(`${base}digest`, { method: 'POST', body: new Uint8Array(expected) })).json() as { sha256: string }
  t.equal(digest.sha256, createHash('sha256').update(expected).digest('hex'))
  t.equal(await (await fetch(`${base}!config%20write`)).text(), 'ok\r\n')
  t.match(device.requests.at(-1), { method: 'GET', target: '/!config%20write', status: 200 })
})

/** What ordinary device pages need and therefore get, without the real thing behind it. */
const STAND_INS = ['cookie-read', 'cookie-write', 'local-storage', 'session-storage']

t.test('a hostile device page gets at nothing of the service', async t => {
  const simulator = await fleet({ count: 2, seed: 12 })
  t.teardown(() => simulator.stop())
  const [hostile, victim] = simulator.devices
  if (!hostile || !victim) throw new Error('no devices')
  await Promise.all([add(hostile), add(victim)])
  hostile.hostile = { otherDevice: victim.id }
  const base = await tunnel(hostile)
  await tunnel(victim)
  const browser = await openBrowser()
  t.teardown(() => browser.close())
  for (const manner of ['opened alone', 'in a frame'] as const) {
    hostile.hostileReports.length = 0
    const page = await browser.newPage()
    await page.goto(`${service.base}/`)
    await page.evaluate(() => localStorage.setItem('app', 'kept'))
    await page.context().addCookies([{ name: 'platform', value: 'secret', url: service.url }])
    if (manner === 'opened alone') await page.goto(`${base}admin.xml`)
    else await page.evaluate(src => { document.body.innerHTML = ''; const frame = document.createElement('iframe'); frame.src = src; document.body.append(frame) }, `${base}admin.xml`)
    await hostile.until(() => hostile.hostileReports.length > 0, `the report of the page ${manner}`, 40_000)
    // Device pages may open windows; those are as walled in as the page. Cookies and storage are stand-ins of its own.
    t.strictSame(hostile.hostileReports.filter(report => report.succeeded && !['popup', ...STAND_INS].includes(report.attempt)), [], manner)
    for (const attempt of ['cookie-of-host', 'storage-of-app']) t.ok(hostile.hostileReports.some(report => report.attempt === attempt && !report.succeeded), `${attempt} was tried in vain`)
    t.equal((await page.context().cookies()).find(({ name }) => name === 'platform')?.value, 'secret', 'the cookie of the host is as it was')
    t.equal(victim.requests.length, 0, 'nothing reached the other device')
    await page.goto(`${service.base}/`)
    t.equal(await page.evaluate(() => localStorage.getItem('app')), 'kept')
    t.strictSame((await page.context().cookies()).map(({ name }) => name).filter(name => /hostile|session|__Host|away/.test(name)), [])
    await page.close()
  }
})
