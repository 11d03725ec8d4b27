/** B4, B4t: a new domain password reaches all connected devices, against the publishing of the same bytes by a bare server and an echo from each. */
import fs from 'node:fs'
import { fill } from '../../test/fixtures/fill.ts'
import { folder, inRepository, LOAD_CORE, node, start, startBaseline, startService, type Measured } from '../processes.ts'
import { ratioOf, type Ratio } from '../ratio.ts'

/** Bytes of message 0x0003 with a password of 16 characters. */
const FRAME = 75
/** Changes per connected fleet; the first is warm-up. */
const ROUNDS = 4

interface Round { readonly total: number, readonly tail: number }
export interface FanOutFigures {
  /** Time of ours / time of the bare server. */
  readonly total: Ratio
  /** Time for the last percent / whole time, ours. */
  readonly tail: Ratio
  readonly ms: { ours: number, bare: number }
}

async function rounds(server: Measured & { url: string }, count: number, kind: 'devices' | 'publish'): Promise<Round[]> {
  const load = await start(LOAD_CORE, [node(), inRepository('bench/load/fan-out.ts'), server.url, String(count), kind, String(ROUNDS)], /"rounds".*\n/)
  const result = JSON.parse(load.out().trim().split('\n').at(-1) ?? '') as { rounds: Round[] }
  await load.stop()
  return result.rounds.slice(1)
}

const median = (values: readonly number[]): number => ratioOf(values).median

export async function fanOut(count: number, pairs: number): Promise<FanOutFigures> {
  const filled = folder()
  fill(filled, count)
  const total: number[] = []
  const tail: number[] = []
  let ms = { ours: 0, bare: 0 }
  for (let pair = 0; pair < pairs; pair++) {
    const bareServer = await startBaseline([`--publish=${FRAME}`])
    const bare = await rounds(bareServer, count, 'publish')
    await bareServer.stop()
    const workingPath = folder()
    fs.cpSync(filled, workingPath, { recursive: true })
    const ourServer = await startService(workingPath)
    const ours = await rounds(ourServer, count, 'devices')
    await ourServer.stop()
    fs.rmSync(workingPath, { recursive: true })
    ms = { ours: median(ours.map(round => round.total)), bare: median(bare.map(round => round.total)) }
    total.push(ms.ours / ms.bare)
    tail.push(median(ours.map(round => round.tail / round.total)))
    console.log(`  fan-out to ${count}: ours ${ms.ours} ms, bare ${ms.bare} ms, last percent ${(tail.at(-1) ?? 0).toFixed(3)}`)
  }
  fs.rmSync(filled, { recursive: true })
  return { total: ratioOf(total), tail: ratioOf(tail), ms }
}
