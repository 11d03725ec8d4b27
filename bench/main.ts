/**
 * `npm run bench [figure …]`: runs the figures and writes docs/benchmarks.md. Figures: reconnect, tls, idle, cold, row, tunnel, fanout.
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
import { reconnect } from './figures/reconnect.ts'
import { tunnel } from './figures/tunnel.ts'
import { inRepository } from './processes.ts'
import { printed, type Ratio } from './ratio.ts'

const pairs = Number(process.env['BENCH_PAIRS'] ?? 5)
const wanted = process.argv.slice(2)
const want = (name: string): boolean => wanted.length === 0 || wanted.includes(name)

/** Each connection takes a descriptor; the hard limit of this machine decides how many fit. */
const descriptors = Number(execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim()) || Infinity
const most = Math.min(20_000, descriptors - 1_000)

interface Row { readonly id: string, readonly what: string, readonly ratio: Ratio, readonly gate: string, readonly met: boolean, readonly note: string }
const rows: Row[] = []

if (want('reconnect')) {
  const { cpu, rss, rssBytes } = await reconnect(most, pairs, false)
  rows.push({ id: 'B1', what: `reconnect storm, ${most} devices: authenticated per CPU-second against bare upgrade and echo`, ratio: cpu, gate: '>= 0.35', met: cpu.median >= 0.35, note: '' })
  rows.push({ id: 'B2', what: `memory per idle device at ${most}`, ratio: rss, gate: '<= 3.0', met: rss.median <= 3, note: `${rssBytes.ours.toFixed(0)} bytes against ${rssBytes.bare.toFixed(0)}` })
}
if (want('tls')) {
  const { cpu } = await reconnect(Math.min(most, 4_000), pairs, true)
  rows.push({ id: 'B1t', what: 'reconnect storm over TLS 1.3', ratio: cpu, gate: '>= 0.80', met: cpu.median >= 0.8, note: '' })
}
if (want('cold')) {
  const ratio = await coldStart(100_000, pairs)
  rows.push({ id: 'B10', what: 'start to first authenticated device, 100,000 devices known', ratio, gate: '<= 3.0', met: ratio.median <= 3, note: '' })
}
if (want('row')) {
  const { ratio, ours, bare } = await firstRowPainted(100_000, pairs)
  rows.push({ id: 'B5', what: 'browser: navigation to first painted row, 100,000 devices, against a static page with the same rows', ratio, gate: '<= 2.0', met: ratio.median <= 2, note: `${ours.toFixed(0)} ms against ${bare.toFixed(0)} ms` })
}
if (want('tunnel')) {
  if (haproxyIsThere()) {
    const { flows, latency } = await tunnel(pairs)
    for (const { streams, file, ratio } of flows) {
      const note = streams === 1 ? 'one RECV of at most 16,000 bytes after the other, each a round trip to the device' : ''
      rows.push({ id: 'B3', what: `tunnel, ${streams} ${streams === 1 ? 'stream' : 'streams'} of ${file} bodies: bytes per CPU-second against haproxy`, ratio, gate: '>= 0.4', met: ratio.median >= 0.4, note })
    }
    rows.push({ id: 'B3l', what: 'tunnel, 1 KB at 100 requests/s: p99 less that of haproxy, in ms (a difference, no ratio)', ratio: latency, gate: '<= 2.0', met: latency.median <= 2, note: '' })
  } else console.error('B3 and B3l did not run: they need haproxy (Debian package haproxy: apt-get install haproxy)')
}
if (want('idle')) {
  const ratio = await idle(Math.min(most, 15_000), Math.min(pairs, 3))
  rows.push({ id: 'B14', what: 'CPU of idle devices with keep-alive', ratio, gate: '<= 2.0', met: ratio.median <= 2, note: '' })
}
if (want('fanout')) {
  const count = Math.min(most, 10_000)
  const { total, tail, ms } = await fanOut(count, pairs)
  rows.push({ id: 'B4', what: `a new password reaches ${count} connected devices and each has confirmed it, against publish and echo`, ratio: total, gate: '<= 6.0', met: total.median <= 6, note: `${ms.ours.toFixed(0)} ms against ${ms.bare.toFixed(0)} ms` })
  rows.push({ id: 'B4t', what: 'part of that time which the last percent of the devices takes', ratio: tail, gate: '<= 0.10', met: tail.median <= 0.1, note: '' })
}

const text = `# Benchmarks

Ratios against a baseline measured in the same run; machines differ and are noisy, ratios less so. Server on one core, load on the other, pairs in turns (bare, ours, bare, ours), CPU seconds of the server process from the operating system. \`npm run bench\` repeats them all, \`npm run bench -- cold\` one.

Last run: ${new Date().toISOString().slice(0, 10)}, ${os.cpus().length} cores, Node ${process.version}.

| figure | what | ratio: median (range, pairs) | first gate | met | |
| --- | --- | --- | --- | --- | --- |
${rows.map(row => `| ${row.id} | ${row.what} | ${printed(row.ratio)} | ${row.gate} | ${row.met ? 'yes' : 'no'} | ${row.note} |`).join('\n')}
`
fs.writeFileSync(inRepository('docs/benchmarks.md'), text)
console.log(text)
