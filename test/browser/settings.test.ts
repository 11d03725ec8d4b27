/** Categories, the switcher of domains, roles, settings of the instance, the audit log; and how all these pages look. */
import t from 'tap'
import fs from 'node:fs'
import { AppClient } from '../fixtures/app-client.ts'
import { filledDevice } from '../fixtures/fill.ts'
import { PASSWORD, startService, temporaryFolder } from '../fixtures/service.ts'
import { counted, eventually, openBrowser, rowOf, rowThere, signedInPage } from './browser.ts'
import { accessibilityProblems, contrastProblems } from './looks.ts'
import { startMyApps } from './my-apps.ts'
import { fillTwoDomains, OTHER } from './two-domains.ts'

const folder = temporaryFolder()
fillTwoDomains(folder, 40)
const service = await startService({ workingPath: folder })
const browser = await openBrowser()
const url = `${service.base}/`
const admin = await AppClient.login(`${service.wsBase}/innovaphone-devices`, { password: PASSWORD, sip: 'second.admin' })
const { page, problems } = await signedInPage(browser, url)
t.teardown(async () => {
  admin.socket.close()
  await browser.close()
  await service.stop()
  fs.rmSync(folder, { recursive: true, force: true })
})
const open = (hash: string): Promise<void> => page.evaluate(to => { location.hash = to }, hash)
type Domain = { id: number, name: string, categories: { id: number, name: string, config: boolean }[] }
const domain = async (name: string): Promise<Domain> => (await admin.list('GetDomains', 'domains')).find(one => one['name'] === name) as unknown as Domain
const noToasts = async (): Promise<void> => {
  while (await page.locator('.toast .btn').count()) await page.locator('.toast .btn').first().click().catch(() => undefined)
}

t.test('categories are added; a name that is taken or has a comma is said beside the field', async t => {
  await open('#page=domain&name=example.com&tab=categories')
  const kind = (name: string) => page.locator('.panel', { has: page.getByRole('heading', { name }) })
  const add = async (name: string, label: string, text: string): Promise<void> => {
    await kind(name).getByLabel(label).fill(text)
    await kind(name).getByRole('button', { name: 'Add' }).click()
  }
  await add('Provisioning categories', 'New provisioning category', 'Office')
  await kind('Provisioning categories').getByRole('link', { name: 'Office' }).waitFor()
  t.equal(await page.evaluate(() => document.activeElement?.id), 'category-config', 'the next one can be typed at once')
  await add('Standard categories', 'New standard category', 'office')
  await page.getByText('This domain has a category of that name.').waitFor()
  await add('Standard categories', 'New standard category', 'Wave 1, Wave 2')
  await page.getByText('A category name has no comma.').waitFor()
  for (const name of ['Wave 1', 'Wave 2']) {
    await add('Standard categories', 'New standard category', name)
    await kind('Standard categories').getByRole('link', { name, exact: true }).waitFor()
  }
  t.strictSame((await domain('example.com')).categories.map(({ name, config }) => [name, config]).sort(), [['Office', true], ['Wave 1', false], ['Wave 2', false]])
  await noToasts()
})

t.test('a device gets categories in its dialog; they are chips that lead to all devices with them', async t => {
  const device = filledDevice(3)
  await open(`#hwId=${device.hwId}`)
  await page.getByRole('button', { name: 'Edit' }).click()
  const dialog = page.getByRole('dialog', { name: `Edit ${device.name}` })
  await dialog.getByLabel('Provisioned as').selectOption('Office')
  await dialog.getByRole('button', { name: 'Choose' }).click()
  const list = page.getByRole('listbox')
  await list.getByRole('option', { name: 'Wave 2' }).click()
  await list.getByRole('option', { name: 'Wave 1' }).click()
  t.equal(await counted(list.locator('[aria-selected=true]'), 2), 2, 'the list stays open for several')
  await list.getByRole('option', { name: 'Wave 1' }).click()
  await page.keyboard.press('Escape')
  await dialog.locator('.token', { hasText: 'Wave 2' }).waitFor()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.locator('.panel a.chip.prov', { hasText: 'Office' }).waitFor()
  t.strictSame(await page.locator('.panel a.chip').allTextContents(), ['Office', 'Wave 2'])
  await page.locator('.panel a.chip', { hasText: 'Wave 2' }).click()
  await page.locator('.search .token', { hasText: 'Wave 2' }).waitFor()
  // It stands in the unfiltered list too, until the filtered one has come.
  await eventually('one row is left', async () => await page.locator('.grid-body .row').count() === 1)
  await rowOf(page, device.hwId).waitFor()
  t.match(page.url(), /category=Wave\+2/)
  await page.setViewportSize({ width: 1700, height: 800 })
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Categories' }).click()
  await page.keyboard.press('Escape')
  t.strictSame(await rowOf(page, device.hwId).locator('.chip').allTextContents(), ['Office', 'Wave 2'])
  await noToasts()
})

t.test('the list is filtered by categories: token, list, several at once', async () => {
  const device = filledDevice(4)
  const { categories } = await domain('example.com')
  const id = ((await admin.request('GetDevice', { hwId: device.hwId }))['device'] as { id: number }).id
  await admin.request('EditDevice', { id, categories: categories.filter(one => one.name === 'Wave 1').map(one => one.id) })
  await open('#')
  await rowThere(page, 5)
  const field = page.getByRole('searchbox')
  await field.fill('category: "wave 1"')
  await field.press('Enter')
  await rowOf(page, device.hwId).waitFor()
  await page.locator('.head .sub', { hasText: /^1of 41 match/ }).waitFor()
  await page.getByRole('button', { name: 'Categories: 1 chosen' }).click()
  await page.getByRole('option', { name: 'Office' }).click()
  await page.keyboard.press('Escape')
  await page.locator('.head .sub', { hasText: /^2of 41 match/ }).waitFor()
  await field.fill('category: nowhere')
  await page.getByText('“nowhere” is not known.').waitFor()
  await field.press('Escape')
  await page.locator('.head .sub', { hasText: '41in all' }).waitFor()
})

t.test('renaming and deleting a category say first what uses it; the new name is everywhere at once', async t => {
  const device = filledDevice(3)
  await rowOf(page, device.hwId).locator('.chip', { hasText: 'Wave 2' }).waitFor()
  const { categories } = await domain('example.com')
  const wave = categories.find(one => one.name === 'Wave 2')
  t.notOk((await admin.request('EditCategory', { id: wave?.id, name: 'Night shift' }))['error'])
  await rowOf(page, device.hwId).locator('.chip', { hasText: 'Night shift' }).waitFor()
  await open('#page=domain&name=example.com&tab=categories')
  await page.getByRole('button', { name: 'Rename Night shift' }).click()
  const rename = page.getByRole('dialog', { name: 'Rename Night shift' })
  await rename.locator('.blast', { hasText: '1devices' }).waitFor()
  await rename.getByLabel('Name').fill('Wave 1')
  await rename.getByRole('button', { name: 'Rename' }).click()
  await rename.getByText('This domain has a category of that name.').waitFor()
  await rename.getByLabel('Name').fill('Late shift')
  await rename.getByRole('button', { name: 'Rename' }).click()
  await page.getByRole('link', { name: 'Late shift' }).waitFor()
  await page.getByRole('button', { name: 'Delete Late shift' }).click()
  const remove = page.getByRole('dialog', { name: 'Delete Late shift?' })
  await remove.locator('.blast', { hasText: '1devices' }).waitFor()
  await remove.getByText('The devices stay in the domain').waitFor()
  await remove.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('link', { name: 'Late shift' }).waitFor({ state: 'detached' })
  t.strictSame(((await admin.request('GetDevice', { hwId: device.hwId }))['device'] as { categories: unknown[] }).categories ?? [], [])
  await noToasts()
})

t.test('App objects with a role: what it may not do is disabled and says why, at once', async t => {
  const client = await startMyApps(PASSWORD)
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US', colorScheme: 'dark' })
  const framed = await context.newPage()
  framed.setDefaultTimeout(60_000)
  await framed.goto(client.show(`${service.base}/innovaphone-devices.htm?name=devices&lang=en&scheme=dark`))
  const frame = await (await framed.waitForSelector('iframe')).contentFrame()
  if (!frame) return t.fail('no frame')
  await frame.locator('[data-index="3"] .c-name a').waitFor()
  t.ok(await frame.getByRole('button', { name: 'Add device' }).isEnabled())
  await open('#page=domains&tab=roles')
  await page.getByLabel('Name of the App object').fill('devices')
  await page.getByLabel('Role', { exact: true }).selectOption('Read')
  await page.getByRole('button', { name: 'Add' }).click()
  await page.locator('.toast', { hasText: 'devices has the role “Read” now.' }).waitFor()
  // A press on what is not allowed any more tells the page so.
  await frame.getByRole('button', { name: 'Add device' }).click()
  await frame.getByLabel('MAC').fill('009033123456')
  await frame.getByRole('dialog').getByRole('button', { name: 'Add device' }).click()
  await frame.getByText('You have no right to do this.').waitFor()
  await framed.keyboard.press('Escape')
  await eventually('disabled', () => frame.getByRole('button', { name: 'Add device' }).isDisabled())
  t.match(await frame.getByRole('button', { name: 'Add device' }).getAttribute('title'), /has the role “read”/)
  t.equal(await frame.getByRole('link', { name: 'Provisioning' }).count(), 0)
  await frame.locator('[data-index="3"] .c-menu button').click()
  t.ok(await frame.getByRole('menuitem', { name: 'Delete…' }).isDisabled())
  await framed.keyboard.press('Escape')
  await frame.getByRole('link', { name: 'Domains' }).click()
  await frame.getByRole('link', { name: 'example.com', exact: true }).click()
  await frame.getByRole('heading', { name: 'Provisioning categories' }).waitFor()
  t.equal(await frame.getByRole('link', { name: 'Settings' }).count(), 0)
  t.ok(await frame.getByRole('button', { name: 'Rename Office' }).isDisabled())
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click()
  await eventually('taken back', async () => ((await admin.request('GetAppRoles'))['roles'] as unknown[]).length === 0)
  await context.close()
  await client.stop()
  await noToasts()
})

t.test('settings of the instance are saved together, and wrong ones said', async t => {
  await open('#page=domains&tab=instance')
  await page.getByLabel('Provision without internet').check()
  await page.getByLabel('Days that the audit log is kept').fill('4000')
  await page.locator('.savebar', { hasText: '2 changes' }).waitFor()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('A number from 1 to 3,650.').waitFor()
  t.equal(await page.evaluate(() => document.activeElement?.id), 'instance-days')
  await page.getByLabel('Days that the audit log is kept').fill('90')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.locator('.savebar').waitFor({ state: 'detached' })
  t.same((await admin.request('GetInstanceSettings'))['settings'], { observer: false, rollOutRegistrationUrl: false, offlineProvisioning: true, auditDays: 90 })
})

t.test('the audit log: who did what, from where, old and new; searched, by domain and day, in pages; a way from the device', async t => {
  const other = await domain(OTHER.domain)
  for (let n = 0; n < 60; n++) await admin.request('EditDomain', { id: other.id, invoiceReference: `R-${n}` })
  await admin.request('EditDomain', { id: other.id, access: [(await domain('example.com')).id] })
  await open('#page=audit')
  const first = page.locator('.audit tbody tr').first()
  await first.getByText('Domain edited').waitFor()
  await first.getByText('May also see: after: example.com').waitFor()
  t.match(await first.textContent(), /127\.0\.0\.1/)
  t.equal(await counted(page.locator('.audit tbody tr'), 50), 50)
  await page.getByText(/^1 to 50 of \d\d$/).waitFor()
  await page.getByRole('button', { name: 'Older' }).click()
  await page.getByText(/^51 to \d\d of \d\d$/).waitFor()
  t.match(page.url(), /offset=50/)
  await page.getByRole('button', { name: 'Newer' }).click()
  await page.getByLabel('Search', { exact: true }).fill('second.admin Night')
  await page.locator('.head .sub', { hasText: '1 entry matches' }).waitFor()
  await first.getByText('Category renamed').waitFor()
  await page.getByLabel('Search', { exact: true }).fill('')
  await page.waitForURL(address => !address.href.includes('q='))
  await page.locator('#audit-domain').selectOption('other.example')
  await page.locator('.head .sub', { hasText: '61 entries match' }).waitFor()
  await page.locator('#audit-domain').selectOption('')
  await page.getByLabel('Search', { exact: true }).fill('settings.changed')
  await first.getByText('Days that the audit log is kept: before: 365 after: 90').waitFor()
  await page.getByLabel('Search', { exact: true }).fill('')
  await page.waitForURL(address => !address.href.includes('q='))
  await page.getByLabel('To', { exact: true }).fill('2020-01-01')
  await page.getByRole('heading', { name: 'Nothing in the log matches' }).waitFor()
  await page.getByRole('button', { name: 'Show everything' }).click()
  await first.getByText('Domain edited').waitFor()
  const device = filledDevice(3)
  await open(`#hwId=${device.hwId}`)
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'History' }).click()
  await first.getByRole('link', { name: new RegExp(device.hwId) }).waitFor()
  t.equal(await page.getByLabel('Search', { exact: true }).inputValue(), device.hwId)
  await first.getByText('Provisioned as: after: Office').waitFor()
  const people = await signedInPage(browser, `${url}#page=audit`, undefined, OTHER)
  await people.page.locator('.audit tbody tr').first().waitFor()
  t.notMatch(await people.page.locator('.audit').textContent(), /Settings changed|Category|Device/, 'a domain sees its own entries only')
  await people.context.close()
})

const VIEWS: Record<string, [hash: string, there: string]> = {
  domains: ['#page=domains', '.tbl tbody a'], access: ['#page=domains&tab=access', '.matrix .ck'], roles: ['#page=domains&tab=roles', '#role-name'], instance: ['#page=domains&tab=instance', '#instance-days'],
  domain: ['#page=domain&name=other.example', '#domain-name'], categories: ['#page=domain&name=other.example&tab=categories', '.list .chip'], audit: ['#page=audit', '.audit tbody tr'],
}
const show = async ([hash, there]: [string, string]): Promise<void> => {
  await open(hash)
  await page.locator(there).first().waitFor()
}

t.test('light and dark: every text can be read, every control has its name and role', async t => {
  await page.setViewportSize({ width: 1280, height: 800 })
  for (const scheme of ['dark', 'light']) {
    if (scheme === 'light') await page.getByRole('button', { name: 'Light or dark' }).click()
    for (const [view, where] of Object.entries(VIEWS)) {
      await show(where)
      t.strictSame(await contrastProblems(page), [], `${view}, ${scheme}`)
      if (scheme === 'dark') t.strictSame(await accessibilityProblems(page), [], view)
    }
    await show(VIEWS['domain'] ?? ['', ''])
    await page.getByRole('button', { name: 'Generate' }).click()
    await page.getByRole('button', { name: 'Save…' }).click()
    for (const what of ['dialog', 'form']) {
      if (what === 'dialog') await page.getByRole('dialog').waitFor()
      else await page.keyboard.press('Escape')
      t.strictSame(await contrastProblems(page), [], `changed ${what}, ${scheme}`)
      t.strictSame(await accessibilityProblems(page), [], `changed ${what}, ${scheme}`)
    }
    await page.getByRole('button', { name: 'Discard' }).click()
    await page.locator('.domain').click()
    await page.getByRole('listbox').waitFor()
    t.strictSame([...await contrastProblems(page), ...await accessibilityProblems(page)], [], `switcher, ${scheme}`)
    await page.keyboard.press('Escape')
  }
})

t.test('German at every width: nothing scrolls sideways, no label is cut, targets are large enough', async t => {
  await page.getByRole('button', { name: /^Account/ }).click()
  await page.getByRole('menuitemradio', { name: 'Deutsch' }).click()
  for (const width of [320, 768, 1280, 1920]) {
    await page.setViewportSize({ width, height: 800 })
    for (const [view, where] of Object.entries(VIEWS)) {
      await show(where)
      const found = await page.evaluate(() => {
        const shown = (element: Element): boolean => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 1
        const problems: string[] = []
        for (const box of [document.documentElement, document.querySelector('.main')]) if (box && box.scrollWidth > box.clientWidth) problems.push(`${box.tagName} is ${box.scrollWidth} wide`)
        for (const element of document.querySelectorAll('button, a.btn, .tabs a, h1, h2, label, dt, .panel-body > p')) {
          if (shown(element) && element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== 'inline') problems.push(`cut: ${element.textContent}`)
        }
        for (const element of document.querySelectorAll('button, a[href], input, select')) {
          const { width, height } = element.getBoundingClientRect()
          // The switch is 20 high as a drawing; its label beside it belongs to the target.
          if (shown(element) && (width < 24 || height < 24) && !element.closest('.skip, p.sub')) problems.push(`${Math.round(width)} x ${Math.round(height)}: ${element.outerHTML.slice(0, 90)}`)
        }
        return problems
      })
      t.strictSame(found, [], `${view} at ${width}`)
    }
  }
})

t.test('among hundreds of domains one is found by typing; it narrows the list and stands in the address', async t => {
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.getByRole('button', { name: /^Konto/ }).click()
  await page.getByRole('menuitemradio', { name: 'English' }).click()
  for (let n = 0; n < 300; n++) await admin.request('AddDomain', { name: `customer-${String(n).padStart(3, '0')}.example` })
  await open('#')
  await rowThere(page, 5)
  const menu = page.getByRole('button', { name: 'Domain: All domains' })
  await menu.focus()
  await page.keyboard.press('Enter')
  const box = page.getByRole('combobox', { name: 'Find a domain' })
  t.ok(await box.evaluate(one => one === document.activeElement))
  t.ok(await page.getByRole('option').count() <= 100, 'few of them are drawn')
  await page.getByText('203 more. Type to find them.').waitFor()
  await box.fill('customer-27')
  t.equal(await counted(page.getByRole('option'), 10), 10)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  t.equal(await page.locator(`[id="${await box.getAttribute('aria-activedescendant')}"]`).textContent(), 'customer-272.example')
  await page.keyboard.press('Enter')
  await page.waitForURL(/domain=customer-272\.example/)
  await page.getByRole('heading', { name: 'No device matches' }).waitFor()
  await page.locator('button.domain', { hasText: 'customer-272.example' }).click()
  await box.fill('other')
  await page.keyboard.press('Enter')
  await rowOf(page, OTHER.name).waitFor()
  t.equal(await counted(page.locator('.grid-body .row'), 1), 1)
  await page.getByRole('link', { name: 'Offline' }).click()
  await rowOf(page, OTHER.name).waitFor()
  t.match(page.url(), /domain=other\.example/, 'a view keeps the domain')
  await page.reload()
  await page.locator('button.domain', { hasText: 'other.example' }).waitFor()
  await open('#page=domains')
  await page.getByLabel('Find a domain').fill('customer-29')
  await eventually('ten of them', async () => await page.locator('.tbl tbody tr').count() === 10)
  await page.getByLabel('Find a domain').fill('nothing')
  await page.getByRole('heading', { name: 'No domain contains “nothing”' }).waitFor()
})

t.test('nothing went wrong on the way', async t => t.strictSame(problems, []))
