/**
 * Connects many devices (or bare echo clients) and prints when they are done. They stay connected until the process is told
 * to end. Usage: fleet.ts <url> <count> <concurrency> devices|echo [resume]
 * Prints `{"done":count,"failed":n}` and waits for SIGTERM.
 */
import { admin, identityOf, isChallenge, isWelcome, proof } from './identity.ts'
import { RawWebSocket } from './raw-websocket.ts'

const [url = '', countText = '0', widthText = '100', kind = 'echo', resume] = process.argv.slice(2)
const target = new URL(url)
const count = Number(countText)
/** Few per source address: with many, the kernel searches long for a free port. */
const PER_ADDRESS = 1_500
let started = 0
let done = 0
let failed = 0
const kept: RawWebSocket[] = []
let session: Buffer | undefined

function startOne(): void {
  const n = started++
  const finish = (ok: boolean): void => {
    if (ok) done++
    else failed++
    if (started < count) startOne()
    else if (done + failed === count) process.stdout.write(`${JSON.stringify({ done, failed })}\n`)
  }
  let over = false
  const once = (ok: boolean): void => {
    if (over) return
    over = true
    finish(ok)
  }
  const socket = new RawWebSocket(
    { host: target.hostname, port: Number(target.port), path: kind === 'devices' ? '/example.com/devices/sysclients' : '/', localAddress: `127.0.1.${1 + Math.floor(n / PER_ADDRESS)}`, tls: target.protocol === 'https:', session: resume ? session : undefined },
    () => socket.send(kind === 'devices' ? admin(identityOf(n)) : Buffer.from('hello')),
    payload => {
      if (kind !== 'devices') return once(true)
      if (isChallenge(payload)) socket.send(proof(n, payload))
      else if (isWelcome(payload)) once(true)
    },
    () => once(false))
  if (resume) socket.onSession = fresh => { session ??= fresh }
  kept.push(socket)
}

for (let n = 0; n < Math.min(count, Number(widthText)); n++) startOne()
process.on('SIGTERM', () => process.exit(0))
