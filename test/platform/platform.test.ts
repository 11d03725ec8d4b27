/** The executable on a fake App Platform: what works stand-alone works behind manager and webserver too. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import path from 'node:path'
import t from 'tap'
import { AppClient } from '../fixtures/app-client.ts'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { EXECUTABLE, PASSWORD, startFakePlatform, type FakePlatform } from '../fake-platform/platform.ts'
import { appStart } from '../fake-platform/manager.ts'
import { temporaryFolder } from '../fixtures/service.ts'
import { blobBytes } from '../../app/simulate/web/test-bodies.ts'
import { createSimulator } from '../../app/simulate/simulator.ts'

const ws = (base: string): string => base.replace(/^http/, 'ws')

/** Reads an answer to its end; status, length and digest of the body. */
async function fetched(url: string, options: http.RequestOptions = {}, body?: Iterable<Buffer>): Promise<{ status: number, bytes: number, digest: string, text: string, headers: http.IncomingHttpHeaders }> {
  const request = http.request(url, { agent: false, ...options })
  const answer = once(request, 'response') as Promise<[http.IncomingMessage]>
  for (const piece of body ?? []) if (!request.write(piece)) await once(request, 'drain')
  request.end()
  const [response] = await answer
  const hash = createHash('sha256')
  let bytes = 0
  let text = ''
  for await (const piece of response) {
    hash.update(piece as Buffer)
    bytes += (piece as Buffer).length
    if (bytes < 100_000) text += String(piece)
  }
  return { status: response.statusCode ?? 0, bytes, digest: hash.digest('hex'), text, headers: response.headers }
}

const until = async (condition: () => boolean): Promise<void> => { while (!condition()) await new Promise(resolve => setTimeout(resolve, 10)) }

t.test('two instances: sign-in, live list, tunnel, 100 MB both ways; one stops and starts while the other works', async t => {
  const platform: FakePlatform = await startFakePlatform()
  const [first, second] = await Promise.all([platform.startInstance('devices'), platform.startInstance('second', 'other.example')])
  const page = await fetched(`${first}/innovaphone-devices.htm`)
  t.equal(page.status, 302)
  t.equal((await fetched(new URL(page.headers.location ?? '', `${first}/innovaphone-devices.htm`).href)).status, 200, 'the redirect leads to the page')

  const client = await AppClient.login(`${ws(first)}/innovaphone-devices`, { password: PASSWORD })
  const other = await AppClient.login(`${ws(second)}/innovaphone-devices`, { password: PASSWORD, domain: 'other.example' })
  const simulator = await createSimulator({ url: `${ws(first)}/sysclients`, count: 3, type: 'phone', rate: 100, records: 5, reconnect: { first: 100, most: 500 } })
  await client.request('GetDevices', { recvUpdates: true, unassigned: true })
  await simulator.start()
  await Promise.all(simulator.devices.map(device => device.untilConnected()))
  const domains = await client.request('GetDomains')
  const [domain] = domains['domains'] as { id: number }[]
  const hwId = simulator.devices[0]?.id ?? ''
  const added = client.until(message => message.mt === 'DeviceUpdate' || message.mt === 'DeviceEdited' || message.mt === 'DeviceAdded')
  const result = await client.request('AddDevice', { hwId, domainId: domain?.id, name: 'Phone one' })
  t.equal(result['error'], undefined)
  t.ok(await added, 'watchers see it')
  t.notMatch(JSON.stringify((await other.request('GetDomains'))['domains']), /"example.com"/, 'the other instance knows nothing of it')
  await until(() => simulator.devices[0]?.password !== undefined)

  const { key } = await client.request('GetUserInfo') as unknown as { key: string }
  const tunnel = `${first}/passthrough/${hwId}/${key}`
  t.equal((await fetched(`${tunnel}/log.txt`)).status, 200, 'through the tunnel')
  // 100 MB out of the service and into it, through the webserver and the tunnel.
  const size = 100 * 1024 * 1024
  const download = await fetched(`${tunnel}/blob?bytes=${size}&seed=7`)
  t.match(download, { status: 200, bytes: size, digest: createHash('sha256').update(blobBytes(7, 0, size)).digest('hex') })
  const piece = Buffer.alloc(1024 * 1024, 'devices!')
  const upload = await fetched(`${tunnel}/digest`, { method: 'PUT', headers: { 'content-length': size } }, Array.from({ length: 100 }, () => piece))
  const expected = createHash('sha256')
  for (let n = 0; n < 100; n++) expected.update(piece)
  t.equal(upload.status, 200)
  t.match(upload.text, new RegExp(expected.digest('hex')))
  t.match(upload.text, new RegExp(String(size)))

  // Clients that leave in the middle of an upload: more of them than a device has tunnels.
  for (let round = 0; round < 7; round++) {
    await Promise.all(Array.from({ length: 10 }, async () => {
      const broken = http.request(`${tunnel}/digest`, { method: 'PUT', agent: false, headers: { 'content-length': 1_000_000 } })
      broken.on('error', () => {})
      broken.write(Buffer.alloc(20_000))
      await new Promise(resolve => setTimeout(resolve, 50))
      broken.destroy()
      await new Promise(resolve => broken.once('close', resolve))
    }))
  }
  let free = 0
  for (let tries = 0; free !== 200 && tries < 50; tries++) {
    if (tries > 0) await new Promise(resolve => setTimeout(resolve, 100))
    free = (await fetched(`${tunnel}/log.txt`)).status
  }
  t.equal(free, 200, 'their tunnels are free again')

  await platform.stopInstance('second', 'other.example')
  await until(() => other.closed !== undefined)
  t.equal((await fetched(`${second}/`)).status, 404, 'gone from the webserver')
  t.equal((await fetched(`${tunnel}/log.txt`)).status, 200, 'the other one has not noticed')
  await platform.startInstance('second', 'other.example')
  const again = await AppClient.login(`${ws(second)}/innovaphone-devices`, { password: PASSWORD, domain: 'other.example' })
  await again.close()

  await platform.webserver.crash()
  await until(() => client.closed !== undefined)
  await platform.webserver.comeBack()
  await platform.webserver.registered('/example.com/devices')
  await until(() => simulator.devices.every(device => device.connected))
  const back = await AppClient.login(`${ws(first)}/innovaphone-devices`, { password: PASSWORD })
  t.match(JSON.stringify(await back.request('GetDevices', { domainIds: String(domain?.id) })), /Phone one/, 'all is as it was')
  await simulator.stop()
  t.same(platform.webserver.violations, [], 'no rule of the protocol was broken')

  platform.manager.hangUp()
  t.equal(await platform.exited, 0, 'without its manager the service ends')
  t.notMatch(platform.log(), new RegExp(PASSWORD))
  t.match(platform.log(), /\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} devices@example\.com instance: started at/)
  await platform.stop()
})

t.test('messages of the manager: live changes, and what cannot be understood', async t => {
  const platform = await startFakePlatform()
  const { manager } = platform
  const base = await platform.startInstance('devices')
  const count = manager.received.length
  manager.write(Buffer.from('00000003', 'hex'))
  manager.write(Buffer.from('{{{'))
  for (const message of [
    { mt: 'Nonsense' }, { mt: 'AppStart' }, { mt: 'AppStart', instance: { appName: 5 } }, appStart({ appName: 'devices', appDomain: 'example.com', appPassword: 'x', webserver: '', webserverPath: '', workingPath: '' }),
    { mt: 'AppStop', instance: { appName: 'unknown', appDomain: 'example.com' } }, { mt: 'SetInstanceLogFlags', appName: 'unknown', appDomain: 'x', logFlags: '0x8003' },
    { mt: 'SetServiceLogging', logFlags: '0x8003', logSize: 0 }, { mt: 'SetLogging', enable: true }, { mt: 'AppPlatformDns', dns: 'new.example.com' }, { mt: 'AppPlatformTz', tz: 'CET-1CEST' },
    { mt: 'AppDomain', appName: 'devices', appDomain: 'example.com', domain: 'customer.example', pwd: 'customer-pw' },
  ]) manager.send(message)
  await until(() => /password of a domain/.test(platform.log()))
  const client = await AppClient.login(`${ws(base)}/innovaphone-devices`, { password: 'customer-pw', domain: 'customer.example' })
  t.match(JSON.stringify(await client.request('GetDomains')), /customer\.example/)
  await client.close()
  manager.send({ mt: 'SetCertificate', cert: 'no certificate' })
  t.match(await manager.until({ mt: 'AppAlarm', code: 4 }), { serviceID: 'svc-devices', type: 0, severity: 1, details: '' })
  manager.send({ mt: 'SetCertificate', cert: '' })
  t.match(await manager.until({ mt: 'AppAlarm', code: 4, type: 1 }), { severity: 1 })
  t.equal(manager.received.slice(count).filter(message => message['mt'] === 'AppStatusUpdate').length, 0, 'nothing else has happened')
  const folder = path.join(platform.folder, 'log/devices')
  for (const file of fs.readdirSync(folder)) fs.rmSync(path.join(folder, file))
  manager.send({ mt: 'LogFilesDeleted' })
  manager.send({ mt: 'Nonsense' })
  await platform.stopInstance('devices')
  t.equal(fs.readdirSync(folder).length, 1)
  t.match(fs.readdirSync(folder)[0], /^devices-\d{4}-\d\d-\d\dT\d\d_\d\d_\d\dZ_\d{3}\.txt$/)
  t.notMatch(platform.log(), /customer-pw/)
  await platform.stop()
})

t.test('an instance that cannot be started says so, and others run', async t => {
  const platform = await startFakePlatform()
  const { manager } = platform
  const file = path.join(platform.folder, 'file')
  fs.writeFileSync(file, '')
  manager.send(appStart({ appName: 'bad', appDomain: 'example.com', appPassword: 'x', webserver: platform.webserver.socketPath, webserverPath: 'bad', workingPath: file }))
  await manager.until({ mt: 'AppStatusUpdate', appName: 'bad', status: true })
  await manager.until({ mt: 'AppStatusUpdate', appName: 'bad', status: false })
  t.match(await manager.until({ mt: 'AppAlarm', code: 2 }), { appName: 'bad', appDomain: 'example.com', type: 0, severity: 2 })
  const base = await platform.startInstance('good')
  t.equal((await fetched(`${base}/`)).status, 302)
  platform.process.kill('SIGTERM')
  await manager.until({ mt: 'AppServiceCloseComplete' })
  t.equal(platform.process.exitCode, null, 'it waits for the manager')
  manager.hangUp()
  t.equal(await platform.exited, 0)
  await platform.stop()
})

t.test('a database that cannot be written raises an alarm, and clears it when it can again', async t => {
  const platform = await startFakePlatform()
  const { manager } = platform
  const base = await platform.startInstance('devices')
  const client = await AppClient.login(`${ws(base)}/innovaphone-devices`, { password: PASSWORD })
  // No file may grow any more, as on a full disk; log lines then go to the standard output.
  const limit = (bytes: string): void => { execFileSync('prlimit', ['--pid', String(platform.process.pid), `--fsize=${bytes}:unlimited`]) }
  limit('1')
  client.send({ mt: 'AddDomain', name: 'new.example' })
  t.match(await manager.until({ mt: 'AppAlarm', type: 0, code: 1 }), { appName: 'devices', appDomain: 'example.com', severity: 2, text: /written/ })
  limit('unlimited')
  t.match(await manager.until({ mt: 'AppAlarm', type: 1, code: 1 }), { severity: 2 })
  await platform.stop()
})

t.test('further alarms: very many devices at once, and a task with failed devices', async t => {
  const platform = await startFakePlatform({ args: ['--devices-arriving=3', '--challenge-wait=500'] })
  const { manager } = platform
  const base = await platform.startInstance('devices')
  t.match(await manager.until({ mt: 'AppAlarm', code: 7 }), { type: 0, severity: 1, text: /without the name of a PostgreSQL database/ }, 'this platform has no database for it')
  // Connected and silent: they have not been let in.
  const silent = await Promise.all(['009033500001', '009033500002', '009033500003'].map(id => PlainDevice.connect(`${ws(base)}/sysclients`, { id })))
  const fourth = await fetched(`${base}/sysclients`, { headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' } }).catch(() => ({ status: 0 }))
  t.not(fourth.status, 101, 'one more comes later')
  t.match(await manager.until({ mt: 'AppAlarm', code: 6 }), { appName: 'devices', type: 0, severity: 0, text: /come back by themselves/ })
  for (const device of silent.slice(1)) device.socket.terminate()

  // A device of no domain cannot get a category: its task ends with a failure.
  const client = await AppClient.login(`${ws(base)}/innovaphone-devices`, { password: PASSWORD })
  silent[0]?.identify()
  let devices: { id: number }[] = []
  while (devices.length === 0) devices = (await client.request('GetDevicesPage', { offset: 0, limit: 1, states: ['unassigned'] }))['devices'] as { id: number }[]
  const { id: category } = await client.request('AddCategory', { domainId: 1, name: 'blue' })
  await client.request('StartEdit', { selection: { ids: [devices[0]?.id] }, addCategories: [category] })
  t.match(await manager.until({ mt: 'AppAlarm', code: 5 }), { appName: 'devices', type: 2, severity: 1, text: /1 devices failed/ })
  await client.close()
  await platform.stop()
})

t.test('a listener in addition', async t => {
  const probe = net.createServer()
  probe.listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as net.AddressInfo
  await new Promise(resolve => probe.close(resolve))
  const platform = await startFakePlatform({ args: [`--listen=127.0.0.1:${port}`, '--no-such-argument=1', 'nonsense'] })
  await platform.startInstance('devices')
  const client = await AppClient.login(`ws://127.0.0.1:${port}/example.com/devices/innovaphone-devices`, { password: PASSWORD })
  await client.close()
  t.equal((await fetched(`http://127.0.0.1:${port}/elsewhere`)).status, 404)
  await platform.stop()
  t.equal(await platform.exited, 0)
})

t.test('what is asked for in addition and cannot be had keeps no instance from running', async t => {
  const busy = net.createServer()
  busy.listen(0, '127.0.0.1')
  await once(busy, 'listening')
  const { port } = busy.address() as net.AddressInfo
  for (const [args, words] of [
    [['--listen=nonsense'], /error service: "nonsense" is no address to listen on/],
    [[`--listen=127.0.0.1:${port}`], /error service: .*in use/],
    [['--listen=127.0.0.1:0', '--tls-cert=/no/cert'], /error service: --tls-cert and --tls-key go together/],
    [['--listen=127.0.0.1:0', '--tls-cert=/no/cert', '--tls-key=/no/key'], /error service: the TLS certificate \/no\/cert cannot be read/],
    [['--metrics-listen=nonsense'], /error service: "nonsense" is no address to listen on/],
    [[`--metrics-listen=127.0.0.1:${port}`], /error service: .*cannot be used for metrics/],
  ] as const) {
    const platform = await startFakePlatform({ args })
    const base = await platform.startInstance('devices')
    t.equal((await fetched(`${base}/`)).status, 302, args.join(' '))
    t.match(platform.log(), words)
    await platform.stop()
    t.equal(await platform.exited, 0)
  }
  busy.close()
})

t.test('no manager: it ends at once with code 0', async t => {
  const { spawn } = await import('node:child_process')
  const child = spawn(EXECUTABLE, [`--manager=${temporaryFolder()}/nobody`, '--service-id=x', `--log-path=/proc/nowhere`], { stdio: ['ignore', 'pipe', 'ignore'] })
  let out = ''
  child.stdout.on('data', piece => { out += String(piece) })
  t.equal((await once(child, 'close'))[0], 0)
  t.match(out, /^\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} service: Devices/, 'without a log folder it writes to the standard output')
})
