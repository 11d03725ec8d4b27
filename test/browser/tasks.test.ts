/** Actions on selections of any size as tasks: who is hit, progress in two browsers, failures, cancel, retry, after a reload. */
import t from 'tap'
import fs from 'node:fs'
import type { Page } from 'playwright-core'
import { createSimulator } from '../../app/simulate/simulator.ts'
import { AppClient } from '../fixtures/app-client.ts'
import { filledPassword, filledDevice } from '../fixtures/fill.ts'
import { PASSWORD, startService, temporaryFolder } from '../fixtures/service.ts'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { counted, eventually, openBrowser, row, rowOf, signedInPage } from './browser.ts'
import { accessibilityProblems, lookProblems } from './looks.ts'
import { fillTwoDomains, OTHER } from './two-domains.ts'

const COUNT = 300
const folder = temporaryFolder()
fillTwoDomains(folder, COUNT)
const service = await startService({ workingPath: folder })
const browser = await openBrowser()
const client = await AppClient.login(`${service.wsBase}/innovaphone-devices`, { password: PASSWORD })
const domains = await client.list('GetDomains', 'domains')
const mine = domains.find(domain => domain['isInstanceDomain'] === true)?.['id']
for (const name of ['Wave 1', 'Wave 2']) await client.request('AddCategory', { domainId: mine, name, config: false })
const first = await signedInPage(browser, `${service.base}/`)
const second = await signedInPage(browser, `${service.base}/#page=tasks`, { locale: 'de-DE', colorScheme: 'light' })
const { page } = first
const stops: (() => Promise<void>)[] = []
t.teardown(async () => {
  await Promise.all(stops.map(stop => stop()))
  await browser.close()
  await service.stop()
  fs.rmSync(folder, { recursive: true, force: true })
})
const show = (of: Page, hash: string): Promise<void> => of.evaluate(to => { location.hash = to }, hash)
const bar = page.getByRole('region', { name: 'Selection' })
const selectAll = (): Promise<void> => page.getByRole('columnheader').first().getByRole('checkbox').click()

t.test('no task yet: says what will be here', async t => {
  await second.page.getByRole('heading', { name: 'Es läuft nichts' }).waitFor()
  t.strictSame(await accessibilityProblems(second.page), [])
})

t.test('categories of all that match but one: asked with numbers, done by the service, seen in both', async t => {
  await show(page, '#type=PHONE&domain=example.com&sort=mac')
  await row(page, 0).locator('.c-name a').waitFor()
  const phones = Array.from({ length: COUNT }, (_, n) => filledDevice(n)).filter(device => device.type === 'PHONE').length
  await selectAll()
  await row(page, 2).getByRole('checkbox').click()
  const left = await row(page, 2).locator('.c-mac').innerText()
  await bar.getByText(`${phones - 1} selected`).waitFor()
  await bar.getByRole('button', { name: 'Categories' }).click()
  const dialog = page.getByRole('dialog', { name: `Categories of ${phones - 1} devices` })
  await dialog.locator('.blast', { hasText: `0connected now${phones - 1}not connected0not assigned` }).waitFor()
  const go = dialog.getByRole('button', { name: `Change ${phones - 1} devices` })
  t.ok(await go.isDisabled(), 'nothing is changed yet')
  await dialog.getByRole('radiogroup', { name: 'Wave 2' }).getByLabel('Add').check({ force: true })
  t.strictSame(await lookProblems(page), [])
  await go.click()
  await page.locator('.toast', { hasText: `The categories of ${phones - 1} devices have been changed.` }).waitFor()
  t.equal(await bar.count(), 0, 'the selection is done with')
  const changed = await row(page, 3).locator('.c-mac').innerText()
  t.match(await client.request('GetDevice', { hwId: changed }), { device: { categories: [{ name: 'Wave 2' }] } })
  t.notOk(((await client.request('GetDevice', { hwId: left }))['device'] as { categories?: unknown }).categories, 'the one that was taken out')
  const item = second.page.locator('.task-item', { hasText: 'Geräte werden geändert' })
  await item.getByText('Erledigt', { exact: true }).waitFor()
  await item.getByText(`${phones - 1} von ${phones - 1} Geräten haben ihr Ergebnis, 0 fehlgeschlagen`).waitFor()
  await item.getByText('categories added: Wave 2').waitFor()
})

t.test('devices chosen one by one are moved', async t => {
  await show(page, '#type=GW&domain=example.com&sort=mac')
  await row(page, 1).locator('.c-name a').waitFor()
  const macs = await page.locator('.grid-body .row .c-mac').allTextContents()
  for (const index of [0, 1]) await row(page, index).getByRole('checkbox').click()
  await bar.getByRole('button', { name: 'Move to domain' }).click()
  const dialog = page.getByRole('dialog', { name: 'Move 2 devices to another domain' })
  await dialog.getByLabel('Domain').selectOption({ label: OTHER.domain })
  await dialog.getByRole('button', { name: 'Move 2 devices' }).click()
  await page.locator('.toast', { hasText: `2 devices belong to ${OTHER.domain} now.` }).waitFor()
  for (const hwId of macs.slice(0, 2)) t.match(await client.request('GetDevice', { hwId }), { device: { domainId: domains.find(domain => domain['name'] === OTHER.domain)?.['id'] } })
  await rowOf(page, macs[0] ?? '').waitFor({ state: 'detached' })
})

t.test('a new registration address: connected ones now, the rest when they come; goes on in the background', async t => {
  const fleet = await createSimulator({ url: `${service.wsBase}/sysclients`, count: 2, type: 'phone', seed: 31, reconnect: { first: 60_000, most: 60_000 } })
  stops.push(() => fleet.stop())
  await fleet.start()
  for (const device of fleet.devices) {
    await eventually('it is there', async () => (await client.request('GetDevice', { hwId: device.id }))['device'] !== undefined)
    await client.request('AddDevice', { hwId: device.id, domainId: mine, name: `Moving ${device.id}` })
    await device.untilPassword()
  }
  await client.request('AddDevice', { hwId: '00903377aa01', domainId: mine, name: 'Moving later' })
  await show(page, '#q=Moving')
  await row(page, 2).locator('.c-name a').waitFor()
  await eventually('both are online', async () => await page.locator('.grid-body .row .st.ok').count() === 2)
  await selectAll()
  await bar.getByRole('button', { name: 'More for the selection' }).click()
  await page.getByRole('menuitem', { name: 'New registration address…' }).click()
  const dialog = page.getByRole('dialog', { name: 'New registration address for 3 devices' })
  await dialog.locator('.blast', { hasText: '2connected now1not connected0not assigned' }).waitFor()
  t.match(await dialog.getByLabel('Registration address').inputValue(), /^wss:\/\/.*\/sysclients$/)
  await dialog.getByLabel('Registration address').fill('http://elsewhere')
  await dialog.getByText('The address begins with wss://').waitFor()
  t.ok(await dialog.getByRole('button', { name: 'Send to 3 devices' }).isDisabled())
  t.strictSame(await lookProblems(page), [])
  await dialog.getByLabel('Registration address').fill('wss://new.example.com/example.com/devices/sysclients')
  await dialog.getByRole('button', { name: 'Send to 3 devices' }).click()
  await dialog.getByText('2 of 3 done.').waitFor()
  await dialog.getByText('1 device waits until it connects.').waitFor()
  t.strictSame(await lookProblems(page), [])
  await dialog.getByRole('button', { name: 'Continue in the background' }).click()
  await page.locator('.toast').getByRole('link', { name: 'Show' }).click()
  await page.getByRole('heading', { name: 'New registration address', level: 1 }).waitFor()
})

t.test('the task: figures, results, the same after a reload and in the other browser; progress in the navigation', async t => {
  const figure = (of: Page, words: string): Promise<void> => of.locator('.fig', { hasText: words }).waitFor()
  for (const words of ['2of 3done', '0in work', '0failed', '1waiting']) await figure(page, words)
  await page.getByRole('img', { name: '2 of 3 devices have their result, 0 failed' }).waitFor()
  t.equal(await counted(page.locator('.g-task .rows-row'), 3), 3)
  await page.locator('.g-task .rows-row', { hasText: 'Moving later' }).getByText('gets it when it connects').waitFor()
  await page.getByRole('button', { name: /^Done 2/ }).click()
  await eventually('only those that are done', async () => await page.locator('.g-task .rows-row').count() === 2 && await page.locator('.g-task .st.ok').count() === 2)
  t.strictSame(await lookProblems(page), [])
  await page.reload()
  await figure(page, '2of 3done')
  await eventually('the filter stands in the address', async () => await page.locator('.g-task .rows-row').count() === 2)
  await page.locator('.nav a', { hasText: 'Tasks' }).locator('.count.progress').waitFor()
  t.match(await page.locator('.nav a', { hasText: 'Tasks' }).textContent(), /1 task runs, 66 % done/)
  await second.page.locator('.task-item', { hasText: 'Neue Registrierungsadresse' }).getByText('2 von 3 Geräten haben ihr Ergebnis').waitFor()
})

t.test('cancelled after a question; tried again; taken from the list', async t => {
  await page.getByRole('button', { name: 'Cancel the rest' }).click()
  const dialog = page.getByRole('dialog', { name: 'Cancel for the 1 device that waits?' })
  t.strictSame(await lookProblems(page), [])
  await dialog.getByRole('button', { name: 'Cancel the rest' }).click()
  await page.locator('.head .st', { hasText: 'Cancelled' }).waitFor()
  await second.page.locator('.task-item', { hasText: 'Neue Registrierungsadresse' }).getByText('Abgebrochen').waitFor()
  await page.getByRole('button', { name: 'Try again: 1' }).click()
  await page.locator('.head .st', { hasText: 'Running' }).waitFor()
  await page.getByRole('button', { name: 'Cancel the rest' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the rest' }).click()
  await page.getByRole('button', { name: 'Take from the list' }).click()
  await page.getByRole('heading', { name: 'Tasks', level: 1 }).waitFor()
  await second.page.locator('.task-item', { hasText: 'Neue Registrierungsadresse' }).waitFor({ state: 'detached' })
  await eventually('both show the same list', async () => await page.locator('.task-item').count() === await second.page.locator('.task-item').count())
  await show(page, '#page=tasks&task=999999')
  await page.getByRole('heading', { name: 'This task is not here any more' }).waitFor()
})

t.test('failed ones stand first, with the reason; their number stands in the navigation', async t => {
  // Changing the categories of a device that belongs to no domain cannot be.
  const stranger = await PlainDevice.connect(`${service.wsBase}/sysclients`, { id: '00903377bb01' })
  stops.push(() => stranger.close())
  stranger.identify()
  await eventually('it is there', async () => (await client.request('GetDevice', { hwId: '00903377bb01' }))['device'] !== undefined)
  const { device } = await client.request('GetDevice', { hwId: '00903377bb01' })
  const known = await client.request('GetDevicesPage', { offset: 0, limit: 150, types: ['PHONE'], domainIds: [mine] })
  const ids = [...(known['devices'] as { id: number }[]).map(one => one.id), (device as { id: number }).id]
  const wave = (await client.list('GetDomains', 'domains')).find(domain => domain['id'] === mine)?.['categories'] as { id: number, name: string }[]
  const { task } = await client.request('StartEdit', { selection: { ids }, addCategories: [wave.find(one => one.name === 'Wave 1')?.id] })
  await show(page, `#page=tasks&task=${String(task)}`)
  await page.locator('.head .st.err', { hasText: 'Done, with failures' }).waitFor()
  const top = page.locator('.g-task .rows-row').first()
  await top.getByText('00903377bb01').first().waitFor()
  await top.getByText('belongs to no domain').waitFor()
  t.equal(await counted(page.locator('.g-task .rows-row'), 100), 100, 'a page of results')
  await page.locator('main').evaluate(main => main.scrollTo(0, main.scrollHeight))
  await eventually('the rest as one scrolls', async () => await page.locator('.g-task .rows-row').count() === ids.length)
  await page.locator('.nav a', { hasText: 'Tasks' }).locator('.count.err', { hasText: '1' }).waitFor()
  await page.getByRole('button', { name: /^Failed 1/ }).click()
  await eventually('only the failed one', async () => await page.locator('.g-task .rows-row').count() === 1)
  t.strictSame(await lookProblems(page), [])
})

t.test('everything is deleted by filter, less some; what came back online is told before', async t => {
  const online = await PlainDevice.connect(`${service.wsBase}/sysclients`, { id: filledDevice(9).hwId, product: filledDevice(9).product, version: filledDevice(9).version, type: filledDevice(9).type }, filledPassword(9))
  stops.push(() => online.close())
  online.identify()
  await show(page, `#domain=example.com&type=${filledDevice(9).type}&sort=mac`)
  await rowOf(page, filledDevice(9).hwId).locator('.st.ok').waitFor()
  await selectAll()
  await bar.getByRole('button', { name: 'Delete' }).click()
  const dialog = page.getByRole('dialog', { name: /^Delete \d+ devices\?$/ })
  await dialog.getByText('1 of them is online now').waitFor()
  t.strictSame(await lookProblems(page), [])
  await dialog.getByRole('button', { name: /^Delete \d+ devices$/ }).click()
  await page.getByRole('heading', { name: 'No device matches' }).waitFor()
})

t.test('no width makes the page scroll sideways, in German', async t => {
  const all = await client.list('GetTasks', 'tasks')
  for (const width of [320, 768]) {
    await second.page.setViewportSize({ width, height: 800 })
    for (const hash of ['#page=tasks', `#page=tasks&task=${String(all[0]?.['id'])}`]) {
      await show(second.page, hash)
      await second.page.locator('main .bar').first().waitFor()
      t.ok(await second.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && (document.querySelector('main')?.scrollWidth ?? 0) <= innerWidth), `${hash} at ${width}`)
    }
  }
})

t.test('nothing went wrong on the way', async t => t.strictSame([...first.problems, ...second.problems], []))
