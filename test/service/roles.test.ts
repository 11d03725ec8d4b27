/** Roles of App objects against the running executable (feature table R19; wire-protocols 5.2, 5.4, 5.5). */
import { createHash } from 'node:crypto'
import t from 'tap'
import { AppClient } from '../fixtures/app-client.ts'
import { PASSWORD, startService } from '../fixtures/service.ts'

const service = await startService()
const admin = await AppClient.login(service.wsBase, { password: PASSWORD })
t.setTimeout(60_000)
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
