/**
 * Administrative passwords against the running executable: who gets which (the matrix of features 2.3), again with each connection,
 * after changes of the domain, after moves, after a long reset; and who may read them.
 */
import { once } from 'node:events'
import t from 'tap'
import { AppClient, type Message } from '../fixtures/app-client.ts'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { rc4Text } from '../fixtures/rc4.ts'
import { PASSWORD, startService } from '../fixtures/service.ts'

const service = await startService({ args: ['--challenge-wait=300'] })
const app = await AppClient.login(service.wsBase, { password: PASSWORD })
t.teardown(() => service.stop())

const TYPES = ['PHONE', 'GW', 'VA', 'DECT', 'APP_PLATFORM'] as const
const WAYS = ['by hand', 'by hand before it came', 'by hand before it came, as a phone', 'by hand before it came, type not given', 'from a list', 'from a list, type not given', 'code', 'administrative code', 'automatic'] as const
type Way = typeof WAYS[number]
/** Features 2.3, the table "Which administrative password a device gets". */
const expectedKind = (way: Way, type: typeof TYPES[number]): 'random' | 'domain' => {
  if (way === 'administrative code') return 'domain'
  if (way === 'code' || way === 'automatic') return 'random'
  return type === 'PHONE' ? 'random' : 'domain'
}

interface TestDomain { readonly id: number, readonly name: string, readonly password: string, readonly deploys: boolean }
const TOKEN = 'token-of-the-domain'
async function addDomain(name: string, settings: { deployAdminPasswords: boolean, observer: boolean }): Promise<TestDomain> {
  const password = `password of ${name}`
  const { id } = await app.request('AddDomain', { name, ...settings, ...app.encrypted('password', password) })
  const domain: TestDomain = { id: Number(id), name, password, deploys: settings.deployAdminPasswords && !settings.observer }
  await app.request('EditDomain', { id, ...app.encrypted('provisioningToken', TOKEN) })
  await app.request('AddCategory', { domainId: id, name: 'start', config: true })
  return domain
}
const deploying = await addDomain('deploying.test', { deployAdminPasswords: true, observer: false })
const silent = await addDomain('silent.test', { deployAdminPasswords: false, observer: false })
const observing = await addDomain('observing.test', { deployAdminPasswords: true, observer: true })

let numbers = 0
const nextId = (): string => `0090335${(++numbers).toString(16).padStart(5, '0')}`
const deviceOf = async (hwId: string): Promise<{ id: number, state: string, domainId: number }> => (await app.request('GetDevice', { hwId }))['device'] as { id: number, state: string, domainId: number }
async function untilState(hwId: string, state: string): Promise<void> {
  for (;;) {
    const device = await deviceOf(hwId) as { state: string } | undefined
    if (device?.state === state) return
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

/** Clear texts of the administrative passwords that have come on this connection, once everything sent so far is there. */
async function deployed(device: PlainDevice): Promise<string[]> {
  const pong = once(device.socket, 'pong')
  device.socket.ping()
  await pong
  return device.frames.filter(frame => frame.type === 3).map(({ body }) => rc4Text(`${String(body['seed'])}:${device.password}`, String(body['pwd'])))
}

async function again(device: PlainDevice): Promise<PlainDevice> {
  await device.close()
  await untilState(device.identity.id, 'offline')
  return back(device)
}
async function back(device: PlainDevice): Promise<PlainDevice> {
  const { id, product, version, type } = device.identity
  const next = await PlainDevice.connect(`${service.wsBase}/sysclients`, { id, product, version, type }, device.password)
  next.identify()
  await untilState(id, 'online')
  return next
}

/** A device enters a domain. */
async function enters(way: Way, type: string, domain: TestDomain): Promise<PlainDevice> {
  const id = nextId()
  const connect = (query = ''): Promise<PlainDevice> => PlainDevice.connect(`${service.wsBase}/sysclients${query}`, { id, type })
  const ok = (reply: Message): Message => {
    if (reply['error'] !== undefined) throw new Error(`${reply.mt}: ${String(reply['errorText'])}`)
    return reply
  }
  let device: PlainDevice
  if (way === 'by hand before it came, as a phone') ok(await app.request('AddDevice', { hwId: id, domainId: domain.id, type: 'PHONE' }))
  if (way === 'by hand before it came, type not given') ok(await app.request('AddDevice', { hwId: id, domainId: domain.id }))
  if (way === 'from a list, type not given') ok(await app.request('AddDevices', { domainId: domain.id, devices: [{ hwId: id }] }))
  if (way === 'by hand before it came') ok(await app.request('AddDevice', { hwId: id, domainId: domain.id, type }))
  if (way === 'from a list') ok(await app.request('AddDevices', { domainId: domain.id, devices: [{ hwId: id, type }] }))
  if (way === 'code' || way === 'administrative code') {
    const { code } = ok(await app.request('GetProvisioningCode', { domainId: domain.id, category: 'start', administrative: way === 'administrative code' }))
    device = await connect()
    device.identify({ provisioningCode: code })
  } else {
    device = await connect(way === 'automatic' ? `?domain=${domain.name}&token=${TOKEN}&category=start` : '')
    device.identify()
  }
  if (way === 'by hand') {
    await untilState(id, 'unassigned')
    ok(await app.request('AddDevice', { hwId: id, domainId: domain.id }))
  }
  await device.until(1, true)
  await untilState(id, 'online')
  return device
}

t.test('the matrix: way in, type, checkmark, second registration; the same again with the next connection; on request', async t => {
  for (const domain of [deploying, silent, observing]) {
    for (const way of WAYS) {
      for (const type of TYPES) {
        const kind = expectedKind(way, type)
        const what = `${domain.name}, ${way}, ${type}`
        const first = await enters(way, type, domain)
        const [clear, ...more] = await deployed(first)
        t.same(more, [], `${what}: not more than one`)
        const second = await again(first)
        const [next] = await deployed(second)
        t.equal(second.frames.some(frame => frame.type === 1), false, `${what}: no second sysclient password`)
        const told = await app.request('GetDevicePassword', { id: (await deviceOf(first.identity.id)).id })
        t.match(told, { kind, deployed: domain.deploys }, `${what}: ${kind}`)
        const revealed = told['password'] === undefined ? undefined : app.decrypted(told['seed'], told['password'])
        if (!domain.deploys) {
          t.same([clear, next], [undefined, undefined], `${what}: nothing is deployed`)
        } else if (kind === 'domain') {
          t.same([clear, next, revealed], [domain.password, domain.password, undefined], `${what}: the domain's`)
        } else {
          t.match(clear, /^[A-Za-z0-9]{16}$/, `${what}: a random one`)
          t.same([next, revealed], [clear, clear], `${what}: kept, and told on request`)
        }
        await second.close()
      }
    }
  }
})

interface TaskView { id: number, state: string, total: number, done: number, failed: number, skipped: number, finishedAt?: number }
await app.list('GetTasks', 'tasks', { recvUpdates: true })
const over = (id: unknown): Promise<TaskView> => app.until(message => message.mt === 'TaskEdited' && (message['task'] as TaskView).id === id && (message['task'] as TaskView).finishedAt !== undefined, true)
  .then(message => message['task'] as TaskView)
const newPassword = (domain: TestDomain, password: string): Promise<Message> => app.request('EditDomain', { id: domain.id, ...app.encrypted('password', password) })

t.test('a changed domain password reaches all devices that have it, and no other', async t => {
  const domain = await addDomain('changing.test', { deployAdminPasswords: true, observer: false })
  const gateway = await enters('by hand', 'GW', domain)
  const platform = await enters('by hand', 'APP_PLATFORM', domain)
  const phone = await enters('by hand', 'PHONE', domain)
  const administrative = await enters('administrative code', 'PHONE', domain)
  const away = await enters('by hand', 'DECT', domain)
  await away.close()
  await untilState(away.identity.id, 'offline')
  const [phonePassword] = await deployed(phone)
  const { task } = await newPassword(domain, 'second password')
  t.match(await over(task), { state: 'done', total: 4, done: 3, skipped: 1, failed: 0 })
  for (const device of [gateway, platform, administrative]) t.same(await deployed(device), [domain.password, 'second password'])
  t.same(await deployed(phone), [phonePassword], 'a phone with a random one hears nothing')
  const rows = (await app.request('GetTaskDevices', { id: task, states: ['skipped'], offset: 0, limit: 5 }))['devices'] as { hwId: string, errorText: string }[]
  t.match(rows, [{ hwId: away.identity.id, errorText: 'Not connected. It gets the password when it comes.' }])
  t.same(await deployed(await back(away)), ['second password'], 'and it does')
  t.equal((await newPassword(silent, 'never seen'))['task'], undefined, 'no task where nothing is deployed')
  t.equal((await newPassword(observing, 'never seen'))['task'], undefined)
})

t.test('untick: nothing is sent or set back; tick: new random passwords', async t => {
  const domain = await addDomain('ticking.test', { deployAdminPasswords: true, observer: false })
  let [gateway, phone, away] = [await enters('by hand', 'GW', domain), await enters('by hand', 'PHONE', domain), await enters('code', 'PHONE', domain)]
  const [first] = await deployed(phone)
  const [firstAway] = await deployed(away)
  t.equal((await app.request('EditDomain', { id: domain.id, deployAdminPasswords: false }))['task'], undefined)
  for (const device of [gateway, phone]) t.equal((await deployed(device)).length, 1, 'unticked: nothing more')
  ;[gateway, phone] = [await again(gateway), await again(phone)]
  for (const device of [gateway, phone]) t.same(await deployed(device), [], 'nothing with the next connection')
  const { id } = await deviceOf(phone.identity.id)
  const told = await app.request('GetDevicePassword', { id })
  t.match(told, { kind: 'random', deployed: false })
  t.equal(app.decrypted(told['seed'], told['password']), first, 'the one the device still has')
  await away.close()
  await untilState(away.identity.id, 'offline')

  const { task } = await app.request('EditDomain', { id: domain.id, deployAdminPasswords: true })
  t.match(await over(task), { done: 2, skipped: 1 })
  t.same(await deployed(gateway), [domain.password])
  const [renewed] = await deployed(phone)
  t.match(renewed, /^[A-Za-z0-9]{16}$/)
  t.not(renewed, first)
  t.match(await app.request('GetDevicePassword', { id: (await deviceOf(away.identity.id)).id }), { error: 'conflict' }, 'its new one is made when it comes')
  away = await back(away)
  const [late] = await deployed(away)
  t.match(late, /^[A-Za-z0-9]{16}$/)
  t.not(late, firstAway)
  t.same(await deployed(await again(phone)), [renewed], 'and stays')
})

t.test('a device that moves: the password of its new domain, or its own', async t => {
  const to = await addDomain('target.test', { deployAdminPasswords: true, observer: false })
  const [gateway, phone] = [await enters('by hand', 'GW', deploying), await enters('by hand', 'PHONE', deploying)]
  const [own] = await deployed(phone)
  for (const device of [gateway, phone]) await app.request('EditDevice', { id: (await deviceOf(device.identity.id)).id, domainId: to.id })
  t.same(await deployed(gateway), [deploying.password, to.password])
  t.same(await deployed(phone), [own, own])
  await app.request('EditDevice', { id: (await deviceOf(gateway.identity.id)).id, domainId: silent.id })
  t.same(await deployed(gateway), [deploying.password, to.password], 'nothing where nothing is deployed')
})

t.test('a device that lost its password and is added again gets a new one of each kind', async t => {
  const phone = await enters('by hand', 'PHONE', deploying)
  const [before] = await deployed(phone)
  await phone.close()
  const reset = await PlainDevice.connect(`${service.wsBase}/sysclients`, { id: phone.identity.id })
  reset.identify()
  await untilState(phone.identity.id, 'lost')
  await app.request('AddDevice', { hwId: phone.identity.id, domainId: deploying.id })
  await reset.until(1, true)
  const [after] = await deployed(reset)
  t.match(after, /^[A-Za-z0-9]{16}$/)
  t.not(after, before)
  t.not(reset.password, phone.password)
})

t.test('who may read a password; it is in the audit log and nowhere else', async t => {
  const phone = await enters('by hand', 'PHONE', deploying)
  const [clear] = await deployed(phone)
  const { id } = await deviceOf(phone.identity.id)
  const own = await AppClient.login(service.wsBase, { domain: deploying.name, password: deploying.password })
  const told = await own.request('GetDevicePassword', { id })
  t.equal(own.decrypted(told['seed'], told['password']), clear)
  const other = await AppClient.login(service.wsBase, { domain: 'target.test', password: 'password of target.test' })
  const [foreign, nothing] = [await other.request('GetDevicePassword', { id }), await other.request('GetDevicePassword', { id: 4711_000 })]
  t.match(foreign, { error: 'notFound' })
  t.same({ ...foreign, src: '' }, { ...nothing, src: '' }, 'as if there were none')
  await app.request('SetAppRole', { appObject: 'helpdesk', role: 'operate' })
  const helpdesk = await AppClient.login(service.wsBase, { domain: deploying.name, password: deploying.password, info: { appobj: 'helpdesk' } })
  t.match(await helpdesk.request('GetDevicePassword', { id }), { error: 'noAccess' })
  const { entries } = await app.request('GetAuditPage', { offset: 0, limit: 5, search: 'password.revealed' }) as unknown as { entries: object[] }
  t.match(entries[0], { action: 'password.revealed', who: `admin@${deploying.name}` })
  t.notMatch(JSON.stringify(entries), String(clear))
  t.notMatch(service.log(), String(clear))
  for (const client of [own, other, helpdesk]) await client.close()
})

t.test('an instance that only observes deploys nothing', async t => {
  const gateway = await enters('by hand', 'GW', deploying)
  await app.request('EditInstanceSettings', { observer: true })
  t.same(await deployed(await again(gateway)), [])
  t.equal((await newPassword(deploying, 'another'))['task'], undefined)
})
