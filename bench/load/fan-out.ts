/**
 * Connects many devices, then changes the password of their domain several times, or lets the bare server publish as many bytes to
 * them. Usage: fan-out.ts <url> <count> devices|publish <rounds>
 * Prints `{"done":count}` when all are connected, then `{"rounds":[{"total":ms,"tail":ms}]}`: time from the request to the last
 * confirmation, and the part of it that the last percent took. Waits for SIGTERM.
 */
import { AppClient } from '../../test/fixtures/app-client.ts'
import { LightFleet } from './light-fleet.ts'
import { RawWebSocket } from './raw-websocket.ts'

const [url = '', countText = '0', kind = 'publish', roundsText = '3'] = process.argv.slice(2)
const target = new URL(url)
const count = Number(countText)
const PER_ADDRESS = 1_500
const WIDTH = 200
const PASSWORD = 'instance-pw-1'

interface Fan { readonly confirmedAt: readonly number[], fan(round: number): Promise<void> }
const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
const say = (what: object): void => { process.stdout.write(`${JSON.stringify(what)}\n`) }

async function ours(): Promise<Fan> {
  const fleet = new LightFleet({ port: Number(target.port), count, decrypts: false })
  await fleet.until(() => fleet.online === count)
  const app = await AppClient.login(`ws://${target.host}/example.com/devices`, { password: PASSWORD })
  return {
    confirmedAt: fleet.confirmedAt,
    fan: async round => {
      const reply = await app.request('EditDomain', { id: 1, ...app.encrypted('password', `bench-password-${round}`) })
      if (reply['error'] !== undefined) throw new Error(String(reply['errorText']))
    },
  }
}

/** Clients of the bare server: whatever comes goes back. */
async function bare(): Promise<Fan> {
  const confirmedAt = new Array<number>(count).fill(0)
  let open = 0
  const one = (n: number): Promise<RawWebSocket> => new Promise((resolve, reject) => {
    const socket: RawWebSocket = new RawWebSocket(
      { host: target.hostname, port: Number(target.port), path: '/', localAddress: `127.0.1.${1 + Math.floor(n / PER_ADDRESS)}`, tls: false },
      () => {
        open++
        resolve(socket)
      },
      payload => {
        confirmedAt[n] = Date.now()
        socket.send(payload)
      }, reject)
  })
  const sockets: RawWebSocket[] = []
  for (let n = 0; n < count; n += WIDTH) sockets.push(...await Promise.all(Array.from({ length: Math.min(WIDTH, count - n) }, (_, m) => one(n + m))))
  if (open !== count) throw new Error('not all are connected')
  return { confirmedAt, fan: () => Promise.resolve(sockets[0]?.send(Buffer.from('publish'), 1)) }
}

const fan = await (kind === 'devices' ? ours() : bare())
say({ done: count })
await pause(3_000)
const rounds: { total: number, tail: number }[] = []
for (let round = 0; round < Number(roundsText); round++) {
  const start = Date.now()
  await fan.fan(round)
  while (fan.confirmedAt.some(at => at < start)) await pause(50)
  const times = [...fan.confirmedAt].sort((a, b) => a - b)
  const last = times.at(-1) ?? 0
  rounds.push({ total: last - start, tail: last - (times[Math.floor(count * 0.99)] ?? 0) })
  await pause(1_000)
}
say({ rounds })
process.on('SIGTERM', () => process.exit(0))
setInterval(() => {}, 60_000)
