/** Lists, pages, filters, indications of the service API against the running executable (wire-protocols 3.3-3.7). */
import t from 'tap'
import { AppClient, type Message } from '../fixtures/app-client.ts'
import { fill, filledDevice, filledPassword } from '../fixtures/fill.ts'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { PASSWORD, startService, temporaryFolder } from '../fixtures/service.ts'

const COUNT = 3000
const workingPath = temporaryFolder()
fill(workingPath, COUNT)
const service = await startService({ workingPath })
const app = await AppClient.login(service.wsBase, { password: PASSWORD })
t.teardown(() => service.stop())

interface Row { id: number, hwId: string, name?: string, product: string, version: string, type: string, online: boolean, state: string, ethIfs?: { ipv4?: string }[] }
const page = async (fields: object = {}): Promise<{ devices: Row[], total: number, counts: Record<string, number> }> =>
  await app.request('GetDevicesPage', { offset: 0, limit: 60, ...fields }) as unknown as { devices: Row[], total: number, counts: Record<string, number> }

t.test('domains', async t => {
  t.match(await app.list('GetDomains', 'domains', { recvUpdates: true }),
    [{ id: 1, name: 'example.com', hasRentalProducts: false, deployAdminPasswords: true, isInstanceDomain: true, categories: [] }])
})

t.test('GetDevices: everything, in parts that fit', async t => {
  const devices = await app.list('GetDevices', 'devices')
  t.equal(devices.length, COUNT)
  t.equal(new Set(devices.map(device => device['hwId'])).size, COUNT)
  const parts = app.received.filter(message => message.mt === 'GetDevicesResult')
  t.ok(parts.length > 5, 'more than one part')
  t.ok(parts.every(part => JSON.stringify(part).length <= 65_535), 'each within the longest message')
  t.same(parts.map(part => part['last']), parts.map((_, n) => n === parts.length - 1), 'last on the last one only')
  t.same(await app.list('GetDevices', 'devices', { unassigned: true }), [])
  t.equal((await app.list('GetDevices', 'devices', { domainIds: '1', categories: '', unassigned: false })).length, COUNT)
  t.same(await app.list('GetDevices', 'devices', { domainIds: '7,8' }), [], 'unknown domains')
  t.same(await app.list('GetDevices', 'devices', { categories: 'none such' }), [])
})

t.test('GetFilteredDevices', async t => {
  const gateways = await app.list('GetFilteredDevices', 'devices', { types: ['GW', 'VA'] })
  t.equal(gateways.length, COUNT / 5)
  const two = [filledDevice(5).hwId, filledDevice(6).hwId.toUpperCase()]
  t.equal((await app.list('GetFilteredDevices', 'devices', { hwIds: two.join(',') })).length, 2)
  t.same(await app.list('GetFilteredDevices', 'devices', { justFxs: true }), [])
  t.same(await app.list('GetFilteredDevices', 'devices', { domainId: 99 }), [])
})

t.test('what clients of the original send after login', async t => {
  t.match(await app.request('SetDeviceFiler', { recvUpdates: true }), { mt: 'SetDeviceFilerResult' })
  t.match(await app.request('GetUnassignedDevicesCount'), { count: 0 })
  t.match(await app.request('GetLoginInfo'), { admin: true })
})

t.test('pages: sorted by every column, both ways, stable, complete', async t => {
  const key: Record<string, (row: Row) => string> = {
    name: row => (row.name ?? '').toLowerCase().replace(/\d+/, digits => digits.padStart(6, '0')), product: row => row.product, mac: row => row.hwId, version: row => row.version, type: row => row.type,
    ip: row => (row.ethIfs?.[0]?.ipv4 ?? '').split('.').map(part => part.padStart(3, '0')).join('.'),
  }
  for (const [sort, of] of Object.entries(key)) {
    for (const descending of [false, true]) {
      const all: Row[] = []
      while (all.length < COUNT) {
        const { devices } = await page({ sort, descending, offset: all.length, limit: 500 })
        if (devices.length === 0) break
        all.push(...devices)
      }
      t.equal(new Set(all.map(row => row.id)).size, COUNT, `${sort}: no row twice, none missing`)
      const keys = all.map(of)
      const ordered = keys.every((value, n) => n === 0 || (descending ? (keys[n - 1] ?? '') >= value : (keys[n - 1] ?? '') <= value))
      t.ok(ordered, `${sort} ${descending ? 'descending' : 'ascending'}`)
    }
  }
  const many = await page({ limit: 5000 })
  t.ok(many.devices.length > 100 && many.devices.length <= 500, 'bounded')
  t.equal(many.total, COUNT)
  t.same((await page({ offset: 999_999 })).devices, [])
})

t.test('search: name, MAC in any notation, product, type, addresses; not the version', async t => {
  const { hwId, ip } = filledDevice(1234)
  const pairs = hwId.match(/../g) ?? []
  for (const search of [hwId, hwId.toUpperCase(), pairs.join(':'), pairs.join('-'), `${hwId.slice(0, 4)}.${hwId.slice(4, 8)}.${hwId.slice(8)}`, ip, `  1234   ${hwId.slice(6)} `]) {
    const { devices, total } = await page({ search })
    t.equal(total, 1, search)
    t.equal(devices[0]?.hwId, hwId)
  }
  t.equal((await page({ search: 'ip811' })).total, COUNT / 10)
  t.equal((await page({ search: 'ip811 gw' })).total, COUNT / 10, 'all words must match')
  t.equal((await page({ search: 'DECT' })).total, COUNT / 10)
  t.equal((await page({ search: 'büro' })).total, COUNT / 10)
  t.equal((await page({ search: '1410520' })).total, 0, 'versions are shown, not searched')
  t.equal((await page({ search: "'; DROP TABLE devices; --" })).total, 0)
  t.equal((await page({ search: '%' })).total, 0)
  t.equal((await page({ types: ['GW', 'DECT'], states: ['offline'], product: 'IP811' })).total, COUNT / 10)
  t.equal((await page({ version: filledDevice(0).version })).total, COUNT / 3)
  t.equal((await page({ domainIds: [] })).total, 0)
})

t.test('a watched page hears of its rows and of the counters', async t => {
  const watcher = await AppClient.login(service.wsBase, { password: PASSWORD })
  await watcher.request('GetDevicesPage', { offset: 0, limit: 10, sort: 'mac', recvUpdates: true })
  const { hwId, product, version, type } = filledDevice(3)
  const of = (state: string) => (message: Message): boolean => message.mt === 'DevicesPageUpdate' && (message['devices'] as Row[]).some(row => row.hwId === hwId && row.state === state)
  const online = watcher.until(of('online'))
  const device = await PlainDevice.connect(`${service.wsBase}/sysclients`, { id: hwId, product, version, type }, filledPassword(3))
  device.identify()
  t.match(await online, { counts: { online: 1, offline: COUNT - 1, total: COUNT } })
  t.equal((await page({ states: ['online'] })).total, 1)
  t.equal((await page({ sort: 'status', descending: true, limit: 1 })).devices[0]?.hwId, hwId)
  const offline = watcher.until(of('offline'))
  await device.close()
  t.match(await offline, { counts: { online: 0 } })
  // A device outside the page changes the counters only.
  const far = filledDevice(2000)
  const counted = watcher.until(message => message.mt === 'DevicesPageUpdate' && (message['counts'] as { online: number }).online === 1)
  const other = await PlainDevice.connect(`${service.wsBase}/sysclients`, { id: far.hwId, product: far.product, version: far.version, type: far.type }, filledPassword(2000))
  other.identify()
  t.same((await counted)['devices'], [])
  await other.close()
  await watcher.close()
})

t.test('public indications of added, updated and removed devices carry the src of the subscription', async t => {
  const watcher = await AppClient.login(service.wsBase, { password: PASSWORD })
  watcher.send({ mt: 'GetDevices', recvUpdates: true, src: 'sub' })
  await watcher.until(message => message.mt === 'GetDevicesResult' && message['last'] === true)
  const wanted = (mt: string, hwId: string) => watcher.until(message => message.mt === mt && (message['device'] as Row).hwId === hwId)
  const seen = wanted('DeviceAdded', 'newcomer')
  const device = await PlainDevice.connect(`${service.wsBase}/sysclients`, { id: 'newcomer' })
  device.identify()
  t.match(await seen, { src: 'sub', device: { id: 0, domainId: 0, online: true } }, 'unassigned devices have id 0')
  const assigned = wanted('DeviceAdded', 'newcomer')
  const { id } = await app.request('AddDevice', { hwId: 'newcomer', domainId: 1, name: 'First' })
  t.match(await assigned, { device: { id, domainId: 1, name: 'First' } })
  const renamed = watcher.until(message => message.mt === 'DeviceUpdate' && (message['device'] as Row).name === 'Second')
  await app.request('EditDevice', { id, name: 'Second' })
  t.match(await renamed, { src: 'sub', device: { id } })
  const removed = wanted('DeviceRemoved', 'newcomer')
  await app.request('DeleteDevice', { id })
  t.match(await removed, { src: 'sub', device: { id } })
  await device.close()
  await watcher.close()
})

t.test('who watches a filtered list hears of what was in it, and of nothing else', async t => {
  const category = Number((await app.request('AddCategory', { domainId: 1, name: 'watched', config: false }))['id'])
  const add = async (hwId: string): Promise<number> => Number((await app.request('AddDevice', { hwId, domainId: 1 }))['id'])
  const [inside, outside, later] = [await add('inside'), await add('outside'), await add('later')]
  await app.request('EditDevice', { id: inside, categories: [category] })
  const watcher = await AppClient.login(service.wsBase, { password: PASSWORD })
  watcher.send({ mt: 'GetDevices', categories: 'watched', recvUpdates: true, src: 'filtered' })
  await watcher.until(message => message.mt === 'GetDevicesResult' && message['last'] === true)
  const wanted = (mt: string, hwId: string) => watcher.until(message => message.mt === mt && (message['device'] as Row).hwId === hwId)
  const added = wanted('DeviceAdded', 'later')
  await app.request('EditDevice', { id: later, categories: [category] })
  t.match(await added, { src: 'filtered', device: { id: later } }, 'it comes in by its category')
  const left = wanted('DeviceRemoved', 'later')
  await app.request('EditDevice', { id: later, categories: [] })
  t.match(await left, { device: { id: later } }, 'and leaves by it')
  await app.request('DeleteDevice', { id: outside })
  await app.request('DeleteDevice', { id: later })
  const removed = wanted('DeviceRemoved', 'inside')
  await app.request('DeleteDevice', { id: inside })
  t.match(await removed, { device: { id: inside } })
  t.same(watcher.received.filter(message => message.mt === 'DeviceRemoved').map(message => (message['device'] as Row).hwId), ['later', 'inside'])
  await watcher.close()
})

t.test('editing and refusing', async t => {
  const { device } = await app.request('GetDevice', { hwId: filledDevice(7).hwId }) as unknown as { device: Row }
  t.match(await app.request('EditDevice', { id: device.id, name: 'Neue Pforte' }), { device: { name: 'Neue Pforte' } })
  t.equal((await page({ search: 'neue pforte' })).total, 1, 'found by its new name')
  t.match(await app.request('EditDevice', { id: device.id, domainId: 42 }), { error: 'notFound' })
  t.match(await app.request('AddDevice', { hwId: device.hwId, domainId: 1 }), { error: 'conflict', field: 'hwId' })
  t.match(await app.request('AddDevice', { hwId: 'with blank', domainId: 1 }), { error: 'badRequest', field: 'hwId' })
  t.match(await app.request('OpenTunnel', { hwId: device.hwId }), { error: 'offline' })
  t.match(await app.request('GetDevice', {}), { error: 'badRequest' })
})

t.test('preferences are kept per user', async t => {
  t.match(await app.request('GetPreferences'), { preferences: {} })
  await app.request('SetPreferences', { preferences: { columns: '[1,2]', density: 'compact' } })
  await app.request('SetPreferences', { preferences: { density: '' } })
  t.same((await app.request('GetPreferences'))['preferences'], { columns: '[1,2]' })
  const other = await AppClient.login(service.wsBase, { password: PASSWORD, sip: 'other' })
  t.same((await other.request('GetPreferences'))['preferences'], {})
  t.match(await app.request('SetPreferences', { preferences: { x: 'y'.repeat(5000) } }), { error: 'badRequest' })
  await other.close()
})

t.test('metrics and health are not on the public listener', async t => {
  t.match(await (await fetch(service.metricsUrl)).text(), /devices_app_logins_total \d+\n/)
  t.same(await (await fetch(service.metricsUrl.replace('/metrics', '/health'))).json(), { ok: true })
  t.equal((await fetch(`${service.url}/metrics`)).status, 404)
  t.equal((await fetch(`${service.base}/health`)).status, 404)
})
