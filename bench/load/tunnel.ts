/**
 * Asks for files through a server, and is the device (or the web server) behind it. Usage: tunnel.ts device|web <url> [port of the
 * web server]. Then one line per round on its input, and one line of JSON per round on its output:
 * `flow <file> <streams> <seconds>` → `{"bytes":n}`: each stream asks for the next file when it has the one before;
 * `pace <file> <per second> <seconds>` → `{"p99":ms}`: requests at fixed times, however long the answers take.
 */
import { performance } from 'node:perf_hooks'
import readline from 'node:readline'
import { AppClient } from '../../test/fixtures/app-client.ts'
import { filledDevice } from '../../test/fixtures/fill.ts'
import { Getter } from './getter.ts'
import { tunnelDevice } from './tunnel-device.ts'
import { webServer } from './web-server.ts'

const [kind, url = '', behind = '0'] = process.argv.slice(2)
const port = Number(new URL(url).port)

let prefix = ''
if (kind === 'device') {
  await tunnelDevice(url)
  const app = await AppClient.login(`${url.replace('http', 'ws')}/example.com/devices`, { password: 'instance-pw-1' })
  prefix = `/example.com/devices/passthrough/${filledDevice(0).hwId}/${String((await app.request('GetUserInfo'))['key'])}`
} else {
  await webServer(Number(behind))
}

async function flow(file: string, streams: number, seconds: number): Promise<{ bytes: number }> {
  const until = performance.now() + seconds * 1000
  let bytes = 0
  await Promise.all(Array.from({ length: streams }, async () => {
    const getter = new Getter(port)
    while (performance.now() < until) {
      const got = await getter.get(`${prefix}/${file}`)
      bytes += got
    }
    getter.close()
  }))
  return { bytes }
}

async function pace(file: string, perSecond: number, seconds: number): Promise<{ p99: number }> {
  const idle: Getter[] = []
  const took: number[] = []
  const one = async (): Promise<void> => {
    const getter = idle.pop() ?? new Getter(port)
    const from = performance.now()
    await getter.get(`${prefix}/${file}`)
    took.push(performance.now() - from)
    idle.push(getter)
  }
  const all: Promise<void>[] = []
  const start = performance.now()
  for (let n = 0; n < perSecond * seconds; n++) {
    const wait = start + n * 1000 / perSecond - performance.now()
    if (wait > 0) await new Promise(resolve => setTimeout(resolve, wait))
    all.push(one())
  }
  await Promise.all(all)
  for (const getter of idle) getter.close()
  took.sort((a, b) => a - b)
  return { p99: took[Math.ceil(took.length * 0.99) - 1] ?? NaN }
}

process.stdout.write('ready\n')
for await (const line of readline.createInterface({ input: process.stdin })) {
  const [what, file = '', n = '1', seconds = '1'] = line.split(' ')
  const result = await (what === 'pace' ? pace : flow)(file, Number(n), Number(seconds))
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
process.exit(0)
