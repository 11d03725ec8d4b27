/** Roles of App objects against the running executable (feature table R19; wire-protocols 5.2, 5.4, 5.5). */
import { createHash } from 'node:crypto'
import t from 'tap'
import { AppClient } from '../fixtures/app-client.ts'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { PASSWORD, startService } from '../fixtures/service.ts'

const service = await startService()
const admin = await AppClient.login(service.wsBase, { password: PASSWORD })
t.teardown(() => service.stop())

/** As the PBX signs it: `info` is part of the digest. */
const info = { appobj: 'devices-read', appurl: `${service.base}/innovaphone-devices`, cn: 'Reader', apps: [] }

t.test('a role holds for open sessions at once and for the App object in any case', async t => {
  const reader = await AppClient.login(service.wsBase, { password: PASSWORD, sip: 'reader', info })
  t.match(await reader.request('GetUserInfo'), { role: 'full', domainId: 1, who: 'reader@example.com', admin: true })
  t.match(await reader.request('AddDevice', { hwId: '009033000001', domainId: 1 }), { id: Number })
  await admin.request('SetAppRole', { appObject: 'Devices-Read', role: 'read' })
  t.same((await admin.request('GetAppRoles'))['roles'], [{ appObject: 'Devices-Read', role: 'read' }])
  t.match(await reader.request('GetUserInfo'), { role: 'read', admin: true })
  t.match(await reader.request('AddDevice', { hwId: '009033000002', domainId: 1 }), { error: 'noAccess', errorText: /role "read".*role "operate"/ })
  t.match(await reader.request('GetDevicesPage', { offset: 0, limit: 10 }), { total: 1 })
  await admin.request('SetAppRole', { appObject: 'devices-read', role: 'operate' })
  t.same((await admin.request('GetAppRoles'))['roles'], [{ appObject: 'devices-read', role: 'operate' }])
  t.match(await reader.request('AddDevice', { hwId: '009033000002', domainId: 1 }), { id: Number })
  t.match(await reader.request('SetAppRole', { appObject: 'devices-read', role: null }), { error: 'noAccess', errorText: /role "full"/ })
  await reader.close()
})

t.test('an address that cannot be one takes nothing from the role of its App object', async t => {
  await admin.request('SetAppRole', { appObject: 'devices-read', role: 'read' })
  for (const appurl of [7, 'x'.repeat(3_000)]) {
    const reader = await AppClient.login(service.wsBase, { password: PASSWORD, sip: 'reader', info: { ...info, appurl } })
    t.match(await reader.request('GetUserInfo'), { role: 'read' })
    await reader.close()
  }
})

t.test('the App object is the one of the digest, whatever else a message says', async t => {
  const reader = await AppClient.connect(service.wsBase)
  // What the PBX signed, sent with the text of `info` at the end of the display name instead: the same digest.
  const question = reader.until(message => message.mt === 'AppChallengeResult')
  reader.send({ mt: 'AppChallenge' })
  const challenge = String((await question)['challenge'])
  const signed = ['innovaphone-devices', 'example.com', 'reader', '', 'Reader', JSON.stringify(info), challenge, PASSWORD].join(':')
  const answer = reader.until(message => message.mt === 'AppLoginResult')
  reader.send({
    mt: 'AppLogin', app: 'innovaphone-devices', domain: 'example.com', sip: 'reader', guid: '', dn: `Reader:${JSON.stringify(info)}`,
    digest: createHash('sha256').update(signed).digest('hex'),
  })
  t.notOk((await answer)['ok'], 'refused')
  t.match(await reader.request('GetUserInfo'), { error: 'notLoggedIn' })
  await reader.close()
})

t.test('settings of the instance', async t => {
  t.same((await admin.request('GetInstanceSettings'))['settings'], { observer: false, rollOutRegistrationUrl: false, offlineProvisioning: false, auditDays: 365 })
  t.match(await admin.request('EditInstanceSettings', { auditDays: 0 }), { error: 'badRequest', field: 'auditDays' })
  t.match(await admin.request('EditInstanceSettings', { auditDays: 30, offlineProvisioning: true }), { settings: { auditDays: 30, offlineProvisioning: true, observer: false } })
})

t.test('roles and settings outlive the process', async t => {
  const other = await startService()
  const before = await AppClient.login(other.wsBase, { password: PASSWORD })
  await before.request('SetAppRole', { appObject: 'x', role: 'read' })
  await before.request('EditInstanceSettings', { observer: true })
  await other.kill()
  const again = await startService({ workingPath: other.workingPath })
  const after = await AppClient.login(again.wsBase, { password: PASSWORD })
  t.match(await after.request('GetAppRoles'), { roles: [{ appObject: 'x', role: 'read' }] })
  t.match(await after.request('GetInstanceSettings'), { settings: { observer: true } })
  await again.stop()
})

t.test('rights that are taken end what is going on in devices', async t => {
  const hwId = '0090330000aa'
  const own = Number((await admin.request('AddDomain', { name: 'own.example', ...admin.encrypted('password', 'pw-own') }))['id'])
  const guest = Number((await admin.request('AddDomain', { name: 'guest.example', access: [own], ...admin.encrypted('password', 'pw-guest') }))['id'])
  const { id } = await admin.request('AddDevice', { hwId, domainId: own })
  const device = await PlainDevice.connect(`${service.wsBase}/sysclients`, { id: hwId })
  const password = device.until(1)
  device.identify()
  await password

  /** A request into the device that the device never answers; resolves when the service has broken it off. */
  async function going(client: AppClient): Promise<{ uri: string, ended: Promise<unknown> }> {
    const { uri } = await client.request('OpenTunnel', { hwId })
    const arrived = device.hears('GET /log.txt')
    const ended = fetch(`${service.url}${String(uri)}log.txt`).then(answer => answer.status, () => 'broken off')
    await arrived
    return { uri: String(uri), ended }
  }
  const status = async (uri: string): Promise<number> => (await fetch(`${service.url}${uri}log.txt`)).status
  const login = (): Promise<AppClient> => AppClient.login(service.wsBase, { domain: 'guest.example', password: 'pw-guest', info: { appobj: 'guests' } })

  const byGrant = await login()
  const first = await going(byGrant)
  await admin.request('EditDomain', { id: guest, access: [] })
  t.ok(await first.ended, 'the grant')
  t.equal(await status(first.uri), 403, 'its address is worth nothing')
  t.match(await byGrant.request('OpenTunnel', { hwId }), { error: 'notFound' })
  await admin.request('EditDomain', { id: guest, access: [own] })
  t.equal(await status(first.uri), 403, 'and stays so')

  const second = await going(byGrant)
  await admin.request('SetAppRole', { appObject: 'guests', role: 'read' })
  t.ok(await second.ended, 'the role')
  t.match(await byGrant.request('OpenTunnel', { hwId }), { error: 'noAccess' })
  await admin.request('SetAppRole', { appObject: 'guests', role: null })

  const third = await going(byGrant)
  const elsewhere = Number((await admin.request('AddDomain', { name: 'elsewhere.example' }))['id'])
  await admin.request('EditDevice', { id, domainId: elsewhere })
  t.ok(await third.ended, 'the device moved')
  await admin.request('EditDevice', { id, domainId: own })

  const fourth = await going(byGrant)
  await admin.request('DeleteDomain', { id: guest })
  t.ok(await fourth.ended, 'the domain of the login is gone')
  await device.close()
})
