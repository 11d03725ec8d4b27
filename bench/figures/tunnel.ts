/** B3, B3l, B3p, B3lp: files from a browser's request through us out of a device, against haproxy in front of a web server with the same files. */
import fs from 'node:fs'
import path from 'node:path'
import { fill } from '../../test/fixtures/fill.ts'
import { freePort, startHaproxy } from '../baseline/haproxy.ts'
import { SIZES, type FileName } from '../load/files.ts'
import { startOrderedLoad, type OrderedLoad } from '../ordered-load.ts'
import { startPlatformService } from '../platform-service.ts'
import { folder, startService, type Measured } from '../processes.ts'
import { ratioOf, type Ratio } from '../ratio.ts'

const FILES = Object.keys(SIZES) as FileName[]
export const STREAMS = [1, 50] as const
const CASES = STREAMS.flatMap(streams => FILES.map(file => `${streams} ${file}`))
const WARM = 1
const SECONDS = 3
const PER_SECOND = 100
const PACE_SECONDS = 12

interface Measures { readonly perSecond: Map<string, number>, readonly p99: number }

async function measure(server: Measured, load: OrderedLoad): Promise<Measures> {
  const perSecond = new Map<string, number>()
  for (const name of CASES) {
    const [streams, file] = name.split(' ')
    await load.order(`flow ${file} ${streams} ${WARM}`)
    const before = server.cpu()
    const { bytes } = await load.order<{ bytes: number }>(`flow ${file} ${streams} ${SECONDS}`)
    perSecond.set(name, bytes / (server.cpu() - before))
  }
  await load.order(`pace 1k ${PER_SECOND} 2`)
  const { p99 } = await load.order<{ p99: number }>(`pace 1k ${PER_SECOND} ${PACE_SECONDS}`)
  return { perSecond, p99 }
}

export interface TunnelFigures {
  /** Bytes per CPU-second, ours by theirs. */
  readonly flows: ReadonlyArray<{ readonly streams: number, readonly file: FileName, readonly ratio: Ratio }>
  /** p99 of ours less p99 of theirs, in milliseconds. */
  readonly latency: Ratio
}

/** Has a server ready, measures it, and ends it. */
type Side = () => Promise<Measures>

/** haproxy, `at` and in front of a web server at `behind`. */
async function haproxySide(at: number | string, behind: number | string): Promise<Measures> {
  const proxy = await startHaproxy(at, behind)
  const web = await startOrderedLoad('tunnel.ts', ['web', typeof at === 'string' ? at : `http://127.0.0.1:${at}`, String(behind)])
  const measures = await measure(proxy, web)
  await web.stop()
  await proxy.stop()
  return measures
}

/** The stand-alone service and a device. */
async function standaloneSide(workingPath: string): Promise<Measures> {
  const service = await startService(workingPath)
  const device = await startOrderedLoad('tunnel.ts', ['device', service.url])
  const measures = await measure(service, device)
  await device.stop()
  await service.stop()
  return measures
}

/** The service on an App Platform; its webserver, the browsers and the device are one process of load. */
async function platformSide(workingPath: string): Promise<Measures> {
  const load = await startOrderedLoad('platform.ts', [path.join(workingPath, 'webserver'), 'devices'])
  const service = await startPlatformService(workingPath)
  await load.order('device')
  const measures = await measure(service, load)
  await service.stop()
  await load.stop()
  return measures
}

/** Pairs of theirs and ours, in turns. */
async function pairsOf(name: string, pairs: number, theirSide: Side, ourSide: (workingPath: string) => Promise<Measures>): Promise<TunnelFigures> {
  const ratios = new Map(CASES.map(name => [name, [] as number[]]))
  const differences: number[] = []
  for (let pair = 0; pair < pairs; pair++) {
    const theirs = await theirSide()
    const workingPath = folder()
    fill(workingPath, 1)
    const ours = await ourSide(workingPath)
    fs.rmSync(workingPath, { recursive: true })
    for (const one of CASES) {
      const [mine = 0, other = 1] = [ours.perSecond.get(one), theirs.perSecond.get(one)]
      ratios.get(one)?.push(mine / other)
      console.log(`  ${name} ${one}: ours ${(mine / 1e6).toFixed(1)} MB, haproxy ${(other / 1e6).toFixed(1)} MB per CPU-second`)
    }
    console.log(`  ${name} p99: ours ${ours.p99.toFixed(2)} ms, haproxy ${theirs.p99.toFixed(2)} ms`)
    differences.push(ours.p99 - theirs.p99)
  }
  return {
    flows: STREAMS.flatMap(streams => FILES.map(file => ({ streams, file, ratio: ratioOf(ratios.get(`${streams} ${file}`) ?? []) }))),
    latency: ratioOf(differences),
  }
}

/** B3, B3l: stand-alone, over TCP on both sides. */
export const tunnel = (pairs: number): Promise<TunnelFigures> =>
  pairsOf('tunnel', pairs, async () => haproxySide(await freePort(), await freePort()), standaloneSide)

/** B3p, B3lp: on an App Platform, over unix sockets on both sides. */
export const platformTunnel = (pairs: number): Promise<TunnelFigures> => pairsOf('platform tunnel', pairs, async () => {
  const at = folder()
  const measures = await haproxySide(path.join(at, 'in'), path.join(at, 'behind'))
  fs.rmSync(at, { recursive: true })
  return measures
}, platformSide)
