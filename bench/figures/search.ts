/** B6: from a keystroke in the search field to the rows of the page and their number, against plain SQL on the same file behind a websocket. */
import fs from 'node:fs'
import path from 'node:path'
import { once } from 'node:events'
import WebSocket from 'ws'
import { DATABASE_FILE } from '../../app/store/database.ts'
import { AppClient } from '../../test/fixtures/app-client.ts'
import { fill, filledDevice } from '../../test/fixtures/fill.ts'
import { folder, inRepository, node, SERVER_CORE, start, startService } from '../processes.ts'
import { ratioOf, type Ratio } from '../ratio.ts'

const ROWS = 60

/** What is typed, letter by letter: names, frequent and rare, MACs in two notations, addresses, products, nothing that exists. */
function keystrokes(count: number): string[] {
  const { hwId, ip, name } = filledDevice(Math.floor(count / 3))
  const typed = ['büro 1012', 'Werkstatt', 'empfang 77', name, hwId, hwId.slice(-6), (hwId.match(/../g) ?? []).join('-'), ip, 'ip1200 labor', 'phone', 'nothing']
  return typed.flatMap(text => Array.from({ length: text.length }, (_, at) => text.slice(0, at + 1)))
}

const p95 = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? 0

async function timed(words: readonly string[], ask: (words: string) => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (const word of words) {
    const from = performance.now()
    await ask(word)
    times.push(performance.now() - from)
  }
  return p95(times)
}

export async function search(count: number, pairs: number): Promise<{ ratio: Ratio, ours: number, bare: number }> {
  const workingPath = folder()
  fill(workingPath, count)
  const words = keystrokes(count)
  const ratios: number[] = []
  let last = { ours: 0, bare: 0 }
  const baseline = await start(SERVER_CORE, [node(), inRepository('bench/baseline/raw-search.ts'), path.join(workingPath, DATABASE_FILE)], /ready \S+\n/)
  const socket = new WebSocket((/ready (\S+)/.exec(baseline.out())?.[1] ?? '').replace('http', 'ws'))
  await once(socket, 'open')
  const service = await startService(workingPath)
  const app = await AppClient.login(`${service.url.replace('http', 'ws')}/example.com/devices`, { password: 'instance-pw-1' })
  for (let pair = 0; pair <= pairs; pair++) {
    const bare = await timed(words, async word => {
      const answer = once(socket, 'message')
      socket.send(word)
      const [data] = await answer
      return JSON.parse(String(data)) as unknown
    })
    const ours = await timed(words, word => app.request('GetDevicesPage', { offset: 0, limit: ROWS, search: word, recvUpdates: true }))
    if (pair === 0) continue // warm-up
    ratios.push(ours / bare)
    last = { ours, bare }
    console.log(`  search of ${count}, p95 of ${words.length} keystrokes: ours ${ours.toFixed(1)} ms, plain SQL ${bare.toFixed(1)} ms`)
  }
  app.socket.terminate()
  socket.terminate()
  await service.stop()
  await baseline.stop()
  fs.rmSync(workingPath, { recursive: true, force: true })
  return { ratio: ratioOf(ratios), ...last }
}
