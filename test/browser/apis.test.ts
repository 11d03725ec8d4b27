/**
 * The APIs that other apps of the client use: com.innovaphone.devices and search of the hidden app, devicesui of the visible one.
 * Their examples in docs/api.md are from here: `WRITE_EXAMPLES=1` writes them.
 */
import t from 'tap'
import fs from 'node:fs'
import type { Frame } from 'playwright-core'
import { createSimulator } from '../../app/simulate/simulator.ts'
import { AppClient } from '../fixtures/app-client.ts'
import { filledDevice } from '../fixtures/fill.ts'
import { PASSWORD, startService, temporaryFolder } from '../fixtures/service.ts'
import { eventually, openBrowser } from './browser.ts'
import { ClientExamples } from './client-examples.ts'
import { startMyApps } from './my-apps.ts'
import { fillTwoDomains, OTHER } from './two-domains.ts'

/** So many that the phones alone need several parts of 65535 characters. */
const FILLED = 900
const DEVICES = 'com.innovaphone.devices'
const SEARCH = 'com.innovaphone.search'

const folder = temporaryFolder()
fillTwoDomains(folder, FILLED)
const service = await startService({ workingPath: folder })
const browser = await openBrowser()
const client = await startMyApps(PASSWORD)
const gateways = await createSimulator({ url: `${service.wsBase}/sysclients`, count: 1, type: 'gateway', seed: 3, reconnect: { first: 100, most: 500 } })
const admin = await AppClient.login(service.wsBase, { password: PASSWORD })
t.teardown(async () => {
  await gateways.stop()
  await browser.close()
  await client.stop()
  await service.stop()
  fs.rmSync(folder, { recursive: true, force: true })
})

type Msg = Record<string, unknown>
interface Result { readonly api: string, readonly provider: string, readonly src: unknown, readonly msg: Msg }
/** Variables of the stand-in's pages. */
declare global {
  var passed: Msg[]
  var results: Result[]
  var known: Record<string, Record<string, { model: Msg }>>
  var ask: (api: string, src: unknown, msg: Msg, provider?: string) => void
  var open1: (name: string, url: string) => void
  var close1: (name: string) => void
}

const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' })
const page = await context.newPage()
page.setDefaultTimeout(60_000)
const problems: string[] = []
page.on('pageerror', error => problems.push(error.message))
page.on('console', message => { if (['error', 'warning'].includes(message.type())) problems.push(message.text()) })
await page.goto(client.showAll([
  { name: 'my-devices', url: `${service.base}/innovaphone-devices.htm?name=my-devices&lang=en&scheme=dark` },
  { name: 'devices-api', url: `${service.base}/innovaphone-devices-api.htm?name=devices-api` },
  { name: 'consumer', url: client.consumer },
]))
const frameOf = async (name: string): Promise<Frame> => {
  const frame = await (await page.waitForSelector(`#${name}`)).contentFrame()
  if (!frame) throw new Error('no frame')
  return frame
}
const consumer = await frameOf('consumer')
const resultsOf = (src: unknown, of = consumer): Promise<Result[]> => of.evaluate(mark => globalThis.results.filter(result => JSON.stringify(result.src) === JSON.stringify(mark)), src)
let count = 0
/** Asks and waits for the last answer. */
async function ask(msg: Msg, api = DEVICES, provider?: string): Promise<Result[]> {
  const src = `r${++count}`
  await consumer.evaluate(([api, src, msg, provider]) => globalThis.ask(api, src, msg, provider), [api, src, msg, provider] as const)
  const end = (result: Result): boolean => result.msg['mt'] === 'SearchResult' || (result.msg['mt'] !== 'SearchInfo' && result.msg['last'] !== false)
  await eventually(`${msg['mt']} is answered`, async () => (await resultsOf(src)).some(end))
  return resultsOf(src)
}
const one = async (msg: Msg): Promise<Msg> => (await ask(msg)).at(-1)?.msg ?? {}
const examples = new ClientExamples()
/** As `one`; the messages become an example of the documentation. */
async function shown(msg: Msg, api = DEVICES): Promise<Msg> {
  const answers = (await ask(msg, api)).map(result => result.msg)
  examples.note(api, msg, answers)
  return answers.at(-1) ?? {}
}
const objects = (value: unknown): Msg[] => Array.isArray(value) ? value : []

t.test('both apps say at once what they provide; the hidden one signs in through the parent', async t => {
  await eventually('all is registered', async () => (await consumer.evaluate(() => Object.keys(globalThis.known).length)) === 3)
  t.strictSame(await consumer.evaluate(() => Object.entries(globalThis.known).map(([api, providers]) => [api, Object.keys(providers)]).sort()),
    [['com.innovaphone.devices', ['devices-api']], ['com.innovaphone.devicesui', ['my-devices']], ['com.innovaphone.search', ['devices-api']]])
  const passed = await page.evaluate(() => globalThis.passed)
  t.equal(passed.find(message => message['from'] === 'devices-api')?.['mt'], 'Alive')
  await eventually('the client is told that the logins are accepted', async () => (await page.evaluate(() => globalThis.passed)).filter(message => message['mt'] === 'loginResult' && message['ok'] === true).length === 2)
  t.match(await consumer.evaluate(() => globalThis.known['com.innovaphone.search']?.['devices-api']?.model), { relevance: Number })
})

t.test('lists come in parts, with the address of each device', async t => {
  const parts = await ask({ mt: 'GetPhones' })
  t.ok(parts.length > 1, `${parts.length} parts`)
  t.ok(parts.every(({ provider, msg }) => provider === 'devices-api' && msg['mt'] === 'GetPhonesResult'))
  t.strictSame(parts.map(({ msg }) => msg['last']), [...parts.slice(1).map(() => false), true])
  const phones = parts.flatMap(({ msg }) => objects(msg['phones']))
  const expected = Array.from({ length: FILLED }, (_, n) => filledDevice(n)).filter(device => device.type === 'PHONE')
  t.strictSame(phones.map(phone => phone['hwId']).sort(), expected.map(device => device.hwId).sort())
  // Consumers cut the address at this text (wire-protocols 3.9).
  t.ok(phones.every(phone => String(phone['uri']).startsWith(`${service.base}/passthrough/${phone['hwId']}/`) && /\/devices\/passthrough\/[0-9a-f]{12}\/[0-9a-f-]{36}\/$/.test(String(phone['uri']))))
  t.ok(phones.every(phone => phone['type'] === 'PHONE' && phone['online'] === false && typeof phone['name'] === 'string'))
})

t.test('gateways include virtual appliances; hwIds and justFxs narrow; every kind has its list', async t => {
  const types = (msg: Msg, member: string): string[] => [...new Set(objects(msg[member]).map(device => String(device['type'])))].sort()
  const all = await one({ mt: 'GetGateways' })
  t.strictSame(types(all, 'gateways'), ['GW', 'VA'])
  t.strictSame(types(await one({ mt: 'GetDects' }), 'dects'), ['DECT'])
  t.strictSame(types(await one({ mt: 'GetAppPlatforms' }), 'appPlatforms'), ['APP_PLATFORM'])
  const [first, second] = objects(all['gateways'])
  const some = await shown({ mt: 'GetGateways', hwIds: `${first?.['hwId']},${second?.['hwId']}` })
  t.strictSame(objects(some['gateways']).map(device => device['hwId']).sort(), [first?.['hwId'], second?.['hwId']].sort())
  t.strictSame(await one({ mt: 'GetGateways', justFxs: true }), { mt: 'GetGatewaysResult', gateways: [], last: true })
  t.strictSame((await one({ mt: 'GetGateways', hwIds: OTHER.device }))['gateways'], [], 'other domains are not those of the login')
  for (const [mt, type] of [['GetPhones', 'PHONE'], ['GetDects', 'DECT'], ['GetAppPlatforms', 'APP_PLATFORM']] as const) {
    const device = Array.from({ length: FILLED }, (_, n) => filledDevice(n)).find(device => device.type === type)
    const answer = await shown({ mt, hwIds: device?.hwId })
    t.match(answer, { mt: `${mt}Result`, last: true })
  }
})

t.test('one device; an unknown one is an error', async t => {
  const { hwId, product } = filledDevice(2)
  t.match(await shown({ mt: 'GetDevice', hwId }), { mt: 'GetDeviceResult', device: { hwId, product, uri: new RegExp(`/devices/passthrough/${hwId}/`) } })
  t.match(await one({ mt: 'GetDevice', hwId: '000000000000' }), { mt: 'GetDeviceResult', error: 'notFound', errorText: String })
  t.match(await one({ mt: 'GetDevice' }), { mt: 'GetDeviceResult', error: 'badRequest' })
  t.match(await one({ mt: 'GetNothing' }), { mt: 'GetNothingResult', error: 'badRequest' })
  t.strictSame(Object.keys(await one({ mt: 'toString' })), ['mt', 'error', 'errorText'], 'what every object has is no request')
})

t.test('too many requests of one consumer at once are refused, and each of them ends', async t => {
  await consumer.evaluate(hwIds => { for (let n = 0; n < 80; n++) globalThis.ask('com.innovaphone.devices', 'many', { mt: 'GetPhones', hwIds }) }, filledDevice(2).hwId)
  await eventually('all are answered', async () => (await resultsOf('many')).length === 80)
  const answers = (await resultsOf('many')).map(result => result.msg)
  t.ok(answers.every(({ mt, last }) => mt === 'GetPhonesResult' && last === true))
  t.ok(answers.some(({ error }) => error === 'busy') && answers.some(({ error }) => error === undefined))
})

t.test('HttpGet reads from a device, and from nowhere else', async t => {
  await gateways.start()
  const [gateway] = gateways.devices
  if (!gateway) throw new Error('no gateway')
  const hwId = gateway.id
  await eventually('it is there', async () => (await admin.request('GetDevice', { hwId }))['device'] !== undefined)
  const { domains } = await admin.request('GetDomains')
  await admin.request('AddDevice', { hwId, domainId: objects(domains).find(domain => domain['isInstanceDomain'])?.['id'] })
  await gateway.untilPassword()
  await eventually('it is online', async () => Boolean((objects((await one({ mt: 'GetGateways', hwIds: hwId }))['gateways'])[0])?.['online']))
  const [found] = objects((await one({ mt: 'GetGateways', hwIds: hwId }))['gateways'])
  const uri = String(found?.['uri'])
  const answer = await shown({ mt: 'HttpGet', uri: `${uri}log.txt` })
  t.match(answer, { mt: 'HttpGetResult', uri: `${uri}log.txt`, status: 200, result: /\S/ })
  t.notOk(answer['error'])
  t.match(await one({ mt: 'HttpGet', uri: `${uri}no-such-page` }), { mt: 'HttpGetResult', status: 404, error: 'failed' })
  const requests: string[] = []
  page.on('request', request => requests.push(request.url()))
  for (const bad of [`${service.base}/health`, `${uri}../../../csvapi`, `${uri}%2e%2e/%2e%2e/%2e%2e/csvapi`, 'http://127.0.0.1:9/devices/passthrough/x/y/', `${service.base}/passthrough/`, 'javascript:alert(1)', '', undefined, 7]) {
    t.match(await one({ mt: 'HttpGet', uri: bad }), { mt: 'HttpGetResult', error: 'badRequest' }, String(bad))
  }
  t.strictSame(requests, [], 'nothing was asked for')
  problems.length = 0
})

t.test('a code for another app; its use is told to whoever asked for it', async t => {
  t.match(await one({ mt: 'GetProvisioningCode', category: 'Office' }), { mt: 'GetProvisioningCodeResult', error: 'notFound' }, 'there is no such category yet')
  const { domains } = await admin.request('GetDomains')
  await admin.request('AddCategory', { domainId: objects(domains).find(domain => domain['isInstanceDomain'])?.['id'], name: 'Office', config: true })
  const request = { mt: 'GetProvisioningCode', category: 'Office', sip: 'ada', administrative: true }
  const [asked] = await ask(request)
  examples.note(DEVICES, request, [asked?.msg])
  t.match(asked?.msg, { mt: 'GetProvisioningCodeResult', code: /^\d{12}$/, url: `${service.wsBase}/sysclients` })
  const fleet = await createSimulator({ url: `${service.wsBase}/sysclients`, count: 1, type: 'phone', seed: 12, code: String(asked?.msg['code']) })
  await fleet.start()
  const arrived = async (): Promise<Msg | undefined> => (await resultsOf(asked?.src)).find(result => result.msg['mt'] === 'DeviceProvisioned')?.msg
  await eventually('its arrival is told', async () => await arrived() !== undefined)
  const [device] = fleet.devices
  examples.note(DEVICES, undefined, [await arrived()])
  t.match(await arrived(), { code: asked?.msg['code'], gateway: { hwId: device?.id, name: 'ada', uri: new RegExp(`/devices/passthrough/${device?.id}/`) } })
  await fleet.stop()
})

t.test('analogue interfaces of a gateway are listed and freed', async t => {
  const fleet = await createSimulator({ url: `${service.wsBase}/sysclients`, count: 1, type: 'gateway', seed: 14, identity: () => ({ platform: { type: 'GW', fxs: true } }) })
  const [gateway] = fleet.devices
  if (!gateway) throw new Error('no gateway')
  await fleet.start()
  const hwId = gateway.id
  await eventually('it is there', async () => (await admin.request('GetDevice', { hwId }))['device'] !== undefined)
  const { domains } = await admin.request('GetDomains')
  await admin.request('AddDevice', { hwId, domainId: objects(domains).find(domain => domain['isInstanceDomain'])?.['id'] })
  await gateway.untilPassword()
  t.strictSame(objects((await one({ mt: 'GetGateways', justFxs: true }))['gateways']).map(device => device['hwId']), [hwId])
  const { code } = await one({ mt: 'GetProvisioningCode', category: 'Office' })
  t.equal(await gateway.provision('TEL2', String(code)), undefined, 'no error')
  t.strictSame(await shown({ mt: 'GetDevicePhones', hwId }), { mt: 'GetDevicePhonesResult', phones: ['TEL2'] })
  t.match(await one({ mt: 'RemoveDevicePhone', hwId, id: 'TEL9' }), { mt: 'RemoveDevicePhoneResult', error: 'notFound' })
  t.strictSame(await shown({ mt: 'RemoveDevicePhone', hwId, id: 'TEL2' }), { mt: 'RemoveDevicePhoneResult' })
  t.strictSame(await one({ mt: 'GetDevicePhones', hwId }), { mt: 'GetDevicePhonesResult', phones: [] })
  await fleet.stop()
})

t.test('the search finds devices and domains, says its mark, and ends once', async t => {
  const { name, hwId } = filledDevice(7)
  const infos = async (search: string, more: Msg = {}): Promise<{ infos: Msg[], end: Msg }> => {
    const all = (await ask({ mt: 'Search', search, ...more }, SEARCH, '*')).map(result => result.msg)
    t.strictSame(all.map(msg => msg['mt']).filter(mt => mt !== 'SearchInfo'), ['SearchResult'])
    t.equal(all.at(-1)?.['mt'], 'SearchResult')
    return { infos: all.slice(0, -1), end: all.at(-1) ?? {} }
  }
  const byMac = await infos(hwId.match(/../g)?.join(':') ?? '', { src: 'my mark' })
  t.strictSame(byMac.infos.map(info => [info['src'], info['type'], info['app'], info['link'], info['relevance']]), [['my mark', 'app', {}, `my-devices?hwId=${hwId}`, 1000]])
  t.match(byMac.infos[0]?.['dn'], name)
  t.strictSame(byMac.end, { mt: 'SearchResult', src: 'my mark' })
  const asDevice = await infos(hwId, { type: 'device', source: 'older' })
  t.match(asDevice.infos, [{ type: 'device', device: { hwId, name }, source: 'older' }])
  t.strictSame((await infos(hwId, { type: 'contact' })).infos, [])
  t.strictSame((await infos('')).infos, [])
  await shown({ mt: 'Search', search: name, type: 'device', src: '4711' }, SEARCH)
  const byDomain = await infos('other.ex')
  t.ok(byDomain.infos.some(info => info['dn'] === 'other.example' && info['link'] === 'my-devices?domain=other.example'))
  t.equal((await infos('009033')).infos.length <= 30, true, 'bounded')
})

t.test('OpenDevice opens the device in the visible app', async t => {
  const { hwId, name } = filledDevice(5)
  const request = { mt: 'OpenDevice', hwId }
  await consumer.evaluate(msg => globalThis.ask('com.innovaphone.devicesui', 'open', msg), request)
  examples.note('com.innovaphone.devicesui', request, [])
  const app = await frameOf('my-devices')
  await app.getByRole('heading', { name, level: 1 }).waitFor()
  await eventually('the client is asked to show it', async () => (await page.evaluate(() => globalThis.passed)).some(message => message['from'] === 'my-devices' && message['mt'] === 'Action' && message['type'] === 'BringToFront'))
  t.strictSame(await resultsOf('open'), [], 'no answer is documented')
})

t.test('OpenDevice before the login is complete is remembered', async () => {
  const { hwId, name } = filledDevice(6)
  await page.evaluate(() => { Object.assign(globalThis, { answerLogins: false }) })
  await page.evaluate(url => globalThis.open1('third', url), `${service.base}/innovaphone-devices.htm?name=third&lang=en`)
  await eventually('it asks for a login', async () => (await page.evaluate(() => globalThis.passed)).some(message => message['from'] === 'third' && message['mt'] === 'getLogin'))
  await consumer.evaluate(id => globalThis.ask('com.innovaphone.devicesui', 'open', { mt: 'OpenDevice', hwId: id }, 'third'), hwId)
  const third = await frameOf('third')
  await eventually('the address remembers it', async () => third.evaluate(id => location.hash === `#hwId=${id}`, hwId))
  await page.evaluate(async () => {
    const { src, challenge, app } = globalThis.passed.find(message => message['from'] === 'third' && message['mt'] === 'getLogin') ?? {}
    const login: unknown = await (await fetch(`/login?app=innovaphone-devices&challenge=${challenge}`)).json()
    const frame = document.getElementById('third')
    if (frame instanceof HTMLIFrameElement) frame.contentWindow?.postMessage(JSON.stringify({ mt: 'Login', src, pbxObj: app, ...Object(login) }), '*')
  })
  await third.getByRole('heading', { name, level: 1 }).waitFor()
  await page.evaluate(() => { Object.assign(globalThis, { answerLogins: true }) })
})

t.test('frames beside the client are not heard, and a consumer that is gone gets nothing', async t => {
  const api = await frameOf('devices-api')
  const before = (await page.evaluate(() => globalThis.passed)).length
  // This window is not its parent.
  await api.evaluate(() => new Promise<void>(resolve => {
    window.addEventListener('message', () => resolve(), { once: true })
    window.postMessage(JSON.stringify({ mt: 'ApiRequest', api: 'com.innovaphone.devices', consumer: 'consumer', src: 'forged', msg: { mt: 'GetPhones' } }), '*')
  }))
  await one({ mt: 'GetDects' })
  t.strictSame(await resultsOf('forged'), [])
  t.ok((await page.evaluate(() => globalThis.passed)).length > before)
  await page.evaluate(url => globalThis.open1('leaver', url), client.consumer)
  const leaver = await frameOf('leaver')
  await eventually('it knows the providers', async () => leaver.evaluate(() => 'com.innovaphone.devices' in globalThis.known))
  await page.evaluate(() => {
    const frame = document.getElementById('devices-api')
    const other = document.getElementById('leaver')
    if (!(frame instanceof HTMLIFrameElement) || !(other instanceof HTMLIFrameElement)) return
    frame.contentWindow?.postMessage(JSON.stringify({ mt: 'ApiRequest', api: 'com.innovaphone.devices', consumer: 'leaver', src: 'late', msg: { mt: 'GetPhones' } }), '*')
    globalThis.close1('leaver')
  })
  await one({ mt: 'GetPhones' })
  t.notOk((await page.evaluate(() => globalThis.passed)).some(message => message['mt'] === 'ApiResult' && message['consumer'] === 'leaver'), 'no answer after it was closed')
})

t.test('every message of the table has been used, has the fields of the table, and is an example of the documentation', async t => t.strictSame(examples.problems(), []))

t.test('nothing went wrong on the way', async t => t.strictSame(problems, []))
