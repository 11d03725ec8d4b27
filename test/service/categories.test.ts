/** Categories against the running executable (features 4; wire-protocols 3.4, 3.7, 3.8; architecture, names). */
import t from 'tap'
import { AppClient, type Message } from '../fixtures/app-client.ts'
import { fill, filledDevice } from '../fixtures/fill.ts'
import { PASSWORD, startService, temporaryFolder, type Service } from '../fixtures/service.ts'
import { Store } from '../../app/store/store.ts'

const workingPath = temporaryFolder()
fill(workingPath, 40)

let service: Service = await startService({ workingPath })
let app = await AppClient.login(service.wsBase, { password: PASSWORD })
t.teardown(() => service.stop())

interface Category { id: number, name: string, config: boolean }
const categories = async (): Promise<Category[]> => ((await app.list('GetDomains', 'domains'))[0]?.['categories'] ?? []) as Category[]
const add = async (name: string, config = false): Promise<number> => Number((await app.request('AddCategory', { domainId: 1, name, config }))['id'])
/** Ids of the devices of the fixture: they were inserted in order. */
const device = async (n: number): Promise<{ id: number, categories?: Category[], provisioningCategory?: Category | null }> =>
  (await app.request('GetDevice', { hwId: filledDevice(n).hwId }))['device'] as { id: number }
const hwIds = async (mt: string, fields: object): Promise<unknown[]> => (await app.list(mt, 'devices', fields)).map(one => one['hwId']).sort()
const of = (...n: number[]): string[] => n.map(one => filledDevice(one).hwId).sort()

t.test('names are unique in a domain, without commas; every change is told to those who watch', async t => {
  const watcher = await AppClient.login(service.wsBase, { password: PASSWORD })
  watcher.send({ mt: 'GetDomains', recvUpdates: true, src: 'sub' })
  await watcher.until(message => message.mt === 'GetDomainsResult')
  const told = (matches: (list: Category[]) => boolean): Promise<Message> =>
    watcher.until(message => message.mt === 'DomainEdited' && matches((message['domain'] as { categories: Category[] }).categories))
  const added = told(list => list.length === 1)
  const id = await add(' Flur ')
  t.match(await added, { src: 'sub', domain: { id: 1, categories: [{ id, name: 'Flur', config: false }] } })
  for (const [name, error] of [['flur', 'conflict'], ['a,b', 'badRequest'], ['  ', 'badRequest'], ['x\n', 'ok'], ['x'.repeat(129), 'badRequest']] as const) {
    const answer = await app.request('AddCategory', { domainId: 1, name })
    if (error === 'ok') t.match(answer, { id: Number }, 'outer blanks do not count')
    else t.match(answer, { error, field: 'name' }, name)
  }
  t.match(await app.request('AddCategory', { domainId: 77, name: 'x' }), { error: 'notFound', field: 'domainId' })
  const renamed = told(list => list.some(one => one.name === 'Gang'))
  t.notOk((await app.request('EditCategory', { id, name: 'Gang' }))['error'])
  await renamed
  t.match(await app.request('EditCategory', { id, name: 'X' }), { error: 'conflict', field: 'name' }, 'the other one has it')
  t.notOk((await app.request('EditCategory', { id, name: 'gang' }))['error'], 'its own name in another case')
  const gone = told(list => !list.some(one => one.id === id))
  t.match(await app.request('DeleteCategory', { id }), { error: undefined })
  await gone
  t.match(await app.request('DeleteCategory', { id }), { error: 'notFound' })
  t.match(await app.request('EditCategory', { id, name: 'y' }), { error: 'notFound' })
  t.match(await app.request('GetCategoryUse', { id }), { error: 'notFound' })
  await watcher.close()
})

t.test('a device has many standard categories and one for provisioning', async t => {
  const [east, west, phones] = [await add('east'), await add('west'), await add('phones', true)]
  const { id } = await device(0)
  t.match(await app.request('EditDevice', { id, categories: [east, west], provisioningCategory: phones }), {
    device: { categories: [{ id: east, name: 'east', config: false }, { id: west, name: 'west', config: false }], provisioningCategory: { id: phones, name: 'phones', config: true } },
  })
  t.match(await app.request('EditDevice', { id, categories: [phones] }), { error: 'badRequest', field: 'categories' }, 'a provisioning category is none of the standard ones')
  t.match(await app.request('EditDevice', { id, provisioningCategory: east }), { error: 'badRequest', field: 'provisioningCategory' })
  t.match(await app.request('EditDevice', { id, categories: [12345] }), { error: 'notFound', field: 'categories' })
  t.match(await app.request('EditDevice', { id, name: 'Pforte' }), { device: { name: 'Pforte', categories: [{ id: east }, { id: west }] } }, 'nothing else changes')
  t.match(await app.request('GetCategoryUse', { id: east }), { use: { devices: 1, configs: 0, codes: 0, jobs: 0, phoneOnly: false } })
  t.match(await app.request('EditDevice', { id, categories: [west], provisioningCategory: null }), { device: { categories: [{ id: west }] } })
  t.notOk((await device(0)).provisioningCategory)
})

t.test('filters: names are alternatives, subcategories narrow, ids on the page', async t => {
  const list = await categories()
  const id = (name: string): number => list.find(one => one.name === name)?.id ?? 0
  const set = async (n: number, names: string[], provisioning?: string): Promise<void> => {
    await app.request('EditDevice', { id: (await device(n)).id, categories: names.map(id), ...(provisioning ? { provisioningCategory: id(provisioning) } : {}) })
  }
  await set(0, ['east'])
  await set(1, ['east', 'west'])
  await set(2, ['west'], 'phones')
  await set(3, [], 'phones')
  const cases: [fields: object, expected: string[]][] = [
    [{ categories: 'east' }, of(0, 1)],
    [{ categories: 'east,west' }, of(0, 1, 2)],
    [{ categories: 'east', subcategories: 'west' }, of(1)],
    [{ categories: 'east,phones', subcategories: 'west' }, of(1, 2)],
    [{ categories: 'phones' }, of(2, 3)],
    [{ subcategories: 'west' }, of(1, 2)],
    [{ categories: 'none such' }, []],
    [{ categories: 'east', domainIds: '1' }, of(0, 1)],
    [{ categories: 'east', domainIds: '99' }, []],
    [{ categories: Array.from({ length: 9000 }, (_, n) => `c${n}`).join(',') + ',west' }, of(1, 2)],
  ]
  for (const [fields, expected] of cases) t.same(await hwIds('GetDevices', fields), expected, JSON.stringify(fields).slice(0, 80))
  const pageOf = async (...names: string[]): Promise<unknown[]> =>
    ((await app.request('GetDevicesPage', { offset: 0, limit: 100, categoryIds: names.map(id) }))['devices'] as { hwId: string }[]).map(one => one.hwId).sort()
  t.same(await pageOf('east'), of(0, 1))
  t.same(await pageOf('east', 'phones'), of(0, 1, 2, 3))
  t.same(await pageOf(), [])
})

t.test('deleting asks, says how many devices are hit, and takes it from them', async t => {
  const west = (await categories()).find(one => one.name === 'west')?.id ?? 0
  t.match(await app.request('DeleteCategory', { id: west }), { error: 'conflict', count: 2 })
  t.notOk((await app.request('DeleteCategory', { id: west, force: true }))['error'])
  t.match((await device(1)).categories, [{ name: 'east' }])
  const phones = (await categories()).find(one => one.name === 'phones')?.id ?? 0
  t.match(await app.request('DeleteCategory', { id: phones, force: true }), { mt: 'DeleteCategoryResult', error: undefined })
  t.notOk((await device(3)).provisioningCategory)
})

t.test('a category of a phone configuration provisions no gateway, and a configuration never loses its last category', async t => {
  const [fxs, ntp] = [await add('fxs', true), await add('ntp', true)]
  await service.stop()
  // Configurations have no messages of their own yet.
  const store = new Store({ workingPath, onFailure: error => { throw error } })
  for (const [type, category] of [['FXS_PHONE', fxs], ['NTP', ntp]] as const) {
    const { lastInsertRowid } = store.write(() => store.sqlite.prepare('INSERT INTO device_configs (domain_id, type) VALUES (1, ?)').run(type))
    store.write(() => store.sqlite.prepare('INSERT INTO device_config_categories VALUES (?, ?)').run(lastInsertRowid, category))
  }
  store.close()
  service = await startService({ workingPath })
  app = await AppClient.login(service.wsBase, { password: PASSWORD })
  t.match(await app.request('GetCategoryUse', { id: fxs }), { use: { configs: 1, phoneOnly: true } })
  t.match(await app.request('GetCategoryUse', { id: ntp }), { use: { configs: 1, phoneOnly: false } })
  // By the fixture: 6 GW, 8 VA, 9 APP_PLATFORM, 7 DECT, 5 PHONE.
  for (const n of [6, 8, 9]) {
    t.match(await app.request('EditDevice', { id: (await device(n)).id, provisioningCategory: fxs }), { error: 'badRequest', field: 'provisioningCategory' }, filledDevice(n).type)
    t.match(await app.request('EditDevice', { id: (await device(n)).id, provisioningCategory: ntp }), { device: { provisioningCategory: { id: ntp } } }, filledDevice(n).type)
  }
  for (const n of [5, 7]) t.match(await app.request('EditDevice', { id: (await device(n)).id, provisioningCategory: fxs }), { device: { provisioningCategory: { id: fxs } } }, filledDevice(n).type)
  t.match(await app.request('DeleteCategory', { id: fxs, force: true }), { error: 'conflict', errorText: /all devices/, count: 2 })
  t.match(await device(5), { provisioningCategory: { id: fxs } }, 'nothing was taken away')
})
