/** B14: what idle devices cost, keep-alive included. */
import fs from 'node:fs'
import { fill } from '../../test/fixtures/fill.ts'
import { folder, inRepository, LOAD_CORE, node, pause, start, startBaseline, startService, type Measured } from '../processes.ts'
import { ratioOf, type Ratio } from '../ratio.ts'

/** Long enough for every connection to be pinged at least once. */
const WINDOW = 65_000

/** What the storm of coming leaves to do is done by then. */
const SETTLE = 20_000

async function idleCpu(server: Measured & { url: string }, count: number, kind: 'devices' | 'echo'): Promise<number> {
  const load = await start(LOAD_CORE, [node(), inRepository('bench/load/fleet.ts'), server.url, String(count), '100', kind], /"done".*\n/)
  await pause(SETTLE)
  const before = server.cpu()
  await pause(WINDOW)
  const used = server.cpu() - before
  await load.stop()
  return used
}

export async function idle(count: number, pairs: number): Promise<Ratio> {
  const workingPath = folder()
  fill(workingPath, count)
  const ratios: number[] = []
  for (let pair = 0; pair < pairs; pair++) {
    const bare = await startBaseline()
    const bareUsed = await idleCpu(bare, count, 'echo')
    await bare.stop()
    const ours = await startService(workingPath)
    const used = await idleCpu(ours, count, 'devices')
    await ours.stop()
    console.log(`  idle ${count}: ours ${used.toFixed(2)} s, bare ${bareUsed.toFixed(2)} s of CPU in ${WINDOW / 1000} s`)
    ratios.push(used / bareUsed)
  }
  fs.rmSync(workingPath, { recursive: true })
  return ratioOf(ratios)
}
