/** B5: from the navigation to the first painted row of a list of many devices, against a static page with the same rows. */
import fs from 'node:fs'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { CHROMIUM, openBrowser, rowThere, signedInPage } from '../../test/browser/browser.ts'
import { fill } from '../../test/fixtures/fill.ts'
import { folder, LOAD_CORE, startBaseline, startService } from '../processes.ts'
import { ratioOf, type Ratio } from '../ratio.ts'

/** Rows of the static page; the viewport is high enough for the list to draw at least as many. */
const ROWS = 60
const VIEWPORT = { width: 1280, height: 1_900 }
/** Navigations of one side in one pair; their median counts. */
const ROUNDS = 5

/** Set by `watchFirstRow`: ms from the start of the navigation to the frame after the first row stood in the document. */
declare global {
  var firstRow: Promise<number>
}

/** In the page, before its own scripts. The task that follows a frame's callbacks runs when the frame has been drawn. */
function watchFirstRow(): void {
  globalThis.firstRow = new Promise(resolve => {
    const look = (): void => {
      if (!document.querySelector('.grid-body .row .c-name a')) return
      observer.disconnect()
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => resolve(performance.now())
        port2.postMessage(undefined)
      })
    }
    const observer = new MutationObserver(look)
    observer.observe(document, { childList: true, subtree: true })
  })
}

/** A page whose navigations find nothing in the browser's cache, on either side. */
async function withoutCache(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.enable')
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true })
  await page.addInitScript(watchFirstRow)
}

async function firstRow(page: Page, url: string): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    await page.goto('about:blank')
    await page.goto(url, { waitUntil: 'commit' })
    times.push(await page.evaluate(() => globalThis.firstRow))
  }
  return ratioOf(times).median
}

/** Chromium on the core of the load. */
async function pinnedBrowser(): Promise<Browser & { readonly folder: string }> {
  const at = folder()
  const command = path.join(at, 'chromium')
  fs.writeFileSync(command, `#!/bin/sh\nexec taskset -c ${LOAD_CORE} '${CHROMIUM}' "$@"\n`, { mode: 0o755 })
  return Object.assign(await openBrowser(command), { folder: at })
}

/** What the page shows, without its scripts, as files: the document with `ROWS` rows, its style sheet, its fonts. */
async function writeStaticPage(page: Page, to: string): Promise<void> {
  const html = await page.evaluate(rows => {
    for (const element of document.querySelectorAll('script, noscript')) element.remove()
    for (const row of [...document.querySelectorAll('.grid-body .row')].slice(rows)) row.remove()
    const drawn = document.querySelectorAll('.grid-body .row .c-name a').length
    if (drawn !== rows) throw new Error(`${drawn} rows are drawn instead of ${rows}`)
    return `<!doctype html>\n${document.documentElement.outerHTML}`
  }, ROWS)
  fs.writeFileSync(path.join(to, 'index.html'), html)
  const css = await (await page.request.get(new URL('app.css', page.url()).href)).text()
  fs.writeFileSync(path.join(to, 'app.css'), css)
  for (const [, name = ''] of css.matchAll(/url\("?([\w.-]+\.woff2)"?\)/g)) {
    fs.writeFileSync(path.join(to, name), await (await page.request.get(new URL(name, page.url()).href)).body())
  }
}

export async function firstRowPainted(count: number, pairs: number): Promise<{ ratio: Ratio, ours: number, bare: number }> {
  const workingPath = folder()
  fill(workingPath, count)
  const service = await startService(workingPath)
  const browser = await pinnedBrowser()
  const url = `${service.url}/example.com/devices/`
  const { page, context } = await signedInPage(browser, url, { viewport: VIEWPORT })
  await rowThere(page, ROWS - 1)
  const files = folder()
  await writeStaticPage(page, files)
  const baseline = await startBaseline([`--files=${files}`])
  const other = await context.newPage()
  await withoutCache(page)
  await withoutCache(other)
  const ratios: number[] = []
  let last = { ours: 0, bare: 0 }
  for (let pair = 0; pair <= pairs; pair++) {
    const bare = await firstRow(other, `${baseline.url}/index.html`)
    const ours = await firstRow(page, url)
    if (pair === 0) continue // warm-up
    ratios.push(ours / bare)
    last = { ours, bare }
    console.log(`  first row of ${count}: ours ${ours.toFixed(0)} ms, static page ${bare.toFixed(0)} ms`)
  }
  await browser.close()
  await baseline.stop()
  await service.stop()
  for (const at of [workingPath, files, browser.folder]) fs.rmSync(at, { recursive: true, force: true })
  return { ratio: ratioOf(ratios), ...last }
}
