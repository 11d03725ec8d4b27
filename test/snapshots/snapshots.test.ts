/**
 * Backup and restore through the App Platform: its backup is a dump of the instance's PostgreSQL database, so the dump must
 * hold the devices, and a restored one must bring them back. Real PostgreSQL, pg_dump and pg_restore, the executable itself.
 */
import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { createSimulator, type Simulator } from '../../app/simulate/simulator.ts'
import { appStart } from '../fake-platform/manager.ts'
import { PASSWORD, startFakePlatform, type DatabaseOptions, type FakePlatform } from '../fake-platform/platform.ts'
import { AppClient } from '../fixtures/app-client.ts'
import { fill } from '../fixtures/fill.ts'
import { DATABASE_PASSWORD, startPostgres, USER } from '../fixtures/postgres.ts'
import { freePort } from '../fixtures/service.ts'

const postgres = await startPostgres()
t.teardown(() => postgres.stop())

const ws = (base: string): string => base.replace(/^http/, 'ws')
const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => { while (!await condition()) await new Promise(resolve => setTimeout(resolve, 20)) }
const login = (base: string): Promise<AppClient> => AppClient.login(`${ws(base)}/innovaphone-devices`, { password: PASSWORD })
const database = (dbName: string, dbPassword = DATABASE_PASSWORD): DatabaseOptions => ({ dbHost: postgres.host, dbName, dbUser: USER, dbPassword })
const snapshotId = (name: string): Promise<string> => postgres.query(name, 'SELECT id FROM devices_snapshot').catch(() => '')
/** The snapshot holds everything that was done before this call. */
async function secured(name: string): Promise<void> {
  // Two further ones: the first may have been under way.
  for (let n = 0; n < 2; n++) {
    const before = await snapshotId(name)
    const client = await login(bases.get(name) ?? '')
    await client.request('SetPreferences', { preferences: { shown: `${Math.random()}` } })
    await client.close()
    await until(async () => await snapshotId(name) !== before)
  }
}
const bases = new Map<string, string>()
async function start(platform: FakePlatform, name: string): Promise<string> {
  const base = await platform.startInstance(name, 'example.com', database(name))
  bases.set(name, base)
  return base
}
const alarms = (platform: FakePlatform, code: number): string[] => platform.manager.received.filter(message => message['mt'] === 'AppAlarm' && message['code'] === code).map(message => `${String(message['type'])} ${String(message['text'])}`)

async function fleetOf(base: string, count: number): Promise<Simulator> {
  return createSimulator({ url: `${ws(base)}/sysclients`, count, type: 'phone', reconnect: { first: 50, most: 200 } })
}
async function assign(base: string, ids: readonly string[]): Promise<void> {
  const client = await login(base)
  const [domain] = await client.list('GetDomains', 'domains')
  for (const hwId of ids) await client.request('AddDevice', { hwId, domainId: domain?.['id'], name: `Phone ${hwId}` })
  await client.close()
}
async function counts(base: string): Promise<{ online: number, unassigned: number }> {
  const client = await login(base)
  const result = (await client.request('GetDevicesPage', { offset: 0, limit: 1 }))['counts'] as { online: number, unassigned: number }
  await client.close()
  return result
}

t.test('dump, wipe, restore, start: all devices authenticate', async t => {
  await postgres.createDatabase('first')
  const platform = await startFakePlatform({ args: ['--snapshot-every=200', '--challenge-wait=500'] })
  const base = await start(platform, 'first')
  await until(async () => await snapshotId('first') !== '')
  t.match(await postgres.query('first', 'SELECT instance FROM devices_snapshot'), 'first@example.com')
  const fleet = await fleetOf(base, 20)
  await fleet.start()
  await until(async () => (await counts(base)).unassigned === 20)
  await assign(base, fleet.devices.map(device => device.id))
  for (const device of fleet.devices) await device.untilPassword()
  await secured('first')
  const dump = await postgres.dump('first')
  t.same(alarms(platform, 7), [], 'nothing to complain of')

  // Everything is lost: the file of the instance and the database of the platform.
  await platform.stopInstance('first')
  await postgres.dropDatabase('first')
  await postgres.createDatabase('first')
  fs.rmSync(path.join(platform.folder, 'first.example.com'), { recursive: true })
  await postgres.restore('first', dump)
  await start(platform, 'first')
  await until(async () => (await counts(base)).online === 20)
  t.match(alarms(platform, 8), [/^2 20 devices were restored from the snapshot of 20/])
  const client = await login(base)
  t.match(await client.request('GetAuditPage', { offset: 0, limit: 5, search: 'database.replaced' }), { entries: [{ who: 'service', action: 'database.replaced', subject: /20 devices/ }] })
  await client.close()
  await fleet.stop()
  t.notMatch(platform.log(), new RegExp(DATABASE_PASSWORD))
  await platform.stop()
})

t.test('an older dump takes the place of a newer file, which is kept; stopped or running', async t => {
  await postgres.createDatabase('second')
  const platform = await startFakePlatform({ args: ['--snapshot-every=200', '--challenge-wait=500'] })
  const base = await start(platform, 'second')
  const fleet = await fleetOf(base, 2)
  const [early, late] = fleet.devices
  if (!early || !late) throw new Error('no devices')
  await fleet.start()
  await until(async () => (await counts(base)).unassigned === 2)
  await assign(base, [early.id])
  await early.untilPassword()
  await secured('second')
  const dump = await postgres.dump('second')
  await assign(base, [late.id])
  await late.untilPassword()
  await until(async () => (await counts(base)).online === 2)

  await platform.stopInstance('second')
  await postgres.dropDatabase('second')
  await postgres.createDatabase('second')
  await postgres.restore('second', dump)
  await start(platform, 'second')
  await until(async () => { const found = await counts(base); return found.online === 1 && found.unassigned === 1 })
  const folder = path.join(platform.folder, 'second.example.com')
  const kept = fs.readdirSync(folder).filter(name => name.startsWith('replaced-'))
  t.equal(kept.length, 1)
  t.same(fs.readdirSync(path.join(folder, kept[0] ?? '')).sort(), ['devices.db', 'secret.key'], 'what was replaced is whole')

  // Once more while it runs: the manager may restore without stopping the instance.
  await assign(base, [late.id])
  await until(async () => (await counts(base)).online === 2)
  await secured('second')
  await postgres.restore('second', dump, '--clean', '--if-exists', '--single-transaction')
  await until(() => alarms(platform, 8).length === 2)
  await until(async () => { const found = await counts(base).catch(() => undefined); return found?.online === 1 && found.unassigned === 1 })
  t.equal(fs.readdirSync(folder).filter(name => name.startsWith('replaced-')).length, 2)
  await assign(base, [late.id])
  await secured('second')
  // And piece by piece, as pg_restore does without being told otherwise.
  await postgres.restore('second', dump, '--clean', '--if-exists')
  await until(() => alarms(platform, 8).length === 3)
  await until(async () => { const found = await counts(base).catch(() => undefined); return found?.online === 1 && found.unassigned === 1 })
  await until(() => alarms(platform, 7).length % 2 === 0)
  t.pass('nothing is complained of any more')
  t.equal(platform.manager.received.filter(message => message['mt'] === 'AppStatusUpdate' && message['status'] === false).length, 1, 'for the manager it has not stopped')
  await assign(base, [late.id])
  await secured('second')

  // The newest state is in the database after a stop, too.
  await platform.stopInstance('second')
  await postgres.dropDatabase('second')
  await postgres.createDatabase('second')
  await start(platform, 'second')
  await until(async () => (await counts(base)).online === 2)
  await until(async () => await snapshotId('second') !== '')
  t.pass('a database without a snapshot changes nothing, and gets one')
  await fleet.stop()
  await platform.stop()
})

t.test('only parts that have changed travel', async t => {
  await postgres.createDatabase('large')
  const platform = await startFakePlatform({ args: ['--snapshot-every=200'] })
  fill(path.join(platform.folder, 'large.example.com'), 20_000)
  await start(platform, 'large')
  await until(async () => await snapshotId('large') !== '')
  await secured('large')
  const [parts, bytes] = (await postgres.query('large', 'SELECT parts, bytes FROM devices_snapshot')).split('|').map(Number)
  t.ok((bytes ?? 0) > 5_000_000 && parts === Math.ceil((bytes ?? 0) / 65_536), `${parts} parts for ${bytes} bytes`)
  t.ok(Number(await postgres.query('large', 'SELECT max(length(data)) FROM devices_snapshot_part')) <= 66_000, 'rows are bounded')
  const before = await postgres.query('large', 'SELECT txid_current()')
  await secured('large')
  const changed = Number(await postgres.query('large', `SELECT count(*) FROM devices_snapshot_part WHERE xmin::text::bigint > ${before}`))
  t.ok(changed > 0 && changed < (parts ?? 0) / 4, `${changed} of ${parts} parts written anew`)
  await platform.stop()
})

t.test('PostgreSQL not there, gone, back', async t => {
  await postgres.createDatabase('third')
  const platform = await startFakePlatform({ args: ['--snapshot-every=200'] })
  const folder = path.join(platform.folder, 'third.example.com')
  fill(folder, 3)
  await postgres.stop()
  const base = await start(platform, 'third')
  t.match(alarms(platform, 7), [/^0 Backups of the App Platform do not hold the current devices: PostgreSQL cannot be reached .*tried again by itself/], 'it runs, and says so')
  t.equal((await counts(base)).online, 0)
  await postgres.start()
  await until(() => alarms(platform, 7).length === 2)
  t.match(alarms(platform, 7)[1], /^1 /)
  t.not(await snapshotId('third'), '')
  await postgres.stop()
  await until(() => alarms(platform, 7).length === 3)
  t.equal((await counts(base)).online, 0, 'it still runs')
  await postgres.start()
  await until(() => alarms(platform, 7).length === 4)
  await secured('third')
  t.pass('snapshots are written again')
  await platform.stop()
})

t.test('what cannot be used is never written over', async t => {
  await postgres.createDatabase('fourth')
  const platform = await startFakePlatform({ args: ['--snapshot-every=200'] })
  await start(platform, 'fourth')
  await until(async () => await snapshotId('fourth') !== '')

  // A second instance with the same database: the first one keeps it.
  await platform.startInstance('guest', 'example.com', database('fourth'))
  t.match(alarms(platform, 7), [/another process or instance/])
  await platform.stopInstance('guest')

  await platform.stopInstance('fourth')
  const own = await snapshotId('fourth')
  // Somebody else's, with a damaged part.
  await postgres.query('fourth', "UPDATE devices_snapshot SET id = 'foreign'; UPDATE devices_snapshot_part SET data = 'x' WHERE number = 0")
  const from = platform.manager.received.length
  const base = await start(platform, 'fourth')
  t.match(alarms(platform, 7).at(-1), /^0 .*part 0 of the snapshot in PostgreSQL is damaged.*delete the table devices_snapshot/)
  t.equal((await counts(base)).online, 0, 'it runs with what it has')
  const client = await login(base)
  await client.request('SetPreferences', { preferences: { shown: 'x' } })
  await client.close()
  await new Promise(resolve => setTimeout(resolve, 1000))
  t.equal(await snapshotId('fourth'), 'foreign')
  t.equal(platform.manager.received.slice(from).filter(message => message['mt'] === 'AppStatusUpdate').length, 1, 'and does not begin again and again')
  await postgres.query('fourth', 'DROP TABLE devices_snapshot')
  await until(async () => !['', 'foreign', own].includes(await snapshotId('fourth')))
  await platform.stopInstance('fourth')

  // Without a file of its own there is nothing it could run with.
  await postgres.query('fourth', "UPDATE devices_snapshot SET id = 'foreign'; UPDATE devices_snapshot_part SET data = 'x' WHERE number = 0")
  fs.rmSync(path.join(platform.folder, 'fourth.example.com'), { recursive: true })
  platform.manager.send({ mt: 'AppStart', instance: { appName: 'fourth', appDomain: 'example.com', appPassword: PASSWORD, webserver: platform.webserver.socketPath, webserverPath: 'example.com/fourth', workingPath: path.join(platform.folder, 'fourth.example.com'), ...database('fourth') } })
  t.match(await platform.manager.until({ mt: 'AppAlarm', code: 2 }), { type: 0, text: /part 0 of the snapshot/ })
  await until(() => platform.manager.received.at(-1)?.['status'] === false)

  // A wrong password is said without it.
  await platform.startInstance('stranger', 'example.com', database('first', 'wrong-password-9')).catch(() => {})
  await platform.stop()
  t.notMatch(platform.log(), /wrong-password-9/)
})

t.test('a listener in addition: its connections end when the instance begins again', async t => {
  await postgres.createDatabase('fifth')
  const port = await freePort()
  const platform = await startFakePlatform({ args: ['--snapshot-every=200', `--listen=127.0.0.1:${port}`] })
  const base = await start(platform, 'fifth')
  await secured('fifth')
  const dump = await postgres.dump('fifth')
  await secured('fifth')
  const watcher = await AppClient.login(`ws://127.0.0.1:${port}/example.com/fifth/innovaphone-devices`, { password: PASSWORD })
  await postgres.restore('fifth', dump, '--clean', '--if-exists', '--single-transaction')
  await until(() => watcher.closed !== undefined)
  await until(() => AppClient.login(`ws://127.0.0.1:${port}/example.com/fifth/innovaphone-devices`, { password: PASSWORD }).then(client => client.close()).then(() => true, () => false))
  await until(() => login(base).then(client => client.close()).then(() => true, () => false))
  await platform.stop()
  t.equal(alarms(platform, 8).length, 1)
})

t.test('two instances with one database never get each other\'s devices', async t => {
  await postgres.createDatabase('shared')
  const platform = await startFakePlatform({ args: ['--snapshot-every=200'] })
  fill(path.join(platform.folder, 'shared.example.com'), 7)
  fill(path.join(platform.folder, 'guest.example.com'), 3)
  await start(platform, 'shared')
  await until(async () => await snapshotId('shared') !== '')
  const guest = await platform.startInstance('guest', 'example.com', database('shared'))
  await until(() => alarms(platform, 7).length === 1)
  await platform.stopInstance('shared')
  await until(() => alarms(platform, 7).some(text => /is of shared@example\.com.*give each its own/.test(text)))
  const client = await login(guest)
  t.equal((await client.request('GetDevicesPage', { offset: 0, limit: 1 }))['total'], 3)
  await client.close()
  t.match(await postgres.query('shared', 'SELECT instance FROM devices_snapshot'), 'shared@example.com')
  await platform.stop()
})

t.test('a snapshot that cannot be read is tried once, and devices stay', async t => {
  await postgres.createDatabase('locked')
  const platform = await startFakePlatform({ args: ['--snapshot-every=200'] })
  const base = await start(platform, 'locked')
  await until(async () => await snapshotId('locked') !== '')
  const client = await login(base)
  await postgres.query('locked', "ALTER TABLE devices_snapshot_part RENAME COLUMN data TO other; UPDATE devices_snapshot SET id = 'foreign'")
  await until(() => alarms(platform, 7).some(text => /cannot be used \(PostgreSQL refuses/.test(text)))
  const starts = (): number => platform.log().split('started at').length - 1
  await until(() => starts() === 2)
  await new Promise(resolve => setTimeout(resolve, 1500))
  t.equal(starts(), 2, 'it has begun again once, not again and again')
  await client.close()
  await platform.stop()
})

t.test('keys of the operator', async t => {
  await postgres.createDatabase('keys')
  // An empty one is none: the key must be in the dump.
  const first = await startFakePlatform({ args: ['--snapshot-every=200'], env: { DEVICES_SECRET_KEY: '' } })
  await start(first, 'keys')
  await until(async () => await snapshotId('keys') !== '')
  t.match(await postgres.query('keys', 'SELECT secret_key FROM devices_snapshot'), /^[A-Za-z0-9+/]{43}=$/)
  await first.stop()
  // Made with another key than that of the operator: refused, and what runs goes on.
  const second = await startFakePlatform({ args: ['--snapshot-every=200'], env: { DEVICES_SECRET_KEY: Buffer.alloc(32, 9).toString('base64') } })
  await second.startInstance('keys', 'example.com')
  await second.stopInstance('keys')
  await start(second, 'keys')
  await until(() => alarms(second, 7).some(text => /another secret key than the one in DEVICES_SECRET_KEY/.test(text)))
  t.equal((await counts(bases.get('keys') ?? '')).online, 0)
  await second.stop()
})

t.test('an instance without a file waits for PostgreSQL, and can be stopped meanwhile', async t => {
  await postgres.createDatabase('sixth')
  await postgres.stop()
  const platform = await startFakePlatform({ args: ['--snapshot-every=200'] })
  const { manager } = platform
  const startInstance = (): void => manager.send(appStart({
    appName: 'sixth', appDomain: 'example.com', appPassword: PASSWORD, webserver: platform.webserver.socketPath, webserverPath: 'example.com/sixth', workingPath: path.join(platform.folder, 'sixth.example.com'), ...database('sixth'),
  }))
  startInstance()
  await manager.until({ mt: 'AppAlarm', code: 7 })
  manager.send({ mt: 'AppStop', instance: { appName: 'sixth', appDomain: 'example.com' } })
  await manager.until({ mt: 'AppStatusUpdate', status: false })
  t.notOk(fs.existsSync(path.join(platform.folder, 'sixth.example.com')), 'it has not begun with an empty database')
  startInstance()
  await until(() => alarms(platform, 7).length >= 3)
  await postgres.start()
  await platform.webserver.registered('/example.com/sixth')
  await until(async () => await snapshotId('sixth') !== '')
  await platform.stop()
})

t.test('a backup restored by HTTP is the next snapshot', async t => {
  await postgres.createDatabase('seventh')
  const platform = await startFakePlatform({ args: ['--snapshot-every=200'] })
  const base = await start(platform, 'seventh')
  const client = await login(base)
  const key = async (): Promise<string> => String((await client.request('RequestHttpKey'))['key'])
  const backup = Buffer.from(await (await fetch(`${base}/backup?key=${await key()}`)).arrayBuffer())
  await client.request('AddDomain', { name: 'later.example' })
  await secured('seventh')
  t.equal((await fetch(`${base}/restore?key=${await key()}`, { method: 'POST', body: backup })).status, 200)
  await until(() => alarms(platform, 8).length === 1)
  await until(() => login(base).then(one => one.close()).then(() => true, () => false))
  await secured('seventh')
  await platform.stopInstance('seventh')
  fs.rmSync(path.join(platform.folder, 'seventh.example.com'), { recursive: true })
  await start(platform, 'seventh')
  const after = await login(base)
  t.notMatch(JSON.stringify(await after.list('GetDomains', 'domains')), /later\.example/)
  await after.close()
  await platform.stop()
})
