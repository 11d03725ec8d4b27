/** The registration URL roll-out against the running executable over TLS: devices really move (features 13; device-commands 1.3, 2.9). */
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import t from 'tap'
import { createSimulator } from '../../app/simulate/simulator.ts'
import type { SimulatedDevice } from '../../app/simulate/device/device.ts'
import { AppClient } from '../fixtures/app-client.ts'
import { addAll, untilState as inState } from '../fixtures/fleet.ts'
import { PASSWORD, startService, temporaryFolder } from '../fixtures/service.ts'

// The certificate is made for this run.
process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
const folder = temporaryFolder()
const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')]
execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost'], { stdio: 'ignore' })
const service = await startService({ args: [`--tls-cert=${cert}`, `--tls-key=${key}`, '--challenge-wait=500'] })
const port = new URL(service.url).port
const home = `wss://127.0.0.1:${port}/example.com/devices/sysclients`
const moved = `wss://localhost:${port}/example.com/devices/sysclients`
const app = await AppClient.login(service.wsBase, { password: PASSWORD })
const seen: string[] = []
const simulator = await createSimulator({
  url: home, count: 12, insecure: true, seed: 7, reconnect: { first: 10, most: 50 },
  identity: number => number === 11 ? { other: true } : {},
  onEvent: (device, event) => { if (event.kind === 'request') seen.push(`${device.id} ${device.requests.at(-1)?.target}`) },
})
t.teardown(async () => {
  await simulator.stop()
  await service.stop()
})

interface TaskView { id: number, kind: string, state: string, total: number, done: number, failed: number, skipped: number, waiting: number, by: string, detail: string, finishedAt?: number }
const task = (id: unknown, matches: (task: TaskView) => boolean): Promise<TaskView> => app.until(message =>
  ['TaskEdited', 'TaskAdded'].includes(message.mt) && (message['task'] as TaskView).id === id && matches(message['task'] as TaskView), true).then(message => message['task'] as TaskView)
const url = (device: SimulatedDevice): string | undefined => {
  const value = device.box.configuration.active('SYSCLIENT', 'sysadmin')
  return value === undefined ? undefined : decodeURIComponent(value)
}
const untilState = (device: SimulatedDevice, wanted: string): Promise<void> => inState(app, device.id, wanted)

/** A device leaves a moment after it has confirmed: it has arrived when it is in again by that address. */
const arrived = (device: SimulatedDevice, address: string): Promise<void> =>
  device.until(() => device.box.host.url === address && device.authenticated, `in by ${address}`).then(() => untilState(device, 'online'))

await app.list('GetTasks', 'tasks', { recvUpdates: true })
await simulator.start()
const devices = simulator.devices
await addAll(app, devices)
const third = devices[11] as SimulatedDevice
const away = devices[10] as SimulatedDevice
const rest = devices.slice(0, 10)

t.test('addresses that cannot be given to devices', async t => {
  for (const wrong of ['ws://localhost/x/sysclients', 'https://localhost/x', 'wss://localhost', 'wss://user:pw@localhost/x', 'wss://localhost/with blank', 'not an address']) {
    t.match(await app.request('StartUrlRollout', { url: wrong }), { error: 'badRequest', field: 'url' }, wrong)
  }
  t.match(await app.request('StartUrlRollout', { url: `${moved}?domain=example.com&token=secret` }), { error: 'badRequest', errorText: /parameters/ })
  t.match(await app.request('StartUrlRollout', { url: moved, selection: {} }), { error: 'badRequest' })
})

t.test('all visible devices: configured, written, checked, activated; they come by the new address', async t => {
  away.disconnect()
  await untilState(away, 'offline')
  const { task: id } = await app.request('StartUrlRollout', { url: moved })
  t.match(await task(id, one => one.done === 10), { kind: 'registrationUrl', state: 'running', total: 12, skipped: 1, waiting: 1, detail: moved })
  for (const device of rest) {
    t.same(seen.filter(line => line.startsWith(device.id)).map(line => line.slice(device.id.length + 1)),
      [`/!config%20change%20SYSCLIENT%20/sysadmin%20${moved}`, '/!config%20write', '/cfg.txt', '/!config%20activate'], 'in this order')
    t.equal(url(device), moved)
    await arrived(device, moved)
  }
  t.equal(seen.some(line => line.startsWith(third.id)), false, 'nothing for a device of a third party')
  const results = await app.request('GetTaskDevices', { id, offset: 0, limit: 5, states: ['skipped', 'waiting'] }) as unknown as { devices: { hwId: string, state: string }[] }
  t.match(results.devices, [{ hwId: away.id, state: 'waiting' }, { hwId: third.id, state: 'skipped' }])
  away.connect()
  t.match(await task(id, one => one.finishedAt !== undefined), { state: 'done', done: 11, skipped: 1, failed: 0 })
  t.equal(url(away), moved, 'it got the address when it came')
  await arrived(away, moved)
})

t.test('a device that does not understand fails, and says why', async t => {
  const [good, bad] = rest as [SimulatedDevice, SimulatedDevice]
  bad.setFaulty('garbage-http')
  for (const device of [good, bad]) await untilState(device, 'online')
  const ids = await Promise.all([good, bad].map(async device => ((await app.request('GetDevice', { hwId: device.id }))['device'] as { id: number }).id))
  const { task: id } = await app.request('StartUrlRollout', { url: home, selection: { ids } })
  await task(id, one => one.done === 1)
  const waiting = async (): Promise<unknown> => ((await app.request('GetTaskDevices', { id, offset: 0, limit: 5, states: ['waiting'] })) as unknown as { devices: unknown[] }).devices[0]
  let row = await waiting()
  while (!row || (row as { attempts: number }).attempts === 0) row = await waiting()
  t.match(row, { hwId: bad.id, attempts: 1, errorText: 'The answer of the device could not be understood.' })
  t.match(await app.request('CancelTask', { id }), { mt: 'CancelTaskResult' })
  t.match(await task(id, one => one.finishedAt !== undefined), { state: 'cancelled', done: 1, skipped: 1 })
  bad.setFaulty('garbage-http', false)
  t.equal(url(good), home)
  await arrived(good, home)
})

t.test('never to devices of an observer', async t => {
  const device = rest[2] as SimulatedDevice
  await untilState(device, 'online')
  const { id: domainId } = await app.request('AddDomain', { name: 'second.test', observer: true })
  const { id: deviceId } = (await app.request('GetDevice', { hwId: device.id }))['device'] as { id: number }
  await app.request('EditDevice', { id: deviceId, domainId })
  const requests = device.requests.length
  const { task: id } = await app.request('StartUrlRollout', { url: home, selection: { ids: [deviceId] } })
  t.match(await task(id, one => one.finishedAt !== undefined), { done: 0, skipped: 1 })
  t.equal(device.requests.length, requests)
  await app.request('EditDevice', { id: deviceId, domainId: 1 })
})

t.test('automatic mode: a changed address of the App object reaches connected devices, and those that come by the old name', async t => {
  const appUrl = (host: string): string => `https://${host}:${port}/example.com/devices/innovaphone-devices-api`
  const pbx = async (host: string): Promise<void> => {
    const client = await AppClient.login(service.wsBase, { app: 'innovaphone-devices-api', sip: 'devices-api', password: PASSWORD, info: { appobj: 'devices-api', appurl: appUrl(host) } })
    await client.close()
  }
  for (const device of devices) await untilState(device, 'online')
  const byOldName = rest.filter(device => url(device) === home)
  t.ok(byOldName.length >= 1)
  // All start at the old name again.
  const { task: back } = await app.request('StartUrlRollout', { url: home })
  await task(back, one => one.finishedAt !== undefined)
  for (const device of devices) await arrived(device, home)
  const late = rest[3] as SimulatedDevice
  late.disconnect()
  await untilState(late, 'offline')

  await pbx('127.0.0.1')
  const none = (await app.list('GetTasks', 'tasks')).length
  await pbx('localhost')
  t.equal((await app.list('GetTasks', 'tasks')).length, none, 'off: nothing happens by itself')
  await pbx('127.0.0.1')

  await app.request('EditInstanceSettings', { rollOutRegistrationUrl: true })
  const added = app.until(message => message.mt === 'TaskAdded')
  await pbx('localhost')
  const { id, by, detail } = (await added)['task'] as TaskView
  t.same([by, detail], ['service', moved])
  t.match(await task(id, one => one.finishedAt !== undefined), { done: 10, skipped: 1, failed: 0 }, 'those connected; the third party device is skipped')
  t.equal(url(late), home)
  const appended = task(id, one => one.total === 12)
  late.connect()
  await appended
  await task(id, one => one.done === 11)
  t.equal(url(late), moved, 'came by the old name')
  await arrived(late, moved)
  const requests = late.requests.length
  late.drop()
  await untilState(late, 'online')
  t.equal(late.requests.length, requests, 'by the new name nothing more happens')
  await app.request('EditInstanceSettings', { observer: true })
  t.match(await app.request('StartUrlRollout', { url: home }), { error: 'conflict' }, 'an observer configures nothing')
})
