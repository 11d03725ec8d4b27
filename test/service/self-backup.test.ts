/**
 * Backup and restore of the instance by HTTP: keys, parameters and paths of wire-protocols 7.5; on both hosts. What a backup
 * holds is tested in command-line.test.ts; here it travels, is refused, and takes the place of what runs.
 */
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import zlib from 'node:zlib'
import t, { type Test } from 'tap'
import { openFile } from '../../app/store/database.ts'
import { startFakePlatform } from '../fake-platform/platform.ts'
import { AppClient } from '../fixtures/app-client.ts'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { freePort, PASSWORD, startService, temporaryFolder } from '../fixtures/service.ts'


interface Place { readonly base: string, readonly workingPath: string, readonly stop: () => Promise<unknown>, readonly log: () => string }
const login = ({ base }: Place, domain = 'example.com', password = PASSWORD): Promise<AppClient> =>
  AppClient.login(`${base.replace(/^http/, 'ws')}/innovaphone-devices`, { domain, password })
const keyOf = async (client: AppClient): Promise<string> => String((await client.request('RequestHttpKey'))['key'])
async function again(place: Place): Promise<AppClient> {
  for (;;) {
    const client = await login(place).catch(() => undefined)
    if (client) return client
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
const upload = (url: string, body: Uint8Array): Promise<Response> => fetch(url, { method: 'POST', body: Buffer.from(body) })

async function everything(t: Test, place: Place): Promise<void> {
  const { base, workingPath } = place
  const client = await login(place)
  const device = await PlainDevice.connect(`${base.replace(/^http/, 'ws')}/sysclients`, { id: '009033400001' })
  device.identify()
  while (!(await client.request('GetDevice', { hwId: device.identity.id }))['device']) await new Promise(resolve => setTimeout(resolve, 20))
  const handed = device.until(1)
  await client.request('AddDevice', { hwId: device.identity.id, domainId: 1, name: 'Kept' })
  const password = String((await handed)['password'])

  // Two backups: packed as the manager's are by default, and plain.
  const packed = await fetch(`${base}/backup?key=${await keyOf(client)}`)
  t.equal(packed.status, 200)
  t.match(packed.headers.get('content-disposition'), /^attachment; filename="devices-example\.com-\d{4}-\d\d-\d\d\d{4}\.db\.gz"$/)
  const first = zlib.gunzipSync(Buffer.from(await packed.arrayBuffer()))
  const plain = await fetch(`${base}/backup?key=${await keyOf(client)}&uncompressed=1&appName=devices&appDomain=example.com`)
  const second = Buffer.from(await plain.arrayBuffer())
  t.equal(Number(plain.headers.get('content-length')), second.length)
  for (const one of [first, second]) t.equal(one.toString('latin1', 0, 15), 'SQLite format 3')

  // Keys are good once, and each refusal says what to do.
  const used = await keyOf(client)
  const taken = await fetch(`${base}/backup?key=${used}`)
  t.ok(taken.status === 200 && (await taken.arrayBuffer()).byteLength > 1000)
  const refused = await fetch(`${base}/backup?key=${used}`)
  t.match({ status: refused.status, body: await refused.json() }, { status: 403, body: { error: 'failed', errorText: /RequestHttpKey/ } })
  for (const query of ['', '?key=', '?key=nonsense']) t.equal((await fetch(`${base}/backup${query}`)).status, 403, query)
  t.equal((await fetch(`${base}/backup?key=${await keyOf(client)}&appName=other`)).status, 404)
  t.equal((await upload(`${base}/restore?key=${used}`, second)).status, 403)
  for (const [what, body] of [['nothing', Buffer.alloc(0)], ['noise', Buffer.from('no backup at all')], ['half a backup', second.subarray(0, second.length / 2)], ['half a packed one', zlib.gzipSync(second).subarray(0, 2000)]] as const) {
    const answer = await upload(`${base}/restore?key=${await keyOf(client)}`, body)
    t.match({ status: answer.status, body: await answer.json() }, { status: 400, body: { errorText: /backup/ } }, what)
  }
  t.equal((await client.request('GetUserInfo'))['admin'], true, 'nothing has happened to the instance')
  t.same(fs.readdirSync(workingPath).filter(name => /part/.test(name)), [], 'nothing is left behind')

  // A client that leaves in the middle of its upload holds nothing up.
  const broken = http.request(`${base}/restore?key=${await keyOf(client)}`, { method: 'POST', agent: false, headers: { 'content-length': second.length } })
  broken.on('error', () => {})
  broken.write(second.subarray(0, 20_000))
  const underWay = async (): Promise<boolean> => {
    const answer = await fetch(`${base}/backup?key=${await keyOf(client)}`)
    await answer.arrayBuffer()
    return answer.status === 503
  }
  while (!fs.readdirSync(workingPath).some(name => /self-restore/.test(name))) await new Promise(resolve => setTimeout(resolve, 20))
  t.ok(await underWay(), 'it is being read')
  broken.destroy()
  let tries = 0
  while (await underWay() && tries < 100) {
    tries++
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  t.ok(tries < 100, 'backups go on')
  t.same(fs.readdirSync(workingPath).filter(name => /self-restore/.test(name)), [], 'and its part has gone')

  // Something is done after the backup, and undone by the restore.
  await client.request('AddDomain', { name: 'later.example' })
  const watcher = await login(place)
  const answer = await upload(`${base}/restore?key=${await keyOf(client)}&src=restore-instance-devices`, zlib.gzipSync(second))
  t.match({ status: answer.status, body: await answer.json() }, { status: 200, body: { ok: true, devices: 1, src: 'restore-instance-devices' } })
  while (watcher.closed === undefined || device.closed === undefined) await new Promise(resolve => setTimeout(resolve, 20))
  const after = await again(place)
  t.notMatch(JSON.stringify(await after.list('GetDomains', 'domains')), /later\.example/)
  t.match(await after.request('GetAuditPage', { offset: 0, limit: 5, search: 'database.' }), { entries: [{ action: 'database.replaced', subject: /restored a backup with 1 devices/ }] })
  const back = await PlainDevice.connect(`${base.replace(/^http/, 'ws')}/sysclients`, { id: device.identity.id }, password)
  back.identify()
  await back.until(2, true)
  while ((await after.request('GetDevice', { hwId: back.identity.id }) as { device?: { state?: string } }).device?.state !== 'online') await new Promise(resolve => setTimeout(resolve, 20))
  const kept = fs.readdirSync(workingPath).filter(name => name.startsWith('replaced-'))
  t.equal(kept.length, 1)
  t.same(fs.readdirSync(path.join(workingPath, kept[0] ?? '')).sort(), ['devices.db', 'secret.key'])
  await back.close()
  await after.close()
}

t.test('stand-alone', async t => {
  const service = await startService({ port: await freePort() })
  const place = { base: service.base, workingPath: service.workingPath, stop: service.stop, log: service.log }
  await everything(t, place)
  t.match(await (await fetch(service.metricsUrl)).text(), /devices_devices_online/, 'metrics go on')
  t.equal(await service.stop(), 0)
  t.match(service.log(), /what it replaces is kept in/)
})

t.test('on an App Platform', async t => {
  const platform = await startFakePlatform()
  const base = await platform.startInstance('devices')
  await everything(t, { base, workingPath: path.join(platform.folder, 'devices.example.com'), stop: platform.stop, log: platform.log })
  t.match(await platform.manager.until({ mt: 'AppAlarm', code: 8 }), { type: 2, appName: 'devices', text: /restored a backup/ })
  t.same(platform.webserver.violations, [])
  await platform.stop()
})

t.test('keys are for administrators, and nobody else gets one', async t => {
  const service = await startService({ port: await freePort() })
  const place = { base: service.base, workingPath: service.workingPath, stop: service.stop, log: service.log }
  const client = await login(place)
  const { id } = await client.request('AddDomain', { name: 'customer.example', ...client.encrypted('password', 'customer-pw') })
  t.ok(id)
  const customer = await login(place, 'customer.example', 'customer-pw')
  t.match(await customer.request('RequestHttpKey'), { error: 'noAccess' })
  await customer.close()
  await client.close()
  await service.stop()
})

t.test('an own secret key stays with the operator', async t => {
  const env = { DEVICES_SECRET_KEY: Buffer.alloc(32, 7).toString('base64') }
  const service = await startService({ env, port: await freePort() })
  const place = { base: service.base, workingPath: service.workingPath, stop: service.stop, log: service.log }
  const client = await login(place)
  const backup = Buffer.from(await (await fetch(`${service.base}/backup?key=${await keyOf(client)}&uncompressed=1`)).arrayBuffer())
  t.notOk(backup.includes(env.DEVICES_SECRET_KEY))
  const file = path.join(temporaryFolder(), 'x')
  fs.writeFileSync(file, backup)
  t.equal((await upload(`${service.base}/restore?key=${await keyOf(client)}`, backup)).status, 200)
  await (await again(place)).close()
  await service.stop()
  // Under another key it is refused before anything changes.
  const other = await startService({ env: { DEVICES_SECRET_KEY: Buffer.alloc(32, 8).toString('base64') } })
  const there = { base: other.base, workingPath: other.workingPath, stop: other.stop, log: other.log }
  const answer = await upload(`${other.base}/restore?key=${await keyOf(await login(there))}`, backup)
  t.match({ status: answer.status, body: await answer.json() }, { status: 400, body: { errorText: /secret/ } })
  await other.stop()
})

t.test('who else has the database open is waited for', async t => {
  const service = await startService({ port: await freePort() })
  const place = { base: service.base, workingPath: service.workingPath, stop: service.stop, log: service.log }
  const client = await login(place)
  const backup = Buffer.from(await (await fetch(`${service.base}/backup?key=${await keyOf(client)}`)).arrayBuffer())
  await client.request('AddDomain', { name: 'kept.example' })
  const reader = openFile(path.join(service.workingPath, 'devices.db'), { readonly: true })
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM domains').get()
  t.equal((await upload(`${service.base}/restore?key=${await keyOf(client)}`, backup)).status, 200)
  while (client.closed === undefined) await new Promise(resolve => setTimeout(resolve, 20))
  await new Promise(resolve => setTimeout(resolve, 500))
  reader.close()
  const after = await again(place)
  t.notMatch(JSON.stringify(await after.list('GetDomains', 'domains')), /kept\.example/)
  const kept = path.join(service.workingPath, fs.readdirSync(service.workingPath).find(name => name.startsWith('replaced-')) ?? '')
  t.same(fs.readdirSync(kept).sort(), ['devices.db', 'secret.key'], 'whole without a journal')
  const former = openFile(path.join(kept, 'devices.db'))
  t.match(former.prepare('SELECT name FROM domains').all(), [{ name: 'example.com' }, { name: 'kept.example' }])
  former.close()
  await after.close()
  await service.stop()
})

t.test('what was answered is done, also when the instance is stopped at that moment; broken-off downloads leave nothing', async t => {
  const platform = await startFakePlatform()
  const base = await platform.startInstance('devices')
  const workingPath = path.join(platform.folder, 'devices.example.com')
  const place = { base, workingPath, stop: platform.stop, log: platform.log }
  const client = await login(place)
  const backup = Buffer.from(await (await fetch(`${base}/backup?key=${await keyOf(client)}`)).arrayBuffer())
  await client.request('AddDomain', { name: 'later.example' })
  for (let n = 0; n < 3; n++) {
    const broken = new AbortController()
    const answer = await fetch(`${base}/backup?key=${await keyOf(client)}`, { signal: broken.signal })
    await answer.body?.getReader().read()
    broken.abort()
    while ((await fetch(`${base}/backup?key=${await keyOf(client)}`).then(async one => { await one.arrayBuffer(); return one.status })) !== 200) await new Promise(resolve => setTimeout(resolve, 20))
  }
  const open = fs.readdirSync(`/proc/${platform.process.pid}/fd`).map(fd => { try { return fs.readlinkSync(`/proc/${platform.process.pid}/fd/${fd}`) } catch { return '' } })
  t.same(open.filter(name => /self-backup/.test(name)), [])
  t.same(fs.readdirSync(workingPath).filter(name => /self-backup/.test(name)), [])
  t.equal((await upload(`${base}/restore?key=${await keyOf(client)}`, backup)).status, 200)
  await platform.stopInstance('devices')
  t.match(platform.manager.received.find(message => message['code'] === 8), { type: 2, text: /restored a backup/ })
  await platform.startInstance('devices')
  const after = await again(place)
  t.notMatch(JSON.stringify(await after.list('GetDomains', 'domains')), /later\.example/)
  t.match(await after.request('GetAuditPage', { offset: 0, limit: 5, search: 'database.replaced' }), { entries: [{ who: 'service', subject: /restored a backup/ }] })
  await after.close()
  await platform.stop()
})
