/** What the service does for the PBX Manager plugin: announcement, files, websocket, rights (app-platform-local 2.2; wire-protocols 5.8, 6.2, 7). */
import crypto from 'node:crypto'
import vm from 'node:vm'
import t from 'tap'
import { REQUESTS } from '../../app/protocol/service-api.ts'
import { PASSWORD, startFakePlatform } from '../fake-platform/platform.ts'
import { AppClient } from '../fixtures/app-client.ts'

const platform = await startFakePlatform()
const base = await platform.startInstance('devices')
t.teardown(() => platform.stop())
const wsBase = base.replace(/^http/, 'ws')
const PLUGIN = 'innovaphone.devicesmanager'
const sha256 = (text: string): string => crypto.createHash('sha256').update(text).digest('hex')

t.test('the plugin is announced with the start and with the stop, and for other domains too', async t => {
  const controls = (path: string): object => [{ uri: `${path}/${PLUGIN}`, png: `${path}/innovaphone-devices.png`, lang: `${path}/${PLUGIN}texts`, wildcard: true }]
  t.strictSame((await platform.manager.until({ mt: 'AppStatusUpdate', appName: 'devices', status: true }))['controls'], controls('example.com/devices'))
  await platform.startInstance('second', 'other.example')
  await platform.stopInstance('second', 'other.example')
  for (const status of [true, false]) {
    t.strictSame((await platform.manager.until({ mt: 'AppStatusUpdate', appName: 'second', status }))['controls'], controls('other.example/second'))
  }
})

t.test('each announced file, the style and both spellings of the texts are served', async t => {
  const status = await platform.manager.until({ mt: 'AppStatusUpdate', appName: 'devices', status: true })
  const [control] = status['controls'] as { uri: string, png: string, lang: string }[]
  if (!control) throw new Error('no controls')
  const files = {
    [`${control.uri}.js`]: 'text/javascript', [`${control.lang}.js`]: 'text/javascript', [control.png]: 'image/png',
    [`${control.uri}.css`]: 'text/css', [`${control.uri}Texts.js`]: 'text/javascript', [`${control.uri}texts.js`]: 'text/javascript',
  }
  for (const [file, type] of Object.entries(files)) {
    const first = await fetch(`${platform.webserver.url}/${file}`, { redirect: 'manual' })
    t.equal(first.status, 302, `${file} leads to its build`)
    t.match(first.headers.get('location'), new RegExp(`^\\./[0-9a-f]+/${file.split('/').at(-1)?.replaceAll('.', '\\.')}$`))
    const answer = await fetch(`${platform.webserver.url}/${file}`)
    t.equal(answer.status, 200, file)
    t.match(answer.headers.get('content-type'), type)
    t.ok((await answer.arrayBuffer()).byteLength > 100)
  }
  t.equal((await fetch(`${base}/${PLUGIN}`)).status, 404, 'the address of the websocket is no page')
})

t.test('the scripts are plain ones and define what the PBX Manager looks for', async t => {
  const texts = await (await fetch(`${base}/${PLUGIN}texts.js`)).text()
  const page: Record<string, Record<string, Record<string, Record<string, string>>>> = { innovaphone: {} }
  page['window'] = page as never
  vm.runInNewContext(texts, page)
  for (const name of ['devicesmanagertexts', 'devicesmanagerTexts']) {
    const catalogue = page['innovaphone']?.[name]
    t.strictSame(Object.keys(catalogue ?? {}), ['en', 'de'])
    t.equal(catalogue?.['de']?.['pluginTitle'], 'Devices')
    t.strictSame(Object.keys(catalogue?.['de'] ?? {}).sort(), Object.keys(catalogue?.['en'] ?? {}).sort(), 'both languages have all texts')
    for (const [id, text] of Object.entries(catalogue?.['en'] ?? {})) {
      t.strictSame((catalogue?.['de']?.[id]?.match(/\$\d/g) ?? []).sort(), (text.match(/\$\d/g) ?? []).sort(), `values of ${id}`)
    }
  }
  const script = await (await fetch(`${base}/${PLUGIN}.js`)).text()
  const prototype = { ofUi1: true }
  const window: { innovaphone: object, plugin?: { innovaphone?: { devicesmanager?: { prototype?: unknown } } } } = { innovaphone: { ui1: { nodePrototype: prototype } } }
  vm.runInNewContext(script, { window })
  t.equal(window.plugin?.innovaphone?.devicesmanager?.prototype, prototype)
})

t.test('login of the plugin: passwords may be checked, nothing else', async t => {
  const login = { app: '-', sip: 'ap-object', guid: 'a'.repeat(32), dn: 'App Platform', password: PASSWORD }
  for (const app of ['-', PLUGIN]) {
    const plugin = await AppClient.login(`${wsBase}/${PLUGIN}`, { ...login, app })
    const check = (password: string, more: object = {}, text = `devices:example.com::::1234:${password}`): Promise<unknown> =>
      plugin.request('AppCheckLogin', { app: 'devices', domain: 'example.com', challenge: '1234', digest: sha256(text), ...more }).then(answer => answer['ok'])
    t.equal(await check(PASSWORD), true)
    t.equal(await check('wrong'), undefined)
    t.equal(await check(PASSWORD, { sip: 's', guid: 'g', dn: 'd' }, `devices:example.com:s:g:d:1234:${PASSWORD}`), true, 'with the fields of a whole login')
    t.equal(await check(PASSWORD, { sip: 's', info: { appobj: 'x' } }, `devices:example.com:s:::{"appobj":"x"}:1234:${PASSWORD}`), true, 'with info')
    t.match(await plugin.request('AppInfo', { app: PLUGIN }), { info: { apis: {} }, serviceInfo: {} })
    for (const mt of Object.keys(REQUESTS)) t.match(await plugin.request(mt, { id: 1 }), { error: 'noAccess' }, mt)
    t.match(await plugin.request('AppResumeToken'), { error: 'noAccess' })
    await plugin.close()
  }
})

t.test('PBX of another domain: the manager logs in with the instance password, which gives no rights there', async t => {
  const admin = await AppClient.login(wsBase, { password: PASSWORD })
  const unknown = await AppClient.connect(`${wsBase}/${PLUGIN}`)
  t.notOk((await unknown.tryLogin({ app: '-', domain: 'pbx.example', password: PASSWORD }))['ok'], 'a domain that Devices does not know')
  t.equal((await admin.request('AddDomain', { name: 'pbx.example', ...admin.encrypted('password', 'domain-pw') }))['error'], undefined)
  t.equal((await unknown.tryLogin({ app: '-', domain: 'pbx.example', password: PASSWORD }))['ok'], true)
  t.notOk((await unknown.tryLogin({ app: 'innovaphone-devices', domain: 'pbx.example', password: PASSWORD }))['ok'], 'no app gets in like that')
  const plugin = await AppClient.login(`${wsBase}/${PLUGIN}`, { app: '-', domain: 'pbx.example', password: PASSWORD })
  const check = (domain: string, password: string): Promise<unknown> =>
    plugin.request('AppCheckLogin', { app: 'devices', domain, challenge: '1234', digest: sha256(`devices:${domain}::::1234:${password}`) }).then(answer => answer['ok'])
  t.equal(await check('pbx.example', 'domain-pw'), true)
  t.equal(await check('pbx.example', PASSWORD), undefined, 'an App object there needs the password of its domain')
  t.equal(await check('example.com', PASSWORD), undefined, 'nothing is said about other domains')
  await Promise.all([plugin.close(), unknown.close(), admin.close()])
})
