// npm run demo: the service with 200 simulated devices, most of them in its first domain. Ends with Ctrl-C.
// usage: node scripts/demo.mjs [--listen address:port] [--working-path folder] [--count devices]
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { WebSocket } from 'ws'
import { createSimulator } from '../app/simulate/simulator.ts'

const { values: options } = parseArgs({ options: {
  listen: { type: 'string' }, 'working-path': { type: 'string', default: 'data/demo' }, count: { type: 'string', default: '200' },
} })
const folder = options['working-path']
const count = Number(options.count)
/** Every so many devices one is left unassigned. */
const UNASSIGNED_EVERY = 17
const PARALLEL_ADDS = 20

const FIRST = ['Anna', 'Ben', 'Clara', 'David', 'Emma', 'Felix', 'Greta', 'Hugo', 'Ida', 'Jonas', 'Kira', 'Leon', 'Mara', 'Nils', 'Olga', 'Paul', 'Rosa', 'Sven', 'Tina', 'Udo']
const LAST = ['Albers', 'Becker', 'Cramer', 'Dietz', 'Ebert', 'Fuchs', 'Graf', 'Hahn', 'Jung', 'Krause', 'Lang']
const SITES = ['Berlin', 'Hamburg', 'Munich', 'Vienna', 'Zurich', 'Verona', 'Lyon']

const humanName = (device, n) => ({
  phone: `${FIRST[n % FIRST.length]} ${LAST[Math.floor(n / FIRST.length + n) % LAST.length]}`,
  gateway: `Gateway ${SITES[n % SITES.length]} ${n}`,
  va: `PBX ${SITES[n % SITES.length]} ${n}`,
  dect: `DECT base ${SITES[n % SITES.length]} ${n}`,
  'app-platform': `App Platform ${SITES[n % SITES.length]} ${n}`,
})[device.kind]

/** The default port when it is free, else any. */
async function freeAddress() {
  const probe = net.createServer()
  try {
    probe.listen(8080, '127.0.0.1')
    await once(probe, 'listening')
    return '127.0.0.1:8080'
  } catch {
    return '127.0.0.1:0'
  } finally {
    probe.close()
  }
}

/** Starts the executable and waits for the addresses it prints. */
async function startService(listen) {
  const executable = path.join(import.meta.dirname, '../dist/devices')
  if (!fs.existsSync(executable)) throw new Error('dist/devices is missing; run npm run build first')
  // Its own process group: Ctrl-C reaches this script alone, which ends the devices first.
  const service = spawn(executable, ['--listen', listen, '--working-path', folder, '--log-level', 'warn'], { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  let printed = ''
  const addresses = new Promise((resolve, reject) => {
    service.once('error', reject)
    service.once('exit', code => reject(new Error(`the service ended with code ${code}`)))
    service.stdout.on('data', piece => {
      printed += piece
      const open = /(https?:\/\/\S+)/.exec(printed)?.[1]
      const register = /(wss?:\/\/\S+\/sysclients)/.exec(printed)?.[1]
      if (open && register) resolve({ open, register })
    })
  })
  return { service, ...(await addresses) }
}

/** A client of the service API: login with the instance password, then requests with their answers. */
class Client {
  static async login(open, password) {
    const client = new Client()
    client.socket = new WebSocket(open.replace(/^http/, 'ws').replace(/\/$/, ''))
    client.waiting = new Map()
    client.socket.on('message', data => client.receive(JSON.parse(String(data))))
    await once(client.socket, 'open')
    const { challenge } = await client.ask('AppChallenge')
    const app = 'innovaphone-devices'
    const login = { app, domain: 'example.com', sip: app, guid: '0'.repeat(32), dn: 'Admin' }
    const digest = createHash('sha256').update([app, login.domain, login.sip, login.guid, login.dn, challenge, password].join(':')).digest('hex')
    const { ok } = await client.ask('AppLogin', { ...login, digest })
    if (!ok) throw new Error(`the service refused the password in ${path.join(folder, 'instance-password')}`)
    return client
  }
  ask(mt, fields = {}) {
    const src = String(this.number = (this.number ?? 0) + 1)
    this.socket.send(JSON.stringify({ mt, src, ...fields }))
    return new Promise(resolve => this.waiting.set(src, { mt: `${mt}Result`, resolve, parts: [] }))
  }
  receive(message) {
    // Results of the login carry no src.
    const src = message.src ?? [...this.waiting].find(([, one]) => one.mt === message.mt)?.[0]
    const waiting = this.waiting.get(src)
    if (!waiting || waiting.mt !== message.mt) return
    waiting.parts.push(...(message.devices ?? message.domains ?? []))
    if (message.last === false || ((message.devices || message.domains) && message.last !== true)) return
    this.waiting.delete(src)
    waiting.resolve({ ...message, parts: waiting.parts })
  }
}

/** Adds all that belong to the domain and are not in it, or have lost their password. */
async function addDevices(client, devices) {
  const { parts: domains } = await client.ask('GetDomains')
  const domain = domains.find(one => one.isInstanceDomain) ?? domains[0]
  const { parts: known } = await client.ask('GetDevices', { domainIds: String(domain.id) })
  const inside = new Set(known.map(device => device.hwId))
  const queue = devices.map((device, n) => ({ device, name: humanName(device, n), n }))
    .filter(({ device, n }) => n % UNASSIGNED_EVERY !== UNASSIGNED_EVERY - 1 && (!inside.has(device.id) || device.password === undefined))
  const failed = []
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { error, errorText } = await client.ask('AddDevice', { hwId: next.device.id, domainId: domain.id, name: next.name })
      if (error) failed.push(errorText ?? error)
    }
  }
  await Promise.all(Array.from({ length: PARALLEL_ADDS }, work))
  if (failed.length > 0) console.log(`  ${failed.length} devices could not be added: ${failed[0]}`)
}

/** Now and then a device restarts, or is away for a while. */
function liveliness(devices) {
  return setInterval(() => {
    const device = devices[Math.floor(Math.random() * devices.length)]
    if (!device.connected) return
    if (Math.random() < 0.5) return device.reboot()
    device.disconnect()
    setTimeout(() => device.connect(), 15_000 + Math.random() * 45_000).unref()
  }, 3_000)
}

fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
const { service, open, register } = await startService(options.listen ?? await freeAddress())
let ending = false
const ended = new Promise(resolve => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => { ending = true; resolve(process.exitCode ?? 0) })
  service.once('exit', code => { if (!ending) console.log(`The service ended with code ${code}.`); resolve(1) })
})

const simulator = await createSimulator({
  url: register, count, type: 'mix', stateFile: path.join(folder, 'simulated-devices'), rate: 100, records: 5, reconnect: { first: 1_000, most: 15_000 },
})
let ticking
try {
  const client = await Client.login(open, fs.readFileSync(path.join(folder, 'instance-password'), 'utf8').trim())
  await simulator.start()
  await Promise.all(simulator.devices.map(device => device.untilConnected()))
  await addDevices(client, simulator.devices)
  client.socket.close()
  ticking = liveliness(simulator.devices)
  console.log(`Devices with ${count} simulated devices. Ctrl-C ends it.
  Open      ${open}
  Sign in   domain example.com, password in ${path.resolve(folder, 'instance-password')}
  Devices   ${register}`)
} catch (cause) {
  console.error(`demo: ${cause.message}`)
  process.exitCode = 1
  process.kill(process.pid, 'SIGTERM')
}

process.exitCode = await ended
clearInterval(ticking)
await simulator.stop()
if (service.exitCode === null && service.signalCode === null) {
  const exit = once(service, 'exit')
  service.kill('SIGTERM')
  await exit
}
process.exit()
