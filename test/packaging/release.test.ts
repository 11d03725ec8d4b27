/** Release, build and label come from one file, whoever asks. */
import t from 'tap'
import { executableName } from '../../app/runtime/executable-name.ts'
import release from '../../manifest/release.json' with { type: 'json' }
import { openBrowser, signedInPage } from '../browser/browser.ts'
import { startFakePlatform } from '../fake-platform/platform.ts'
import { AppClient } from '../fixtures/app-client.ts'
import { PASSWORD, runCommand, startService } from '../fixtures/service.ts'

const text = `${release.id} ${release.label} [${release.build}]`

t.test('on the command line, in the log and to the manager', async t => {
  const { out } = await runCommand(['version'])
  t.equal(out.replace(/[0-9a-f]{10}\)/, '…)'), `devices ${text} (files …)\n`)
  const platform = await startFakePlatform()
  t.strictSame((await platform.manager.until({ mt: 'AppServiceInitConnection' }))['version'], release)
  t.match(platform.log(), `service: Devices ${text} starts`)
  await platform.stop()
})

t.test('to clients of the API and in the app, in both languages', async t => {
  const service = await startService()
  const client = await AppClient.login(service.wsBase, { password: PASSWORD })
  t.match(await client.request('GetUserInfo'), { major: release.id })
  await client.close()
  const files = /files ([0-9a-f]+)/.exec((await runCommand(['version'])).out)?.[1] ?? ''
  const browser = await openBrowser()
  for (const [locale, account, entry, close] of [['en-US', /^Account/, 'About Devices', 'Close'], ['de-DE', /^Konto/, 'Über Devices', 'Schließen']] as const) {
    const { page, context, problems } = await signedInPage(browser, `${service.base}/`, { locale })
    await page.getByRole('button', { name: account }).click()
    await page.getByRole('menuitem', { name: entry }).click()
    const dialog = page.getByRole('dialog', { name: entry })
    t.strictSame(await dialog.locator('dd').allTextContents(), [release.id, release.label, release.build, files], locale)
    const licences = await dialog.getByRole('link').evaluate(link => link instanceof HTMLAnchorElement ? link.href : '')
    t.match(await (await fetch(licences)).text(), /^NOTICE\n[^]*Node\.js/, 'licences of the parts')
    await dialog.getByRole('button', { name: close }).click()
    t.equal(await dialog.count(), 0)
    t.strictSame(problems, [])
    await context.close()
  }
  await browser.close()
  await service.stop()
})

t.test('the name of the executable is that of its file, or what the launcher says where the file has no name', async t => {
  t.equal(executableName('/opt/apps/some-devices', 'devices'), 'some-devices')
  t.equal(executableName('/opt/apps/#1234 (deleted)', '/opt/apps/some-devices'), 'some-devices')
  t.equal(executableName('/memfd:devices (deleted)', '/opt/apps/some-devices'), 'some-devices')
})
