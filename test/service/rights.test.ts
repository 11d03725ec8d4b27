/**
 * Every message × every kind of login against the running executable: wire-protocols 5.7, features 2.2 and 3.5, feature table R19,
 * and the column "Needs" of docs/api.md. Each line is an expectation written down; a message without a line fails the test.
 */
import t, { type Test } from 'tap'
import { REQUESTS } from '../../app/protocol/service-api.ts'
import { AppClient, type Message } from '../fixtures/app-client.ts'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { PASSWORD, startService } from '../fixtures/service.ts'

const service = await startService()
t.teardown(() => service.stop())
const admin = await AppClient.login(service.wsBase, { password: PASSWORD })

/** What each kind of login may do in a domain that it owns or has access to. */
const KINDS = ['instance', 'entry', 'domain', 'grant', 'reader', 'operator', 'nobody'] as const
type Kind = typeof KINDS[number]
type Outcome = 'ok' | 'noAccess' | 'notFound' | 'notLoggedIn'
type Outcomes = readonly [instance: Outcome, entry: Outcome, domain: Outcome, grant: Outcome, reader: Outcome, operator: Outcome, nobody: Outcome]

// In its own domain, or one it has access to. Reader and operator are administrators whose App object has a role.
const ALL: Outcomes = ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'notLoggedIn']
const OPERATORS: Outcomes = ['ok', 'ok', 'ok', 'ok', 'noAccess', 'ok', 'notLoggedIn']
const MANAGERS: Outcomes = ['ok', 'ok', 'ok', 'ok', 'noAccess', 'noAccess', 'notLoggedIn']
const OWNERS: Outcomes = ['ok', 'ok', 'ok', 'noAccess', 'noAccess', 'noAccess', 'notLoggedIn']
const ADMINS: Outcomes = ['ok', 'ok', 'noAccess', 'noAccess', 'noAccess', 'noAccess', 'notLoggedIn']
const MISSING: Outcomes = ['notFound', 'notFound', 'notFound', 'notFound', 'notFound', 'notFound', 'notLoggedIn']
// The same of a domain it has nothing to do with.
const FOREIGN_ALL: Outcomes = ['ok', 'ok', 'notFound', 'notFound', 'ok', 'ok', 'notLoggedIn']
const FOREIGN_OPERATORS: Outcomes = ['ok', 'ok', 'notFound', 'notFound', 'noAccess', 'ok', 'notLoggedIn']
const FOREIGN_MANAGERS: Outcomes = ['ok', 'ok', 'notFound', 'notFound', 'noAccess', 'noAccess', 'notLoggedIn']

/** A domain with something of everything in it. */
interface Place { readonly domainId: number, readonly name: string, readonly online: string, readonly device: PlainDevice }

let numbers = 0
const mac = (): string => `0090330${(++numbers).toString(16).padStart(5, '0')}`
const made = async (mt: string, fields: object): Promise<Message> => {
  const answer = await admin.request(mt, fields)
  if (answer['error'] !== undefined) throw new Error(`${mt}: ${String(answer['errorText'])}`)
  return answer
}
const fresh = {
  device: async ({ domainId }: Place): Promise<number> => Number((await made('AddDevice', { hwId: mac(), domainId }))['id']),
  category: async ({ domainId }: Place): Promise<number> => Number((await made('AddCategory', { domainId, name: `c${++numbers}`, config: true }))['id']),
  domain: async (): Promise<number> => Number((await made('AddDomain', { name: `d${++numbers}.example` }))['id']),
  code: async ({ domainId }: Place): Promise<string> => String((await made('GetProvisioningCode', { domainId, category: 'phones' }))['code']),
  /** A provisioned interface of the connected gateway (wire-protocols 2.9). */
  interface: async (place: Place): Promise<string> => {
    const id = `TEL${++numbers}`
    const done = place.device.until(5)
    place.device.admin(4, { id, code: await fresh.code(place) })
    const { error } = await done
    if (error !== undefined) throw new Error(`interface: ${String(error)}`)
    return id
  },
  /** A task of one device. */
  task: async (place: Place): Promise<number> => Number((await made('StartEdit', { selection: { ids: [await fresh.device(place)] }, domainId: place.domainId }))['task']),
  endedTask: async (place: Place): Promise<number> => {
    const id = await fresh.task(place)
    await made('CancelTask', { id })
    return id
  },
}

/** `own`: with something of a domain the login may see; `foreign`: with the same of another. */
interface Line { readonly fields: (place: Place, client: AppClient) => object | Promise<object>, readonly own: Outcomes, readonly foreign?: Outcomes }
const line = (own: Outcomes, fields: Line['fields'] = () => ({})): Line => ({ own, fields })
const of = (own: Outcomes, foreign: Outcomes, fields: Line['fields']): Line => ({ own, foreign, fields })

const EXPECTED: Record<string, Line> = {
  GetUserInfo: line(ALL),
  GetLoginInfo: line(ALL),
  GetRegistrationUrl: line(ALL),
  GetPreferences: line(ALL),
  RequestHttpKey: line(ADMINS),
  SetPreferences: line(ALL, () => ({ preferences: { a: 'b' } })),
  SetDeviceFiler: line(ALL),
  SetDeviceFilter: line(ALL),

  // Lists: what may not be seen is left out, without an error (see foreign.test.ts for their contents).
  GetDevices: of(ALL, ALL, ({ domainId }) => ({ domainIds: String(domainId) })),
  GetFilteredDevices: of(ALL, ALL, ({ domainId }) => ({ domainId })),
  GetDevicesPage: of(ALL, ALL, ({ domainId }) => ({ offset: 0, limit: 10, domainIds: [domainId] })),
  GetUnassignedDevicesCount: line(ALL),
  GetDomains: line(ALL),
  GetTasks: line(ALL),
  CountSelection: of(ALL, ALL, async place => ({ selection: { ids: [await fresh.device(place)] } })),
  GetAuditPage: of(ALL, ALL, ({ domainId }) => ({ offset: 0, limit: 10, domainIds: [domainId] })),
  GetProvisioningCategories: of(ALL, FOREIGN_ALL, ({ domainId }) => ({ domainId })),

  GetDeviceConfigs: of(ALL, FOREIGN_ALL, ({ domainId }) => ({ domainId })),
  // There are none.
  GetDeviceConfig: of(MISSING, MISSING, ({ domainId }) => ({ domainId, id: 1 })),
  GetDevice: of(ALL, FOREIGN_ALL, async place => ({ id: await fresh.device(place) })),
  AddDevice: of(OPERATORS, FOREIGN_OPERATORS, ({ domainId }) => ({ hwId: mac(), domainId })),
  EditDevice: of(OPERATORS, FOREIGN_OPERATORS, async place => ({ id: await fresh.device(place), name: 'x' })),
  DeleteDevice: of(OPERATORS, FOREIGN_OPERATORS, async place => ({ id: await fresh.device(place) })),
  AddDevices: of(OPERATORS, FOREIGN_OPERATORS, ({ domainId }) => ({ domainId, devices: [{ hwId: mac() }] })),
  OpenTunnel: of(OPERATORS, FOREIGN_OPERATORS, ({ online }) => ({ hwId: online })),
  CloseTunnel: line(OPERATORS, ({ online }) => ({ hwId: online })),
  GetDevicePhones: of(ALL, FOREIGN_ALL, ({ online }) => ({ hwId: online })),
  RemoveDevicePhone: of(OPERATORS, FOREIGN_OPERATORS, async place => ({ hwId: place.online, id: await fresh.interface(place) })),
  GetDevicePassword: of(MANAGERS, FOREIGN_MANAGERS, async place => ({ id: await fresh.device(place) })),

  StartEdit: of(OPERATORS, FOREIGN_OPERATORS, async place => ({ selection: { ids: [await fresh.device(place)] }, domainId: place.domainId })),
  StartDelete: line(OPERATORS, async place => ({ selection: { ids: [await fresh.device(place)] } })),
  StartRestart: line(OPERATORS, async place => ({ selection: { ids: [await fresh.device(place)] } })),
  StartUrlRollout: line(MANAGERS, async place => ({ selection: { ids: [await fresh.device(place)] }, url: 'wss://x.example/sysclients' })),
  GetTaskDevices: of(ALL, FOREIGN_ALL, async place => ({ id: await fresh.task(place), offset: 0, limit: 10 })),
  CancelTask: of(OPERATORS, FOREIGN_OPERATORS, async place => ({ id: await fresh.task(place) })),
  RetryTask: of(OPERATORS, FOREIGN_OPERATORS, async place => ({ id: await fresh.endedTask(place) })),
  DeleteTask: of(OPERATORS, FOREIGN_OPERATORS, async place => ({ id: await fresh.endedTask(place) })),

  GetProvisioningCode: of(OPERATORS, FOREIGN_OPERATORS, ({ domainId }) => ({ domainId, category: 'phones' })),
  GetProvisionedDevice: of(OPERATORS, FOREIGN_OPERATORS, async place => ({ code: await fresh.code(place) })),
  GetProvisioningCodes: of(OPERATORS, FOREIGN_OPERATORS, ({ domainId }) => ({ domainId })),
  AddProvisioningCodes: of(OPERATORS, FOREIGN_OPERATORS, ({ domainId }) => ({ domainId, category: 'phones', sips: ['a', 'b'] })),
  DeleteProvisioningCode: of(OPERATORS, FOREIGN_OPERATORS, async place => ({ code: await fresh.code(place) })),

  GetDomainSettings: of(MANAGERS, FOREIGN_MANAGERS, ({ domainId }) => ({ id: domainId })),
  GetAllDomainSettings: line(MANAGERS),
  GetProvisioningToken: of(OWNERS, FOREIGN_MANAGERS, ({ domainId }) => ({ id: domainId })),
  AddDomain: line(ADMINS, () => ({ name: `d${++numbers}.example` })),
  EditDomain: of(MANAGERS, FOREIGN_MANAGERS, ({ domainId }) => ({ id: domainId, invoiceReference: String(++numbers) })),
  DeleteDomain: line(ADMINS, async () => ({ id: await fresh.domain() })),
  AddCategory: of(MANAGERS, FOREIGN_MANAGERS, ({ domainId }) => ({ domainId, name: `c${++numbers}` })),
  EditCategory: of(MANAGERS, FOREIGN_MANAGERS, async place => ({ id: await fresh.category(place), name: `c${++numbers}` })),
  DeleteCategory: of(MANAGERS, FOREIGN_MANAGERS, async place => ({ id: await fresh.category(place) })),
  GetCategoryUse: of(ALL, FOREIGN_ALL, async place => ({ id: await fresh.category(place) })),

  GetAppRoles: line(ADMINS),
  SetAppRole: line(ADMINS, () => ({ appObject: 'somebody', role: 'read' })),
  GetInstanceSettings: line(ADMINS),
  EditInstanceSettings: line(ADMINS, () => ({ auditDays: 365 })),
}
/** Fields of domains with rules of their own (table of EditDomain). */
const DOMAIN_FIELDS: Record<string, Line> = {
  deployAdminPasswords: of(MANAGERS, FOREIGN_MANAGERS, ({ domainId }) => ({ id: domainId, deployAdminPasswords: numbers++ % 2 === 0 })),
  emails: of(MANAGERS, FOREIGN_MANAGERS, ({ domainId }) => ({ id: domainId, emails: [`a${++numbers}@b.example`] })),
  password: of(OWNERS, FOREIGN_MANAGERS, ({ domainId, name }, client) => ({ id: domainId, ...client.encrypted('password', passwordOf(name)) })),
  provisioningToken: of(OWNERS, FOREIGN_MANAGERS, ({ domainId }, client) => ({ id: domainId, ...client.encrypted('provisioningToken', `t${++numbers}`) })),
  name: of(['ok', 'ok', 'noAccess', 'noAccess', 'noAccess', 'noAccess', 'notLoggedIn'], FOREIGN_MANAGERS, ({ domainId, name }) => ({ id: domainId, name })),
  access: of(['ok', 'ok', 'noAccess', 'noAccess', 'noAccess', 'noAccess', 'notLoggedIn'], FOREIGN_MANAGERS, ({ domainId }) => ({ id: domainId, access: [] })),
  observer: of(['ok', 'ok', 'noAccess', 'noAccess', 'noAccess', 'noAccess', 'notLoggedIn'], FOREIGN_MANAGERS, ({ domainId }) => ({ id: domainId, observer: false })),
}

const passwordOf = (domain: string): string => `pw of ${domain}`

async function place(name: string, access: number[] = []): Promise<Place> {
  const domainId = Number((await made('AddDomain', { name, access, ...admin.encrypted('password', passwordOf(name)) }))['id'])
  await made('AddCategory', { domainId, name: 'phones', config: true })
  const online = mac()
  await made('AddDevice', { hwId: online, domainId, type: 'GW' })
  const device = await PlainDevice.connect(`${service.wsBase}/sysclients`, { id: online, type: 'GW', more: { platform: { type: 'GW', fxs: true } } })
  const password = device.until(1)
  device.identify()
  await password
  t.teardown(() => device.close())
  return { domainId, name, online, device }
}

const own = await place('own.example')
const foreign = await place('foreign.example')
await place('granted.example', [own.domainId])
await made('EditDomain', { id: 1, ...admin.encrypted('password', 'entry') })
await made('SetAppRole', { appObject: 'readers', role: 'read' })
await made('SetAppRole', { appObject: 'operators', role: 'operate' })

const info = (appobj: string): object => ({ appobj, cn: appobj, apps: [] })
const CLIENTS: Record<Kind, AppClient> = {
  instance: admin,
  entry: await AppClient.login(service.wsBase, { password: 'entry' }),
  domain: await AppClient.login(service.wsBase, { domain: own.name, password: passwordOf(own.name) }),
  grant: await AppClient.login(service.wsBase, { domain: 'granted.example', password: passwordOf('granted.example') }),
  reader: await AppClient.login(service.wsBase, { password: PASSWORD, info: info('readers') }),
  operator: await AppClient.login(service.wsBase, { password: PASSWORD, info: info('operators') }),
  nobody: await AppClient.connect(service.wsBase),
}

async function check(t: Test, mt: string, name: string, expected: Line): Promise<void> {
  for (const [where, at, outcomes] of [['own', own, expected.own], ['foreign', foreign, expected.foreign]] as const) {
    if (!outcomes) continue
    for (const [n, kind] of KINDS.entries()) {
      const client = CLIENTS[kind]
      const answer = await client.request(mt, await expected.fields(at, client))
      t.equal(answer['error'] ?? 'ok', outcomes[n], `${name}, ${where}: ${kind}${answer['errorText'] === undefined ? '' : ` (${String(answer['errorText'])})`}`)
    }
  }
}

t.test('every message has a line here', async t => {
  t.same(Object.keys(REQUESTS).filter(mt => !(mt in EXPECTED)), [], 'write down who may do it')
  t.same(Object.keys(EXPECTED).filter(mt => !(mt in REQUESTS)), [])
})

for (const [mt, expected] of Object.entries(EXPECTED)) t.test(mt, t => check(t, mt, mt, expected))
for (const [field, expected] of Object.entries(DOMAIN_FIELDS)) t.test(`EditDomain: ${field}`, t => check(t, 'EditDomain', field, expected))

t.test('the tunnel: the key of GetUserInfo needs what OpenTunnel needs', async t => {
  const outcomes: [kind: Kind, at: Place, status: number][] = [
    ['domain', foreign, 404], ['grant', foreign, 404], ['reader', own, 403],
  ]
  for (const [kind, at, status] of outcomes) {
    const { key } = await CLIENTS[kind].request('GetUserInfo')
    const answer = await fetch(`${service.base}/passthrough/${at.online}/${String(key)}/log.txt`)
    t.equal(answer.status, status, `${kind} into ${at.name}`)
    t.equal((await answer.text()).includes(at.name), false)
  }
})
