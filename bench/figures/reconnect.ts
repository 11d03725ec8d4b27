/** B1, B1t, B2: a fleet comes back at once; what that costs per device, and what each idle device holds. */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fill } from '../../test/fixtures/fill.ts'
import { folder, inRepository, LOAD_CORE, node, pause, start, startBaseline, startService, type Measured } from '../processes.ts'
import { ratioOf, type Ratio } from '../ratio.ts'

const WIDTH = 200
/** What a server settles in after a storm before its memory is read: idle means idle. */
const SETTLE = 20_000
/** Clients that come and go before the counted storm: both servers have loaded and compiled what they need, whatever the number of clients. */
const WARM = 2_000

export interface Storm { readonly cpuPerDevice: number, readonly rssPerDevice: number }

const fleet = (url: string, count: number, kind: 'devices' | 'echo', resume: boolean): Promise<Measured> =>
  start(LOAD_CORE, [node(), inRepository('bench/load/fleet.ts'), url, String(count), String(WIDTH), kind, ...(resume ? ['resume'] : [])], /"done".*\n/)

/** One fleet against one server: CPU and memory per connection. */
async function storm(server: Measured & { url: string }, count: number, kind: 'devices' | 'echo', resume: boolean, memory: boolean): Promise<Storm> {
  await (await fleet(server.url, Math.min(WARM, count), kind, resume)).stop()
  await pause(memory ? SETTLE : 1_000) // their connections are closed, states written
  const empty = server.rss()
  const before = server.cpu()
  const load = await fleet(server.url, count, kind, resume)
  const result = JSON.parse(load.out().trim()) as { done: number, failed: number }
  if (result.failed > 0) throw new Error(`${result.failed} of ${count} did not get in`)
  await pause(200) // the last states are written
  const cpu = server.cpu() - before
  if (memory) await pause(SETTLE)
  const rss = server.rss() - empty
  await load.stop()
  return { cpuPerDevice: cpu / count, rssPerDevice: rss / count }
}

interface Pem { readonly cert: string, readonly key: string }

/** A self-signed certificate on P-256. */
function certificate(): Pem {
  const at = folder()
  const cert = path.join(at, 'cert.pem')
  const key = path.join(at, 'key.pem')
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost'], { stdio: 'ignore' })
  return { cert, key }
}

export interface ReconnectFigures { readonly cpu: Ratio, readonly rss: Ratio, readonly rssBytes: { ours: number, bare: number } }

const show = ({ cpuPerDevice, rssPerDevice }: Storm): string => `${(cpuPerDevice * 1e6).toFixed(0)} us, ${rssPerDevice.toFixed(0)} B`

/** Runs `work` with a folder that holds `count` known devices. */
async function withFleet<T>(count: number, work: (filled: string) => Promise<T>): Promise<T> {
  const filled = folder()
  try {
    fill(filled, count)
    return await work(filled)
  } finally {
    fs.rmSync(filled, { recursive: true })
  }
}

async function ours(filled: string, count: number, pem: Pem | undefined, resume: boolean, memory: boolean): Promise<Storm> {
  const workingPath = folder()
  fs.cpSync(filled, workingPath, { recursive: true })
  const server = await startService(workingPath, pem ? [`--tls-cert=${pem.cert}`, `--tls-key=${pem.key}`] : [])
  try {
    return await storm(server, count, 'devices', resume, memory)
  } finally {
    await server.stop()
    fs.rmSync(workingPath, { recursive: true })
  }
}

/** Plain devices at the stand-alone service; `filled` holds at least so many. Says nothing about memory. */
export const standaloneStorm = (filled: string, count: number): Promise<Storm> => ours(filled, count, undefined, false, false)

async function bare(count: number, pem: Pem | undefined, memory: boolean): Promise<Storm> {
  const server = await startBaseline(pem ? [`--cert=${pem.cert}`, `--key=${pem.key}`] : [])
  try {
    return await storm(server, count, 'echo', false, memory)
  } finally {
    await server.stop()
  }
}

/** B1 and B2, or over TLS 1.3 B1t: pairs of bare and ours, in turns. */
export function reconnect(count: number, pairs: number, tls: boolean): Promise<ReconnectFigures> {
  const pem = tls ? certificate() : undefined
  return withFleet(count, async filled => {
    const cpu: number[] = []
    const rss: number[] = []
    let last = { ours: 0, bare: 0 }
    for (let pair = 0; pair < pairs; pair++) {
      const theirs = await bare(count, pem, !tls)
      const mine = await ours(filled, count, pem, false, !tls)
      cpu.push(theirs.cpuPerDevice / mine.cpuPerDevice)
      rss.push(mine.rssPerDevice / theirs.rssPerDevice)
      last = { ours: mine.rssPerDevice, bare: theirs.rssPerDevice }
      console.log(`  ${tls ? 'TLS ' : ''}${count} devices: ours ${show(mine)} each; bare ${show(theirs)}`)
    }
    return { cpu: ratioOf(cpu), rss: ratioOf(rss), rssBytes: last }
  })
}

/** B1t: devices per CPU-second that resume their TLS session against such that do not. */
export function resumption(count: number, pairs: number): Promise<Ratio> {
  const pem = certificate()
  return withFleet(count, async filled => {
    const ratios: number[] = []
    for (let pair = 0; pair < pairs; pair++) {
      const full = await ours(filled, count, pem, false, false)
      const resumed = await ours(filled, count, pem, true, false)
      ratios.push(full.cpuPerDevice / resumed.cpuPerDevice)
      console.log(`  TLS ${count} devices: full ${show(full)} each; resumed ${show(resumed)}`)
    }
    return ratioOf(ratios)
  })
}
