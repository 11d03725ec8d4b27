/** B3, B3l: files from a browser's request through us out of a device, against haproxy in front of a web server with the same files. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import readline from 'node:readline'
import { fill } from '../../test/fixtures/fill.ts'
import { freePort, startHaproxy } from '../baseline/haproxy.ts'
import { SIZES, type FileName } from '../load/files.ts'
import { folder, inRepository, LOAD_CORE, node, startService, type Measured } from '../processes.ts'
import { ratioOf, type Ratio } from '../ratio.ts'

const FILES = Object.keys(SIZES) as FileName[]
export const STREAMS = [1, 50] as const
const WARM = 1
const SECONDS = 3
const PER_SECOND = 100
const PACE_SECONDS = 12

interface Load { round<T>(line: string): Promise<T>, stop(): Promise<void> }

/** The load beside a server; it may take orders when this resolves. */
async function startLoad(kind: 'device' | 'web', url: string, behind: number): Promise<Load> {
  const child = spawn('taskset', ['-c', LOAD_CORE, node(), inRepository('bench/load/tunnel.ts'), kind, url, String(behind)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error('the load ended too early')
    return value
  }
  await next()
  return {
    round: async <T>(line: string) => {
      child.stdin.write(`${line}\n`)
      return JSON.parse(await next()) as T
    },
    stop: async () => {
      const gone = once(child, 'exit')
      child.stdin.end()
      await gone
    },
  }
}

interface Measures { readonly perSecond: Map<string, number>, readonly p99: number }

async function measure(server: Measured & { url: string }, load: Load, cases: readonly string[]): Promise<Measures> {
  const perSecond = new Map<string, number>()
  for (const name of cases) {
    const [streams, file] = name.split(' ')
    await load.round(`flow ${file} ${streams} ${WARM}`)
    const before = server.cpu()
    const { bytes } = await load.round<{ bytes: number }>(`flow ${file} ${streams} ${SECONDS}`)
    perSecond.set(name, bytes / (server.cpu() - before))
  }
  await load.round(`pace 1k ${PER_SECOND} 2`)
  const { p99 } = await load.round<{ p99: number }>(`pace 1k ${PER_SECOND} ${PACE_SECONDS}`)
  return { perSecond, p99 }
}

export interface TunnelFigures {
  /** Bytes per CPU-second, ours by theirs. */
  readonly flows: ReadonlyArray<{ readonly streams: number, readonly file: FileName, readonly ratio: Ratio }>
  /** p99 of ours less p99 of theirs, in milliseconds. */
  readonly latency: Ratio
}

/** Pairs of theirs and ours, in turns. */
export async function tunnel(pairs: number): Promise<TunnelFigures> {
  const cases = STREAMS.flatMap(streams => FILES.map(file => `${streams} ${file}`))
  const ratios = new Map(cases.map(name => [name, [] as number[]]))
  const differences: number[] = []
  const filled = folder()
  fill(filled, 1)
  for (let pair = 0; pair < pairs; pair++) {
    const behind = await freePort()
    const proxy = await startHaproxy(behind)
    const web = await startLoad('web', proxy.url, behind)
    const theirs = await measure(proxy, web, cases)
    await web.stop()
    await proxy.stop()
    const workingPath = folder()
    fs.cpSync(filled, workingPath, { recursive: true })
    const service = await startService(workingPath)
    const device = await startLoad('device', service.url, 0)
    const ours = await measure(service, device, cases)
    await device.stop()
    await service.stop()
    fs.rmSync(workingPath, { recursive: true })
    for (const name of cases) {
      const [mine = 0, other = 1] = [ours.perSecond.get(name), theirs.perSecond.get(name)]
      ratios.get(name)?.push(mine / other)
      console.log(`  tunnel ${name}: ours ${(mine / 1e6).toFixed(1)} MB, haproxy ${(other / 1e6).toFixed(1)} MB per CPU-second`)
    }
    console.log(`  tunnel p99: ours ${ours.p99.toFixed(2)} ms, haproxy ${theirs.p99.toFixed(2)} ms`)
    differences.push(ours.p99 - theirs.p99)
  }
  fs.rmSync(filled, { recursive: true })
  return {
    flows: STREAMS.flatMap(streams => FILES.map(file => ({ streams, file, ratio: ratioOf(ratios.get(`${streams} ${file}`) ?? []) }))),
    latency: ratioOf(differences),
  }
}
