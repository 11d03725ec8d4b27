/** Simulated devices, which share no code with the service, are provisioned in every way by the executable (features 5; wire-protocols 2.9, 2.12). */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { makeIdentity } from '../../app/simulate/device/identity.ts'
import { createSimulator, type Simulator, type SimulatorOptions } from '../../app/simulate/simulator.ts'
import { EXECUTABLE } from '../fixtures/service.ts'
import { startPrepared, TOKEN } from './prepared.ts'

const { service, url, admin, own } = await startPrepared()
const init = `${service.base}/init`
const query = new URLSearchParams({ domain: 'example.com', token: TOKEN, category: 'any room' }).toString()
await admin.request('EditInstanceSettings', { offlineProvisioning: true })
t.teardown(() => service.stop())

let seed = 100
async function fleet(options: SimulatorOptions): Promise<Simulator> {
  const simulator = await createSimulator({ type: 'phone', seed: seed++, reconnect: { first: 20, most: 200 }, restartMs: 20, pollEvery: 50, ...options })
  t.teardown(() => simulator.stop())
  await simulator.start()
  await Promise.all(simulator.devices.map(device => device.untilPassword()))
  return simulator
}
const codes = async (fields: object, sips: readonly string[]): Promise<string[]> => (await admin.list('AddProvisioningCodes', 'codes', { category: 'phones', ...fields, sips })).map(entry => String(entry['code']))
const deviceOf = async (hwId: string): Promise<unknown> => (await admin.request('GetDevice', { hwId }))['device']

t.test('a roll-out: each device has its code, and gets its name by it', async t => {
  const sips = Array.from({ length: 40 }, (_, n) => `user${n}`)
  const { devices } = await fleet({ url, count: sips.length, code: await codes({ rollout: true }, sips) })
  for (const [n, device] of devices.entries()) t.match(await deviceOf(device.id), { name: sips[n], domainId: own, online: true, provisioningCategory: { name: 'phones' } })
  const first = devices[0]
  if (!first) throw new Error('no device')
  await first.untilAdminPassword()
  first.drop()
  await first.untilDisconnected()
  await first.untilAuthenticated()
  t.equal(first.warnings, 0)
})

t.test('by the update URL and a code; after a long reset by both again', async t => {
  const [one = '', two = ''] = await codes({}, ['by init', 'again'])
  const { devices: [device] } = await fleet({ initUrl: init, code: one })
  if (!device) throw new Error('no device')
  t.match(await deviceOf(device.id), { name: 'by init', online: true })
  t.equal(device.box.configuration.active('SYSCLIENT', 'sysadmin'), url)
  await device.longReset()
  await device.until(() => device.password === undefined && device.phase === 'silent', 'it was asked for the password it lost')
  device.enterCode(two)
  await device.untilPassword()
  t.match(await deviceOf(device.id), { name: 'again', online: true })
})

t.test('by the update URL alone: the URL it tells lets the device in', async t => {
  const { devices } = await fleet({ initUrl: `${init}/?${query}`, count: 5 })
  for (const device of devices) t.match(await deviceOf(device.id), { domainId: own, online: true, provisioningCategory: { name: 'any room' } })
  const [device] = devices
  if (!device) throw new Error('no device')
  await device.untilAdminPassword()
  const former = device.password
  await device.longReset()
  t.not(await device.untilPassword(), former, 'and again after a long reset')
  t.match(await deviceOf(device.id), { online: true })
})

t.test('by the parameters of the registration URL', async t => {
  const { devices: [device] } = await fleet({ url, query })
  t.match(await deviceOf(device?.id ?? ''), { domainId: own, online: true, provisioningCategory: { name: 'any room' } })
})

t.test('interfaces of a gateway', async t => {
  const [door = '', tel1 = '', tel2 = ''] = [...await codes({ category: 'any room' }, ['gateway']), ...await codes({ category: 'analogue' }, ['fax', 'door'])]
  const { devices: [gateway] } = await fleet({ url, type: 'gateway', code: door, identity: () => ({ platform: { type: 'GW', fxs: true } }) })
  if (!gateway) throw new Error('no device')
  const answers = await Promise.all([gateway.provision('TEL1', tel1), gateway.provision('TEL2', '999999999999'), gateway.provision('TEL2', tel2)])
  t.same(answers, [undefined, 'unknown or expired code', undefined])
  t.match(await admin.request('GetDevicePhones', { hwId: gateway.id }), { phones: ['TEL1', 'TEL2'] })
})

t.test('from the command line', async t => {
  const [gateway = '', fax = ''] = [...await codes({ category: 'any room' }, ['from the command line']), ...await codes({ category: 'analogue' }, ['fax'])]
  let own = 1
  while (!makeIdentity('gateway', own, 0).platform.fxs) own++
  const child = spawn(EXECUTABLE, ['simulate', `--init-url=${init}`, '--type=gateway', `--seed=${own}`, `--code=${gateway}`, `--interface=TEL1=${fax}`], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  const done = new Promise<void>(resolve => child.stdout.on('data', chunk => { out += String(chunk); if (out.includes('TEL1 of')) resolve() }))
  await done
  t.match(out, /TEL1 of [0-9a-f]{12}: provisioned/)
  t.match(await deviceOf(makeIdentity('gateway', own, 0).id), { name: 'from the command line', online: true, fxs: true })
  child.kill('SIGTERM')
  t.same(await once(child, 'exit'), [0, null])
})
