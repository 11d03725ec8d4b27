/** The plugin in both languages and both schemes, narrow and wide, by keyboard and for screen readers (wire-protocols 6.5, 7.1). */
import t from 'tap'
import type { Frame } from 'playwright-core'
import { openBrowser } from '../browser/browser.ts'
import { accessibilityProblems, contrastProblems } from '../browser/looks.ts'
import { Bed } from './bed.ts'

const bed = await Bed.start()
const browser = await openBrowser()
t.teardown(async () => {
  await browser.close()
  await bed.stop()
})

function fill(): void {
  bed.reset()
  bed.pbx.templates.push({ guid: 't1', cn: 'Config User', apps: 'devices' }, { guid: 't2', cn: 'Config Admin', apps: '' })
  const url = `${bed.httpsBase}/innovaphone-devices`
  bed.pbx.add({ cn: 'Devices', h323: 'devices', url, pwd: bed.password, app: { websocket: true } })
  bed.pbx.add({ cn: 'Devices of the branch office in Sindelfingen near the river', h323: 'devices-sindelfingen-near-the-river', url, pwd: 'old', app: { websocket: true } })
}

/** Text contrast, rules of axe, and nothing wider than the page. */
async function problems(frame: Frame): Promise<string[]> {
  // The plugin's own ring, for the check that reads the one of the app.
  await frame.evaluate(() => {
    const ring = getComputedStyle(document.querySelector('.innovaphone-devicesmanager') ?? document.body).getPropertyValue('--innovaphone-devicesmanager-focus')
    document.documentElement.style.setProperty('--focus', ring)
  })
  const wide = await frame.evaluate(() => document.documentElement.scrollWidth > innerWidth ? [`scrolls sideways: ${document.documentElement.scrollWidth}`] : [])
  return [...wide, ...await contrastProblems(frame), ...await accessibilityProblems(frame)].filter(one => !/^focus ring .* idm-(button idm-primary|buttons)/.test(one))
}

for (const [lang, words] of [
  ['en', { title: 'App objects of this PBX for', right: 'Password right', wrong: 'Password wrong or missing', add: 'Create Devices API', edit: 'Edit Devices (devices)', remove: 'Delete Devices (devices)', repair: /^Repair password of/, cancel: 'Cancel', given: 'Password of branch.example in Devices', create: 'Create', refused: 'The App Platform has not set' }],
  ['de', { title: 'App-Objekte dieser PBX für', right: 'Kennwort stimmt', wrong: 'Kennwort falsch oder fehlt', add: 'Devices API anlegen', edit: 'Devices (devices) bearbeiten', remove: 'Devices (devices) löschen', repair: /^Kennwort reparieren: /, cancel: 'Abbrechen', given: 'Kennwort von branch.example in Devices', create: 'Anlegen', refused: 'Die App Platform hat der Domäne kein' }],
] as const) {
  t.test(`${lang}: both schemes, three widths, every dialog`, async t => {
    fill()
    const { frame, page, context, problems: others } = await bed.show(browser, { lang, scheme: 'light', context: { reducedMotion: 'reduce' } })
    await frame.getByText(words.title).waitFor()
    await frame.getByText(words.right).waitFor()
    await frame.getByText(words.wrong).waitFor()
    t.equal(await frame.locator('.innovaphone-devicesmanager').getAttribute('lang'), lang)
    t.equal(await frame.title(), 'Devices', 'the title that the PBX Manager shows')
    for (const scheme of ['light', 'dark']) {
      await frame.evaluate(to => { (Reflect.get(window, 'setScheme') as (scheme: string) => void)(to) }, scheme)
      for (const width of [320, 768, 1280]) {
        await page.setViewportSize({ width, height: 800 })
        t.strictSame(await problems(frame), [], `list, ${scheme}, ${width}`)
        // Dialogs have one form up to the widest and one for the narrowest.
        for (const opener of width === 768 ? [] : [words.add, words.edit, words.remove, words.repair]) {
          await frame.getByRole('button', { name: opener }).click()
          await frame.locator('dialog .idm-status:not(:empty)').waitFor({ state: 'detached' })
          t.strictSame(await problems(frame), [], `${String(opener)}, ${scheme}, ${width}`)
          await frame.getByRole('button', { name: words.cancel }).click()
        }
      }
    }
    t.strictSame(others, [])
    await context.close()
  })

  t.test(`${lang}: the form that asks for the password of another domain`, async t => {
    bed.reset()
    bed.lacks.add('InstanceDomain')
    const { frame, page, context } = await bed.show(browser, { pbx: bed.branch, lang, scheme: 'light', context: { reducedMotion: 'reduce' } })
    await frame.getByRole('button', { name: words.add }).click()
    const form = frame.getByRole('dialog')
    await form.getByLabel(words.given).waitFor()
    await form.getByRole('button', { name: words.create, exact: true }).click()
    await form.getByText(words.refused).waitFor()
    for (const scheme of ['light', 'dark']) {
      await frame.evaluate(to => { (Reflect.get(window, 'setScheme') as (scheme: string) => void)(to) }, scheme)
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 800 })
        t.strictSame(await problems(frame), [], `${scheme}, ${width}`)
      }
    }
    await context.close()
  })
}

t.test('the language changes while a form is open', async t => {
  fill()
  const { frame, context } = await bed.show(browser)
  const language = (to: string): Promise<void> => frame.evaluate(lang => { (Reflect.get(window, 'setLang') as (lang: string) => void)(lang) }, to)
  await frame.getByText('Password right').waitFor()
  await frame.getByRole('button', { name: 'Create Devices API' }).click()
  await frame.getByLabel('Name').fill('Kept')
  await language('de')
  const form = frame.getByRole('dialog', { name: 'App-Objekt für Devices API anlegen' })
  t.equal(await form.getByLabel('Name').inputValue(), 'Kept')
  await form.getByText('Muss auf der PBX eindeutig sein.').waitFor()
  await language('fr')
  await frame.getByRole('dialog', { name: 'Create an App object for the Devices API' }).waitFor()
  t.equal(await frame.locator('.innovaphone-devicesmanager').getAttribute('lang'), 'en', 'other languages fall back to English')
  await context.close()
})

t.test('by keyboard alone', async t => {
  fill()
  const { frame, page, context } = await bed.show(browser)
  await frame.getByText('Password right').waitFor()
  const press = async (...keys: readonly string[]): Promise<void> => { for (const key of keys) await page.keyboard.press(key) }
  const focused = (): Promise<string> => frame.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '')
  await frame.getByRole('button', { name: 'Read again' }).focus()
  await press('Tab')
  t.equal(await focused(), 'Edit Devices (devices)')
  t.match(await frame.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle), 'solid', 'the focus is seen')
  await press('Enter')
  await frame.getByRole('dialog').getByLabel('Config User').waitFor()
  await press('Tab', 'Tab', 'Space', 'Tab', 'Space')
  t.notOk(await frame.getByLabel('Config User').isChecked())
  t.ok(await frame.getByLabel('Config Admin').isChecked())
  await press('Enter')
  await frame.getByRole('dialog').waitFor({ state: 'detached' })
  t.strictSame(bed.pbx.templates.map(one => one.apps), ['', 'devices'])
  t.equal(await focused(), 'Edit Devices (devices)', 'the focus is back')
  await context.close()
})
