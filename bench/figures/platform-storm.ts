/**
 * B1p, B2p: a fleet comes back at once through the webserver of an App Platform; what that costs per device, and what each idle
 * device holds. Against a plugin that only takes websockets and echoes, at the same webserver; and, for what a device costs, against
 * the stand-alone service with as many devices over TCP.
 */
import fs from 'node:fs'
import path from 'node:path'
import { fill } from '../../test/fixtures/fill.ts'
import { startOrderedLoad, type OrderedLoad } from '../ordered-load.ts'
import { startPlatformService } from '../platform-service.ts'
import { folder, inRepository, node, pause, SERVER_CORE, start, type Measured } from '../processes.ts'
import { ratioOf, type Ratio } from '../ratio.ts'
import { standaloneStorm, type Storm } from './reconnect.ts'

const WIDTH = 200
/** Those who come and go first, as in reconnect.ts. */
const WARM = 2_000
/** What a server settles in before its memory is read. V8 gives pages back up to 20 seconds after a collection where nothing wakes it. */
const SETTLE = 35_000

async function storm(server: Measured, load: OrderedLoad, count: number): Promise<Storm> {
  const come = async (number: number): Promise<void> => {
    const { failed } = await load.order<{ failed: number }>(`storm ${number} ${WIDTH}`)
    if (failed > 0) throw new Error(`${failed} of ${number} did not get in`)
  }
  await come(Math.min(WARM, count))
  await load.order('drop')
  await pause(SETTLE)
  const empty = server.rss()
  const before = server.cpu()
  await come(count)
  await pause(200) // the last states are written
  const cpu = server.cpu() - before
  await pause(SETTLE)
  return { cpuPerDevice: cpu / count, rssPerDevice: (server.rss() - empty) / count }
}

async function ours(filled: string, count: number): Promise<Storm> {
  const workingPath = folder()
  fs.cpSync(filled, workingPath, { recursive: true })
  const load = await startOrderedLoad('platform.ts', [path.join(workingPath, 'webserver'), 'devices'])
  const service = await startPlatformService(workingPath)
  try {
    return await storm(service, load, count)
  } finally {
    await service.stop()
    await load.stop()
    fs.rmSync(workingPath, { recursive: true })
  }
}

async function bare(count: number): Promise<Storm> {
  const at = folder()
  const socket = path.join(at, 'webserver')
  const load = await startOrderedLoad('platform.ts', [socket, 'echo'])
  const plugin = await start(SERVER_CORE, [node(), inRepository('bench/baseline/bare-plugin.ts'), socket], /ready/)
  try {
    return await storm(plugin, load, count)
  } finally {
    await plugin.stop()
    await load.stop()
    fs.rmSync(at, { recursive: true })
  }
}

export interface PlatformStormFigures {
  /** Devices per CPU-second by websockets of the bare plugin per CPU-second. */
  readonly cpu: Ratio
  /** Devices per CPU-second by those of the stand-alone service. */
  readonly cpuStandalone: Ratio
  readonly cpuMicros: { readonly ours: number, readonly bare: number, readonly standalone: number }
  /** Bytes per idle device. */
  readonly rss: Ratio
  readonly rssBytes: { readonly ours: number, readonly bare: number }
}

const show = ({ cpuPerDevice, rssPerDevice }: Storm): string => `${(cpuPerDevice * 1e6).toFixed(1)} us, ${rssPerDevice.toFixed(0)} B`

/** Triples of bare plugin, ours and stand-alone, in turns; the last with `standaloneCount` devices, for which it needs descriptors. */
export async function platformStorm(count: number, standaloneCount: number, pairs: number): Promise<PlatformStormFigures> {
  const filled = folder()
  fill(filled, count)
  const all: { mine: Storm, theirs: Storm, standalone: Storm }[] = []
  try {
    for (let pair = 0; pair < pairs; pair++) {
      const one = { theirs: await bare(count), mine: await ours(filled, count), standalone: await standaloneStorm(filled, standaloneCount) }
      all.push(one)
      console.log(`  platform, ${count} devices: ours ${show(one.mine)} each; bare plugin ${show(one.theirs)}; stand-alone with ${standaloneCount} ${(one.standalone.cpuPerDevice * 1e6).toFixed(1)} us`)
    }
  } finally {
    fs.rmSync(filled, { recursive: true })
  }
  const last = all.at(-1)
  return {
    cpu: ratioOf(all.map(({ mine, theirs }) => theirs.cpuPerDevice / mine.cpuPerDevice)),
    cpuStandalone: ratioOf(all.map(({ mine, standalone }) => standalone.cpuPerDevice / mine.cpuPerDevice)),
    cpuMicros: { ours: (last?.mine.cpuPerDevice ?? 0) * 1e6, bare: (last?.theirs.cpuPerDevice ?? 0) * 1e6, standalone: (last?.standalone.cpuPerDevice ?? 0) * 1e6 },
    rss: ratioOf(all.map(({ mine, theirs }) => mine.rssPerDevice / theirs.rssPerDevice)),
    rssBytes: { ours: last?.mine.rssPerDevice ?? 0, bare: last?.theirs.rssPerDevice ?? 0 },
  }
}
