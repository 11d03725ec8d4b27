/** Automated rules of accessibility, and contrast computed for every text that is shown. */
import fs from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** A page, or a frame of it. */
type Document = Pick<Page, 'evaluate'>

interface AxeResult { readonly violations: readonly { readonly id: string, readonly nodes: readonly { readonly html: string, readonly failureSummary?: string }[] }[] }

declare global {
  var axe: { run(options: object): Promise<AxeResult> }
}

/** Violations of the rules of axe-core (WCAG 2.2 A and AA, good practice). Contrast is computed by `contrastProblems`. */
export async function accessibilityProblems(page: Document): Promise<string[]> {
  // Through the debugger: the page's own policy allows no such script.
  if (!await page.evaluate(() => 'axe' in globalThis)) await page.evaluate(axe)
  const { violations } = await page.evaluate(() => globalThis.axe.run({ rules: { 'color-contrast': { enabled: false } }, iframes: false }))
  return violations.flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`))
}

/** Texts with less than 4.5 : 1 to what lies behind them, and a focus ring with less than 3 : 1 to the page's surfaces. */
export const contrastProblems = (page: Document): Promise<string[]> => page.evaluate(async () => {
  // Half-way between two colours nothing is to be read for long.
  await Promise.allSettled(document.getAnimations().filter(one => one instanceof CSSTransition).map(one => one.finished))
  type Colour = [number, number, number, number]
  const read = (text: string): Colour => {
    const [r = 0, g = 0, b = 0, a = 1] = (text.match(/[\d.]+/g) ?? []).map(Number)
    return [r, g, b, a]
  }
  const over = ([r, g, b, a]: Colour, [R, G, B]: Colour): Colour => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1]
  const light = ([r, g, b]: Colour): number => {
    const channel = (value: number): number => value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4
    return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
  }
  const ratio = (one: Colour, other: Colour): number => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a) as [number, number]
    return (high + 0.05) / (low + 0.05)
  }
  const behind = (element: Element | null): Colour => {
    if (!element) return [255, 255, 255, 1]
    const own = read(getComputedStyle(element).backgroundColor)
    return own[3] === 1 ? own : over(own, behind(element.parentElement))
  }
  const problems = new Set<string>()
  const ring = getComputedStyle(document.documentElement).getPropertyValue('--focus').trim()
  const ringColour = read(`rgb(${(ring.match(/[\da-f]{2}/gi) ?? []).map(part => parseInt(part, 16)).join(',')})`)
  const modal = document.querySelector('dialog[open]')
  const walker = document.createTreeWalker(modal ?? document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement
    if (!element || !node.textContent?.trim() || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || element.closest('svg, .sr, .skip, option')) continue
    const ground = behind(element)
    const found = ratio(over(read(getComputedStyle(element).color), ground), ground)
    if (found < 4.5) problems.add(`${found.toFixed(2)}: ${node.textContent.trim().slice(0, 40)} (${element.className || element.tagName})`)
    if (ratio(ringColour, ground) < 3 && !element.closest('.btn.primary, .seg, .count')) problems.add(`focus ring ${ratio(ringColour, ground).toFixed(2)} on ${element.className}`)
  }
  return [...problems]
})

/** All of these rules in both schemes; the page keeps its own. */
export async function lookProblems(page: Page): Promise<string[]> {
  await page.emulateMedia({ reducedMotion: 'reduce' }) // colours on their way are nobody's
  const own = await page.locator('html').getAttribute('data-scheme') ?? 'dark'
  const setScheme = (scheme: string): Promise<void> => page.evaluate(to => { document.documentElement.dataset['scheme'] = to }, scheme)
  const problems: string[] = []
  for (const scheme of ['light', 'dark']) {
    await setScheme(scheme)
    for (const problem of await contrastProblems(page)) problems.push(`${scheme}: ${problem}`)
  }
  await setScheme(own)
  await page.emulateMedia({ reducedMotion: null })
  return [...problems, ...await accessibilityProblems(page)]
}
