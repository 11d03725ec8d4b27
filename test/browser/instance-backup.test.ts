/** Backup and restore of the instance in the browser, against the executable alone and behind the webserver of an App Platform. */
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import zlib from 'node:zlib'
import t, { type Test } from 'tap'
import type { Locator, Page } from 'playwright-core'
import { startFakePlatform } from '../fake-platform/platform.ts'
import { AppClient } from '../fixtures/app-client.ts'
import { freePort, PASSWORD, startService, temporaryFolder } from '../fixtures/service.ts'
import { eventually, openBrowser, signedInPage, signIn } from './browser.ts'
import { lookProblems } from './looks.ts'
import { fillTwoDomains, OTHER } from './two-domains.ts'

const VIEW = '#page=domains&tab=instance'
const folder = temporaryFolder()
fillTwoDomains(folder, 40)
const service = await startService({ workingPath: folder, port: await freePort() })
const browser = await openBrowser()
const files = temporaryFolder()
const { page, problems } = await signedInPage(browser, `${service.base}/${VIEW}`)
t.teardown(async () => {
  await browser.close()
  await service.stop()
  for (const one of [folder, files]) fs.rmSync(one, { recursive: true, force: true })
})

const written = (name: string, content: Uint8Array | string): string => {
  const file = path.join(files, name)
  fs.writeFileSync(file, content)
  return file
}
const panel = (page: Page): Locator => page.getByRole('region', { name: 'Backup', exact: true })
const dialogOf = (page: Page): Locator => page.getByRole('dialog', { name: 'Replace the whole instance by this backup?' })
const admin = (base: string): Promise<AppClient> => AppClient.login(`${base.replace(/^http/, 'ws')}/innovaphone-devices`, { password: PASSWORD, sip: 'second.admin' })
async function domainNames(base: string): Promise<unknown[]> {
  const client = await admin(base)
  const names = (await client.list('GetDomains', 'domains')).map(one => one['name'])
  await client.close()
  return names.sort()
}
async function addDomain(base: string, name: string): Promise<void> {
  const client = await admin(base)
  await client.request('AddDomain', { name })
  await client.close()
}

/** Downloads a backup by the button; returns the file. */
async function downloadBackup(page: Page, name: string): Promise<string> {
  const [saved] = await Promise.all([page.waitForEvent('download'), panel(page).getByRole('button', { name: 'Download backup' }).click()])
  const file = path.join(files, name)
  await saved.saveAs(file)
  await panel(page).getByText(/^The backup has been made; the browser stores it\. It holds [\d.]+ kB/).waitFor()
  return file
}
async function choose(page: Page, file: string): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), panel(page).getByRole('button', { name: 'Restore a backup…' }).press('Enter')])
  await chooser.setFiles(file)
}
async function confirm(page: Page): Promise<void> {
  await dialogOf(page).locator('.blast').waitFor()
  await dialogOf(page).getByLabel('Type example.com to confirm').fill('example.com')
  await page.keyboard.press('Enter')
}
/** What must not happen did happen here, on purpose: no answer but these. */
function expected(t: Test, ...words: RegExp[]): void {
  const found = problems.splice(0)
  for (const one of words) t.ok(found.some(text => one.test(text)), `${one}`)
  t.strictSame(found.filter(text => !words.some(one => one.test(text)) && !/^console: Failed to load resource/.test(text)), [])
}

let backup = ''

t.test('a backup is downloaded without leaving the page', async t => {
  await panel(page).getByText('No backup has been downloaded yet').waitFor()
  t.strictSame(await lookProblems(page), [])
  backup = await downloadBackup(page, 'good.db.gz')
  t.equal(zlib.gunzipSync(fs.readFileSync(backup)).toString('latin1', 0, 15), 'SQLite format 3')
  t.equal(new URL(page.url()).hash, VIEW)
  t.strictSame(await lookProblems(page), [])
  // One that takes its time says so, and only then.
  let release = (): void => {}
  const held = new Promise<void>(resolve => { release = resolve })
  await page.route('**/backup?key=*', async route => {
    await held
    await route.continue()
  })
  const second = downloadBackup(page, 'second.db.gz')
  await panel(page).getByText('The backup is being prepared and verified.').waitFor()
  t.strictSame(await lookProblems(page), [])
  release()
  t.equal(zlib.gunzipSync(fs.readFileSync(await second)).toString('latin1', 0, 15), 'SQLite format 3')
  await page.unroute('**/backup?key=*')
  await page.getByRole('link', { name: 'Audit log' }).click()
  await page.locator('.audit tbody tr').first().getByText('Backup downloaded').waitFor()
  await page.goBack()
  await panel(page).getByText(/^A backup can also be dropped here\. Last backup: .* by innovaphone-devices@example\.com, [\d.]+ kB/).waitFor()
})

t.test('why there is no backup is said', async t => {
  const client = await admin(service.base)
  const { key } = await client.request('RequestHttpKey')
  // A restore that never comes to its end.
  const occupied = http.request(`${service.base}/restore?key=${String(key)}`, { method: 'POST', headers: { 'content-length': 1_000_000 } })
  occupied.on('error', () => undefined)
  occupied.write('SQLite format 3\0')
  await eventually('the restore has begun', async () => fs.readdirSync(folder).some(name => name.startsWith('self-restore')))
  await panel(page).getByRole('button', { name: 'Download backup' }).click()
  await panel(page).getByRole('alert').getByText('Another backup or restore of this instance is under way.').waitFor()
  expected(t, /^503: .*\/backup/)
  t.strictSame(await lookProblems(page), [])
  occupied.destroy()
  await eventually('the restore has ended', async () => !fs.readdirSync(folder).some(name => name.startsWith('self-restore')))
  await client.close()
  await page.route('**/backup?key=*', async route => route.abort())
  await panel(page).getByRole('button', { name: 'Download backup' }).click()
  await panel(page).getByRole('alert').getByText('the service does not say why').waitFor()
  await page.unroute('**/backup?key=*')
  expected(t, /failed: .*\/backup/)
  await downloadBackup(page, 'again.db.gz')
  t.equal(await panel(page).getByRole('alert').count(), 0)
})

t.test('a wrong file is refused before it is sent, chosen or dropped', async t => {
  await choose(page, written('holidays.txt', 'no backup at all'))
  await panel(page).getByRole('alert').getByText('holidays.txt is no backup of this program.').waitFor()
  t.equal(await dialogOf(page).count(), 0)
  t.strictSame(await lookProblems(page), [])
  const dropped = await page.evaluateHandle(() => {
    const transfer = new DataTransfer()
    transfer.items.add(new File(['nor this'], 'dropped.txt'))
    return transfer
  })
  await panel(page).dispatchEvent('dragover', { dataTransfer: dropped })
  await panel(page).dispatchEvent('drop', { dataTransfer: dropped })
  await panel(page).getByRole('alert').getByText('dropped.txt is no backup of this program.').waitFor()
})

t.test('the dialog says what is replaced; cancelled, at the question or in the transfer, it changes nothing', async t => {
  await addDomain(service.base, 'later.example')
  await choose(page, backup)
  const dialog = dialogOf(page)
  await dialog.locator('.blast', { hasText: '41in the instance now' }).waitFor()
  await dialog.getByText(/^good\.db\.gz, [\d.]+ kB, of /).waitFor()
  t.ok(await dialog.getByRole('button', { name: 'Replace everything, 41 devices' }).isDisabled())
  await dialog.getByLabel('Type example.com to confirm').fill('other.example')
  t.ok(await dialog.getByRole('button', { name: 'Replace everything, 41 devices' }).isDisabled())
  t.strictSame(await lookProblems(page), [])
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  // Given back a moment after the dialog has gone.
  await eventually('the focus is back', async () => await page.evaluate(() => document.activeElement?.textContent) === 'Restore a backup…')

  await page.route('**/restore?key=*', () => undefined)
  await choose(page, backup)
  await confirm(page)
  await dialog.getByRole('progressbar', { name: 'Transfer of the backup' }).waitFor()
  t.equal(await page.evaluate(() => document.activeElement?.textContent), 'Cancel the transfer')
  t.strictSame(await lookProblems(page), [])
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await page.locator('.toast', { hasText: 'The transfer was cancelled. Nothing has changed.' }).waitFor()
  await page.unroute('**/restore?key=*')
  t.strictSame(await domainNames(service.base), ['example.com', 'later.example', OTHER.domain])
})

t.test('what the service refuses is said with what to do, and can be tried again', async t => {
  const dialog = dialogOf(page)
  const good = zlib.gunzipSync(fs.readFileSync(backup))
  const refused: [name: string, content: Uint8Array, words: string][] = [
    ['other.gz', zlib.gzipSync('something else that was packed'), 'other.gz is no backup of this program.'],
    ['half.db.gz', fs.readFileSync(backup).subarray(0, 5000), 'The file is damaged or not complete.'],
    ['half.db', good.subarray(0, good.length / 2), 'The file is damaged or not complete.'],
  ]
  for (const [name, content, words] of refused) {
    await choose(page, written(name, content))
    await confirm(page)
    await dialog.getByRole('alert').getByText(words).waitFor()
    t.ok(await dialog.getByRole('button', { name: 'Replace everything, 41 devices' }).isEnabled(), name)
    if (name === 'other.gz') t.strictSame(await lookProblems(page), [])
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
    expected(t, /^400: .*\/restore/)
  }
  await page.route('**/restore?key=*', async route => route.abort('connectionreset'))
  await choose(page, backup)
  await confirm(page)
  await dialog.getByRole('alert').getByText('The connection was lost during the transfer. Nothing has changed.').waitFor()
  await page.unroute('**/restore?key=*')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  expected(t, /failed: .*\/restore/)
  t.strictSame(await domainNames(service.base), ['example.com', 'later.example', OTHER.domain])
})

t.test('a restore undoes what came after the backup; the page goes on with the restored instance', async t => {
  await page.getByLabel('Days that the audit log is kept').fill('90')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.locator('.savebar').waitFor({ state: 'detached' })
  // A key that is refused once is replaced by another.
  const keys: string[] = []
  await page.route('**/restore?key=*', async route => {
    keys.push(route.request().url())
    if (keys.length > 1) return route.continue()
    await route.fulfill({ status: 403, contentType: 'application/json', body: '{"error":"failed","errorText":"too old"}' })
  })
  await choose(page, backup)
  await confirm(page)
  const done = page.locator('.toast', { hasText: 'The backup has been restored: 41 devices.' })
  await done.waitFor()
  t.equal(await dialogOf(page).count(), 0)
  t.equal(new Set(keys).size, 2)
  await page.locator('.live:not(.lost)').waitFor()
  await eventually('the settings are those of the backup', async () => await page.locator('#instance-days').isVisible() && await page.getByLabel('Days that the audit log is kept').inputValue() === '365')
  t.strictSame(await domainNames(service.base), ['example.com', OTHER.domain])
  t.equal(fs.readdirSync(folder).filter(name => name.startsWith('replaced-')).length, 1)
  t.ok(await done.isVisible(), 'the result stays')
  t.strictSame(await lookProblems(page), [])
  await page.unroute('**/restore?key=*')
  await page.getByRole('link', { name: 'Audit log' }).click()
  await page.locator('.audit tbody tr', { hasText: 'Database replaced' }).waitFor()
  expected(t, /^403: .*\/restore/)
})

t.test('who does not administer the instance sees none of it', async t => {
  const people = await signedInPage(browser, `${service.base}/${VIEW}`, undefined, OTHER)
  await people.page.locator('.tbl tbody a').first().waitFor()
  t.equal(await panel(people.page).count(), 0)
  t.equal(await people.page.getByText('Download backup').count(), 0)
  await people.context.close()
})

t.test('German at every width: nothing scrolls sideways, no label is cut', async t => {
  await page.evaluate(to => { location.hash = to }, VIEW)
  await page.getByRole('button', { name: /^Account/ }).click()
  await page.getByRole('menuitemradio', { name: 'Deutsch' }).click()
  for (const width of [320, 768, 1280]) {
    await page.setViewportSize({ width, height: 800 })
    await page.getByText('Eine Sicherung kann auch hier abgelegt werden.').waitFor()
    for (const what of ['page', 'dialog']) {
      if (what === 'dialog') {
        await page.locator('input[type=file]').setInputFiles(backup)
        await page.getByRole('dialog').locator('.blast').waitFor()
      }
      t.strictSame(await page.evaluate(() => {
        const problems: string[] = []
        for (const box of document.querySelectorAll('html, .main, dialog')) if (box.scrollWidth > box.clientWidth) problems.push(`${box.tagName} is ${box.scrollWidth} wide`)
        for (const element of document.querySelectorAll('.btn, h1, h2, label, .panel-body p, dialog p')) {
          if (element.checkVisibility() && element.scrollWidth > element.clientWidth + 1) problems.push(`cut: ${element.textContent}`)
        }
        return problems
      }), [], `${what} at ${width}`)
    }
    await page.keyboard.press('Escape')
  }
})

t.test('nothing went wrong on the way', async t => t.strictSame(problems, []))

t.test('behind the webserver of an App Platform; a page that was loaded again asks for the password after the restore', async t => {
  const platform = await startFakePlatform()
  const base = await platform.startInstance('devices')
  const opened = await signedInPage(browser, `${base}/${VIEW}`)
  const there = opened.page
  const file = await downloadBackup(there, 'platform.db.gz')
  t.equal(zlib.gunzipSync(fs.readFileSync(file)).toString('latin1', 0, 15), 'SQLite format 3')
  await addDomain(base, 'later.example')
  await there.reload()
  await choose(there, written('platform-other.gz', zlib.gzipSync('something else')))
  await confirm(there)
  await dialogOf(there).getByRole('alert').getByText('platform-other.gz is no backup of this program.').waitFor()
  await dialogOf(there).getByRole('button', { name: 'Cancel' }).click()
  await choose(there, file)
  await dialogOf(there).locator('.blast', { hasText: '0in the instance now' }).waitFor()
  await confirm(there)
  await there.locator('.toast', { hasText: 'The backup has been restored: 0 devices.' }).waitFor()
  await there.getByRole('heading', { name: 'Sign in' }).waitFor()
  t.ok(await there.locator('.toast', { hasText: 'The backup has been restored' }).isVisible(), 'the result is still there')
  await signIn(there)
  await panel(there).waitFor()
  t.strictSame(await domainNames(base), ['example.com'])
  t.strictSame(platform.webserver.violations, [])
  await opened.context.close()
  await platform.stop()
})
