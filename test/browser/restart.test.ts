/** Restarting devices: the dialog says how many are hit and who is left out; the list, the row and the device page lead to it; its results. */
import t from 'tap'
import type { Page } from 'playwright-core'
import { createSimulator } from '../../app/simulate/simulator.ts'
import type { SimulatedDevice } from '../../app/simulate/device/device.ts'
import { AppClient } from '../fixtures/app-client.ts'
import { PASSWORD, startService } from '../fixtures/service.ts'
import { eventually, openBrowser, rowOf, rowUnderPointer, signedInPage } from './browser.ts'
import { accessibilityProblems, lookProblems } from './looks.ts'

const service = await startService({ args: ['--challenge-wait=200'] })
const browser = await openBrowser()
const client = await AppClient.login(service.wsBase, { password: PASSWORD })
const restarts = new Map<string, number>()
const simulator = await createSimulator({
  url: `${service.wsBase}/sysclients`, count: 5, type: 'phone', seed: 13, reconnect: { first: 20, most: 200 }, restartMs: 100,
  identity: number => number === 3 ? { platform: { type: 'APP_PLATFORM' } } : number === 4 ? { other: true } : {},
  onEvent: (device, event) => { if (event.kind === 'rebooted') restarts.set(device.id, (restarts.get(device.id) ?? 0) + 1) },
})
await simulator.start()
const [one, two, three, platform, third] = simulator.devices as [SimulatedDevice, SimulatedDevice, SimulatedDevice, SimulatedDevice, SimulatedDevice]
const state = async (device: SimulatedDevice): Promise<unknown> => ((await client.request('GetDevice', { hwId: device.id }))['device'] as { state?: string } | undefined)?.state
const untilOnline = (...devices: SimulatedDevice[]): Promise<void> => eventually('online', async () => (await Promise.all(devices.map(state))).every(one => one === 'online'))
for (const [n, device] of simulator.devices.entries()) {
  await eventually('it is there', async () => await state(device) === 'unassigned')
  await client.request('AddDevice', { hwId: device.id, domainId: 1, name: `Device ${n + 1}` })
  await device.untilPassword()
}
await client.request('AddDevice', { hwId: '00903377aa01', domainId: 1, name: 'Device away' })
await untilOnline(...simulator.devices)
const first = await signedInPage(browser, `${service.base}/`)
const second = await signedInPage(browser, `${service.base}/#page=tasks`, { locale: 'de-DE', colorScheme: 'light' })
const { page } = first
t.teardown(async () => {
  await simulator.stop()
  await browser.close()
  await service.stop()
})
const show = (of: Page, hash: string): Promise<void> => of.evaluate(to => { location.hash = to }, hash)
const fits = (of: Page): Promise<boolean> => of.evaluate(() => document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll('dialog[open], dialog[open] *')].every(part => part.scrollWidth <= innerWidth))

t.test('a selection: how many restart, who is left out; calls end unless it waits for them', async t => {
  await show(page, '#sort=name')
  await rowOf(page, 'Device away').waitFor()
  await page.getByRole('columnheader').first().getByRole('checkbox').click()
  await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Restart' }).click()
  const dialog = page.getByRole('dialog', { name: 'Restart 3 devices?' })
  await dialog.locator('.blast', { hasText: '5connected now1not connected0not assigned' }).waitFor()
  await dialog.getByText('1 is not connected and is left out.').waitFor()
  await dialog.getByText('2 are left out, because they cannot be restarted from here').waitFor()
  t.ok(await dialog.getByLabel('Only when no call is active').isChecked(), 'calls are spared, unless one says otherwise')
  t.equal(await dialog.getByText('Calls in progress end.').count(), 0)
  await dialog.getByLabel('Only when no call is active').uncheck()
  await dialog.getByText('Calls in progress end.').waitFor()
  t.strictSame(await lookProblems(page), [])
  await dialog.getByRole('button', { name: 'Restart 3 devices' }).click()
  await page.locator('.toast', { hasText: '3 devices have been told to restart. 3 left out.' }).waitFor()
  for (const device of [one, two, three]) await device.until(() => restarts.get(device.id) === 1, 'restarted')
  t.same([platform, third].map(device => restarts.get(device.id)), [undefined, undefined])
  await untilOnline(one, two, three)
})

t.test('the task: what happened to each', async t => {
  const item = second.page.locator('.task-item', { hasText: 'Geräte werden neu gestartet' })
  await item.getByText('6 von 6 Geräten haben ihr Ergebnis, 0 fehlgeschlagen').waitFor()
  await show(page, '#page=tasks')
  await page.getByRole('link', { name: 'Devices are restarted', exact: true }).click()
  for (const words of ['3of 6done', '0failed', '3left out']) await page.locator('.fig', { hasText: words }).waitFor()
  const result = (of: string): Promise<string> => page.locator('.g-task .rows-row', { hasText: of }).locator('.c-result').innerText()
  await page.locator('.g-task .rows-row', { hasText: 'Device 5' }).waitFor()
  t.equal(await result('Device away'), 'Not connected.')
  t.equal(await result('Device 4'), 'An App Platform is restarted in its own manager.')
  t.equal(await result('Device 5'), 'It is not a device of innovaphone: there is no command for it.')
  t.strictSame(await accessibilityProblems(page), [])
  await page.getByRole('button', { name: 'Try again: 3' }).waitFor()
})

t.test('one device: from its row and from its page, when it is idle; not where it cannot be', async t => {
  await show(page, '#sort=name')
  const entry = async (name: string): Promise<ReturnType<Page['getByRole']>> => {
    await (await rowUnderPointer(page, name)).getByRole('button').last().click()
    await page.getByRole('menuitem', { name: 'Delete…' }).waitFor()
    return page.getByRole('menuitem', { name: 'Restart…' })
  }
  for (const name of ['Device 4', 'Device 5']) {
    t.equal(await (await entry(name)).count(), 0, name)
    await page.keyboard.press('Escape')
  }
  t.equal(await (await entry('Device away')).getAttribute('aria-disabled') ?? await (await page.getByRole('menuitem', { name: 'Restart…' })).isDisabled(), true)
  await page.keyboard.press('Escape')
  await (await entry('Device 1')).click()
  await page.getByRole('dialog', { name: 'Restart 1 device?' }).getByRole('button', { name: 'Restart 1 device' }).click()
  await one.until(() => restarts.get(one.id) === 2, 'restarted')
  await untilOnline(one)

  await show(page, `#hwId=${two.id}`)
  await page.getByRole('heading', { name: 'Device 2' }).waitFor()
  await page.getByRole('button', { name: 'More' }).last().click()
  await page.getByRole('menuitem', { name: 'Restart…' }).click()
  await page.getByRole('dialog', { name: 'Restart 1 device?' }).getByRole('button', { name: 'Restart 1 device' }).click()
  await two.until(() => restarts.get(two.id) === 2, 'restarted')
  await second.page.locator('.task-item', { hasText: 'wenn kein Gespräch läuft' }).first().waitFor()
})

t.test('narrow, light and in German', async t => {
  await untilOnline(one, two, three)
  await show(second.page, '#sort=name')
  await rowOf(second.page, 'Device away').waitFor()
  await second.page.getByRole('columnheader').first().getByRole('checkbox').click()
  for (const width of [1280, 320]) {
    await second.page.setViewportSize({ width, height: width === 320 ? 640 : 800 })
    await second.page.getByRole('region', { name: 'Auswahl' }).getByRole('button', { name: 'Neu starten' }).click()
    const dialog = second.page.getByRole('dialog', { name: '3 Geräte neu starten?' })
    await dialog.getByText('1 ist nicht verbunden und wird ausgelassen.').waitFor()
    await dialog.getByLabel('Erst wenn kein Gespräch läuft').uncheck()
    await dialog.getByText('Laufende Gespräche enden.').waitFor()
    t.ok(await fits(second.page), `fits ${width}`)
    t.strictSame(await lookProblems(second.page), [])
    t.strictSame(await accessibilityProblems(second.page), [])
    await dialog.getByRole('button', { name: 'Abbrechen' }).click()
  }
})

t.test('nothing went wrong on the way', async t => t.strictSame([...first.problems, ...second.problems], []))
