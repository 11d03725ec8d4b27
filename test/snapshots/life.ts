/**
 * The short life of an instance's database, in a process that can be killed between any two steps (see crash.test.ts):
 * snapshots begin, the database is opened, perhaps a device is added, the last snapshot is written. Prints what it found.
 * usage: life.ts <working path> <host> <database> <number of devices to add>; CRASH_AT: the step before which it dies
 */
import fs from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { DeviceStore } from '../../app/devices/device-store.ts'
import { Domains } from '../../app/domains/domains.ts'
import { Snapshots } from '../../app/snapshots/snapshots.ts'
import { Store } from '../../app/store/store.ts'
import { Status } from '../../app/store/schema.ts'
import { DATABASE_PASSWORD, USER } from '../fixtures/postgres.ts'

const [workingPath = '', host = '', name = '', add = '0'] = process.argv.slice(2)
const crashAt = Number(process.env['CRASH_AT'] ?? 0)
/** Which part of the life is counted: what happens at the start, or what is written. */
const counted = process.env['CRASH_WHILE'] ?? ''
let phase = 'loading'
let steps = 0
function step(): void { if (phase === counted && ++steps === crashAt) process.kill(process.pid, 'SIGKILL') }

// Everything that changes a file, and every statement to PostgreSQL, is a step.
for (const call of ['writeFileSync', 'renameSync', 'linkSync', 'mkdirSync', 'rmSync', 'unlinkSync', 'fsyncSync'] as const) {
  const real = fs[call] as (...args: unknown[]) => unknown
  Object.assign(fs, { [call]: (...args: unknown[]) => {
    if (call !== 'rmSync' || fs.existsSync(String(args[0]))) step()
    return real.apply(fs, args)
  } })
}
const realQuery = pg.Client.prototype.query as (...args: unknown[]) => unknown
Object.assign(pg.Client.prototype, { query(this: pg.Client, ...args: unknown[]) { step(); return realQuery.apply(this, args) } })

async function main(): Promise<void> {
  const said: string[] = []
  const snapshots = await Snapshots.begin({
    address: { host, name, user: USER, password: DATABASE_PASSWORD }, workingPath, secretKey: undefined, instance: 'one@example.com', program: 'test', now: Date.now,
    log: (_, text) => { said.push(text) }, trouble: text => { if (text !== undefined) said.push(text) }, loaded: text => { said.push(text) }, restart: () => { said.push('restart'); return true },
  }, new AbortController().signal)
  const store = new Store({ workingPath, onFailure: error => { throw error } })
  const domain = new Domains(store, 'example.com').ensureInstanceDomain('pw')
  const devices = new DeviceStore(store)
  const count = (): number => (store.sqlite.prepare('SELECT count(*) AS n FROM devices').get() as { n: number }).n
  for (let n = 0; n < Number(add); n++) {
    const hwId = `0090330${(count()).toString(16).padStart(5, '0')}`
    devices.insert({ hwId, domainId: domain.id, name: 'x'.repeat(100), type: 'PHONE', status: Status.offline, addedHow: 'manual', now: 0, identify: { id: hwId, product: 'IP222', version: '1', platform: { type: 'PHONE' }, ethIfs: undefined } })
  }
  store.flush()
  phase = 'writing'
  snapshots.watch(store.arrival?.snapshot)
  step()
  await snapshots.stop()
  step()
  store.close()
  const replaced = fs.readdirSync(workingPath).filter(one => one.startsWith('replaced-'))
  const reopened = new Store({ workingPath, onFailure: error => { throw error } })
  const result = { devices: (reopened.sqlite.prepare('SELECT count(*) AS n FROM devices').get() as { n: number }).n, replaced: replaced.map(one => fs.readdirSync(path.join(workingPath, one)).sort()), steps, said }
  reopened.close()
  process.stdout.write(JSON.stringify(result))
  process.exit(0)
}
void main()
