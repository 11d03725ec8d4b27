/**
 * `npm run bench [figure …]`: runs the figures and writes docs/benchmarks.md. Figures: reconnect, tls, idle, cold, row, search, tunnel, platform, fanout.
 * `BENCH_PAIRS` sets the number of counted pairs (default 5).
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import { haproxyIsThere } from './baseline/haproxy.ts'
import { coldStart } from './figures/cold-start.ts'
import { fanOut } from './figures/fan-out.ts'
import { firstRowPainted } from './figures/first-row.ts'
import { idle } from './figures/idle.ts'
import { platformStorm } from './figures/platform-storm.ts'
import { reconnect, resumption } from './figures/reconnect.ts'
import { search } from './figures/search.ts'
import { platformTunnel, tunnel, type TunnelFigures } from './figures/tunnel.ts'
import { inRepository } from './processes.ts'
import { printed, type Ratio } from './ratio.ts'

const pairs = Number(process.env['BENCH_PAIRS'] ?? 5)
const wanted = process.argv.slice(2)

/** Each connection takes a descriptor; the hard limit of this machine decides how many fit. */
const descriptors = Number(execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim()) || Infinity
const most = Math.min(20_000, descriptors - 1_000)

interface Row { readonly id: string, readonly what: string, readonly ratio: Ratio, readonly gate: string, readonly met: boolean | undefined, readonly note: string }

const least = (gate: number, ratio: Ratio): Pick<Row, 'gate' | 'met' | 'ratio'> => ({ gate: `>= ${gate.toFixed(2)}`, met: ratio.median >= gate, ratio })
const highest = (gate: number, ratio: Ratio): Pick<Row, 'gate' | 'met' | 'ratio'> => ({ gate: `<= ${gate.toFixed(2)}`, met: ratio.median <= gate, ratio })
/** A comparison that says what there is to say, with a baseline that nobody can be asked to come near. */
const told = (ratio: Ratio): Pick<Row, 'gate' | 'met' | 'ratio'> => ({ gate: '', met: undefined, ratio })

const tunnelRows = ({ flows, latency }: TunnelFigures, suffix: '' | 'p', place: string, behind: string): Row[] => [
  ...flows.map(({ streams, file, ratio }) => ({
    id: `B3${suffix}`, what: `tunnel${place}, ${streams} ${streams === 1 ? 'stream' : 'streams'} of ${file} bodies: bytes per CPU-second against haproxy${behind}`, ...least(0.4, ratio),
    note: streams === 1 ? 'one RECV of at most 16,000 bytes after the other, each a round trip to the device' : '',
  })),
  { id: `B3l${suffix}`, what: `tunnel${place}, 1 KB at 100 requests/s: p99 less that of haproxy${behind}, in ms (a difference, no ratio)`, ...highest(2, latency), note: '' },
]

const needHaproxy = (): void => { if (!haproxyIsThere()) throw new Error('the figures of tunnels need haproxy (Debian package haproxy: apt-get install haproxy)') }

/** By the names one asks for them; each gives its lines of the report. */
const FIGURES: Readonly<Record<string, () => Promise<Row[]>>> = {
  reconnect: async () => {
    const { cpu, rss, rssBytes } = await reconnect(most, pairs, false)
    return [
      { id: 'B1', what: `reconnect storm, ${most} devices: authenticated per CPU-second against bare upgrade and echo`, ...least(0.35, cpu), note: '' },
      { id: 'B2', what: `memory per idle device at ${most}`, ...highest(3, rss), note: `${rssBytes.ours.toFixed(0)} bytes against ${rssBytes.bare.toFixed(0)}` },
    ]
  },
  tls: async () => {
    const count = Math.min(most, 10_000)
    return [
      { id: 'B1t', what: `reconnect storm over TLS 1.3, ${count} devices`, ...least(0.8, (await reconnect(count, pairs, true)).cpu), note: '' },
      { id: 'B1t', what: 'devices per CPU-second that resume their TLS session against such that do not', ...least(3, await resumption(Math.min(most, 4_000), pairs)), note: 'certificate on P-256' },
    ]
  },
  cold: async () => [{ id: 'B10', what: 'start to first authenticated device, 100,000 devices known', ...highest(3, await coldStart(100_000, pairs)), note: '' }],
  row: async () => {
    const { ratio, ours, bare } = await firstRowPainted(100_000, pairs)
    return [{ id: 'B5', what: 'browser: navigation to first painted row, 100,000 devices, against a static page with the same rows', ...highest(2, ratio), note: `${ours.toFixed(0)} ms against ${bare.toFixed(0)} ms` }]
  },
  search: async () => {
    const { ratio, ours, bare } = await search(100_000, Math.min(pairs, 3))
    return [{ id: 'B6', what: 'search: keystroke to rows and their number, p95 over typed words, 100,000 devices, against plain SQL on the same file and a websocket', ...highest(5, ratio), note: `${ours.toFixed(0)} ms against ${bare.toFixed(0)} ms` }]
  },
  tunnel: async () => {
    needHaproxy()
    return tunnelRows(await tunnel(pairs), '', '', '')
  },
  platform: async () => {
    needHaproxy()
    const count = 20_000
    const standalone = Math.min(most, 15_000)
    const { cpu, cpuStandalone, cpuMicros, rss, rssBytes } = await platformStorm(count, standalone, pairs)
    const micros = (value: number): string => `${value.toFixed(0)} µs`
    return [
      { id: 'B1p', what: `App Platform: reconnect storm, ${count} devices: authenticated per CPU-second against a bare plugin's accept and echo`, ...told(cpu), note: `${micros(cpuMicros.ours)} against ${micros(cpuMicros.bare)}; no gate: a bare plugin makes no system call per websocket` },
      { id: 'B1p', what: `the same against the stand-alone service with ${standalone} devices over TCP`, ...least(1, cpuStandalone), note: `${micros(cpuMicros.ours)} against ${micros(cpuMicros.standalone)}` },
      { id: 'B2p', what: `App Platform: memory per idle device at ${count} against a bare plugin's idle websocket`, ...highest(3, rss), note: `${rssBytes.ours.toFixed(0)} bytes against ${rssBytes.bare.toFixed(0)}` },
      ...tunnelRows(await platformTunnel(pairs), 'p', ' on an App Platform', ' between unix sockets'),
    ]
  },
  idle: async () => [{ id: 'B14', what: 'CPU of idle devices with keep-alive', ...highest(2, await idle(Math.min(most, 15_000), Math.min(pairs, 3))), note: '' }],
  fanout: async () => {
    const count = Math.min(most, 10_000)
    const { total, tail, ms } = await fanOut(count, pairs)
    return [
      { id: 'B4', what: `a new password reaches ${count} connected devices and each has confirmed it, against publish and echo`, ...highest(6, total), note: `${ms.ours.toFixed(0)} ms against ${ms.bare.toFixed(0)} ms` },
      { id: 'B4t', what: 'part of that time which the last percent of the devices takes', ...highest(0.1, tail), note: '' },
    ]
  },
}

const unknown = wanted.filter(name => !(name in FIGURES))
if (unknown.length) {
  console.error(`there is no figure ${unknown.join(', ')}; there are ${Object.keys(FIGURES).join(', ')}`)
  process.exit(2)
}

const began = performance.now()
const minutes = (since: number): string => `${((performance.now() - since) / 60_000).toFixed(1)} min`
const lines: string[] = []
let failed = 0
for (const [name, figure] of Object.entries(FIGURES)) {
  if (wanted.length && !wanted.includes(name)) continue
  const since = performance.now()
  console.log(`${name} …`)
  try {
    for (const row of await figure()) lines.push(`| ${row.id} | ${row.what} | ${printed(row.ratio)} | ${row.gate} | ${row.met === undefined ? '' : row.met ? 'yes' : 'no'} | ${row.note} |`)
  } catch (cause) {
    // One figure that cannot run here does not cost the others.
    failed++
    const why = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0] ?? ''
    console.error(`${name} did not run: ${why}`)
    lines.push(`| ${name} | did not run: ${why.replaceAll('|', '/').slice(0, 200)} | | | | |`)
  }
  console.log(`${name}: ${minutes(since)}`)
}

const text = `# Benchmarks

Ratios against a baseline measured in the same run; machines differ and are noisy, ratios less so. Server on one core, load on the other, pairs in turns (bare, ours, bare, ours), CPU seconds of the server process from the operating system. Storms are counted after 2,000 clients have come and gone; memory per device is what a server holds more after a storm and 20 idle seconds than after those first clients and 20 idle seconds. On an App Platform (figures with a p) the load is its webserver with all browsers and devices behind it; memory settles in 35 seconds. What a real webserver costs counts on neither side: there a request into a device passes it twice, where haproxy takes its place once. \`npm run bench\` repeats all figures and writes this page, \`npm run bench -- cold\` one.

Last run: ${new Date().toISOString().slice(0, 10)}, ${os.cpus().length} cores, Node ${process.version}, ${pairs} ${pairs === 1 ? 'pair' : 'pairs'}, ${minutes(began)}. What lies behind the figures that miss their gate: [performance](performance.md).

| figure | what | ratio: median (range, pairs) | first gate | met | |
| --- | --- | --- | --- | --- | --- |
${lines.join('\n')}
`
if (wanted.length === 0) fs.writeFileSync(inRepository('docs/benchmarks.md'), text)
console.log(text)
process.exitCode = failed ? 1 : 0
