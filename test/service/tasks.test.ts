/** Bulk actions on selections as tasks, against the running executable (feature table R16; task-messages). */
import t from 'tap'
import { AppClient, type Message } from '../fixtures/app-client.ts'
import { fill, filledDevice } from '../fixtures/fill.ts'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { PASSWORD, startService, temporaryFolder } from '../fixtures/service.ts'

const COUNT = 2500
const workingPath = temporaryFolder()
fill(workingPath, COUNT)
const service = await startService({ workingPath })
const app = await AppClient.login(service.wsBase, { password: PASSWORD })
t.teardown(() => service.stop())

interface TaskView { id: number, kind: string, state: string, total: number, done: number, failed: number, skipped: number, running: number, waiting: number, finishedAt?: number, domainId: number, detail: string, by: string }
const over = (client: AppClient, id: unknown): Promise<TaskView> => client.until(message =>
  message.mt === 'TaskEdited' && (message['task'] as TaskView).id === id && (message['task'] as TaskView).finishedAt !== undefined, true).then(message => message['task'] as TaskView)
const page = (filter: object): Promise<Message> => app.request('GetDevicesPage', { offset: 0, limit: 1, ...filter })
const taskDevices = (id: unknown, more: object = {}): Promise<{ devices: { hwId: string, state: string, errorText: string, name: string, id: number }[], total: number }> =>
  app.request('GetTaskDevices', { id, offset: 0, limit: 10, ...more }) as unknown as Promise<{ devices: { hwId: string, state: string, errorText: string, name: string, id: number }[], total: number }>

await app.list('GetTasks', 'tasks', { recvUpdates: true })
const { id: blue } = await app.request('AddCategory', { domainId: 1, name: 'blue' })
const { id: green } = await app.request('AddCategory', { domainId: 1, name: 'green' })
const { id: phones } = await app.request('AddCategory', { domainId: 1, name: 'phones', config: true })

t.test('a selection is counted: by filter, by ids, less some', async t => {
  t.match(await app.request('CountSelection', { selection: { filter: {} } }), { count: COUNT, online: 0, unassigned: 0 })
  t.match(await app.request('CountSelection', { selection: { filter: { types: ['DECT'] } } }), { count: COUNT / 10 })
  t.match(await app.request('CountSelection', { selection: { ids: [1, 2, 3, 999_999] } }), { count: 3 })
  t.match(await app.request('CountSelection', { selection: { filter: {}, except: [1, 2] } }), { count: COUNT - 2 })
  t.match(await app.request('CountSelection', { selection: {} }), { error: 'badRequest' })
  t.match(await app.request('CountSelection', { selection: { ids: [1], filter: {} } }), { error: 'badRequest' })
})

t.test('categories of all devices of a type, in one go', async t => {
  const added = app.until(message => message.mt === 'TaskAdded')
  const { task } = await app.request('StartEdit', { selection: { filter: { types: ['PHONE'] } }, addCategories: [blue], provisioningCategory: phones })
  t.match(await added, { task: { kind: 'edit', state: 'running', domainId: 1, by: 'admin@example.com', detail: 'categories added: blue; provisioning category: phones' } })
  const end = await over(app, task)
  t.match(end, { state: 'done', total: COUNT * 0.6, done: COUNT * 0.6, failed: 0, skipped: 0, running: 0, waiting: 0 })
  t.equal((await page({ categoryIds: [blue] }))['total'], COUNT * 0.6)
  t.equal((await page({ categoryIds: [phones] }))['total'], COUNT * 0.6)
  // Some of them lose one and get another.
  const { devices } = await app.request('GetDevicesPage', { offset: 0, limit: 150, categoryIds: [blue] }) as unknown as { devices: { id: number }[] }
  const second = await app.request('StartEdit', { selection: { ids: devices.map(device => device.id) }, addCategories: [green], removeCategories: [blue] })
  t.match(await over(app, second['task']), { done: 150 })
  t.equal((await page({ categoryIds: [blue] }))['total'], COUNT * 0.6 - 150)
  t.equal((await page({ categoryIds: [green] }))['total'], 150)
})

t.test('unassigned devices of a selection are added and get their password', async t => {
  const ids = ['bulk-a', 'bulk-b', 'bulk-c']
  const devices: PlainDevice[] = []
  for (const id of ids) {
    const device = await PlainDevice.connect(`${service.wsBase}/sysclients`, { id })
    device.identify()
    devices.push(device)
  }
  for (;;) if ((await app.request('GetUnassignedDevicesCount'))['count'] === 3) break
  t.match(await app.request('CountSelection', { selection: { filter: { states: ['unassigned'] } } }), { count: 3, online: 0, unassigned: 3 })
  const passwords = devices.map(device => device.until(1, true))
  const { task } = await app.request('StartEdit', { selection: { filter: { states: ['unassigned'] } }, domainId: 1, addCategories: [green] })
  t.match(await over(app, task), { done: 3, failed: 0 })
  await Promise.all(passwords)
  for (const device of devices) t.match(device.password, /^[A-Za-z0-9_!]{32}$/)
  t.match((await app.request('GetDevice', { hwId: 'bulk-a' }))['device'], { state: 'online', domainId: 1, categories: [{ name: 'green' }] })
  await Promise.all(devices.map(device => device.close()))
})

t.test('what cannot be is said per device, and nothing of that device is changed', async t => {
  const gateways = await app.request('GetDevicesPage', { offset: 0, limit: 5, types: ['GW'] }) as unknown as { devices: { id: number, hwId: string }[] }
  const stranger = await PlainDevice.connect(`${service.wsBase}/sysclients`, { id: 'stranger' })
  stranger.identify()
  for (;;) if ((await app.request('GetUnassignedDevicesCount'))['count'] === 1) break
  const waiting = await app.request('GetDevicesPage', { offset: 0, limit: 1, states: ['unassigned'] }) as unknown as { devices: { id: number }[] }
  const { task } = await app.request('StartEdit', { selection: { ids: [...gateways.devices.map(device => device.id), waiting.devices[0]?.id] }, addCategories: [blue] })
  t.match(await over(app, task), { total: 6, done: 5, failed: 1 })
  const rows = await taskDevices(task)
  t.match(rows, { total: 6, devices: [{ hwId: 'stranger', state: 'failed', errorText: /belongs to no domain/ }, {}, {}, {}, {}, {}] })
  t.equal((await taskDevices(task, { states: ['failed'] })).total, 1)
  t.match(await app.request('RetryTask', { id: task }), { count: 1 })
  await stranger.close()
})

t.test('a login of one domain acts on its own devices only, and sees its own tasks only', async t => {
  const { id: domainId } = await app.request('AddDomain', { name: 'small.test', ...app.encrypted('password', 'small password') })
  const { devices } = await app.request('GetDevicesPage', { offset: 0, limit: 7, types: ['DECT'] }) as unknown as { devices: { id: number }[] }
  const { task: move } = await app.request('StartEdit', { selection: { ids: devices.map(device => device.id) }, domainId })
  t.match(await over(app, move), { done: 7, domainId: 0 }, 'two domains are in it')
  const own = await AppClient.login(service.wsBase, { domain: 'small.test', password: 'small password' })
  t.same(await own.list('GetTasks', 'tasks', { recvUpdates: true }), [])
  t.match(await own.request('CountSelection', { selection: { filter: {} } }), { count: 7 })
  t.match(await own.request('CountSelection', { selection: { ids: [1, 2, 3] } }), { count: 0 })
  t.match(await own.request('CountSelection', { selection: { filter: { domainIds: [1] } } }), { count: 0 })
  t.match(await own.request('StartEdit', { selection: { filter: {} }, domainId: 1 }), { error: 'notFound', field: 'domainId' })
  t.match(await own.request('StartEdit', { selection: { filter: {} }, addCategories: [blue] }), { error: 'notFound' })
  const [foreign, nothing] = [await own.request('GetTaskDevices', { id: move, offset: 0, limit: 5 }), await own.request('GetTaskDevices', { id: 4711, offset: 0, limit: 5 })]
  t.same({ ...foreign, src: '' }, { ...nothing, src: '' })
  const before = Number((await page({}))['total'])
  const { task } = await own.request('StartDelete', { selection: { filter: {} } })
  t.match(await over(own, task), { done: 7, total: 7, by: 'admin@small.test' })
  t.equal((await page({}))['total'], before - 7)
  t.match(await over(app, task), { done: 7 }, 'an administrator sees it, too')
  t.ok(own.received.every(message => message.mt !== 'TaskAdded' || (message['task'] as TaskView).id === task), 'nothing of others was indicated')
  const empty = await own.request('StartDelete', { selection: { ids: [1, 2, 3] } })
  t.match(await over(own, empty['task']), { total: 0, done: 0 }, 'what it does not see does not exist')
  t.equal((await page({}))['total'], before - 7)
  await own.close()
})

t.test('bad requests', async t => {
  const selection = { ids: [1] }
  t.match(await app.request('StartEdit', { selection }), { error: 'badRequest' })
  t.match(await app.request('StartEdit', { selection, domainId: 77 }), { error: 'notFound', field: 'domainId' })
  t.match(await app.request('StartEdit', { selection, addCategories: [4711] }), { error: 'notFound', field: 'addCategories' })
  for (const mt of ['GetTaskDevices', 'CancelTask', 'RetryTask', 'DeleteTask']) t.match(await app.request(mt, { id: 4711, offset: 0, limit: 1 }), { error: 'notFound', errorText: 'There is no such task.' })
})

t.test('deleting a selection; the task itself is deleted from the list', async t => {
  const before = Number((await page({}))['total'])
  const first = filledDevice(6).hwId
  t.match((await app.request('GetDevice', { hwId: first }))['device'], { type: 'GW' })
  const { task } = await app.request('StartDelete', { selection: { filter: { types: ['GW'] } } })
  const end = await over(app, task)
  t.match(end, { kind: 'delete', done: COUNT / 10, failed: 0 })
  t.equal((await page({}))['total'], before - COUNT / 10)
  t.match(await app.request('GetDevice', { hwId: first }), { error: 'notFound' })
  const gone = app.until(message => message.mt === 'TaskDeleted' && message['id'] === task)
  t.match(await app.request('DeleteTask', { id: task }), { mt: 'DeleteTaskResult' })
  await gone
  t.match(await app.request('GetTaskDevices', { id: task, offset: 0, limit: 1 }), { error: 'notFound' })
  const tasks = await app.list('GetTasks', 'tasks')
  t.ok(tasks.every(one => one['id'] !== task))
  const starts = tasks.map(one => Number(one['startedAt']))
  t.same(starts, [...starts].sort((a, b) => b - a), 'newest first')
})

t.test('a restart in the middle of a bulk edit: all devices, each once', async t => {
  const total = Number((await page({}))['total'])
  const { task } = await app.request('StartEdit', { selection: { filter: {} }, addCategories: [green] })
  await service.kill()
  const again = await startService({ workingPath })
  t.teardown(() => again.stop())
  const client = await AppClient.login(again.wsBase, { password: PASSWORD })
  for (;;) {
    const found = (await client.list('GetTasks', 'tasks') as unknown as TaskView[]).find(one => one.id === task)
    if (found?.finishedAt === undefined) continue
    t.match(found, { state: 'done', total, done: total, failed: 0 })
    break
  }
  t.equal((await client.request('GetDevicesPage', { offset: 0, limit: 1, categoryIds: [green] }))['total'], total)
  await client.close()
})
