/** The audit log (feature table R20; docs/api.md, GetAuditPage): every change, who, from where, old and new value, without secrets. */
import t from 'tap'
import { AuditLog, MASKED } from '../../app/audit/audit-log.ts'
import { Store } from '../../app/store/store.ts'
import { LIMITS } from '../../app/limits.ts'
import { AppClient } from '../fixtures/app-client.ts'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { PASSWORD, startService, temporaryFolder } from '../fixtures/service.ts'

const workingPath = temporaryFolder()
let service = await startService({ workingPath })
let admin = await AppClient.login(service.wsBase, { password: PASSWORD, sip: 'chief' })
t.teardown(() => service.stop())

interface Entry { id: number, at: number, who: string, address: string, domainId: number, domain: string, action: string, subject: string, before: string, after: string }
const page = async (fields: object = {}, client = admin): Promise<{ entries: Entry[], total: number }> =>
  await client.request('GetAuditPage', { offset: 0, limit: 100, ...fields }) as unknown as { entries: Entry[], total: number }
const must = async (mt: string, fields: object): Promise<Record<string, unknown>> => {
  const answer = await admin.request(mt, fields)
  if (answer['error'] !== undefined) throw new Error(`${mt}: ${String(answer['errorText'])}`)
  return answer
}

t.test('every change leaves its entry', async t => {
  const before = (await page()).total
  const b = Number((await must('AddDomain', { name: 'b.example', deployAdminPasswords: true, ...admin.encrypted('password', 'secret-b') }))['id'])
  await must('EditDomain', { id: b, name: 'c.example', emails: ['x@y.example'], access: [1] })
  await must('EditDomain', { id: b, ...admin.encrypted('password', 'secret-c') })
  await must('EditDomain', { id: b, ...admin.encrypted('provisioningToken', 'secret-token') })
  await must('EditDomain', { id: b, emails: ['x@y.example'] })
  await must('GetProvisioningToken', { id: b })
  const category = Number((await must('AddCategory', { domainId: b, name: 'hall' }))['id'])
  await must('EditCategory', { id: category, name: 'lobby' })
  const device = Number((await must('AddDevice', { hwId: '009033aaaaaa', domainId: b, name: 'Desk' }))['id'])
  await must('EditDevice', { id: device, name: 'Front desk', categories: [category] })
  await must('EditDevice', { id: device, domainId: 1 })
  await must('DeleteDevice', { id: device })
  await must('DeleteCategory', { id: category, force: true })
  await must('SetAppRole', { appObject: 'devices-read', role: 'read' })
  await must('EditInstanceSettings', { auditDays: 100, offlineProvisioning: true })
  await must('DeleteDomain', { id: b })
  const { entries, total } = await page({ limit: 500 })
  const expected: Partial<Entry>[] = [
    { action: 'domain.added', domainId: b, subject: 'b.example', after: `deployAdminPasswords: true; password: ${MASKED}` },
    { action: 'domain.edited', domainId: b, subject: 'b.example', before: 'name: b.example; access: ; emails: ', after: 'name: c.example; access: example.com; emails: x@y.example' },
    { action: 'domain.edited', domainId: b, subject: 'c.example', before: `password: ${MASKED}`, after: `password: ${MASKED}` },
    { action: 'domain.edited', domainId: b, subject: 'c.example', before: 'provisioningToken: ', after: `provisioningToken: ${MASKED}` },
    { action: 'token.revealed', domainId: b, subject: 'c.example' },
    { action: 'category.added', domainId: b, subject: 'hall', after: 'standard category' },
    { action: 'category.edited', domainId: b, subject: 'lobby', before: 'hall', after: 'lobby' },
    { action: 'device.added', domainId: b, subject: 'Desk (009033aaaaaa)', after: 'c.example' },
    { action: 'device.edited', domainId: b, subject: 'Front desk (009033aaaaaa)', before: 'name: Desk; categories: ', after: 'name: Front desk; categories: lobby' },
    { action: 'device.movedOut', domainId: b, subject: 'Front desk (009033aaaaaa)', before: 'c.example', after: '' },
    { action: 'device.movedIn', domainId: 1, domain: 'example.com', subject: 'Front desk (009033aaaaaa)', before: '', after: 'example.com' },
    { action: 'device.deleted', domainId: 1, subject: 'Front desk (009033aaaaaa)' },
    { action: 'category.deleted', domainId: b, subject: 'lobby' },
    { action: 'role.changed', domainId: 0, subject: 'devices-read', before: 'full', after: 'read' },
    { action: 'settings.changed', domainId: 0, before: 'offlineProvisioning: false; auditDays: 365', after: 'offlineProvisioning: true; auditDays: 100' },
    { action: 'domain.deleted', domainId: b, subject: 'c.example', before: '0 devices' },
  ]
  const found = entries.slice(0, total - before).reverse()
  t.match(found, expected)
  t.same(found.map(entry => entry.action), expected.map(entry => entry.action), 'and nothing else: an edit that changes nothing leaves none')
  for (const entry of found) t.match(entry, { who: 'chief@example.com', address: '127.0.0.1', at: Number })
  for (const secret of ['secret-b', 'secret-c', 'secret-token', PASSWORD]) t.notOk(JSON.stringify(entries).includes(secret))
  const refused = await page()
  await admin.request('EditDomain', { id: 1, name: 'x.example' })
  await admin.request('DeleteDevice', { id: 4711 })
  t.equal((await page()).total, refused.total, 'what was refused has not happened')
})

t.test('who logged in: people, once an hour and address', async t => {
  const logins = async (): Promise<Entry[]> => (await page({ search: 'login.succeeded visitor' })).entries
  for (let n = 0; n < 3; n++) await (await AppClient.login(service.wsBase, { password: PASSWORD, sip: 'visitor' })).close()
  t.match(await logins(), [{ who: 'visitor@example.com', subject: 'innovaphone-devices', domainId: 1, after: 'administrator' }])
  await (await AppClient.login(service.wsBase, { password: PASSWORD, sip: 'visitor', app: 'innovaphone-devices-api' })).close()
  t.equal((await logins()).length, 2, 'another app')
})

t.test('who went into which device: the first request of a session, and again after it was closed', async t => {
  await must('AddDevice', { hwId: '009033bbbbbb', domainId: 1, name: 'Gate' })
  const device = await PlainDevice.connect(`${service.wsBase}/sysclients`, { id: '009033bbbbbb' })
  const password = device.until(1)
  device.identify()
  await password
  const opened = async (): Promise<number> => (await page({ search: 'tunnel.opened' })).total
  const visit = async (): Promise<void> => {
    const { uri } = await must('OpenTunnel', { hwId: '009033bbbbbb' })
    const arrived = device.hears('GET /log.txt')
    const gone = new AbortController()
    const request = fetch(`${service.url}${String(uri)}log.txt`, { signal: gone.signal }).catch(() => undefined)
    await arrived
    gone.abort()
    await request
  }
  t.equal(await opened(), 0, 'a key alone is no visit')
  await visit()
  await visit()
  t.equal(await opened(), 1)
  t.match((await page({ search: 'tunnel.opened' })).entries, [{ subject: 'Gate (009033bbbbbb)', domainId: 1, who: 'chief@example.com' }])
  await must('CloseTunnel', { hwId: '009033bbbbbb' })
  await visit()
  t.equal(await opened(), 2)
  await device.close()
})

t.test('search, time, domains, pages', async t => {
  const own = Number((await must('AddDomain', { name: 'own.example', ...admin.encrypted('password', 'pw') }))['id'])
  for (let n = 0; n < 30; n++) await must('AddCategory', { domainId: own, name: `Übung q${n}` })
  const all = await page({ domainIds: [own] })
  t.equal(all.total, 31)
  t.same(all.entries.map(entry => entry.id), all.entries.map(entry => entry.id).sort((a, b) => b - a), 'newest first')
  t.same((await page({ domainIds: [own], offset: 10, limit: 5 })).entries.map(entry => entry.id), all.entries.slice(10, 15).map(entry => entry.id))
  for (const [search, total] of [['übung q7', 1], ['ÜBUNG', 30], ['CATEGORY.added chief', 30], ['127.0.0.1 domain.added own', 1], ['nothing such', 0], ["' OR 1=1 --", 0], ['%', 0]] as const) {
    t.equal((await page({ domainIds: [own], search })).total, total, search)
  }
  const middle = all.entries[15]?.at ?? 0
  const [older, newer] = [await page({ domainIds: [own], to: middle }), await page({ domainIds: [own], from: middle })]
  t.equal(older.total + newer.total, 31)
  t.ok(newer.entries.every(entry => entry.at >= middle) && older.entries.every(entry => entry.at < middle))
  t.match(await admin.request('GetAuditPage', { offset: 0, limit: 10, search: 'x'.repeat(201) }), { error: 'badRequest', field: 'search' })

  const client = await AppClient.login(service.wsBase, { domain: 'own.example', password: 'pw' })
  const seen = await page({ limit: 500 }, client)
  t.same([...new Set(seen.entries.map(entry => entry.domainId))], [own], 'a login sees the entries of its domains')
  t.match(await page({ domainIds: [0, 1] }, client), { entries: [], total: 0 })
  await client.close()
})

t.test('old entries are forgotten, a few at a time; and those beyond the bound', async t => {
  await service.stop()
  let now = 1_000 * 24 * 3600_000
  const store = new Store({ workingPath: temporaryFolder(), onFailure: error => { throw error } })
  const log = new AuditLog(store, () => now)
  const count = (): number => Number((store.sqlite.prepare('SELECT count(*) AS n FROM audit').get() as { n: number }).n)
  store.write(() => { for (let n = 0; n < 4500; n++) log.record({ who: 'a', address: 'b' }, { domainId: 0, action: 'x', subject: String(n) }) })
  now += 10 * 24 * 3600_000
  for (let n = 0; n < 10; n++) log.record({ who: 'a', address: 'b' }, { domainId: 0, action: 'y', subject: String(n) })
  t.notOk(log.purge(11), 'nothing is that old')
  t.equal(count(), 4510)
  let slices = 1
  while (log.purge(9)) slices++
  t.equal(count(), 10)
  t.ok(slices > 2)
  store.sqlite.prepare('UPDATE audit SET id = id + ? WHERE subject > ?').run(LIMITS.auditEntries.value, '4')
  log.purge(9)
  t.equal(count(), 5, 'the oldest beyond the bound')
  store.close()
  service = await startService({ workingPath })
  admin = await AppClient.login(service.wsBase, { password: PASSWORD })
  t.ok((await page()).total > 50, 'the log outlives the process')
})
