/** B10: from the start of the process to the first authenticated device, with a large database. */
import { performance } from 'node:perf_hooks'
import fs from 'node:fs'
import path from 'node:path'
import * as esbuild from 'esbuild'
import { DATABASE_FILE } from '../../app/store/database.ts'
import { filledDevice, filledPassword, fill } from '../../test/fixtures/fill.ts'
import { PlainDevice } from '../../test/fixtures/plain-device.ts'
import { folder, inRepository, node, SERVER_CORE, start, startService } from '../processes.ts'
import { ratioOf, type Ratio } from '../ratio.ts'

/** The baseline as one file, with nothing to translate or to look for while it starts. */
function bundledBaseline(at: string): string {
  const out = path.join(at, 'open-and-listen.cjs')
  esbuild.buildSync({
    entryPoints: [inRepository('bench/baseline/open-and-listen.ts')], outfile: out, bundle: true, minify: true, platform: 'node', target: 'node24', format: 'cjs',
    external: ['*.node'], define: { 'import.meta.dirname': 'undefined' }, logLevel: 'error',
  })
  return out
}

export async function coldStart(count: number, pairs: number): Promise<Ratio> {
  const workingPath = folder()
  fill(workingPath, count)
  const baseline = bundledBaseline(workingPath)
  const ratios: number[] = []
  for (let pair = 0; pair <= pairs; pair++) {
    const bareFrom = performance.now()
    const bare = await start(SERVER_CORE, [node(), baseline, path.join(workingPath, DATABASE_FILE)], /ready/, { DEVICES_ASSETS: inRepository('dist/assets') })
    const bareTook = performance.now() - bareFrom
    await bare.stop()
    const from = performance.now()
    const service = await startService(workingPath)
    const { hwId, product, version, type } = filledDevice(count - 1)
    const device = await PlainDevice.connect(`${service.url.replace('http', 'ws')}/example.com/devices/sysclients`, { id: hwId, product, version, type }, filledPassword(count - 1))
    device.identify()
    await device.until(3, true)
    const took = performance.now() - from
    await device.close()
    await service.stop()
    if (pair > 0) ratios.push(took / bareTook)
    if (pair > 0) console.log(`  cold start with ${count}: ours ${took.toFixed(0)} ms, bare ${bareTook.toFixed(0)} ms`)
  }
  fs.rmSync(workingPath, { recursive: true })
  return ratioOf(ratios)
}
