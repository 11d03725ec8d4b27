/** What every view has to be for the eye and the keyboard: readable in both schemes, whole at every width, reached by keys. */
import t from 'tap'
import fs from 'node:fs'
import { startService, temporaryFolder } from '../fixtures/service.ts'
import { accessibilityProblems, contrastProblems } from './looks.ts'
import { openBrowser, openPage, row, rowThere, signedInPage, signIn } from './browser.ts'
import { fillTwoDomains } from './two-domains.ts'
import { show, VIEWS } from './views.ts'

const folder = temporaryFolder()
fillTwoDomains(folder, 40)
const service = await startService({ workingPath: folder })
const browser = await openBrowser()
t.teardown(async () => {
  await browser.close()
  await service.stop()
  fs.rmSync(folder, { recursive: true, force: true })
})
const url = `${service.base}/`

t.test('Tab reaches every control, and the one with the focus is always marked', async t => {
  const { page, context } = await signedInPage(browser, url)
  for (const view of ['list', 'device', 'noMatch'] as const) {
    await show(page, VIEWS[view])
    if (view === 'list') await row(page, 1).getByRole('checkbox').click()
    await page.evaluate(() => {
      document.body.tabIndex = -1
      document.body.focus()
    })
    const reached = new Set<string>()
    for (let step = 0; step < 60; step++) {
      await page.keyboard.press('Tab')
      const at = await page.evaluate(() => {
        const one = document.activeElement
        if (!one || one === document.body) return undefined
        const place = one.getBoundingClientRect()
        const marked = [one, one.closest('.search')].some(element => element && getComputedStyle(element).outlineStyle !== 'none' && parseFloat(getComputedStyle(element).outlineWidth) >= 2)
        const inside = place.width > 0 && place.top < innerHeight && place.bottom > 0 && place.left < innerWidth && place.right > 0
        return { name: one.getAttribute('aria-label') ?? one.textContent ?? '', key: one.outerHTML.slice(0, 200), marked, inside }
      })
      if (!at || reached.has(at.key)) break
      reached.add(at.key)
      t.ok(at.marked && at.inside, `${view}: ${at.name.slice(0, 40)}`)
    }
    const missed = await page.evaluate(known => [...document.querySelectorAll<HTMLElement>('a[href], button, input, select, [tabindex="0"]')]
      .filter(one => one.tabIndex >= 0 && !one.matches('[disabled], [hidden]') && one.checkVisibility({ visibilityProperty: true }) && !known.includes(one.outerHTML.slice(0, 200)))
      .map(one => one.outerHTML.slice(0, 120)), [...reached])
    t.strictSame(missed, [], `${view}: all of ${reached.size}`)
    t.ok(reached.size > 8)
  }
  await context.close()
})

t.test('light and dark, live; every text and the focus ring can be read', async t => {
  const { page, context, problems } = await openPage(browser, url)
  for (const scheme of ['dark', 'light']) {
    if (scheme === 'light') await page.getByRole('button', { name: 'Light or dark' }).click()
    t.equal(await page.locator('html').getAttribute('data-scheme'), scheme)
    t.strictSame(await contrastProblems(page), [], `sign-in, ${scheme}`)
    t.strictSame(await accessibilityProblems(page), [], `sign-in, ${scheme}`)
  }
  await signIn(page)
  await rowThere(page, 3)
  for (const scheme of ['light', 'dark']) {
    if (scheme === 'dark') await page.getByRole('button', { name: 'Light or dark' }).click()
    for (const [view, hash] of Object.entries(VIEWS)) {
      await show(page, hash)
      if (view === 'list') await row(page, 1).getByRole('checkbox').click()
      t.strictSame(await contrastProblems(page), [], `${view}, ${scheme}`)
      t.strictSame(await accessibilityProblems(page), [], `${view}, ${scheme}`)
    }
    await show(page, VIEWS.list)
    await page.getByRole('button', { name: 'Add device' }).click()
    t.strictSame(await contrastProblems(page), [], `dialog, ${scheme}`)
    t.strictSame(await accessibilityProblems(page), [], `dialog, ${scheme}`)
    await page.keyboard.press('Escape')
    await row(page, 2).getByRole('button').click()
    t.strictSame(await contrastProblems(page), [], `menu, ${scheme}`)
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await page.locator('.selbar').waitFor({ state: 'detached' })
  }
  await page.reload()
  t.equal(await page.locator('html').getAttribute('data-scheme'), 'dark', 'the choice is kept')
  t.strictSame(problems, [])
  await context.close()
})

t.test('no width makes the page scroll sideways or cuts a label; targets are large enough', async t => {
  const { page, context, problems } = await signedInPage(browser, url)
  await page.getByRole('button', { name: /^Account/ }).click()
  await page.getByRole('menuitemradio', { name: 'Deutsch' }).click()
  await page.getByRole('heading', { name: 'Geräte' }).waitFor()
  t.equal(await page.locator('html').getAttribute('lang'), 'de')
  await page.locator('.head .sub', { hasText: '41insgesamt' }).waitFor()
  for (const width of [320, 768, 1280, 1920]) {
    await page.setViewportSize({ width, height: 800 })
    for (const [view, hash] of Object.entries(VIEWS)) {
      await show(page, hash)
      if (view === 'list') await row(page, 1).getByRole('checkbox').click()
      const found = await page.evaluate(() => {
        const shown = (element: Element): boolean => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 1
        const problems: string[] = []
        const root = document.documentElement
        if (root.scrollWidth > root.clientWidth) problems.push(`the page is ${root.scrollWidth} wide`)
        const main = document.querySelector('.main')
        if (main && main.scrollWidth > main.clientWidth) problems.push(`the view is ${main.scrollWidth} wide`)
        for (const element of document.querySelectorAll('button, a.btn, a[role], .tabs a, h1, h2, dt, .nav-list a > span, .strip > span:not(.items), .banner span, .st, .frame-bar')) {
          if (!shown(element) || element.closest('.grid')) continue
          if ((element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 4) && getComputedStyle(element).display !== 'inline') problems.push(`cut: ${element.textContent}`)
        }
        for (const element of document.querySelectorAll('button, a[href], input, select')) {
          const { width, height } = element.getBoundingClientRect()
          if (shown(element) && (width < 24 || height < 24) && !element.closest('.skip, .grid-body .c-name') && !element.classList.contains('skip')) problems.push(`${Math.round(width)} x ${Math.round(height)}: ${element.outerHTML.slice(0, 90)}`)
        }
        return problems
      })
      t.strictSame(found, [], `${view} at ${width}`)
      if (view === 'list') await row(page, 1).getByRole('checkbox').click()
    }
  }
  t.strictSame(problems, [])
  await context.close()
})

t.test('dialogs take the focus, keep it, and give it back', async t => {
  const { page, context } = await signedInPage(browser, url)
  await rowThere(page, 3)
  await page.getByRole('button', { name: 'Add device' }).focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Add a device' })
  await dialog.waitFor()
  for (let step = 0; step < 12; step++) {
    t.ok(await page.evaluate(() => document.activeElement === document.body || document.querySelector('dialog')?.contains(document.activeElement)), `inside after ${step}`)
    await page.keyboard.press('Tab')
  }
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  t.match(await page.evaluate(() => document.activeElement?.textContent), /Add device/)
  await page.keyboard.press('/')
  t.equal(await page.evaluate(() => document.activeElement?.getAttribute('type')), 'search')
  await context.close()
})

t.test('reduced motion and a large user font are respected', async t => {
  const { page, context } = await signedInPage(browser, url, { reducedMotion: 'reduce', viewport: { width: 640, height: 400 } })
  await rowThere(page, 1)
  t.equal(await page.evaluate(() => document.getAnimations().length), 0)
  // 200 % zoom of a 1280 x 800 window is this viewport: the list is still there to be used.
  const height = (await page.locator('.grid').boundingBox())?.height ?? 0
  t.ok(height > 60, `${height} pixels of list`)
  await context.close()
})
