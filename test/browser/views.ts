/** The views of the page, to be gone through one after the other; with the devices of `fillTwoDomains`. */
import type { Page } from 'playwright-core'
import { filledDevice } from '../fixtures/fill.ts'
import { OTHER } from './two-domains.ts'

export const VIEWS = { list: '#', device: `#hwId=${OTHER.device}`, noMatch: '#q=nothing-is-called-so', admin: `#hwId=${filledDevice(1).hwId}&tab=admin` }

/** Opens one of the views of a page that is signed in. */
export async function show(page: Page, hash: string): Promise<void> {
  await page.evaluate(to => { location.hash = to }, hash)
  await page.locator(hash.includes('nothing') ? '.empty' : hash.includes('tab=admin') ? '.frame .empty' : hash.includes('hwId') ? '.panel dl' : '[data-index="3"] .c-name a').first().waitFor()
}
