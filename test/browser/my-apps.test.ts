/** The app inside myApps: login through the parent window, live language and scheme, menu, arguments, reload. */
import t from 'tap'
import fs from 'node:fs'
import type { Frame, Page } from 'playwright-core'
import { AppClient } from '../fixtures/app-client.ts'
import { filledDevice } from '../fixtures/fill.ts'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { freePort, PASSWORD, startService, temporaryFolder } from '../fixtures/service.ts'
import { eventually, openBrowser } from './browser.ts'
import { startMyApps } from './my-apps.ts'
import { fillTwoDomains } from './two-domains.ts'

const folder = temporaryFolder()
fillTwoDomains(folder, 30)
const port = await freePort()
let service = await startService({ workingPath: folder, port })
const browser = await openBrowser()
const client = await startMyApps(PASSWORD)
t.teardown(async () => {
  await browser.close()
  await client.stop()
  await service.stop()
  fs.rmSync(folder, { recursive: true, force: true })
})
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US', colorScheme: 'dark' })
const problems: string[] = []
const page = await context.newPage()
page.setDefaultTimeout(60_000)
page.on('console', message => { if (['error', 'warning'].includes(message.type())) problems.push(message.text()) })
page.on('pageerror', error => problems.push(error.message))

type Heard = Record<string, unknown>
/** Variables of the stand-in's page. */
declare global {
  var heard: Heard[]
  var tell: (message: object) => void
}
const heard = (): Promise<Heard[]> => page.evaluate(() => globalThis.heard)
const tell = (message: object): Promise<void> => page.evaluate(one => globalThis.tell(one), message)
const hears = (what: string, matches: (message: Heard) => boolean): Promise<void> => eventually(what, async () => (await heard()).some(matches))
/** The frame of the app, whatever it has been redirected to. */
const appFrame = async (of: Page): Promise<Frame> => {
  const frame = await (await of.waitForSelector('iframe')).contentFrame()
  if (!frame) throw new Error('no frame')
  return frame
}
await page.goto(client.show(`${service.base}/innovaphone-devices.htm?name=devices&lang=en&scheme=light&title=Devices`))
const app = await appFrame(page)

t.test('signs in through the parent window, with its language and scheme', async t => {
  await app.locator('[data-index="3"] .c-name a').waitFor()
  t.equal((await heard())[0]?.['mt'], 'Alive', 'the first message')
  await hears('the client is told that its login is accepted', message => message['mt'] === 'loginResult' && message['ok'] === true)
  t.ok((await heard()).some(message => message['mt'] === 'getLogin' && message['app'] === 'devices' && typeof message['challenge'] === 'string'))
  t.equal(await app.locator('html').getAttribute('data-scheme'), 'light')
  t.equal(await app.locator('html').getAttribute('lang'), 'en')
  t.equal(await app.getByRole('button', { name: 'Light or dark' }).count(), 0, 'the client decides')
  await app.getByRole('button', { name: /^Account/ }).click()
  t.equal(await app.getByRole('menuitem', { name: 'Sign out' }).count(), 0)
  await page.keyboard.press('Escape')
  t.notOk((await app.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))).match(/digest|password|token/))
})

t.test('language and scheme change live; an unknown language reads English', async t => {
  await app.locator('[data-index="1"]').click({ position: { x: 400, y: 10 } })
  await tell({ mt: 'SetLang', lang: 'de' })
  await app.getByRole('heading', { name: 'Geräte' }).waitFor()
  await app.locator('[data-index="1"] .st', { hasText: 'Offline' }).waitFor()
  await app.locator('.head .sub', { hasText: '31insgesamt' }).waitFor()
  t.equal(await app.evaluate(() => document.activeElement?.getAttribute('data-index')), '1', 'the focus stays')
  await tell({ mt: 'SetScheme', scheme: 'dark' })
  await app.locator('html[data-scheme=dark]').waitFor()
  await tell({ mt: 'SetLang', lang: 'fr' })
  await app.getByRole('heading', { name: 'Devices' }).waitFor()
})

t.test('the client’s menu button opens and closes the navigation', async () => {
  await hears('the app has a menu', message => message['mt'] === 'SetMenuState' && message['value'] === 'open')
  await tell({ mt: 'SetMenuState', value: 'closed' })
  await app.locator('.nav').waitFor({ state: 'detached' })
  await hears('it is closed', message => message['mt'] === 'SetMenuState' && message['value'] === 'closed')
  await tell({ mt: 'SetMenuState' })
  await app.locator('.nav').waitFor()
})

t.test('arguments lead to a device, and the client learns where the app is', async () => {
  const { hwId, name } = filledDevice(7)
  await tell({ mt: 'SetArgs', args: `hwId=${hwId}` })
  await app.getByRole('heading', { name, level: 1 }).waitFor()
  await hears('the place', message => message['mt'] === 'Action' && message['type'] === 'SetArgs' && JSON.stringify(message['value']).includes(hwId))
  await tell({ mt: 'SetArgs', args: 'type=DECT&sort=mac' })
  await app.locator('.search .token', { hasText: 'DECT' }).waitFor()
  await app.locator('[data-index="0"] .c-mac', { hasText: filledDevice(7).hwId }).waitFor()
})

t.test('the icon of the app has the number of failed devices, also while no navigation counts them', async () => {
  const admin = await AppClient.login(service.wsBase, { password: PASSWORD })
  const stranger = await PlainDevice.connect(`${service.wsBase}/sysclients`, { id: 'stranger' })
  stranger.identify()
  await eventually('it waits for a domain', async () => (await admin.request('GetUnassignedDevicesCount'))['count'] === 1)
  await tell({ mt: 'SetMenuState', value: 'closed' })
  await app.locator('.nav').waitFor({ state: 'detached' })
  const badge = async (): Promise<unknown> => (await heard()).findLast(message => message['mt'] === 'Action' && message['type'] === 'SetBadge')?.['value']
  await eventually('none yet', async () => await badge() === 0)
  const domainId = (await admin.list('GetDomains', 'domains')).find(domain => domain['isInstanceDomain'])?.['id']
  const { id: category } = await admin.request('AddCategory', { domainId, name: 'Wave 1' })
  const { task } = await admin.request('StartEdit', { selection: { filter: { states: ['unassigned'] } }, addCategories: [category] })
  await eventually('one has failed', async () => await badge() === 1)
  await tell({ mt: 'SetMenuState', value: 'open' })
  await app.locator('.nav .count.err', { hasText: '1' }).waitFor()
  await admin.request('DeleteTask', { id: task })
  await eventually('the task is gone', async () => await badge() === 0)
  await stranger.close()
  admin.socket.close()
})

t.test('a reload is prepared when the client asks', async () => {
  await hears('the app wants to be asked', message => message['mt'] === 'RequestPrepareReload')
  await tell({ mt: 'PrepareReload' })
  await hears('it is ready', message => message['mt'] === 'PrepareReloadComplete')
})

t.test('messages of anybody but the parent are ignored', async t => {
  await app.evaluate(() => {
    // As a device page in a child frame would do it.
    const child = document.createElement('iframe')
    document.body.append(child)
    window.postMessage(JSON.stringify({ mt: 'SetLang', lang: 'de' }), '*')
  })
  await tell({ mt: 'SetArgs', args: '' })
  await tell({ no: 'mt' })
  await page.evaluate(() => document.querySelector('iframe')?.contentWindow?.postMessage('no json', '*'))
  await app.locator('[data-index="3"] .c-name a').waitFor()
  t.equal(await app.locator('html').getAttribute('lang'), 'en')
})

t.test('after a loss the parent gives a fresh login', async () => {
  await service.kill()
  await app.locator('.banner', { hasText: 'Connection lost.' }).waitFor()
  service = await startService({ workingPath: folder, port })
  // By itself: the longest wait between two tries is 32 s.
  await app.locator('.live:not(.lost)').waitFor({ timeout: 60_000 })
  await eventually('a second login was asked for', async () => (await heard()).filter(message => message['mt'] === 'getLogin').length >= 2)
})

t.test('a start with a device in the address opens it', async () => {
  const { hwId, name } = filledDevice(9)
  const other = await context.newPage()
  await other.goto(client.show(`${service.base}/innovaphone-devices.htm?name=devices&lang=de&scheme=dark&hwId=${hwId}`))
  await (await appFrame(other)).getByRole('heading', { name, level: 1 }).waitFor()
  await other.close()
})

t.test('a language that is given but not known reads English, whatever the browser and the user have chosen', async () => {
  const german = await browser.newContext({ locale: 'de-DE' })
  const other = await german.newPage()
  await other.goto(`${service.base}/innovaphone-devices.htm`)
  await other.evaluate(() => localStorage.setItem('devices.language', 'de'))
  await other.goto(client.show(`${service.base}/innovaphone-devices.htm?name=devices&lang=fr`))
  await (await appFrame(other)).getByRole('heading', { name: 'Devices', level: 1 }).waitFor()
  await other.goto(client.show(`${service.base}/innovaphone-devices.htm?name=devices`))
  await (await appFrame(other)).getByRole('heading', { name: 'Geräte', level: 1 }).waitFor()
  await german.close()
})

t.test('the client is told when its login is refused', async () => {
  const mistaken = await startMyApps('another password')
  const other = await context.newPage()
  await other.goto(mistaken.show(`${service.base}/innovaphone-devices.htm?name=devices&lang=en`))
  await eventually('it is told', async () => (await other.evaluate(() => globalThis.heard)).some(message => message['mt'] === 'loginResult' && message['ok'] === false))
  await other.close()
  await mistaken.stop()
})

t.test('a page beside the instance tells the client that the host can be reached, in a frame and in a window', async t => {
  const { host } = new URL(service.url)
  const other = await context.newPage()
  await other.goto(client.show(`${service.url}/manager/fixcert.htm`))
  await eventually('the frame tells it', async () => (await other.evaluate(() => globalThis.heard)).length > 0)
  t.strictSame(await other.evaluate(() => globalThis.heard), [{ mt: 'HostReachable', host }])
  const told = other.evaluate(url => new Promise<unknown>(resolve => {
    addEventListener('message', ({ data }) => resolve(data))
    open(url)
  }), `${service.url}/manager/fixcert.htm`)
  const opened = await context.waitForEvent('page')
  t.equal(await told, JSON.stringify({ mt: 'HostReachable', host }))
  if (!opened.isClosed()) await opened.waitForEvent('close')
  await other.close()
  const answer = await fetch(`${service.url}/manager/fixcert.htm`)
  t.match(answer.headers.get('content-security-policy'), /default-src 'none'; script-src 'self'/)
  t.equal((await fetch(`${service.url}/manager/fixcert.htm`, { method: 'POST' })).status, 404)
  for (const path of ['/manager', '/manager/', '/manager/fixcert', '/manager/fixcert.htm/', '/fixcert.htm']) t.equal((await fetch(`${service.url}${path}`)).status, 404, path)
})

t.test('nothing went wrong on the way', async t => t.strictSame(problems.filter(problem => !problem.includes('ERR_CONNECTION_REFUSED')), []))
