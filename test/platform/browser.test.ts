/** A browser through the webserver of a fake App Platform: sign-in, live list, webserver lost and back. */
import t from 'tap'
import { createSimulator } from '../../app/simulate/simulator.ts'
import { openBrowser, rowOf, rowUnderPointer, signedInPage } from '../browser/browser.ts'
import { startFakePlatform } from '../fake-platform/platform.ts'

const platform = await startFakePlatform({ args: ['--challenge-wait=500'] })
const base = await platform.startInstance('devices')
const browser = await openBrowser()
const fleet = await createSimulator({ url: `${base.replace('http', 'ws')}/sysclients`, count: 6, type: 'phone', restartMs: 200, reconnect: { first: 100, most: 500 } })
const [first] = fleet.devices
if (!first) throw new Error('no devices')
t.teardown(async () => {
  await fleet.stop()
  await browser.close()
  await platform.stop()
})

t.test('sign-in and live list', async t => {
  const { page, problems } = await signedInPage(browser, `${base}/`)
  await page.locator('.urlbox code', { hasText: 'wss://ap.example.com/example.com/devices/sysclients' }).waitFor()
  await fleet.start()
  await page.locator('.strip', { hasText: '6 devices are connected but belong to no domain' }).waitFor()
  await page.locator('.strip').getByRole('button', { name: 'Show' }).click()
  await rowOf(page, first.id).locator('.st', { hasText: 'Not assigned' }).waitFor()
  await (await rowUnderPointer(page, first.id)).getByRole('button', { name: /^Actions/ }).click()
  await page.getByRole('menuitem', { name: 'Add to domain…' }).click()
  const dialog = page.getByRole('dialog', { name: /to a domain/ })
  await dialog.getByLabel('Name').fill('Reception')
  await dialog.getByRole('button', { name: 'Add to domain' }).click()
  await dialog.waitFor({ state: 'detached' })
  t.ok(await first.untilPassword(), 'the device has got its password')
  t.strictSame(problems, [])
  await platform.webserver.crash()
  await page.locator('.live.lost').waitFor()
  await platform.webserver.comeBack()
  await platform.webserver.registered('/example.com/devices')
  await page.locator('.live:not(.lost)').waitFor()
  await first.untilConnected()
  t.same(platform.webserver.violations, [])
})
