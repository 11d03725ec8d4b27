/** A headless Chromium for the tests of the user interface, and pages that note everything that must not happen. */
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Locator, type Page } from 'playwright-core'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { EXECUTABLE, PASSWORD } from '../fixtures/service.ts'

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

/** Chromium without the parts for a screen: the whole one draws its toolbar for every page, unseen. */
export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium-headless-shell'

export const openBrowser = (executablePath = CHROMIUM): Promise<Browser> => chromium.launch({ executablePath, args: ARGS })

export interface Opened {
  readonly page: Page
  readonly context: BrowserContext
  /** Console errors and warnings, exceptions, failed requests, requests to other hosts. */
  readonly problems: string[]
}

/** A page in a context of its own. `url` is opened at once. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark', locale: 'en-US', ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  const problems: string[] = []
  const { host } = new URL(url)
  // What a reload cuts off has not failed.
  page.on('console', message => { if (['error', 'warning'].includes(message.type()) && !/closed before the connection is established/.test(message.text())) problems.push(`console: ${message.text()}`) })
  page.on('pageerror', error => problems.push(`exception: ${error.message}`))
  page.on('requestfailed', request => { if (request.failure()?.errorText !== 'net::ERR_ABORTED') problems.push(`failed: ${request.url()} ${request.failure()?.errorText}`) })
  page.on('request', request => { if (/^(https?|wss?):/.test(request.url()) && new URL(request.url()).host !== host) problems.push(`other host: ${request.url()}`) })
  page.on('response', response => { if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`) })
  await page.goto(url)
  return { page, context, problems }
}

/** Signs in on the form. */
export async function signIn(page: Page, login: { domain?: string, password?: string } = {}): Promise<void> {
  await page.getByLabel(/^(Domain|Domäne)$/).fill(login.domain ?? 'example.com')
  await page.getByLabel(/^(Password|Kennwort)$/).fill(login.password ?? PASSWORD)
  await page.keyboard.press('Enter')
}

export const signedInPage = async (browser: Browser, url: string, options?: BrowserContextOptions, login?: { domain: string, password: string }): Promise<Opened> => {
  const opened = await openPage(browser, url, options)
  await signIn(opened.page, login)
  await opened.page.locator('.live:not(.lost)').waitFor()
  return opened
}

export const row = (page: Page, index: number): Locator => page.locator(`[data-index="${index}"]`)
/** Waits until the row at this place is there with its device. */
export const rowThere = (page: Page, index: number): Promise<void> => row(page, index).locator('.c-name a').waitFor()
export const rowOf = (page: Page, text: string): Locator => page.locator('.grid-body .row', { hasText: text })
/** The row, for a click: while the pointer is over the list no row moves away from under it. */
export async function rowUnderPointer(page: Page, text: string): Promise<Locator> {
  await page.locator('.grid-body .row').first().hover()
  await rowOf(page, text).waitFor()
  return rowOf(page, text)
}

/** `devices simulate` as a process. */
export interface Simulated {
  /** Resolves when the words stand in its output. */
  until(words: RegExp): Promise<void>
  stop(): Promise<void>
}

export function simulate(url: string, args: readonly string[]): Simulated {
  const child: ChildProcess = spawn(EXECUTABLE, ['simulate', '--url', url, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout?.on('data', chunk => { out += String(chunk) })
  return {
    until: async words => {
      while (!words.test(out)) {
        if (child.exitCode !== null || !child.stdout) throw new Error(`the simulator has ended: ${out}`)
        await once(child.stdout, 'data')
      }
    },
    stop: async () => {
      if (child.exitCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

/** How a person signs in on the form: the service keeps preferences for this user (wire-protocols 5.3). */
export const FORM_USER = { sip: 'innovaphone-devices', guid: '0'.repeat(32), dn: 'Admin' }

/** Asks until the answer is yes; gives up after a minute. */
export async function eventually(what: string, check: () => Promise<boolean>): Promise<void> {
  const giveUp = Date.now() + 60_000
  while (!await check()) {
    if (Date.now() > giveUp) throw new Error(`never: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 40))
  }
}

/** How many there are, once there are as many as expected; else how many there still are after a while. */
export async function counted(what: Locator, expected: number): Promise<number> {
  await eventually('as many', async () => await what.count() === expected).catch(() => undefined)
  return what.count()
}

/** Waits for the second part of the app, which is loaded when the browser has nothing else to do. */
export const allLoaded = async (page: Page): Promise<void> => {
  await page.waitForFunction(() => ['later.css', 'later-'].every(part => performance.getEntriesByType('resource').some(one => one.name.includes(part) && one.duration > 0)))
}
