/** AppWebsocket of the running executable, from wire-protocols chapter 5. */
import crypto from 'node:crypto'
import t from 'tap'
import release from '../../manifest/release.json' with { type: 'json' }
import { AppClient } from '../fixtures/app-client.ts'
import { PASSWORD, startService } from '../fixtures/service.ts'

const service = await startService()
t.teardown(async () => { await service.stop() })

t.test('every address the documents name', async t => {
  for (const path of ['', '/', '/150001', '/innovaphone-devices', '/150001/innovaphone-devices-api', '/innovaphone-devicesmanager']) {
    const app = await AppClient.login(service.wsBase + path, { password: PASSWORD })
    t.match(await app.request('GetUserInfo'), { key: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, admin: true, major: release.id }, path)
    await app.close()
  }
})

t.test('login with and without info, as browsers, App objects and users do', async t => {
  const logins = [
    { app: 'innovaphone-devices', sip: 'innovaphone-devices', guid: '0'.repeat(32), dn: 'Admin' },
    { app: 'innovaphone-devices', sip: 'rico', guid: 'f48b06484a8a61015853009033400109', dn: 'Schulte, Rico', info: { appobj: 'devices', apps: [], unlicensed: true } },
    { app: 'innovaphone-devices-api', sip: 'devices-api', guid: '3954ae7854c96301c9dd009033400109', dn: 'devices-api', info: {} },
    { sip: 'umlaut', dn: 'Jörg Müller', info: { cn: 'Jörg "x" \\ /', n: 1.5 } },
  ]
  for (const login of logins) {
    const app = await AppClient.connect(service.wsBase)
    t.match(await app.tryLogin({ ...login, password: PASSWORD }), { ok: true, domain: 'example.com' })
    t.match(app.challenge, /^\d{16}$/)
    await app.close()
  }
})

t.test('refused logins carry no ok and leave the connection open', async t => {
  const app = await AppClient.connect(service.wsBase)
  t.notOk((await app.tryLogin({ password: 'wrong' }))['ok'])
  t.notOk((await app.tryLogin({ password: PASSWORD, domain: 'other.com' }))['ok'], 'unknown domain')
  t.notOk((await app.tryLogin({ password: '', domain: 'example.com' }))['ok'], 'empty password')
  t.match(await app.request('GetUserInfo'), { error: 'notLoggedIn' })
  t.match(await app.request('AppInfo', { app: 'innovaphone-devices' }), { error: 'notLoggedIn' })
  // A challenge is good for one login.
  await app.tryLogin({ password: 'wrong' })
  const answer = app.until(message => message.mt === 'AppLoginResult')
  app.send({ mt: 'AppLogin', app: 'a', domain: 'example.com', digest: crypto.createHash('sha256').update(`a:example.com::::${app.challenge}:${PASSWORD}`).digest('hex') })
  t.notOk((await answer)['ok'])
  t.match(await app.tryLogin({ password: PASSWORD, domain: 'EXAMPLE.com' }), { ok: true }, 'domains do not mind case')
  await app.close()
})

t.test('CheckBuild before login', async t => {
  const app = await AppClient.connect(service.wsBase)
  const first = await app.request('CheckBuild', { url: `${service.base}/innovaphone-devices.htm?x=1#a` })
  t.match(first['url'], new RegExp(`^${service.base}/[0-9a-f]+/innovaphone-devices\\.htm\\?x=1#a$`))
  t.notOk((await app.request('CheckBuild', { url: first['url'] }))['url'], 'current')
  t.equal((await app.request('CheckBuild', { url: `${service.base}/150001/innovaphone-devices.htm?x=1#a` }))['url'], first['url'], 'another build')
  t.notOk((await app.request('CheckBuild', { url: 'not an address' }))['url'])
  await app.close()
})

t.test('AppInfo, AppCheckLogin, KeepAlive, PbxInfo', async t => {
  const app = await AppClient.login(service.wsBase, { password: PASSWORD })
  t.match(await app.request('AppInfo', { app: 'innovaphone-devices' }), { info: { apis: { 'com.innovaphone.devicesui': {} } } })
  t.match(await app.request('AppInfo', { app: 'innovaphone-devices-api' }),
    { info: { hidden: true, apis: { 'com.innovaphone.devices': {}, 'com.innovaphone.search': {} } }, serviceInfo: { apis: { 'com.innovaphone.devices': {} } } })
  const digest = (password: string): string => crypto.createHash('sha256').update(`devices:example.com::::1234:${password}`).digest('hex')
  t.match(await app.request('AppCheckLogin', { app: 'devices', domain: 'example.com', challenge: '1234', digest: digest(PASSWORD) }), { ok: true })
  t.notOk((await app.request('AppCheckLogin', { app: 'devices', domain: 'example.com', challenge: '1234', digest: digest('no') }))['ok'])
  const before = app.received.length
  app.send({ mt: 'KeepAlive' })
  app.send({ mt: 'PbxInfo', domain: 'example.com', pbx: 'master', pbxDns: 'pbx.example.com', apis: ['Services'], version: '13r3', build: '137766' })
  app.send({ mt: 'NobodyKnowsThis' })
  await app.request('GetUserInfo')
  t.equal(app.received.length, before + 1, 'no answers but the last')
  await app.close()
})

t.test('answers come in the order of the requests', async t => {
  const app = await AppClient.login(service.wsBase, { password: PASSWORD })
  const end = app.until(message => message['src'] === '99')
  for (let n = 0; n < 100; n++) app.send({ mt: n % 2 ? 'GetUserInfo' : 'GetDomains', src: String(n) })
  await end
  t.same(app.received.flatMap(message => 'src' in message ? [Number(message['src'])] : []), Array.from({ length: 100 }, (_, n) => n))
  await app.close()
})

t.test('a reloaded page goes on with its token', async t => {
  const app = await AppClient.login(service.wsBase, { password: PASSWORD })
  const { token } = await app.request('AppResumeToken')
  await app.close()
  const again = await AppClient.connect(service.wsBase)
  t.match(await again.request('AppResume', { token }), { ok: true, domain: 'example.com' })
  t.match(await again.request('GetUserInfo'), { admin: true })
  await again.request('AppSignOut', { token })
  t.match(await again.request('GetUserInfo'), { error: 'notLoggedIn' })
  t.notOk((await again.request('AppResume', { token }))['ok'], 'signed out')
  t.notOk((await again.request('AppResume', { token: 'x' }))['ok'])
  await again.close()
})

t.test('the App object tells the address of the service', async t => {
  const app = await AppClient.login(service.wsBase, {
    password: PASSWORD, app: 'innovaphone-devices-api', sip: 'devices-api',
    info: { appobj: 'devices-api', appurl: 'https://apps.example.com/example.com/devices/innovaphone-devices-api' },
  })
  t.equal((await app.request('GetRegistrationUrl'))['url'], 'wss://apps.example.com/example.com/devices/sysclients')
  const appurl = (host: string, name: string): string => `https://${host}/example.com/devices/${name}`
  const others = {
    'a user who comes through it': { app: 'innovaphone-devices-api', sip: 'rico', info: { appobj: 'devices-api', appurl: appurl('10.0.0.1', 'innovaphone-devices-api') } },
    'the App object of the app': { app: 'innovaphone-devices', sip: 'devices', info: { appobj: 'devices', appurl: appurl('10.0.0.2', 'innovaphone-devices') } },
    'a user of the app': { app: 'innovaphone-devices', sip: 'rico', info: { appobj: 'devices', appurl: appurl('10.0.0.3', 'innovaphone-devices') } },
  }
  for (const [who, login] of Object.entries(others)) {
    await (await AppClient.login(service.wsBase, { password: PASSWORD, ...login })).close()
    t.equal((await app.request('GetRegistrationUrl'))['url'], 'wss://apps.example.com/example.com/devices/sysclients', `not ${who} (wire-protocols 2.1, 5.9)`)
  }
  await app.close()
})

t.test('what cannot be read is answered clearly and harms nobody', async t => {
  const app = await AppClient.login(service.wsBase, { password: PASSWORD })
  for (const text of ['{', '[]', '{"no":"mt"}', '"x"', 'null']) {
    const answer = app.until(message => message.mt === 'Error')
    app.socket.send(text)
    t.match(await answer, { error: 'badRequest' }, text)
  }
  t.match(await app.request('GetDevicesPage', { offset: -1, limit: 10 }), { error: 'badRequest', field: 'offset' })
  t.match(await app.request('GetDevicesPage', { offset: 0, limit: 10, search: 'x'.repeat(500) }), { error: 'badRequest', field: 'search' })
  t.match(await app.request('AddDevice', { hwId: 'x', domainId: 999 }), { error: 'notFound', field: 'domainId' })
  t.match(await app.request('AddDevice', { hwId: '009033', domainId: 1, name: 'n'.repeat(1_000_000).slice(0, 900_000) }), { error: 'badRequest', field: 'name' })
  t.match(await app.request('EditDevice', { id: 'seven' }), { error: 'badRequest', field: 'id' })
  t.match(await app.request('DeleteDevice', { id: 12345 }), { error: 'notFound' })
  app.socket.send(Buffer.from([1, 2, 3]))
  t.match(await app.request('GetUserInfo'), { admin: true }, 'still served')
  const other = await AppClient.connect(service.wsBase)
  other.socket.send('x'.repeat(2 * 1024 * 1024))
  await new Promise(resolve => other.socket.once('close', resolve))
  t.match(await app.request('GetUserInfo'), { admin: true }, 'another one, too')
  await app.close()
})

t.test('pages of devices have no business here', async t => {
  await t.rejects(AppClient.connect(service.wsBase, { headers: { origin: 'null' } }), /403/)
})

t.test('no secret in the log', async t => {
  t.notMatch(service.log(), new RegExp(PASSWORD))
})
