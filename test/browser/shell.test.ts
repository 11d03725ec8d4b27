/** Sign-in, rights, what is late or missing, lost connections, deep links: what surrounds every view. */
import t from 'tap'
import fs from 'node:fs'
import zlib from 'node:zlib'
import type { Locator, Page } from 'playwright-core'
import { filledDevice } from '../fixtures/fill.ts'
import { freePort, PASSWORD, startService, temporaryFolder } from '../fixtures/service.ts'
import { AppClient } from '../fixtures/app-client.ts'
import { lookProblems } from './looks.ts'
import { allLoaded, counted, openBrowser, openPage, rowOf, rowThere, rowUnderPointer, signIn, signedInPage } from './browser.ts'
import { fillTwoDomains, OTHER } from './two-domains.ts'

const folder = temporaryFolder()
fillTwoDomains(folder, 40)
const port = await freePort()
let service = await startService({ workingPath: folder, port })
const browser = await openBrowser()
t.teardown(async () => {
  await browser.close()
  await service.stop()
  fs.rmSync(folder, { recursive: true, force: true })
})
const url = `${service.base}/`

/** Variables of the page under test. */
declare global {
  var tried: boolean
  var shifted: number
}

/**
 * In the page: no connection stands until somebody presses "Try now". Otherwise the page may have helped itself before the press:
 * its waits begin with one second.
 */
function unreachableUntilTried(): void {
  const Real = globalThis.WebSocket
  globalThis.tried = false
  addEventListener('click', event => {
    if (event.target instanceof Element && event.target.closest('.banner button, .empty button')) globalThis.tried = true
  }, true)
  globalThis.WebSocket = class extends Real {
    constructor(url: string | URL) { super(globalThis.tried ? url : new URL('/nowhere', url)) }
  }
}

/** Presses the button; again where the press met it in the moment of a try of its own, when it is disabled. */
async function tryNow(page: Page, inside: Locator): Promise<void> {
  while (!await page.evaluate(() => globalThis.tried)) await inside.getByRole('button', { name: 'Try now' }).click()
}

t.test('sign-in: what is missing, what is wrong, what is kept', async t => {
  const { page, context, problems } = await openPage(browser, url)
  const stored = (): Promise<string> => page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('Enter the domain.').waitFor()
  t.equal(await page.evaluate(() => document.activeElement?.id), 'domain')
  t.equal(await page.getByLabel('Domain').inputValue(), '', 'no domain is suggested')
  await signIn(page, { password: 'wrong' })
  await page.getByText('Domain and password do not fit together.').waitFor()
  t.equal(await page.getByLabel('Password', { exact: true }).getAttribute('aria-invalid'), 'true')
  await page.getByRole('button', { name: 'Show password' }).click()
  t.equal(await page.getByLabel('Password', { exact: true }).getAttribute('type'), 'text')
  await page.getByRole('button', { name: 'Hide password' }).click()
  t.equal(await page.getByLabel('Password', { exact: true }).getAttribute('type'), 'password')
  for (const unknown of ['nowhere.example', 'example.com']) await signIn(page, { domain: unknown, password: 'wrong' })
  await signIn(page)
  await rowThere(page, 0)
  t.notMatch(await stored(), PASSWORD, 'the password is nowhere')
  await page.reload()
  await rowThere(page, 0)
  t.pass('a reload stays signed in')
  const other = await context.newPage()
  await other.goto(url)
  t.equal(await other.getByLabel('Domain').inputValue(), 'example.com', 'another tab signs in itself, with the domain used last')
  await other.close()
  await page.getByRole('button', { name: /^Account/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  t.strictSame(await page.evaluate(() => Object.keys(sessionStorage)), [])
  await page.reload()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  t.strictSame(problems, [])
  await context.close()
})

t.test('the service is not there: the form says so', async t => {
  const { page, context } = await openPage(browser, url)
  await context.setOffline(true)
  await signIn(page)
  await page.getByText('The service cannot be reached.').waitFor()
  await context.setOffline(false)
  await signIn(page)
  await rowThere(page, 0)
  t.pass('and works when it is back')
  await context.close()
})

t.test('a domain sees its own devices only, whatever it asks for', async t => {
  const { page, context, problems } = await signedInPage(browser, url, undefined, OTHER)
  await rowThere(page, 0)
  t.equal(await counted(page.locator('.grid-body .row'), 1), 1)
  t.match(await page.locator('.head .sub').textContent(), /^1in all/)
  await page.getByRole('searchbox').fill(filledDevice(1).name)
  await page.getByRole('heading', { name: 'No device matches' }).waitFor()
  await page.getByRole('searchbox').fill('domain: example.com')
  await page.keyboard.press('Enter')
  await page.getByText('“example.com” is not known.').waitFor()
  await page.goto(`${url}#hwId=${filledDevice(1).hwId}`)
  await page.reload()
  await page.getByRole('heading', { name: 'This device is not here' }).waitFor()
  await page.goto(`${url}#domain=example.com`)
  await page.getByRole('heading', { name: 'No device matches' }).waitFor()
  t.notMatch(await page.locator('body').textContent(), new RegExp(filledDevice(1).hwId.slice(6)))
  t.strictSame(problems, [])
  await context.close()
})

t.test('an administrator chooses among the domains; categories and all interfaces are shown', async t => {
  const { page, context } = await signedInPage(browser, url)
  await page.getByRole('button', { name: 'Domain: All domains' }).click()
  await page.getByRole('option', { name: OTHER.domain }).click()
  await page.locator('.search .token', { hasText: OTHER.domain }).waitFor()
  await (await rowUnderPointer(page, OTHER.name)).getByRole('link').click()
  await page.locator('.panel dl').first().waitFor()
  t.strictSame((await page.locator('.panel .chip').allTextContents()).sort(), [...OTHER.categories].sort())
  for (const text of ['10.9.9.9, 10.9.8.1', '2001:db8::9', 'ETH1', 'Gateway', OTHER.domain]) await page.locator('.panel', { hasText: text }).first().waitFor()
  await page.goBack()
  await rowOf(page, OTHER.name).waitFor()
  await page.goBack()
  await rowThere(page, 5)
  await context.close()
})

t.test('the connection is lost: said at once, nothing is done twice, all is right again after', async t => {
  const { page, context } = await signedInPage(browser, url)
  await rowThere(page, 3)
  let adds = 0
  page.on('websocket', socket => socket.on('framesent', frame => { if (String(frame.payload).includes('"AddDevice"')) adds++ }))
  await page.evaluate(unreachableUntilTried)
  await allLoaded(page)
  await service.kill()
  const banner = page.locator('.banner')
  await banner.getByText('Connection lost.').waitFor()
  await page.locator('.live.lost', { hasText: 'Not live' }).waitFor()
  await banner.getByText(/Next try in \d+ s\./).waitFor()
  await page.getByRole('button', { name: 'Add device' }).click()
  await page.getByLabel('MAC').fill('009033123456')
  await page.getByRole('dialog').getByRole('button', { name: 'Add device' }).click()
  await page.getByText('Not done: there is no connection to the service.').waitFor()
  service = await startService({ workingPath: folder, port })
  const client = await AppClient.login(`${service.wsBase}/innovaphone-devices`, { password: PASSWORD })
  const { devices } = await client.request('GetDevicesPage', { offset: 0, limit: 1, sort: 'status' })
  const [changed] = devices as { id: number }[]
  await client.request('EditDevice', { id: changed?.id, name: '0 changed meanwhile' })
  client.socket.close()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await tryNow(page, banner)
  await page.locator('.live:not(.lost)').waitFor()
  t.equal(await banner.count(), 0)
  await rowOf(page, '0 changed meanwhile').waitFor()
  t.equal(adds, 0, 'what was refused is not sent later')
  await page.evaluate(() => {
    for (const key of Object.keys(sessionStorage)) sessionStorage.setItem(key, 'forgotten by the service')
  })
  await page.reload()
  await page.getByText('Your sign-in is no longer valid.').waitFor()
  t.equal(await page.getByLabel('Domain').inputValue(), 'example.com')
  await context.close()
})

t.test('a page that starts without its service says so, and goes on when it is there', async t => {
  const { page, context } = await signedInPage(browser, url)
  await rowThere(page, 3)
  await page.addInitScript(unreachableUntilTried)
  await page.reload()
  await page.getByRole('heading', { name: 'The service cannot be reached' }).waitFor()
  await page.locator('.live.lost').waitFor()
  await tryNow(page, page.locator('.empty'))
  await rowThere(page, 3)
  t.equal(await page.locator('.banner').count(), 0)
  await context.close()
})

t.test('no rights, no answer: each says so and what to do next', async t => {
  const { page, context } = await signedInPage(browser, url)
  let way: 'refused' | 'failing' | 'silent' | 'open' = 'refused'
  await page.routeWebSocket(/devices/, socket => {
    const server = socket.connectToServer()
    socket.onMessage(message => {
      const { mt, src } = JSON.parse(String(message)) as { mt: string, src?: string }
      if (mt !== 'GetDevicesPage' || way === 'open') server.send(message)
      else if (way !== 'silent') socket.send(JSON.stringify({ mt: 'GetDevicesPageResult', src, error: way === 'refused' ? 'noAccess' : 'failed', errorText: 'no' }))
    })
  })
  await page.reload()
  await page.getByRole('heading', { name: 'You may not see devices' }).waitFor()
  await page.getByText('Ask an administrator for access').waitFor()
  t.ok(await page.getByRole('button', { name: 'Add device' }).isDisabled())
  way = 'failing'
  await page.reload()
  await page.getByRole('heading', { name: 'The devices could not be read' }).waitFor()
  t.strictSame(await lookProblems(page), [])
  way = 'open'
  await page.locator('.empty').getByRole('button', { name: 'Try again' }).click()
  await rowThere(page, 3)
  way = 'silent'
  await page.reload()
  await page.locator('.g-sk').waitFor()
  await page.locator('.banner', { hasText: 'The service does not answer.' }).waitFor()
  way = 'open'
  await page.reload()
  await rowThere(page, 3)
  await context.close()
})

t.test('rows come as soon as they are here, at the places the skeleton had, whatever else is late', async t => {
  const { page, context } = await signedInPage(browser, url)
  const held = ['GetDevicesPage', 'GetDomains']
  const late: { mt: string, send(): void }[] = []
  await page.routeWebSocket(/devices/, socket => {
    const server = socket.connectToServer()
    socket.onMessage(message => {
      const { mt } = JSON.parse(String(message)) as { mt: string }
      if (held.includes(mt)) late.push({ mt, send: () => server.send(message) })
      else server.send(message)
    })
  })
  await page.addInitScript(() => {
    globalThis.shifted = 0
    new PerformanceObserver(list => {
      for (const entry of list.getEntries()) if ('value' in entry) globalThis.shifted += Number(entry.value)
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await page.reload()
  /** Place and size of the grid, top of its first row, height of a row. */
  const measures = (grid: string, first: string): Promise<number[]> => page.evaluate(([box = '', line = '']) => {
    const { left, top, width, height } = document.querySelector(box)?.getBoundingClientRect() ?? new DOMRect()
    const row = document.querySelector(line)
    const picture = row && /\d+px (\d+)px/.exec(getComputedStyle(row).backgroundSize)?.[1]
    return [left, top, width, height, row?.getBoundingClientRect().top ?? 0, picture ? Number(picture) : row?.getBoundingClientRect().height ?? 0]
  }, [grid, first])
  await page.locator('.g-sk .bars').waitFor()
  const skeleton = await measures('.g-sk', '.g-sk .bars')
  t.strictSame(skeleton.at(-1), 32)
  held.shift()
  for (const { mt, send } of late) if (mt === 'GetDevicesPage') send()
  await rowThere(page, 3)
  t.strictSame(late.map(({ mt }) => mt).filter(mt => mt !== 'GetDevicesPage'), ['GetDomains'], 'the names of the domains are still on their way')
  t.strictSame(await measures('.g-devices', '.grid-body .row'), skeleton)
  const shifted = await page.evaluate(() => globalThis.shifted)
  t.ok(shifted < 0.02, `layout shift ${shifted}`)
  await context.close()
})

t.test('what is searched for is found by every address, type and domain', async t => {
  const { page, context } = await signedInPage(browser, url)
  await rowThere(page, 3)
  const field = page.getByRole('searchbox')
  for (const words of ['2001:db8::9', '10.9.8.1', '00-90-33-00-FF-FF', 'IP811 other']) {
    await field.fill(words)
    await page.locator('.head .sub', { hasText: /^1of 41 match/ }).waitFor()
    await rowOf(page, OTHER.name).waitFor()
  }
  await field.fill('')
  await field.pressSequentially('domain: other ')
  await page.locator('.search .token', { hasText: OTHER.domain }).waitFor()
  await page.locator('.head .sub', { hasText: /^1of 41 match/ }).waitFor()
  await page.getByRole('button', { name: `Remove filter domain: ${OTHER.domain}` }).first().click()
  await field.fill('va')
  await page.waitForFunction(() => {
    const rows = [...document.querySelectorAll('.grid-body .row .c-product')]
    return rows.length > 0 && rows.every(cell => cell.textContent === 'IPVA')
  })
  t.match(await page.locator('.head .sub').textContent(), /^4of 41 match/, 'devices by their type')
  await context.close()
})

t.test('a deep link opens list, filter, selection or device; the back button leads back', async t => {
  const { page, context } = await openPage(browser, `${url}?hwId=${filledDevice(3).hwId}`)
  await signIn(page)
  await page.getByRole('heading', { name: filledDevice(3).name, level: 1 }).waitFor()
  await page.getByRole('link', { name: 'Devices', exact: true }).first().click()
  await rowThere(page, 0)
  await page.goBack()
  await page.getByRole('heading', { name: filledDevice(3).name, level: 1 }).waitFor()
  const two = [filledDevice(10).hwId, filledDevice(20).hwId]
  await page.goto(`${url}#type=PHONE&sort=mac&selected=${two.join('&selected=')}`)
  await page.locator('.selbar', { hasText: '2 selected' }).waitFor()
  await page.locator('.search .token', { hasText: 'Phone' }).waitFor()
  t.strictSame(await page.locator('.row[aria-selected=true] .c-mac').allTextContents(), two)
  await context.close()
})

t.test('strict policy, nothing from elsewhere, and little of it', async t => {
  const response = await fetch(`${url}innovaphone-devices.htm`)
  const policy = response.headers.get('content-security-policy') ?? ''
  t.match(policy, /script-src 'self'/)
  t.notMatch(policy, /unsafe|\*/)
  const html = await response.text()
  t.notMatch(html, /<style|style=|\son\w+=|<script>/)
  const files = await Promise.all(['main.js', 'app.css', ...[...html.matchAll(/modulepreload" href="([^"]+)"/g)].map(([, name = '']) => name)].map(async name => Buffer.from(await (await fetch(new URL(name, response.url))).arrayBuffer())))
  const size = [Buffer.from(html), ...files].reduce((sum, file) => sum + zlib.gzipSync(file, { level: 9 }).length, 0)
  t.comment(`${size} bytes`)
  t.ok(size > 20_000 && size <= 60 * 1024)
  t.notMatch(String(files), /ZodError/, 'no validator of the server in the bundle')
})
