/**
 * `npm run icons`: draws the icons in `manifest/icons` as PNG with Chromium, where store and app take them. The PNGs are kept in the
 * repository, so that building needs no browser.
 */
import fs from 'node:fs'
import { openBrowser } from '../../test/browser/browser.ts'

/** Sizes: wire-protocols 6.1 (50, myApps) and 8.1 (110, store). */
export const ICONS = [
  { svg: 'manifest/icons/devices.svg', png: 'ui/static/innovaphone-devices.png', size: 50 },
  { svg: 'manifest/icons/devices-api.svg', png: 'ui/static/innovaphone-devices-api.png', size: 50 },
  { svg: 'manifest/icons/store.svg', png: 'manifest/icons/store.png', size: 110 },
] as const

if (import.meta.main) {
  const browser = await openBrowser()
  for (const { svg, png, size } of ICONS) {
    const page = await browser.newPage({ viewport: { width: size, height: size } })
    const image = `data:image/svg+xml;base64,${fs.readFileSync(svg).toString('base64')}`
    await page.setContent(`<style>body{margin:0}img{display:block}</style><img width="${size}" height="${size}" src="${image}">`)
    await page.locator('img').evaluate(element => element instanceof HTMLImageElement ? element.decode() : undefined)
    fs.writeFileSync(png, await page.screenshot({ omitBackground: true }))
    await page.close()
    console.log(`${png}: ${size} × ${size}`)
  }
  await browser.close()
}
