/** Provisioning with two browsers and the simulator: codes, roll-outs, MAC lists, interfaces; the password of a device; the audit log. */
import t from 'tap'
import fs from 'node:fs'
import type { Page } from 'playwright-core'
import { createSimulator } from '../../app/simulate/simulator.ts'
import { AppClient } from '../fixtures/app-client.ts'
import { PASSWORD, startService, temporaryFolder } from '../fixtures/service.ts'
import { counted, eventually, openBrowser, signedInPage } from './browser.ts'
import { accessibilityProblems, lookProblems } from './looks.ts'
import { startMyApps } from './my-apps.ts'
import { fillTwoDomains, OTHER } from './two-domains.ts'

const folder = temporaryFolder()
fillTwoDomains(folder, 5)
const service = await startService({ workingPath: folder })
const sysclients = `${service.wsBase}/sysclients`
const browser = await openBrowser()
const client = await AppClient.login(`${service.wsBase}/innovaphone-devices`, { password: PASSWORD })
const domains = await client.list('GetDomains', 'domains')
const mine = domains.find(domain => domain['isInstanceDomain'] === true)?.['id']
const other = domains.find(domain => domain['name'] === OTHER.domain)?.['id']
const first = await signedInPage(browser, `${service.base}/#page=provisioning`, { permissions: ['clipboard-read', 'clipboard-write'] })
const second = await signedInPage(browser, `${service.base}/#page=provisioning`, { locale: 'de-DE', colorScheme: 'light' })
const { page } = first
const stops: (() => Promise<void>)[] = []
t.teardown(async () => {
  await Promise.all(stops.map(stop => stop()))
  await browser.close()
  await service.stop()
  fs.rmSync(folder, { recursive: true, force: true })
})
const part = async (of: Page, name?: string): Promise<void> => of.evaluate(hash => { location.hash = hash }, `#page=provisioning${name ? `&part=${name}` : ''}`)
const line = (of: Page, text: string | RegExp) => of.locator('.g-codes .rows-row', { hasText: text })
const digits = async (of: Page): Promise<string> => (await of.locator('.digits > .sr').innerText()).replaceAll(' ', '')

t.test('without a provisioning category the page says what is missing; it is ready as soon as there is one', async t => {
  await page.getByText('example.com has no provisioning category yet.').waitFor()
  t.ok(await page.getByRole('button', { name: 'Create code' }).isDisabled())
  await page.getByRole('link', { name: 'Add one' }).click()
  await page.getByLabel('New provisioning category').waitFor()
  await page.goBack()
  await client.request('AddCategory', { domainId: mine, name: 'Office', config: true })
  await page.getByLabel('Provisioning category').waitFor()
  t.equal(await page.getByLabel('Provisioning category').inputValue(), 'Office')
  await client.request('AddCategory', { domainId: other, name: 'Elsewhere', config: true })
})

let code = ''
t.test('a code: large digits, time, QR code, in both browsers at once', async t => {
  await page.getByLabel('User or name').fill('lena.hoff')
  await page.getByLabel('Use the domain password').uncheck()
  t.ok(await page.getByText('random password of its own').isVisible())
  await page.getByRole('button', { name: 'Create code' }).click()
  await page.getByRole('heading', { name: 'Code for lena.hoff' }).waitFor()
  code = await digits(page)
  t.match(code, /^\d{12}$/)
  t.match(await page.locator('.codecard .countdown b').innerText(), /^1[45]:\d\d$/)
  const shown = await page.locator('.codecard .countdown b').innerText()
  await eventually('the time goes on', async () => await page.locator('.codecard .countdown b').innerText() !== shown)
  t.ok(await page.getByRole('img', { name: /QR code/ }).locator('path').getAttribute('d'))
  t.ok(await page.locator('.codecard code').innerText() === sysclients, 'the address to enter')
  await page.getByRole('button', { name: 'Copy', exact: true }).click()
  t.equal(await page.evaluate(() => navigator.clipboard.readText()), code)
  await line(second.page, 'lena.hoff').getByText('Wartet auf das Gerät').waitFor()
  t.equal((await line(second.page, 'lena.hoff').locator('.c-code').innerText()).replaceAll(' ', ''), code)
  t.strictSame(await lookProblems(page), [])
  t.strictSame(await accessibilityProblems(second.page), [])
})

t.test('a device of another domain is refused with the reason; the code stays good', async t => {
  const foreign = await createSimulator({ url: sysclients, count: 1, type: 'phone', seed: 8 })
  stops.push(() => foreign.stop())
  const [device] = foreign.devices
  if (!device) throw new Error('no device')
  await foreign.start()
  await eventually('it is there', async () => (await client.request('GetDevice', { hwId: device.id }))['device'] !== undefined)
  await client.request('AddDevice', { hwId: device.id, domainId: other })
  await device.untilPassword()
  // After a long reset it asks with a code of the wrong domain.
  await device.longReset()
  await eventually('it has lost its password', async () => device.password === undefined)
  device.enterCode(code)
  await page.locator('.codecard').getByText('The device belongs to other.example.').waitFor()
  await page.locator('.codecard').getByText('The code is still good for another device.').waitFor()
  await line(second.page, 'lena.hoff').getByText('Abgewiesen: Das Gerät gehört zu other.example.').waitFor()
  t.equal(await digits(page), code)
  t.strictSame(await lookProblems(page), [])
})

let hwId = ''
let adminPassword = ''
t.test('a phone with the code arrives live in both browsers', async t => {
  const phone = await createSimulator({ url: sysclients, count: 1, type: 'phone', seed: 21, code, reconnect: { first: 100, most: 500 } })
  stops.push(() => phone.stop())
  const [device] = phone.devices
  if (!device) throw new Error('no device')
  hwId = device.id
  await phone.start()
  await page.getByRole('heading', { name: 'lena.hoff has arrived' }).waitFor()
  await page.locator('.codecard .st.ok', { hasText: 'Online' }).waitFor()
  await line(second.page, 'lena.hoff').getByText('hinzugefügt').waitFor()
  t.match(await line(second.page, 'lena.hoff').locator('.c-res').innerText(), hwId)
  adminPassword = await device.untilAdminPassword()
  t.match(adminPassword, /^\S{12,}$/)
  t.strictSame(await lookProblems(page), [])
})

t.test('it is opened through the tunnel, and its password is shown on request only', async t => {
  await page.getByRole('link', { name: 'Open device' }).click()
  await page.getByRole('heading', { name: 'lena.hoff', level: 1 }).waitFor()
  await page.locator('.chip.prov', { hasText: 'Office' }).waitFor()
  await page.getByRole('tab', { name: 'Admin UI' }).click()
  await page.frameLocator('iframe').locator('#status', { hasText: /^up \d+ s/ }).waitFor()
  await page.getByRole('tab', { name: 'Overview' }).click()
  await page.getByRole('button', { name: 'Show password' }).waitFor()
  t.notMatch(await page.content(), adminPassword, 'not in the page before the press')
  await page.getByRole('button', { name: 'Show password' }).click()
  t.equal(await page.locator('.pw-clear').innerText(), adminPassword)
  await page.getByRole('button', { name: 'Copy password' }).click()
  await eventually('it is in the clipboard', async () => await page.evaluate(() => navigator.clipboard.readText()) === adminPassword)
  t.notMatch(await page.locator('.toasts').innerText(), adminPassword, 'the notice does not say it')
  t.strictSame(await lookProblems(page), [])
  await page.getByRole('button', { name: 'Hide', exact: true }).click()
  t.notMatch(await page.content(), adminPassword, 'gone again')
})

t.test('the password is hidden after 30 seconds', async t => {
  const timed = await signedInPage(browser, `${service.base}/#hwId=${hwId}`)
  await timed.page.clock.install()
  await timed.page.getByRole('button', { name: 'Show password' }).click()
  await timed.page.locator('.pw-clear', { hasText: adminPassword }).waitFor()
  await timed.page.clock.runFor(29_000)
  t.equal(await counted(timed.page.locator('.pw-clear'), 1), 1)
  await timed.page.clock.runFor(1_500)
  await timed.page.locator('.pw-clear').waitFor({ state: 'detached' })
  t.notMatch(await timed.page.content(), adminPassword)
  t.strictSame(timed.problems, [])
  await timed.context.close()
})

t.test('without the right the password stays hidden, and codes are not there at all', async t => {
  const apps = await startMyApps(PASSWORD)
  stops.push(() => apps.stop())
  const limited = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' })
  const view = await limited.newPage()
  for (const role of ['operate', 'read'] as const) {
    // The stand-in of myApps signs in by the App object `devices`.
    await client.request('SetAppRole', { appObject: 'devices', role })
    await view.goto(apps.show(`${service.base}/innovaphone-devices.htm?name=devices&lang=en#hwId=${hwId}`))
    const app = view.frameLocator('iframe')
    const show = app.getByRole('button', { name: 'Show password' })
    await show.waitFor()
    await eventually('the button says why it may not', async () => await show.isDisabled() && Boolean(await show.getAttribute('title')))
    t.equal(await app.getByRole('link', { name: 'Provisioning' }).count(), role === 'read' ? 0 : 1, role)
  }
  await view.goto(apps.show(`${service.base}/innovaphone-devices.htm?name=devices&lang=en#page=provisioning`))
  await view.frameLocator('iframe').getByRole('heading', { name: 'You may not make codes' }).waitFor()
  await limited.close()
})

t.test('all of it stands in the audit log', async t => {
  await page.evaluate(() => { location.hash = '#page=audit' })
  await page.getByRole('heading', { name: 'Audit log' }).waitFor()
  const { entries } = await client.request('GetAuditPage', { offset: 0, limit: 100 })
  const actions = (entries as { action: string, subject: string, before: string, after: string }[]).map(entry => [entry.action, `${entry.subject} ${entry.before} ${entry.after}`] as const)
  for (const [action, about] of [['code.added', 'lena.hoff'], ['device.provisioned', hwId], ['tunnel.opened', hwId], ['password.revealed', hwId]] as const) {
    t.ok(actions.some(([one, text]) => one === action && text.includes(about)), action)
    await page.locator('main').getByText(action === 'code.added' ? 'lena.hoff' : hwId).first().waitFor()
  }
  t.notOk(actions.some(([, text]) => text.includes(code) || text.includes(adminPassword)), 'and no secret')
  t.notMatch(await page.locator('main').innerText(), adminPassword)
})

t.test('a roll-out: names judged while they are pasted, codes made together, slips printed, a table exported', async t => {
  await part(page, 'rollout')
  await page.getByLabel('Names', { exact: true }).fill('name;room\nanna.berg;1\ntim.wolf;2\nanna.berg;3\n' + `${'x'.repeat(130)};4\n=cmd;5`)
  await page.getByText('1 name stands twice and gets one code.').waitFor()
  await page.getByText('1 name is too long').waitFor()
  t.equal(await page.getByLabel('Column with the names').inputValue(), '0')
  t.strictSame(await lookProblems(page), [])
  await page.getByRole('button', { name: 'Create 3 codes' }).click()
  await page.getByRole('heading', { name: '3 codes have been created' }).waitFor()
  t.equal(await page.getByLabel('Names', { exact: true }).inputValue(), '')
  await line(second.page, 'tim.wolf').waitFor()
  await page.evaluate(() => {
    Object.assign(globalThis, { printed: 0 })
    window.print = () => { Object.assign(globalThis, { printed: document.querySelectorAll('.slip').length }) }
  })
  await page.getByRole('button', { name: 'Print' }).click()
  t.equal(await page.evaluate(() => Reflect.get(globalThis, 'printed')), 3)
  await page.emulateMedia({ media: 'print' })
  t.match(await page.locator('.slip').first().innerText(), /anna\.berg[\s\S]*Office · example\.com[\s\S]*\d{3} \d{3} \d{3} \d{3}[\s\S]*Type the 12 digits/)
  t.notOk(await page.locator('.app').isVisible(), 'only the slips are printed')
  t.ok(await page.locator('.slip .qr').first().isVisible())
  await page.emulateMedia({ media: null })
  t.notOk(await page.locator('.slip').first().isVisible())
  await page.evaluate(() => dispatchEvent(new Event('afterprint')))
  t.equal(await page.locator('.sheet').count(), 0)
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()])
  const csv = fs.readFileSync(await download.path(), 'utf8')
  t.equal(download.suggestedFilename(), 'provisioning-codes.csv')
  t.match(csv, /^\uFEFFName;Code;/)
  t.match(csv, /\r\n'=cmd;\d{12};Office;example\.com;/)
  // Who has a code is not given another by mistake.
  await page.getByLabel('Names', { exact: true }).fill('tim.wolf\nnew.one')
  await page.getByText('1 name has an open code already').waitFor()
  await page.getByRole('button', { name: 'Create 1 code' }).waitFor()
  await page.getByLabel('New code also for the 1 name that has one').check()
  await page.getByRole('button', { name: 'Create 2 codes' }).waitFor()
  await page.getByLabel('Names', { exact: true }).fill('')
})

t.test('names come from a file, in the encoding of an old spreadsheet', async t => {
  const file = `${folder}/names.csv`
  fs.writeFileSync(file, Buffer.from('Benutzer;Büro\r\nj\xfcrgen;1\r\n', 'latin1'))
  await page.locator('input[type=file]').setInputFiles(file)
  await page.locator('.made li', { hasText: 'jürgen' }).waitFor()
  await page.getByLabel('Names', { exact: true }).fill('')
  t.pass('read')
})

t.test('a code is cancelled after a question, everywhere at once', async t => {
  await part(page)
  const target = line(page, 'tim.wolf')
  await target.getByRole('button', { name: /^Actions for code/ }).click()
  await page.getByRole('menuitem', { name: 'Cancel code…' }).click()
  const dialog = page.getByRole('dialog', { name: /^Cancel code \d{3}/ })
  await dialog.getByText('Nobody can use the code for tim.wolf any more.').waitFor()
  t.strictSame(await lookProblems(page), [])
  await dialog.getByRole('button', { name: 'Cancel code' }).click()
  await line(second.page, 'tim.wolf').waitFor({ state: 'detached' })
  t.equal(await line(page, 'tim.wolf').count(), 0)
  await page.getByRole('button', { name: /^Used 1/ }).click()
  t.equal(await counted(page.locator('.g-codes .rows-row'), 1), 1)
  await page.getByRole('button', { name: /^Used 1/ }).click()
})

t.test('devices from a list of MAC addresses: each line judged at once, each with its result', async t => {
  await page.evaluate(() => { location.hash = '#' })
  await page.getByRole('button', { name: 'Add device' }).click()
  await page.getByRole('button', { name: 'Add many from a list' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add devices by MAC list' })
  await dialog.getByLabel('MAC addresses').fill(`00:90:33:4c:77:11  Reception\n0090.334c.7712;Jens Brandt\n0090334c7711\n00-90-33-4c\nnothing\n${hwId}\n${OTHER.device}`)
  await dialog.getByText('2 devices can be added').waitFor()
  const said = (text: string): Promise<void> => dialog.locator('.made li', { hasText: text }).waitFor()
  await said('line 3 · Twice in the list')
  await said('line 4 · A MAC has 12 digits')
  await said('line 5 · There is no MAC')
  await said('line 6 · This device is already in a domain.')
  await said('line 7 · This device is already in a domain.')
  t.strictSame(await lookProblems(page), [])
  await dialog.getByRole('button', { name: 'Add 2 devices' }).click()
  await dialog.getByText('2 devices have been added to example.com.').waitFor()
  t.equal(await counted(dialog.locator('.made li', { hasText: /· added$/ }), 2), 2)
  await dialog.getByRole('button', { name: 'Correct the 5 other lines' }).click()
  t.equal((await dialog.getByLabel('MAC addresses').inputValue()).split('\n').length, 5)
  await dialog.getByRole('button', { name: 'Close' }).click()
  await page.locator('.grid-body .row', { hasText: 'Jens Brandt' }).locator('.st', { hasText: 'Expected' }).waitFor()
})

t.test('an analogue interface of a gateway: code, arrival, freed again', async t => {
  const gateways = await createSimulator({ url: sysclients, count: 1, type: 'gateway', seed: 4, identity: () => ({ platform: { type: 'GW', fxs: true } }), reconnect: { first: 100, most: 500 } })
  stops.push(() => gateways.stop())
  const [gateway] = gateways.devices
  if (!gateway) throw new Error('no gateway')
  await gateways.start()
  await eventually('it is there', async () => (await client.request('GetDevice', { hwId: gateway.id }))['device'] !== undefined)
  await client.request('AddDevice', { hwId: gateway.id, domainId: mine, name: 'Gateway' })
  await gateway.untilPassword()
  await page.evaluate(id => { location.hash = `#hwId=${id}` }, gateway.id)
  await page.getByText('No analogue interface has been provisioned yet.').waitFor()
  await page.getByRole('button', { name: 'New code for an interface' }).click()
  const dialog = page.getByRole('dialog', { name: 'New code for an interface' })
  await dialog.getByLabel('User or name').fill('fax')
  await dialog.getByRole('button', { name: 'Create code' }).click()
  await dialog.locator('.digits').waitFor()
  t.strictSame(await lookProblems(page), [])
  t.equal(await gateway.provision('TEL1', await digits(page)), undefined, 'no error')
  await dialog.getByText('Interface TEL1 has been provisioned.').waitFor()
  await dialog.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'Free TEL1' }).click()
  await page.getByRole('dialog', { name: 'Free interface TEL1?' }).getByRole('button', { name: 'Free' }).click()
  await page.getByText('No analogue interface has been provisioned yet.').waitFor()
  await page.getByRole('button', { name: 'Show password' }).click()
  await page.getByText('This device has the password of its domain.').waitFor()
})

t.test('help for devices that come by themselves', async t => {
  await part(page, 'auto')
  await page.getByText(`!config change SYSCLIENT /sysadmin ${sysclients}?domain=example.com&token=TOKEN&category=Office`).waitFor()
  t.strictSame(await lookProblems(page), [])
  await part(page, 'offline')
  await page.getByText(`Option 215 = ${service.base}/init`).waitFor()
  await page.getByText('Offline provisioning is off for this instance').waitFor()
  await page.getByRole('button', { name: 'Copy option' }).first().click()
  t.equal(await page.evaluate(() => navigator.clipboard.readText()), `Option 215 = ${service.base}/init`)
  t.strictSame(await lookProblems(page), [])
  await page.getByRole('link', { name: 'Turn it on' }).click()
  await page.getByLabel('Provision without internet').waitFor()
})

t.test('no width makes the page scroll sideways, in German', async t => {
  for (const width of [320, 768, 1280]) {
    await second.page.setViewportSize({ width, height: 800 })
    for (const name of [undefined, 'rollout', 'mac', 'auto', 'offline']) {
      await part(second.page, name)
      await second.page.getByRole('link', { name: 'Mit Code' }).waitFor()
      const wide = await second.page.evaluate(() => [...document.querySelectorAll('main, main *')].filter(one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === 'visible' && one.clientWidth > 0
        && !one.closest('.sr, svg')).map(one => `${one.className} ${one.scrollWidth}`).slice(0, 3))
      t.strictSame(wide, [], `${name ?? 'code'} at ${width}`)
      t.ok(await second.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name ?? 'code'} at ${width}`)
    }
  }
})

t.test('nothing went wrong on the way', async t => t.strictSame([...first.problems, ...second.problems], []))
