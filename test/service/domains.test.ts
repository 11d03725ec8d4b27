/** Domains and their settings against the running executable (features 2; wire-protocols 3.4, 5.6, 5.7; architecture, names). */
import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { AppClient, type Message } from '../fixtures/app-client.ts'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { PASSWORD, startService, temporaryFolder, type Service } from '../fixtures/service.ts'

const workingPath = temporaryFolder()
let service: Service = await startService({ workingPath })
let admin = await AppClient.login(service.wsBase, { password: PASSWORD })
t.teardown(() => service.stop())

const addDomain = async (name: string, password: string, fields: object = {}): Promise<number> =>
  Number((await admin.request('AddDomain', { name, ...admin.encrypted('password', password), ...fields }))['id'])
const settings = async (id: number, client = admin): Promise<Record<string, unknown>> => (await client.request('GetDomainSettings', { id }))['settings'] as Record<string, unknown>
const names = async (client: AppClient): Promise<unknown[]> => (await client.list('GetDomains', 'domains')).map(domain => domain['name'])

t.test('adding, with everything, and what is refused', async t => {
  const id = await addDomain('Second.example', 'pw-2', { deployAdminPasswords: true, emails: ['a@b.example'], invoiceReference: 'R-17', access: [1] })
  t.same(await settings(id), {
    id, name: 'Second.example', isInstanceDomain: false, deployAdminPasswords: true, observer: false, access: [1], hasPassword: true, hasProvisioningToken: false,
    emails: ['a@b.example'], invoiceReference: 'R-17', devices: 0, connected: 0,
  })
  const cases: [fields: object, error: string, field: string][] = [
    [{ name: 'second.EXAMPLE' }, 'conflict', 'name'],
    [{ name: 'EXAMPLE.com' }, 'conflict', 'name'],
    [{ name: '' }, 'badRequest', 'name'],
    [{ name: 'a b' }, 'badRequest', 'name'],
    [{ name: 'a@b' }, 'badRequest', 'name'],
    [{ name: 'a/b' }, 'badRequest', 'name'],
    [{ name: '.a' }, 'badRequest', 'name'],
    [{ name: 'a,b' }, 'badRequest', 'name'],
    [{ name: 'x'.repeat(129) }, 'badRequest', 'name'],
    [{ name: 'third.example', password: 'abcd' }, 'badRequest', 'seed'],
    [{ name: 'third.example', seed: 's', password: 'clear text' }, 'badRequest', 'password'],
    [{ name: 'third.example', ...admin.encrypted('password', 'a\nb') }, 'badRequest', 'password'],
    [{ name: 'third.example', ...admin.encrypted('password', 'x'.repeat(129)) }, 'badRequest', 'password'],
    [{ name: 'third.example', emails: ['nobody'] }, 'badRequest', 'emails.0'],
    [{ name: 'third.example', access: [999] }, 'notFound', 'access'],
  ]
  for (const [fields, error, field] of cases) t.match(await admin.request('AddDomain', fields), { error, field }, JSON.stringify(fields).slice(0, 60))
  t.same(await names(admin), ['example.com', 'Second.example'])
  const all = (await admin.list('GetAllDomainSettings', 'settings')).map(one => one['id'])
  t.same(all, [1, id])
})

t.test('a login is possible as soon as there is a password; it sees its own domain and those granted', async t => {
  const [a, b] = [await addDomain('a.example', 'pw-a'), await addDomain('b.example', 'pw-b')]
  const client = await AppClient.login(service.wsBase, { domain: 'A.example', password: 'pw-a' })
  t.match(await client.request('GetUserInfo'), { admin: false, role: 'full', domainId: a })
  t.same(await names(client), ['a.example'])
  client.send({ mt: 'GetDomains', recvUpdates: true, src: 'sub' })
  await client.until(message => message['src'] === 'sub')
  const hears = (mt: string): Promise<Message> => client.until(message => message.mt === mt)

  const granted = hears('DomainAdded')
  t.notOk((await admin.request('EditDomain', { id: a, access: [b] }))['error'])
  t.match(await granted, { src: 'sub', domain: { id: b, name: 'b.example' } }, 'a grant holds for open sessions at once')
  t.same(await names(client), ['a.example', 'b.example'])
  t.match(await client.request('AddDevice', { hwId: '009033b00001', domainId: b }), { device: { domainId: b } })
  t.same((await settings(b, client))['access'], [])
  const edited = hears('DomainEdited')
  await admin.request('EditDomain', { id: b, deployAdminPasswords: true })
  t.match(await edited, { src: 'sub', domain: { id: b, deployAdminPasswords: true } })

  const taken = hears('DomainDeleted')
  await admin.request('EditDomain', { id: a, access: [] })
  t.match(await taken, { src: 'sub', id: b })
  t.same(await names(client), ['a.example'])
  t.match(await client.request('GetDevice', { hwId: '009033b00001' }), { error: 'notFound' })
  t.match(await client.request('GetDomainSettings', { id: b }), { error: 'notFound' })
  await client.close()
})

t.test('who may change what', async t => {
  const [own, granted, foreign] = [await addDomain('own.example', 'pw-own'), await addDomain('granted.example', 'pw-granted'), await addDomain('foreign.example', 'pw-foreign')]
  await admin.request('EditDomain', { id: own, access: [granted] })
  const client = await AppClient.login(service.wsBase, { domain: 'own.example', password: 'pw-own' })
  const secret = (field: string): object => client.encrypted(field, 'new secret')
  const cases: [what: string, fields: object, error: string | undefined][] = [
    ['deploy, own', { id: own, deployAdminPasswords: true }, undefined],
    ['e-mail, own', { id: own, emails: ['x@y.example'] }, undefined],
    ['invoice, granted', { id: granted, invoiceReference: '4711' }, undefined],
    ['deploy, granted', { id: granted, deployAdminPasswords: true }, undefined],
    ['token, own', { id: own, ...secret('provisioningToken') }, undefined],
    ['token, granted', { id: granted, ...secret('provisioningToken') }, 'noAccess'],
    ['password, granted', { id: granted, ...secret('password') }, 'noAccess'],
    ['name, own', { id: own, name: 'mine.example' }, 'noAccess'],
    ['access, own', { id: own, access: [foreign] }, 'noAccess'],
    ['observer, own', { id: own, observer: true }, 'noAccess'],
    ['anything, foreign', { id: foreign, invoiceReference: 'x' }, 'notFound'],
    ['password, foreign', { id: foreign, ...secret('password') }, 'notFound'],
    ['name, foreign', { id: foreign, name: 'x' }, 'notFound'],
    ['password, instance', { id: 1, ...secret('password') }, 'notFound'],
  ]
  for (const [what, fields, error] of cases) t.equal((await client.request('EditDomain', fields))['error'], error, what)
  const token = await client.request('GetProvisioningToken', { id: own })
  t.equal(client.decrypted(token['seed'], token['token']), 'new secret')
  t.match(token['url'], /\/sysclients\?domain=own\.example$/)
  t.match(await client.request('GetProvisioningToken', { id: granted }), { error: 'noAccess' })
  t.match(await client.request('GetProvisioningToken', { id: foreign }), { error: 'notFound' })
  t.match(await client.request('AddDomain', { name: 'more.example' }), { error: 'noAccess' })
  t.match(await client.request('DeleteDomain', { id: own, force: true }), { error: 'noAccess' })
  await admin.request('EditDomain', { id: own, access: [1] })
  t.match(await client.request('EditDomain', { id: 1, ...secret('password') }), { error: 'noAccess' }, 'the password of the instance domain, even with access')
  t.match(await admin.request('EditDomain', { id: 1, name: 'other.example' }), { error: 'badRequest', field: 'name' }, 'the instance domain keeps its name')
  t.match(await admin.request('DeleteDomain', { id: 1, force: true }), { error: 'conflict' })

  t.notOk((await client.request('EditDomain', { id: own, ...secret('password') }))['error'], 'its own password')
  const stranger = await AppClient.connect(service.wsBase)
  t.notOk((await stranger.tryLogin({ domain: 'own.example', password: 'pw-own' }))['ok'], 'the former password')
  t.match(await stranger.tryLogin({ domain: 'own.example', password: 'new secret' }), { ok: true })
  await stranger.close()
  await client.close()
})

t.test('the instance has its password, its domain one of its own: both make administrators', async t => {
  await admin.request('EditDomain', { id: 1, ...admin.encrypted('password', 'entry-pw') })
  for (const password of [PASSWORD, 'entry-pw']) {
    const client = await AppClient.login(service.wsBase, { password })
    t.match(await client.request('GetUserInfo'), { admin: true })
    await client.close()
  }
})

t.test('a new password ends what could be resumed with the former one', async t => {
  const id = await addDomain('resume.example', 'pw-r')
  const client = await AppClient.login(service.wsBase, { domain: 'resume.example', password: 'pw-r' })
  const { token } = await client.request('AppResumeToken')
  const { token: ofInstance } = await admin.request('AppResumeToken')
  await admin.request('EditDomain', { id, ...admin.encrypted('password', 'pw-r2') })
  t.match(await client.request('GetUserInfo'), { domainId: id }, 'the open session goes on')
  const again = await AppClient.connect(service.wsBase)
  t.notOk((await again.request('AppResume', { token }))['ok'])
  t.match(await again.request('AppResume', { token: ofInstance }), { ok: true }, 'others are not concerned')
  await again.close()
  await client.close()
})

t.test('renaming: the login has the new name, others may have the old one', async t => {
  const id = await addDomain('old.example', 'pw-o')
  t.match(await admin.request('EditDomain', { id, name: 'a.example' }), { error: 'conflict', field: 'name' })
  t.notOk((await admin.request('EditDomain', { id, name: 'Old.example' }))['error'], 'only the case')
  t.notOk((await admin.request('EditDomain', { id, name: 'new.example' }))['error'])
  const client = await AppClient.connect(service.wsBase)
  t.notOk((await client.tryLogin({ domain: 'old.example', password: 'pw-o' }))['ok'])
  t.match(await client.tryLogin({ domain: 'new.example', password: 'pw-o' }), { ok: true })
  await client.close()
  t.ok(await addDomain('old.example', 'x'))
})

t.test('deleting asks, says how many devices, and leaves them unassigned', async t => {
  const id = await addDomain('gone.example', 'pw-g')
  const other = await addDomain('stays.example', 'pw-s', { access: [id] })
  const { id: category } = await admin.request('AddCategory', { domainId: id, name: 'c', config: true })
  const device = await PlainDevice.connect(`${service.wsBase}/sysclients`, { id: '009033c00001' })
  device.identify()
  const named = async (): Promise<unknown> => (await admin.request('GetDevice', { hwId: '009033c00001' }))['device']
  while (((await admin.request('GetUnassignedDevicesCount'))['count'] as number) === 0) await new Promise(resolve => setImmediate(resolve))
  const password = device.until(1)
  await admin.request('AddDevice', { hwId: '009033c00001', domainId: id })
  await password
  await admin.request('AddDevice', { hwId: '009033c00002', domainId: id })
  const owner = await AppClient.login(service.wsBase, { domain: 'gone.example', password: 'pw-g' })
  const { token } = await owner.request('AppResumeToken')
  const neighbour = await AppClient.login(service.wsBase, { domain: 'stays.example', password: 'pw-s' })
  neighbour.send({ mt: 'GetDomains', recvUpdates: true, src: 'sub' })
  await neighbour.until(message => message['src'] === 'sub')

  t.match(await admin.request('DeleteDomain', { id }), { error: 'conflict', count: 2 })
  t.match(await named(), { domainId: id, online: true }, 'nothing has happened')
  const heard = neighbour.until(message => message.mt === 'DomainDeleted')
  t.match(await admin.request('DeleteDomain', { id, force: true }), { devices: 2, error: undefined })
  t.match(await heard, { id })
  t.same((await settings(other))['access'], [], 'grants go with it')
  t.match(await admin.request('GetCategoryUse', { id: category }), { error: 'notFound' })
  await device.gone()
  t.match(await admin.request('GetDevice', { hwId: '009033c00002' }), { error: 'notFound' }, 'one that is not connected is forgotten')
  const back = await PlainDevice.connect(`${service.wsBase}/sysclients`, { id: '009033c00001' }, device.password)
  back.identify()
  while (((await admin.request('GetUnassignedDevicesCount'))['count'] as number) === 0) await new Promise(resolve => setImmediate(resolve))
  t.match(await named(), { domainId: 0, state: 'unassigned' })
  await back.close()

  while (!owner.closed) await new Promise(resolve => setImmediate(resolve))
  t.match(owner.closed, { code: 1008 }, 'its sessions end')
  const again = await AppClient.connect(service.wsBase)
  t.notOk((await again.request('AppResume', { token }))['ok'])
  t.notOk((await again.tryLogin({ domain: 'gone.example', password: 'pw-g' }))['ok'])
  await again.close()
  const next = await addDomain('gone.example', 'pw-g')
  t.ok(next > id, 'a new domain of that name is another one')
  await neighbour.close()
})

t.test('secrets are sealed at rest, never logged, and survive a restart', async t => {
  const id = await addDomain('kept.example', 'kept-password-1')
  await admin.request('EditDomain', { id, ...admin.encrypted('provisioningToken', 'kept-token-1') })
  await service.stop()
  const files = fs.readdirSync(workingPath).map(file => fs.readFileSync(path.join(workingPath, file)))
  for (const secret of ['kept-password-1', 'kept-token-1']) {
    t.notOk(files.some(file => file.includes(secret)), 'not on disk')
    t.notOk(service.log().includes(secret), 'not in the log')
  }
  service = await startService({ workingPath })
  admin = await AppClient.login(service.wsBase, { password: PASSWORD })
  const client = await AppClient.login(service.wsBase, { domain: 'kept.example', password: 'kept-password-1' })
  const { seed, token } = await client.request('GetProvisioningToken', { id })
  t.equal(client.decrypted(seed, token), 'kept-token-1')
  await client.close()
})
