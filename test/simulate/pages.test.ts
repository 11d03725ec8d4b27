import type { Browser } from 'playwright-core'
import t from 'tap'
import { openBrowser } from '../browser/browser.ts'
import { openDoor } from './open-door.ts'

const base = (url: string): string => `${url}/passthrough/aa/key1/`

t.test('pages, forms, cookies and redirects over HTTP', async t => {
  const door = await openDoor('phone', undefined)
  t.teardown(() => door.stop())
  const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(base(door.url) + path, { redirect: 'manual', ...init })
  const page = await (await get('admin.xml')).text()
  for (const link of page.matchAll(/(?:href|src|action)="([^"]*)"/g)) t.notMatch(link[1], /^\/|^https?:/, 'links are relative')
  t.match((await get('admin.css')).headers.get('content-type'), 'text/css')
  t.equal(Buffer.from(await (await get('device.png')).arrayBuffer()).toString('latin1', 1, 4), 'PNG')
  const saved = await get('settings', { method: 'POST', body: new URLSearchParams({ name: 'Küche & <b>' }) })
  t.equal(saved.status, 303)
  t.equal(saved.headers.get('location'), 'admin.xml?note=saved')
  t.match(await (await get('cfg.txt')).text(), /\/name K%C3%BCche%20%26%20%3Cb%3E/)
  t.equal((await get('settings', { method: 'POST', body: new URLSearchParams({ name: 'x'.repeat(65) }) })).status, 400)
  t.equal((await get('settings')).status, 405)
  t.equal((await get('private')).status, 403)
  const login = await get('login', { method: 'POST', body: new URLSearchParams({ user: 'admin', password: 'x' }) })
  t.equal(login.headers.get('location'), '/private', 'an absolute path, as some devices send')
  const cookies = login.headers.getSetCookie()
  t.equal(cookies.length, 2)
  t.equal((await get('private', { headers: { cookie: cookies.map(one => one.split(';')[0]).join('; ') } })).status, 200)
  t.equal((await get('login', { method: 'POST', body: new URLSearchParams({ user: 'x' }) })).status, 401)
  t.equal((await get('nothing')).status, 404)

  const gateway = await openDoor('gateway', undefined)
  t.teardown(() => gateway.stop())
  t.equal((await fetch(base(gateway.url), { redirect: 'manual' })).headers.get('location'), '/admin.xml')
  const platform = await openDoor('app-platform', undefined)
  t.teardown(() => platform.stop())
  t.match(await (await fetch(`${base(platform.url)}manager/manager.htm`)).text(), 'App Platform Manager')
  t.equal((await fetch(`${base(platform.url)}manager/backup`)).status, 403)
  t.match(await (await fetch(`${base(platform.url)}manager/backup?key=k&appName=users`)).text(), 'backup of users')
})

let browser: Browser
t.before(async () => { browser = await openBrowser() })
t.teardown(() => browser.close())

t.test('an ordinary page works in a browser', async t => {
  const door = await openDoor('phone', undefined)
  t.teardown(() => door.stop())
  const page = await browser.newPage()
  t.teardown(() => page.close())
  const errors: string[] = []
  page.on('pageerror', cause => errors.push(cause.message))
  await page.goto(`${base(door.url)}admin.xml`)
  await page.locator('#status', { hasText: /^up \d+ s, 0 calls$/ }).waitFor()
  await page.locator('#websocket', { hasText: 'echo ok' }).waitFor()
  t.equal(await page.locator('img').evaluate(image => image instanceof HTMLImageElement ? image.naturalWidth : 0), 32)
  await page.getByLabel('Device name').fill('Lobby')
  await page.getByRole('button', { name: 'OK' }).click()
  await page.getByRole('status').waitFor()
  t.match(await page.locator('header').textContent(), /IP/)
  t.strictSame(errors, [])
})

t.test('without walls the hostile page gets at everything: each attempt can succeed', async t => {
  const door = await openDoor('phone', { otherDevice: 'bb' })
  t.teardown(() => door.stop())
  const context = await browser.newContext()
  t.teardown(() => context.close())
  const page = await context.newPage()
  await page.goto(`${door.url}/`)
  await page.frameLocator('#device').locator('#state', { hasText: 'done' }).waitFor()
  const succeeded = new Set(door.reports.filter(report => report.succeeded).map(report => report.attempt))
  for (const attempt of ['parent-document', 'top-location', 'top-variable', 'frame-element', 'cookie-read', 'cookie-write', 'local-storage', 'session-storage',
    'indexed-db', 'caches', 'service-worker', 'service-worker-here', 'fetch-root', 'fetch-app', 'fetch-other-device', 'command-other-device', 'basic-login-prompt', 'wipe-site-data']) {
    t.ok(succeeded.has(attempt), attempt)
  }
  t.ok(door.targets.includes('/!config%20write'), 'the other device really was commanded')
})

t.test('in a sandbox without its own origin the hostile page gets at nothing, and still reports', async t => {
  const door = await openDoor('phone', { otherDevice: 'bb', takeTop: true })
  t.teardown(() => door.stop())
  const page = await browser.newPage()
  t.teardown(() => page.close())
  await page.goto(`${door.url}/`)
  await page.setContent(`<iframe id="device" sandbox="allow-scripts allow-forms" src="${base(door.url)}admin.xml"></iframe>`)
  await page.frameLocator('#device').locator('#state', { hasText: 'done' }).waitFor()
  const succeeded = door.reports.filter(report => report.succeeded).map(report => report.attempt)
  t.ok(door.reports.length >= 20)
  for (const attempt of ['parent-document', 'top-location', 'top-variable', 'cookie-read', 'cookie-write', 'local-storage', 'service-worker', 'fetch-root', 'popup']) {
    t.notOk(succeeded.includes(attempt), attempt)
  }
  t.notMatch(page.url(), /taken/)
})
