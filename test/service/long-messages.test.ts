/** No message to an app is longer than 65535 (wire-protocols 5.1): lists come in parts, pages have fewer rows, what cannot be cut has a bound. */
import t, { type Test } from 'tap'
import { AppClient } from '../fixtures/app-client.ts'
import { fill } from '../fixtures/fill.ts'
import { PASSWORD, startService, temporaryFolder } from '../fixtures/service.ts'

const LONGEST = 65_535
const COUNT = 200
const workingPath = temporaryFolder()
fill(workingPath, COUNT)
const service = await startService({ workingPath })
const app = await AppClient.login(service.wsBase, { password: PASSWORD })
t.teardown(() => service.stop())
let longest = 0
app.socket.on('message', (data: Buffer) => { longest = Math.max(longest, data.length) })
const fits = (t: Test): void => {
  t.ok(longest > 0 && longest <= LONGEST, `the longest message has ${longest} bytes`)
  longest = 0
}

const pad = (n: number, length: number): string => `${n}`.padEnd(length, 'ä')

t.test('devices with many categories', async t => {
  const categories: number[] = []
  for (let n = 0; n < 12; n++) categories.push(Number((await app.request('AddCategory', { domainId: 1, name: pad(n, 60) }))['id']))
  const done = app.until(message => message.mt === 'TaskEdited' && (message['task'] as { finishedAt?: number }).finishedAt !== undefined)
  await app.request('GetDevicesPage', { offset: 0, limit: 500, sort: 'mac', recvUpdates: true })
  await app.list('GetTasks', 'tasks', { recvUpdates: true })
  await app.request('StartEdit', { selection: { filter: {} }, addCategories: categories })
  await done
  const all = new Set<string>()
  for (let offset = 0; offset < COUNT;) {
    const { devices, total } = await app.request('GetDevicesPage', { offset, limit: 500, sort: 'mac' }) as unknown as { devices: { hwId: string, categories: unknown[] }[], total: number }
    t.equal(total, COUNT)
    t.ok(devices.length > 0 && devices.length < COUNT, 'a part of the page')
    t.equal(devices[0]?.categories.length, 12)
    for (const { hwId } of devices) all.add(hwId)
    offset += devices.length
  }
  t.equal(all.size, COUNT, 'all of them, one after the other')
  t.ok(app.received.some(message => message.mt === 'DevicesPageUpdate'), 'the watched page was told')
  fits(t)
})

t.test('the audit log', async t => {
  const emails = Array.from({ length: 20 }, (_, n) => `${pad(n, 40).replaceAll('ä', 'a')}@example.com`)
  for (let n = 0; n < 60; n++) await app.request('EditDomain', { id: 1, emails: n % 2 ? emails : [...emails].reverse() })
  const all = new Set<number>()
  for (let offset = 0; offset < 60;) {
    const { entries } = await app.request('GetAuditPage', { offset, limit: 60 - offset, search: 'domain' }) as unknown as { entries: { id: number }[] }
    t.ok(entries.length > 0)
    for (const { id } of entries) all.add(id)
    offset += entries.length
  }
  t.equal(all.size, 60)
  fits(t)
})

t.test('categories of one domain', async t => {
  const { id: domainId } = await app.request('AddDomain', { name: 'categories.test' })
  let refused: Record<string, unknown> = {}
  let count = 0
  while (refused['error'] === undefined) {
    refused = await app.request('AddCategory', { domainId, name: pad(count++, 100), config: true })
  }
  t.match(refused, { error: 'conflict', errorText: /one message/ })
  t.ok(count > 100)
  t.equal((await app.list('GetProvisioningCategories', 'categories', { domainId })).length, count - 1)
  t.match((await app.list('GetDomains', 'domains')).find(domain => domain['id'] === domainId), { categories: { length: count - 1 } })
  fits(t)
})

t.test('preferences', async t => {
  const some = (n: number): Record<string, string> => Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`p${n}-${at}`, 'x'.repeat(4096)]))
  t.notOk((await app.request('SetPreferences', { preferences: some(1) }))['error'])
  t.match(await app.request('SetPreferences', { preferences: some(2) }), { error: 'badRequest', field: 'preferences' })
  t.equal(Object.keys((await app.request('GetPreferences'))['preferences'] as object).length, 10)
  fits(t)
})

t.test('a list that is refused has ended; a refused code is named', async t => {
  for (const [mt, fields] of [['GetFilteredDevices', { types: 'PHONE' }], ['GetProvisioningCategories', { domainId: 999 }], ['GetDevices', { domainIds: 7 }], ['GetDomains', { recvUpdates: 'x' }]] as const) {
    t.match(await app.request(mt, fields), { error: String, last: true }, `${mt} (wire-protocols 3.1)`)
  }
  t.match(await app.request('GetProvisionedDevice', { code: '111122223333' }), { error: 'notFound', code: '111122223333' }, 'wire-protocols 3.5')
  t.notOk(Object.hasOwn(await app.request('GetDevice', { id: 999_999 }), 'last'))
  fits(t)
})

t.test('configurations: none, and said so', async t => {
  t.match(await app.request('GetDeviceConfigs', { recvUpdates: true }), { configs: [], last: true })
  t.match(await app.request('GetDeviceConfigs', { domainId: 999 }), { error: 'notFound', last: true })
  t.match(await app.request('GetDeviceConfig', { id: 1 }), { error: 'notFound' })
  fits(t)
})
