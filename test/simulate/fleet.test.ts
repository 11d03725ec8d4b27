import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import t from 'tap'
import { DEALT_FAULTS, isOddity, ODDITY_NAMES } from '../../app/simulate/device/oddities.ts'
import { createSimulator } from '../../app/simulate/simulator.ts'
import { simulateCommand } from '../../app/simulate/command.ts'
import { documentService } from './document-service.ts'

const PASSWORD = '2jjH!u3ucXscEzHq8X!l83BX3!U8TPwA'
const fast = { reconnect: { first: 10, most: 50 }, restartMs: 10 }

t.test('300 devices connect, are given passwords and come back with them', async t => {
  const service = await documentService()
  const simulator = await createSimulator({ url: service.url, count: 300, rate: 3000, localAddresses: 3, ...fast })
  t.teardown(async () => { await simulator.stop(); await service.stop() })
  await simulator.start()
  const seen = new Set<string>()
  for (let n = 0; n < 300; n++) {
    const link = await service.link()
    seen.add(String((await link.identify())['id']))
    link.sendAdmin(1, { password: PASSWORD })
  }
  t.strictSame([...seen].sort(), simulator.devices.map(({ id }) => id).sort())
  await Promise.all(simulator.devices.map(device => device.untilPassword()))
  for (const link of service.links) link.socket.terminate()
  for (let n = 0; n < 300; n++) {
    const link = await service.link()
    const { ok } = await link.challenge(PASSWORD, await link.identify())
    if (!ok) t.fail('wrong digest')
  }
  t.equal(simulator.devices.filter(device => device.authenticated).length, 300)
  const [device] = simulator.devices
  t.equal(simulator.device(device?.id ?? ''), device)
  t.throws(() => simulator.device('nobody'), { code: 'no-such-device' })
})

t.test('local addresses are used', async t => {
  const service = await documentService()
  const simulator = await createSimulator({ url: service.url, count: 4, localAddresses: 2, ...fast })
  t.teardown(async () => { await simulator.stop(); await service.stop() })
  await simulator.start()
  const addresses = new Set<string>()
  for (let n = 0; n < 4; n++) addresses.add(remoteAddress((await service.link()).socket))
  t.strictSame([...addresses].sort(), ['127.0.1.1', '127.0.1.2'])
})
function remoteAddress(socket: object): string {
  const raw = '_socket' in socket ? socket._socket : undefined
  return raw && typeof raw === 'object' && 'remoteAddress' in raw ? String(raw.remoteAddress) : ''
}

t.test('devices wait for a service that is not there, and find it', async t => {
  const first = await documentService()
  const port = Number(new URL(first.url).port)
  await first.stop()
  let failures = 0
  const simulator = await createSimulator({ url: first.url, count: 3, ...fast, onEvent: (_, event) => { if (event.kind === 'failed') failures++ } })
  await simulator.start()
  const [device] = simulator.devices
  await device?.until(() => failures >= 6, 'six failed attempts')
  const service = await documentService(port)
  t.teardown(async () => { await simulator.stop(); await service.stop() })
  await Promise.all(simulator.devices.map(one => one.untilConnected()))
  t.equal(service.links.length, 3)
})

t.test('wss: a self-signed certificate only with insecure', async t => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'simulate-'))
  t.teardown(() => fs.rmSync(folder, { recursive: true }))
  const [key, cert] = [path.join(folder, 'key'), path.join(folder, 'cert')]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=service'], { stdio: 'ignore' })
  const service = await documentService(0, { key: fs.readFileSync(key), cert: fs.readFileSync(cert) })
  let refused = 0
  const careful = await createSimulator({ url: service.url, ...fast, onEvent: (_, event) => { if (event.kind === 'failed') refused++ } })
  const careless = await createSimulator({ url: service.url, seed: 2, insecure: true, ...fast })
  t.teardown(async () => { await careful.stop(); await careless.stop(); await service.stop() })
  await careful.start()
  await careful.devices[0]?.until(() => refused >= 2, 'two refusals')
  t.equal(careful.devices[0]?.connected, false)
  await careless.start()
  await careless.devices[0]?.untilConnected()
  t.equal((await (await service.link()).identify())['id'], careless.devices[0]?.id)
})

t.test('stays away until told, restarts, vanishes', async t => {
  const service = await documentService()
  const simulator = await createSimulator({ url: service.url, ...fast })
  t.teardown(async () => { await simulator.stop(); await service.stop() })
  const [device] = simulator.devices
  if (!device) throw new Error('no device')
  await simulator.start()
  const link = await service.link()
  await link.identify()
  device.disconnect()
  t.equal(await link.closed, 1000)
  await device.untilDisconnected()
  device.connect()
  const second = await service.link()
  await second.identify()
  device.vanish()
  t.equal(await second.closed, 1006)
  device.connect()
  const third = await service.link()
  await third.identify()
  device.reboot()
  t.equal(await third.closed, 1000)
  await (await service.link()).identify()
  device.sendRaw('text')
  device.sendRaw(Buffer.from([9, 9]))
  await service.links.at(-1)?.expect(({ kind }) => kind === 9, 'raw bytes')
})

t.test('faults are dealt out by share, always the same', async t => {
  const make = () => createSimulator({ url: 'ws://127.0.0.1:1/sysclients', count: 1000, faulty: 20, seed: 5 })
  const [one, two] = [await make(), await make()]
  t.strictSame(one.devices.map(({ id }) => id), two.devices.map(({ id }) => id))
  t.ok(DEALT_FAULTS.every(isOddity))
  t.ok(ODDITY_NAMES.length > DEALT_FAULTS.length)
})

t.test('wrong options are refused with a code', async t => {
  const url = 'ws://127.0.0.1:1/sysclients'
  for (const [options, code] of [
    [{ url: 'http://x/sysclients' }, 'bad-url'], [{ url: 'ws://' }, 'bad-url'], [{ url, count: 0 }, 'bad-count'], [{ url, count: 1e9 }, 'bad-count'],
    [{ url, rate: 0 }, 'bad-rate'], [{ url, faulty: 101 }, 'bad-share'], [{ url, localAddresses: -1 }, 'bad-local-addresses'],
  ] as const) await t.rejects(createSimulator(options), { code })
  await t.rejects(createSimulator({ url: 'http://secret-token@x/?token=secret-token' }), { message: /^(?!.*secret-token)/ })
})

t.test('devices simulate, as a command', async t => {
  const service = await documentService()
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'simulate-'))
  t.teardown(async () => { await service.stop(); fs.rmSync(folder, { recursive: true }) })
  const program = path.join(folder, 'program.ts')
  fs.writeFileSync(program, `import { simulateCommand } from '${path.join(import.meta.dirname, '../../app/simulate/command.ts')}'\nawait simulateCommand().parseAsync()\n`)
  const state = path.join(folder, 'state')
  const child = spawn(process.execPath, [program, '--url', service.url, '--count', '3', '--type', 'dect', '--state', state, '--code', '123412341234'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  for (let n = 0; n < 3; n++) {
    const link = await service.link()
    t.match(await link.identify(), { platform: { type: 'DECT' }, provisioningCode: '123412341234' })
    link.sendAdmin(1, { password: PASSWORD })
    const { ok } = await link.challenge(PASSWORD, {})
    t.equal(ok, false, 'the digest is over the real identity')
  }
  let printed = ''
  child.stdout.on('data', piece => { printed += String(piece) })
  child.kill('SIGTERM')
  t.strictSame(await exited, [0, null], 'ends cleanly')
  t.match(printed, /3 devices: 3 connected, 3 authenticated, 0 without password/)
  t.equal(fs.readFileSync(state, 'utf8').trim().split('\n').length, 3)
  t.notMatch(printed, PASSWORD)
  t.match(simulateCommand().helpInformation(), /--reboot-every/)
})
