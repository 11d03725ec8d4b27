/** Restarting a selection against the running executable: devices really go down and come back (feature table R11; device-commands 2.10). */
import t from 'tap'
import { createSimulator } from '../../app/simulate/simulator.ts'
import type { SimulatedDevice } from '../../app/simulate/device/device.ts'
import { AppClient, type Message } from '../fixtures/app-client.ts'
import { addAll, rowOf, untilState as inState, type KnownDevice } from '../fixtures/fleet.ts'
import { freePort, PASSWORD, startService } from '../fixtures/service.ts'

const port = await freePort()
let service = await startService({ port, args: ['--challenge-wait=200'] })
let app = await AppClient.login(service.wsBase, { password: PASSWORD })
const restarts = new Map<string, number>()
const simulator = await createSimulator({
  url: `${service.wsBase}/sysclients`, count: 8, type: 'phone', seed: 11, reconnect: { first: 20, most: 200 }, restartMs: 300,
  identity: number => number === 6 ? { other: true } : number === 7 ? { platform: { type: 'APP_PLATFORM' } } : {},
  onEvent: (device, event) => { if (event.kind === 'rebooted') restarts.set(device.id, (restarts.get(device.id) ?? 0) + 1) },
})
t.teardown(async () => {
  await simulator.stop()
  await service.stop()
})

interface TaskView { id: number, kind: string, state: string, total: number, done: number, failed: number, skipped: number, waiting: number, by: string, detail: string, domainId: number, finishedAt?: number }
interface Result { hwId: string, state: string, errorText: string }
const over = (id: unknown, client = app): Promise<TaskView> => client.until(message =>
  ['TaskEdited', 'TaskAdded'].includes(message.mt) && (message['task'] as TaskView).id === id && (message['task'] as TaskView).finishedAt !== undefined, true).then(message => message['task'] as TaskView)
async function results(id: unknown): Promise<Record<string, string>> {
  const { devices } = await app.request('GetTaskDevices', { id, offset: 0, limit: 100 }) as unknown as { devices: Result[] }
  return Object.fromEntries(devices.map(({ hwId, state, errorText }) => [hwId, errorText ? `${state}: ${errorText}` : state]))
}
const row = async (device: SimulatedDevice): Promise<KnownDevice> => await rowOf(app, device.id) as KnownDevice
const untilState = (device: SimulatedDevice, wanted: string): Promise<void> => inState(app, device.id, wanted)
const start = (devices: readonly SimulatedDevice[], more: object = {}, client = app): Promise<Message> =>
  Promise.all(devices.map(async device => (await row(device)).id)).then(ids => client.request('StartRestart', { selection: { ids }, ...more }))
/** Down and up again as often as this, and in. */
async function restarted(device: SimulatedDevice, times: number): Promise<void> {
  await device.until(() => restarts.get(device.id) === times, `restart ${times}`)
  await device.untilAuthenticated()
  await untilState(device, 'online')
}

await app.list('GetTasks', 'tasks', { recvUpdates: true })
await simulator.start()
const devices = simulator.devices
await addAll(app, devices)
const [one, two, three, away, bad, busy, third, platform] = devices as [SimulatedDevice, SimulatedDevice, SimulatedDevice, SimulatedDevice, SimulatedDevice, SimulatedDevice, SimulatedDevice, SimulatedDevice]

t.test('a selection: those that can be restarted are, calls end; the rest is left out, each with its reason', async t => {
  away.disconnect()
  await untilState(away, 'offline')
  bad.setFaulty('garbage-http')
  one.setCalls([{ id: 1, state: 'connected', number: '23' }])
  t.match(await app.request('CountSelection', { selection: { filter: {} } }), { count: 8, online: 7, unassigned: 0, restartable: 5 })
  const { task } = await app.request('StartRestart', { selection: { filter: {}, except: [(await row(busy)).id] } })
  t.match(await over(task), { kind: 'restart', state: 'done', total: 7, done: 3, failed: 1, skipped: 3, by: 'admin@example.com', detail: '', domainId: 1 })
  t.same(await results(task), {
    [one.id]: 'done', [two.id]: 'done', [three.id]: 'done', [bad.id]: 'failed: The answer of the device could not be understood.', [away.id]: 'skipped: Not connected.',
    [third.id]: 'skipped: It is not a device of innovaphone: there is no command for it.', [platform.id]: 'skipped: An App Platform is restarted in its own manager.',
  })
  for (const device of [one, two, three]) await restarted(device, 1)
  t.same([...restarts.keys()].sort(), [one.id, two.id, three.id].sort())
  t.equal(one.box.calls.length, 0)
  t.same([third, platform, busy].map(device => device.requests.length), [0, 0, 0])
  const { entries } = await app.request('GetAuditPage', { offset: 0, limit: 5, search: 'task.restart' }) as unknown as { entries: object[] }
  t.match(entries, [{ action: 'task.restart', who: 'admin@example.com', domainId: 1 }])

  bad.setFaulty('garbage-http', false)
  away.connect()
  await untilState(away, 'online')
  t.match(await app.request('RetryTask', { id: task }), { count: 4 })
  await restarted(bad, 1)
  await restarted(away, 1)
  while ((await results(task))[away.id] !== 'done') await new Promise(resolve => setTimeout(resolve, 20))
  t.match(await results(task), { [one.id]: 'done', [bad.id]: 'done', [away.id]: 'done', [third.id]: /^skipped/, [platform.id]: /^skipped/ })
  t.equal(restarts.get(one.id), 1, 'what was done is not done again')
})

t.test('when idle: at once without a call, else after the last one', async t => {
  busy.setCalls([{ id: 1, state: 'connected', number: '23' }])
  const { task } = await start([busy, one], { whenIdle: true })
  t.match(await over(task), { done: 2, failed: 0, skipped: 0, detail: 'when no call is active' })
  await restarted(one, 2)
  t.equal(restarts.get(busy.id), undefined, 'still in a call')
  busy.setCalls([])
  await restarted(busy, 1)
})

t.test('a login restarts nothing of domains it does not see, a reader nothing at all, an observer neither', async t => {
  const { id: domainId } = await app.request('AddDomain', { name: 'small.test', ...app.encrypted('password', 'small password') })
  await app.request('EditDevice', { id: (await row(two)).id, domainId })
  const small = await AppClient.login(service.wsBase, { domain: 'small.test', password: 'small password' })
  await small.list('GetTasks', 'tasks', { recvUpdates: true })
  const before = three.requests.length
  t.match(await small.request('CountSelection', { selection: { filter: {} } }), { count: 1, restartable: 1 })
  const { task } = await start([two, three], {}, small)
  t.match(await over(task, small), { total: 1, done: 1, domainId })
  await restarted(two, 2)
  t.equal(three.requests.length, before)
  const { task: nothing } = await start([three], {}, small)
  t.match(await over(nothing, small), { total: 0 })
  await small.close()

  await app.request('SetAppRole', { appObject: 'readers', role: 'read' })
  const reader = await AppClient.login(service.wsBase, { password: PASSWORD, info: { appobj: 'readers', cn: 'readers', apps: [] } })
  t.match(await start([three], {}, reader), { error: 'noAccess' })
  await reader.close()

  await app.request('EditDomain', { id: domainId, observer: true })
  t.match(await app.request('CountSelection', { selection: { filter: { domainIds: [domainId] } } }), { count: 1, online: 1, restartable: 0 })
  const { task: watched } = await start([two])
  await over(watched)
  t.same(await results(watched), { [two.id]: 'skipped: It is only observed here.' })
  await app.request('EditDomain', { id: domainId, observer: false })
  await app.request('EditInstanceSettings', { observer: true })
  t.match(await start([three]), { error: 'conflict' })
  t.match(await app.request('CountSelection', { selection: { filter: {} } }), { restartable: 0 })
  await app.request('EditInstanceSettings', { observer: false })
  t.equal(three.requests.length, before)
})

t.test('the service is killed while devices are being told: none is restarted twice by itself', async t => {
  const among = [one, two, three, busy]
  const before = new Map(among.map(device => [device.id, restarts.get(device.id) ?? 0]))
  // They take a second to answer: the command is with them, the answer is not here yet.
  for (const device of among) device.slow = 1_000
  const seen = among.map(device => device.requests.length)
  const { task } = await start(among)
  for (const [n, device] of among.entries()) await device.until(() => device.requests.length > (seen[n] ?? 0), 'told')
  await service.kill()
  for (const device of among) device.slow = 0
  service = await startService({ port, workingPath: service.workingPath, args: ['--challenge-wait=200'] })
  app = await AppClient.login(service.wsBase, { password: PASSWORD })
  await app.list('GetTasks', 'tasks', { recvUpdates: true })
  for (const device of among) await restarted(device, (before.get(device.id) ?? 0) + 1)
  t.same(await results(task), Object.fromEntries(among.map(device => [device.id, 'failed: The service ended while this device was told to restart: it may have restarted.'])))
  await new Promise(resolve => setTimeout(resolve, 1_500))
  for (const device of among) t.equal(restarts.get(device.id), (before.get(device.id) ?? 0) + 1, 'once')
})
