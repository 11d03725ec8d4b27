/** The icons: right size, in every place that shows one, and the manifest's words within what the store takes. */
import fs from 'node:fs'
import t from 'tap'
import { pngSize } from '../../manifest/packaging/png-size.ts'
import { ICONS } from '../../manifest/packaging/render-icons.ts'
import { startService } from '../fixtures/service.ts'

t.test('each icon is drawn as SVG and kept as PNG of its size', async t => {
  for (const { svg, png, size } of ICONS) {
    t.strictSame(pngSize(fs.readFileSync(png)), { width: size, height: size }, png)
    t.match(fs.readFileSync(svg, 'utf8'), new RegExp(`viewBox="0 0 ${size} ${size}"`), 'drawn for this size')
  }
  t.equal(pngSize(fs.readFileSync('package.json')), undefined)
})

t.test('myApps gets the icon beside the address of each app (wire-protocols 6.1)', async t => {
  const service = await startService()
  for (const app of ['innovaphone-devices', 'innovaphone-devices-api']) {
    const answer = await fetch(`${service.base}/${app}.png`)
    t.equal(answer.headers.get('content-type'), 'image/png')
    t.same(Buffer.from(await answer.arrayBuffer()), fs.readFileSync(`ui/static/${app}.png`))
  }
  await service.stop()
})
