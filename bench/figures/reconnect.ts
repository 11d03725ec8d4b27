/** B1, B1t, B2: a fleet comes back at once; what that costs per device, and what each idle device holds. */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fill } from '../../test/fixtures/fill.ts'
import { folder, inRepository, LOAD_CORE, node, pause, start, startBaseline, startService, type Measured } from '../processes.ts'
import type { Ratio } from '../ratio.ts'
import { ratioOf } from '../ratio.ts'

const WIDTH = 200
/** What a server settles in after a storm before its memory is read. */
const SETTLE = 4_000

export interface Storm { readonly cpuPerDevice: number, readonly rssPerDevice: number }

const fleet = (url: string, count: number, kind: 'devices' | 'echo', resume: boolean): Promise<Measured> =>
  start(LOAD_CORE, [node(), inRepository('bench/load/fleet.ts'), url, String(count), String(WIDTH), kind, ...(resume ? ['resume'] : [])], /"done".*\n/)

/** One fleet against one server: CPU and memory per connection. */
async function storm(server: Measured & { url: string }, count: number, kind: 'devices' | 'echo', resume = false, whileThere?: (server: Measured) => Promise<void>): Promise<Storm> {
  const empty = server.rss()
  const before = server.cpu()
  const load = await fleet(server.url, count, kind, resume)
  const result = JSON.parse(load.out().trim()) as { done: number, failed: number }
  if (result.failed > 0) throw new Error(`${result.failed} of ${count} did not get in`)
  await pause(200) // the last states are written
  const cpu = server.cpu() - before
  await pause(SETTLE)
  const rss = server.rss() - empty
  await whileThere?.(server)
  await load.stop()
  return { cpuPerDevice: cpu / count, rssPerDevice: rss / count }
}

/** A self-signed certificate on P-256. */
export function certificate(): { cert: string, key: string } {
  const at = folder()
  const cert = path.join(at, 'cert.pem')
  const key = path.join(at, 'key.pem')
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost'], { stdio: 'ignore' })
  return { cert, key }
}

export interface ReconnectFigures { readonly cpu: Ratio, readonly rss: Ratio, readonly rssBytes: { ours: number, bare: number } }

/** Pairs of ours and bare, in turns. `tls` measures over TLS 1.3. */
export async function reconnect(count: number, pairs: number, tls: boolean, resume = false): Promise<ReconnectFigures> {
  const pem = tls ? certificate() : undefined
  const filled = folder()
  fill(filled, count)
  const cpu: number[] = []
  const rss: number[] = []
  let last = { ours: 0, bare: 0 }
  for (let pair = 0; pair <= pairs; pair++) {
    const bareServer = await startBaseline(pem ? [`--cert=${pem.cert}`, `--key=${pem.key}`] : [])
    const bare = await storm(bareServer, count, 'echo', resume)
    await bareServer.stop()
    const workingPath = folder()
    fs.cpSync(filled, workingPath, { recursive: true })
    const ourServer = await startService(workingPath, pem ? [`--tls-cert=${pem.cert}`, `--tls-key=${pem.key}`] : [])
    const ours = await storm(ourServer, count, 'devices', resume)
    await ourServer.stop()
    fs.rmSync(workingPath, { recursive: true })
    if (pair === 0) continue // warm-up
    cpu.push(bare.cpuPerDevice / ours.cpuPerDevice)
    rss.push(ours.rssPerDevice / bare.rssPerDevice)
    last = { ours: ours.rssPerDevice, bare: bare.rssPerDevice }
    console.log(`  ${tls ? 'TLS ' : ''}${count} devices: ours ${(ours.cpuPerDevice * 1e6).toFixed(0)} us, bare ${(bare.cpuPerDevice * 1e6).toFixed(0)} us; ours ${ours.rssPerDevice.toFixed(0)} B, bare ${bare.rssPerDevice.toFixed(0)} B each`)
  }
  fs.rmSync(filled, { recursive: true })
  return { cpu: ratioOf(cpu), rss: ratioOf(rss), rssBytes: last }
}
