/**
 * A login of one domain and everything of another (wire-protocols 5.7; architecture, invariant 6 and names): what is foreign is
 * answered byte for byte as what does not exist, nothing of it is in any answer, and nothing that happens to it is heard.
 */
import fc from 'fast-check'
import t from 'tap'
import { REQUESTS } from '../../app/protocol/service-api.ts'
import { AppClient, type Message } from '../fixtures/app-client.ts'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { PASSWORD, startService } from '../fixtures/service.ts'

const service = await startService()
t.teardown(() => service.stop())
const admin = await AppClient.login(service.wsBase, { password: PASSWORD })
const must = async (mt: string, fields: object): Promise<Message> => {
  const answer = await admin.request(mt, fields)
  if (answer['error'] !== undefined) throw new Error(`${mt}: ${String(answer['errorText'])}`)
  return answer
}

/** Every text of the foreign domain has this in it. */
const MARK = 'zebra'
const FOREIGN_MACS = ['0a1b2c0000f1', '0a1b2c0000f2', '0a1b2c0000f3']
const UNASSIGNED_MAC = '0a1b2c0000f9'
const FOREIGN_IP = '10.99.77.55'

async function connected(id: string): Promise<PlainDevice> {
  const device = await PlainDevice.connect(`${service.wsBase}/sysclients`, { id, more: { name: `${MARK} ${id}`, ethIfs: [{ if: 'ETH0', ipv4: FOREIGN_IP }] } })
  t.teardown(() => device.close())
  return device
}

const own = Number((await must('AddDomain', { name: 'own.example', ...admin.encrypted('password', 'own-pw') }))['id'])
const foreign = Number((await must('AddDomain', { name: `${MARK}.example`, emails: [`${MARK}@example.com`], invoiceReference: MARK, ...admin.encrypted('password', `${MARK}-pw`) }))['id'])
await must('EditDomain', { id: foreign, ...admin.encrypted('provisioningToken', `${MARK}-token`) })
await must('AddCategory', { domainId: own, name: 'own', config: true })
const foreignCategory = Number((await must('AddCategory', { domainId: foreign, name: `${MARK}-config`, config: true }))['id'])
const foreignStandard = Number((await must('AddCategory', { domainId: foreign, name: `${MARK}-standard` }))['id'])
const ownDevice = Number((await must('AddDevice', { hwId: '0a1b2c000001', domainId: own, name: 'Lobby' }))['id'])
const foreignDevices: number[] = []
for (const hwId of FOREIGN_MACS) foreignDevices.push(Number((await must('AddDevice', { hwId, domainId: foreign, name: `${MARK} ${hwId}` }))['id']))
const online = await connected(FOREIGN_MACS[0] ?? '')
const online_password = online.until(1)
online.identify()
await online_password
const unassigned = await connected(UNASSIGNED_MAC)
unassigned.identify()
while ((await admin.request('GetDevice', { hwId: UNASSIGNED_MAC }))['error'] !== undefined) await new Promise(resolve => setImmediate(resolve))
const unassignedId = Number(((await must('GetDevice', { hwId: UNASSIGNED_MAC }))['device'] as { id: number }).id)
const foreignCode = String((await must('GetProvisioningCode', { domainId: foreign, category: `${MARK}-config`, sip: `${MARK}.user` }))['code'])
const foreignTask = Number((await must('StartEdit', { selection: { ids: [foreignDevices[1]] }, addCategories: [foreignStandard] }))['task'])

// Many, because the messages of one connection are bounded (docs/api.md, Bounds).
const clients: AppClient[] = []
for (let n = 0; n < 16; n++) clients.push(await AppClient.login(service.wsBase, { domain: 'own.example', password: 'own-pw' }))

/** Foreign things, and for each something of the same kind that does not exist. */
const PAIRS = {
  domain: [[foreign, 900_001], [1, 900_002]],
  device: [...foreignDevices.map((id, n) => [id, 910_001 + n]), [unassignedId, 910_009]],
  hwId: [...FOREIGN_MACS.map((hwId, n) => [hwId, `0a1b2cffff0${n}`]), [UNASSIGNED_MAC, '0a1b2cffff09'], [FOREIGN_MACS[0]?.toUpperCase(), '0A1B2CFFFF00']],
  category: [[foreignCategory, 920_001], [foreignStandard, 920_002]],
  categoryName: [[`${MARK}-config`, 'quagg-config'], [`${MARK}-standard`, 'quagg-standard']],
  task: [[foreignTask, 930_001]],
  code: [[foreignCode, '000000000017']],
  search: [[MARK, 'quagg'], [`${MARK} 0a1b`, 'quagg 0a1b'], ['0a1b2c0000f1', '0a1b2cffff01'], ['0a:1b:2c:00:00:f2', '0a:1b:2c:ff:ff:f2'], [FOREIGN_IP, '10.99.77.56'], ['zeb', 'qua'],
    ['domain.edited', 'domain.eaten'], [`${MARK}.example`, 'quagg.example']],
} as const satisfies Record<string, readonly (readonly [unknown, unknown])[] | unknown[][]>
type Thing = keyof typeof PAIRS

/** Takes the foreign value (0) or the one that does not exist (1), of the pair that was drawn. */
type Pick = (thing: Thing) => never
/**
 * Ways to name something foreign, per message. Messages without an entry take no name of anything; hardware ids of devices to be
 * added are a case of their own, see below.
 */
const WAYS: Record<string, ((pick: Pick) => object)[]> = {
  GetDevices: [pick => ({ domainIds: String(pick('domain')) }), pick => ({ domainIds: `${own},${String(pick('domain'))}`, unassigned: true }), pick => ({ categories: pick('categoryName') }),
    pick => ({ subcategories: pick('categoryName'), unassigned: true })],
  GetFilteredDevices: [pick => ({ domainId: pick('domain') }), pick => ({ hwIds: pick('hwId') }), pick => ({ domainId: pick('domain'), hwIds: pick('hwId') })],
  GetDevicesPage: [pick => ({ offset: 0, limit: 50, domainIds: [pick('domain')] }), pick => ({ offset: 0, limit: 50, domainIds: [own, pick('domain')], states: ['online', 'unassigned', 'offline', 'expected', 'lost'] }),
    pick => ({ offset: 0, limit: 50, search: pick('search') }), pick => ({ offset: 0, limit: 50, categoryIds: [pick('category')] }), pick => ({ offset: 0, limit: 50, search: pick('hwId'), sort: 'domain' })],
  GetDevice: [pick => ({ id: pick('device') }), pick => ({ hwId: pick('hwId') }), pick => ({ id: ownDevice, hwId: pick('hwId') }), pick => ({ id: pick('device'), hwId: '0a1b2c000001' })],
  AddDevice: [pick => ({ hwId: '0a1b2c00aaaa', domainId: pick('domain') }), pick => ({ hwId: '0a1b2c000001', domainId: pick('domain') })],
  EditDevice: [pick => ({ id: pick('device'), name: 'x' }), pick => ({ id: ownDevice, domainId: pick('domain') }), pick => ({ id: ownDevice, categories: [pick('category')] }),
    pick => ({ id: ownDevice, provisioningCategory: pick('category') }), pick => ({ id: pick('device'), domainId: own })],
  DeleteDevice: [pick => ({ id: pick('device') })],
  GetDevicePassword: [pick => ({ id: pick('device') })],
  OpenTunnel: [pick => ({ hwId: pick('hwId') })],
  CloseTunnel: [pick => ({ hwId: pick('hwId') })],
  GetTaskDevices: [pick => ({ id: pick('task'), offset: 0, limit: 10 })],
  CancelTask: [pick => ({ id: pick('task') })],
  RetryTask: [pick => ({ id: pick('task') })],
  DeleteTask: [pick => ({ id: pick('task') })],
  CountSelection: [pick => ({ selection: { ids: [pick('device')] } }), pick => ({ selection: { ids: [ownDevice, pick('device')] } }), pick => ({ selection: { filter: { domainIds: [pick('domain')] } } }),
    pick => ({ selection: { filter: { search: pick('search') } } }), pick => ({ selection: { filter: {}, except: [pick('device')] } })],
  StartEdit: [pick => ({ selection: { ids: [ownDevice] }, domainId: pick('domain') }), pick => ({ selection: { ids: [ownDevice] }, addCategories: [pick('category')] }),
    pick => ({ selection: { ids: [ownDevice] }, removeCategories: [pick('category')] }), pick => ({ selection: { ids: [ownDevice] }, provisioningCategory: pick('category') }),
    pick => ({ selection: { ids: [pick('device')] }, domainId: own }), pick => ({ selection: { filter: { domainIds: [pick('domain')] } }, provisioningCategory: null })],
  StartDelete: [pick => ({ selection: { ids: [pick('device')] } }), pick => ({ selection: { filter: { search: pick('search') } } })],
  StartRestart: [pick => ({ selection: { ids: [pick('device')] } }), pick => ({ selection: { ids: [ownDevice, pick('device')] }, whenIdle: true }), pick => ({ selection: { filter: { search: pick('search') } } })],
  StartUrlRollout: [pick => ({ selection: { ids: [pick('device')] } }), pick => ({ selection: { filter: { domainIds: [pick('domain')] } } })],
  GetProvisioningCategories: [pick => ({ domainId: pick('domain') }), pick => ({ domainId: pick('domain'), type: 'PHONE' })],
  GetDeviceConfigs: [pick => ({ domainId: pick('domain') })],
  GetDeviceConfig: [pick => ({ domainId: pick('domain'), id: 1 })],
  GetProvisioningCode: [pick => ({ domainId: pick('domain'), category: 'own' }), pick => ({ category: pick('categoryName') }), pick => ({ domainId: pick('domain'), category: pick('categoryName') })],
  GetProvisionedDevice: [pick => ({ code: pick('code') }), pick => ({ domainId: pick('domain'), code: pick('code') })],
  GetProvisioningCodes: [pick => ({ domainId: pick('domain') })],
  AddProvisioningCodes: [pick => ({ domainId: pick('domain'), category: 'own', sips: ['a'] }), pick => ({ category: pick('categoryName'), sips: ['a'] })],
  DeleteProvisioningCode: [pick => ({ code: pick('code') })],
  AddDevices: [pick => ({ domainId: pick('domain'), devices: [{ hwId: '0a1b2c00bbbb' }] }), pick => ({ domainId: own, check: true, devices: [{ hwId: '0a1b2c00bbbb', provisioningCategory: pick('categoryName') }] })],
  GetDevicePhones: [pick => ({ hwId: pick('hwId') })],
  RemoveDevicePhone: [pick => ({ hwId: pick('hwId'), id: 'TEL1' })],
  GetDomainSettings: [pick => ({ id: pick('domain') })],
  GetProvisioningToken: [pick => ({ id: pick('domain') })],
  EditDomain: [pick => ({ id: pick('domain'), name: 'x.example' }), pick => ({ id: pick('domain'), emails: [] }), pick => ({ id: pick('domain'), seed: 's', password: 'abcd' }), pick => ({ id: own, access: [pick('domain')] })],
  DeleteDomain: [pick => ({ id: pick('domain') }), pick => ({ id: pick('domain'), force: true })],
  AddDomain: [pick => ({ name: pick('search') })],
  AddCategory: [pick => ({ domainId: pick('domain'), name: 'x' })],
  EditCategory: [pick => ({ id: pick('category'), name: 'x' })],
  DeleteCategory: [pick => ({ id: pick('category'), force: true })],
  GetCategoryUse: [pick => ({ id: pick('category') })],
  GetAuditPage: [pick => ({ offset: 0, limit: 50, domainIds: [pick('domain')] }), pick => ({ offset: 0, limit: 50, search: pick('search') }), pick => ({ offset: 0, limit: 50, domainIds: [0, pick('domain')] })],
}
const NAMES_NOTHING = ['GetUserInfo', 'RequestHttpKey', 'GetLoginInfo', 'GetUnassignedDevicesCount', 'SetDeviceFiler', 'SetDeviceFilter', 'GetRegistrationUrl', 'GetPreferences', 'SetPreferences', 'GetTasks',
  'GetDomains', 'GetAllDomainSettings', 'GetAppRoles', 'SetAppRole', 'GetInstanceSettings', 'EditInstanceSettings']

/** A refusal repeats the code that was asked for. */
const withoutEcho = (message: Message): object => message['error'] === undefined ? message : { ...message, code: undefined }
/** Numbers and codes that are new each time, times, and the code that a refusal repeats are not what is compared. */
const comparable = (messages: readonly Message[]): string =>
  JSON.stringify(messages.map(withoutEcho), (name, value: unknown) => ['src', 'task', 'validUntil', 'at', 'startedAt', 'finishedAt', 'lastSeen'].includes(name) ? undefined : value)

let numbers = 0
/** All messages that answer one request. */
async function answers(mt: string, fields: object, client = clients[numbers % clients.length] as AppClient): Promise<Message[]> {
  const src = `f${++numbers}`
  const result = `${mt}Result`
  const from = client.received.length
  const end = client.until(message => message['src'] === src && message.mt === result && (message['last'] !== false))
  client.send({ mt, src, ...fields })
  await end
  return client.received.slice(from).filter(message => message['src'] === src)
}

t.test('every message is fuzzed, or names nothing', async t => {
  t.same(Object.keys(REQUESTS).filter(mt => !(mt in WAYS) && !NAMES_NOTHING.includes(mt)), [], 'say how it can name something foreign')
})

const way = fc.constantFrom(...Object.entries(WAYS).flatMap(([mt, ways]) => ways.map(make => [mt, make] as const)))
const draws = fc.record({ domain: fc.nat(), device: fc.nat(), hwId: fc.nat(), category: fc.nat(), categoryName: fc.nat(), task: fc.nat(), code: fc.nat(), search: fc.nat() })
const filled = (make: (pick: Pick) => object, drawn: Record<Thing, number>, side: 0 | 1): object => make(thing => {
  const pairs: readonly (readonly unknown[])[] = PAIRS[thing]
  return pairs[drawn[thing] % pairs.length]?.[side] as never
})

t.test('what is foreign is answered as what does not exist', async t => {
  let compared = 0
  await fc.assert(fc.asyncProperty(way, draws, async ([mt, make], drawn) => {
    const client = clients[compared++ % clients.length] as AppClient
    const there = comparable(await answers(mt, filled(make, drawn, 0), client))
    const nowhere = comparable(await answers(mt, filled(make, drawn, 1), client))
    if (there !== nowhere) throw new Error(`${mt} ${JSON.stringify(filled(make, drawn, 0))}:\n${there}\n${nowhere}`)
  }), { seed: 20_250_101, numRuns: 1500 })
  t.ok(compared >= 1500)
})

t.test('a device that cannot be added is not told apart: foreign or waiting for an administrator', async t => {
  const prober = await AppClient.login(service.wsBase, { domain: 'own.example', password: 'own-pw', sip: 'prober' })
  const results = new Set<string>()
  for (const hwId of [...FOREIGN_MACS, UNASSIGNED_MAC]) {
    results.add(comparable(await answers('AddDevice', { hwId, domainId: own }, prober)))
    const [bulk] = await answers('AddDevices', { domainId: own, devices: [{ hwId }] }, prober)
    results.add(JSON.stringify(bulk?.['results']).replace(hwId, ''))
  }
  await prober.close()
  t.equal(results.size, 2, [...results].join('\n'))
  t.match(await admin.request('GetDevice', { id: foreignDevices[0] }), { device: { domainId: foreign, online: true } }, 'it stays where it is')
})

t.test('into a foreign device there is no way, with any key', async t => {
  const { key } = await (clients[0] as AppClient).request('GetUserInfo')
  const other = await AppClient.login(service.wsBase, { domain: `${MARK}.example`, password: `${MARK}-pw` })
  const { key: foreignKey } = await other.request('OpenTunnel', { hwId: FOREIGN_MACS[0] })
  const ask = async (hwId: string, by: unknown): Promise<string> => {
    const answer = await fetch(`${service.base}/passthrough/${hwId}/${String(by)}/admin.xml`, { redirect: 'manual' })
    const headers = [...answer.headers].filter(([name]) => name !== 'date')
    return JSON.stringify([answer.status, headers, await answer.text()])
  }
  await fc.assert(fc.asyncProperty(fc.constantFrom(...PAIRS.hwId), async ([there, nowhere]) => {
    const [a, b] = [await ask(String(there), key), await ask(String(nowhere), key)]
    if (a !== b) throw new Error(`${String(there)}: ${a} ${b}`)
  }), { seed: 20_250_102, numRuns: 20 })
  t.match(await ask('0a1b2c000001', foreignKey), /^\[403/, 'a key for another device')
  await fc.assert(fc.asyncProperty(fc.uuid(), async guess => {
    const answer = await ask(FOREIGN_MACS[0] ?? '', guess)
    if (!answer.startsWith('[403')) throw new Error(answer)
  }), { seed: 20_250_103, numRuns: 20 })
  await other.close()
})

t.test('what happens in another domain is not heard', async t => {
  const listener = await AppClient.login(service.wsBase, { domain: 'own.example', password: 'own-pw', sip: 'listener' })
  const neighbour = await AppClient.login(service.wsBase, { domain: `${MARK}.example`, password: `${MARK}-pw` })
  for (const one of [listener, neighbour]) {
    one.send({ mt: 'GetDomains', recvUpdates: true, src: 'domains' })
    one.send({ mt: 'GetDevices', recvUpdates: true, src: 'devices' })
    one.send({ mt: 'GetDevicesPage', recvUpdates: true, offset: 0, limit: 50, src: 'page' })
    one.send({ mt: 'GetTasks', recvUpdates: true, src: 'tasks' })
    one.send({ mt: 'GetProvisioningCodes', recvUpdates: true, src: 'codes' })
    await one.request('GetUserInfo')
  }
  const before = listener.received.length
  const heard = (mt: string, matches: (message: Message) => boolean = () => true): Promise<Message> => neighbour.until(message => message.mt === mt && matches(message))

  let n = 0
  const deeds: (() => Promise<unknown>)[] = [
    () => must('EditDevice', { id: foreignDevices[n % 3], name: `${MARK} ${++n}` }),
    () => must('EditDevice', { id: foreignDevices[n % 3], categories: n++ % 2 ? [foreignStandard] : [] }),
    () => must('EditDomain', { id: foreign, invoiceReference: `${MARK} ${++n}` }),
    () => must('EditDomain', { id: foreign, deployAdminPasswords: n++ % 2 === 0 }),
    () => must('AddCategory', { domainId: foreign, name: `${MARK} ${++n}` }),
    () => must('EditCategory', { id: foreignStandard, name: `${MARK}-standard ${++n}` }),
    () => must('GetProvisioningCode', { domainId: foreign, category: `${MARK}-config`, sip: MARK }),
    () => must('StartEdit', { selection: { ids: [foreignDevices[n++ % 3]] }, addCategories: [foreignStandard] }),
    async () => must('DeleteDevice', { id: Number((await must('AddDevice', { hwId: `0a1b2c00c${String(++n).padStart(3, '0')}`, domainId: foreign }))['id']) }),
    async () => must('DeleteDomain', { id: Number((await must('AddDomain', { name: `${MARK}-${++n}.example` }))['id']) }),
    () => must('SetAppRole', { appObject: MARK, role: n++ % 2 ? 'read' : null }),
    async () => online.identify({ ethIfs: [{ if: 'ETH0', ipv4: `10.99.77.${++n % 250}` }] }),
    async () => unassigned.identify({ product: `${MARK}${++n}` }),
  ]
  await fc.assert(fc.asyncProperty(fc.nat(deeds.length - 1), async index => { await deeds[index]?.() }), { seed: 20_250_104, numRuns: 150 })
  for (const deed of deeds) await deed()

  // The neighbour has heard the last of it, so whatever was on its way has arrived.
  const last = [heard('DeviceUpdate', message => (message['device'] as { name: string }).name === `${MARK} end`), heard('DevicesPageUpdate'), heard('DomainEdited'), heard('ProvisioningCodeAdded')]
  const ended = heard('TaskEdited', message => (message['task'] as { state: string }).state === 'done')
  await must('EditDevice', { id: foreignDevices[2], name: `${MARK} end` })
  await must('EditDomain', { id: foreign, invoiceReference: 'end' })
  await must('GetProvisioningCode', { domainId: foreign, category: `${MARK}-config` })
  await must('StartEdit', { selection: { ids: foreignDevices }, removeCategories: [foreignStandard] })
  await Promise.all([...last, ended])
  t.same(listener.received.slice(before).map(message => message.mt), [], 'silence')
  const update = listener.until(message => message.mt === 'DeviceUpdate')
  await must('EditDevice', { id: ownDevice, name: 'Reception' })
  t.match(await update, { src: 'devices', device: { name: 'Reception' } }, 'its own is heard')
  t.notOk(JSON.stringify(listener.received).includes(MARK))
  await listener.close()
  await neighbour.close()
})

t.test('nothing foreign in all that was answered', async t => {
  for (const mt of NAMES_NOTHING.filter(one => one !== 'SetPreferences')) await answers(mt, { appObject: 'x', role: null })
  t.same((await answers('GetAuditPage', { offset: 0, limit: 500 })).flatMap(page => page['entries'] as { domainId: number }[]).filter(entry => entry.domainId !== own), [])
  const received = clients.flatMap(client => client.received)
  const all = JSON.stringify(received.map(withoutEcho))
  t.ok(received.length > 3000, 'there was much to look at')
  for (const secret of [MARK, ...FOREIGN_MACS.slice(1), FOREIGN_IP, foreignCode]) t.notOk(all.toLowerCase().includes(secret), secret)
  t.ok(all.includes('Lobby'), 'its own is there')
})
