/**
 * kill -9 between any two steps of writing and of loading a snapshot: no older and no broken state is ever in use without a
 * word, and nothing is lost. The steps are counted, not guessed: each one gets its own crash.
 */
import * as esbuild from 'esbuild'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { openFile } from '../../app/store/database.ts'
import { check, enclosed } from '../../app/store/replace.ts'
import { loadSecretKey } from '../../app/store/secrets.ts'
import { SnapshotDatabase } from '../../app/snapshots/snapshot-database.ts'
import { loadSnapshot } from '../../app/snapshots/snapshot-load.ts'
import { DATABASE_PASSWORD, startPostgres, USER } from '../fixtures/postgres.ts'
import { temporaryFolder } from '../fixtures/service.ts'

const postgres = await startPostgres()
t.teardown(() => postgres.stop())

// In one file: it is started more than two hundred times.
const program = path.join(temporaryFolder(), 'life.cjs')
await esbuild.build({ entryPoints: [path.join(import.meta.dirname, 'life.ts')], outfile: program, bundle: true, minify: true, platform: 'node', target: 'node24', format: 'cjs', external: ['*.node', 'pg-native'], logLevel: 'error' })
const assets = path.resolve(import.meta.dirname, '../../dist/assets')

interface Life { devices: number, replaced: string[][], steps: number, said: string[] }

/** Undefined when it was killed. */
async function live(workingPath: string, database: string, options: { add?: number, crashAt?: number, crashWhile?: string } = {}): Promise<Life | undefined> {
  const child = spawn(process.execPath, [program, workingPath, postgres.host, database, String(options.add ?? 0)],
    { env: { PATH: process.env['PATH'], DEVICES_ASSETS: assets, NODE_COMPILE_CACHE: path.join(path.dirname(program), 'compiled'), CRASH_AT: String(options.crashAt ?? 0), CRASH_WHILE: options.crashWhile ?? '' }, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', piece => { out += String(piece) })
  child.stderr.on('data', piece => { err += String(piece) })
  const [code, signal] = await once(child, 'close') as [number | null, string | null]
  if (signal === 'SIGKILL') return undefined
  if (code !== 0) throw new Error(`ended with ${code}: ${err}`)
  return JSON.parse(out) as Life
}

/** The number of devices in the snapshot that PostgreSQL holds; throws when it is not whole. */
async function devicesIn(name: string): Promise<number> {
  const database = await SnapshotDatabase.connect({ host: postgres.host, name, user: USER, password: DATABASE_PASSWORD })
  try {
    const head = await database.look()
    if (!head) throw new Error('there is no snapshot')
    return (await loadSnapshot(database, head, { workingPath: temporaryFolder() })).devices
  } finally {
    database.end()
  }
}
const copiedFolder = (from: string): string => {
  const folder = temporaryFolder()
  fs.cpSync(from, folder, { recursive: true })
  return folder
}

t.test('while a snapshot is written', async t => {
  await postgres.createDatabase('writing')
  const home = temporaryFolder()
  t.match(await live(home, 'writing', { add: 5 }), { devices: 5, replaced: [] })
  let [before, steps] = [5, 0]
  for (let crashAt = 1; steps === 0; crashAt++) {
    const whole = await live(home, 'writing', { add: 3, crashAt, crashWhile: 'writing' })
    // What PostgreSQL holds now is whole: the former state or the new one.
    t.ok([before, before + 3].includes(await devicesIn('writing')), `step ${crashAt}: the snapshot is whole`)
    // The instance itself goes on with all it had, and takes no snapshot of its own for a restored one.
    const after = await live(home, 'writing')
    t.ok(after && [before, before + 3].includes(after.devices) && after.replaced.length === 0, `step ${crashAt}: ${JSON.stringify(after)}`)
    t.equal(await devicesIn('writing'), after?.devices, `step ${crashAt}: the next snapshot is that of the instance`)
    before = after?.devices ?? 0
    if (whole) steps = whole.steps
  }
  t.ok(steps > 12, `${steps} steps`)
})

t.test('while a snapshot is loaded', async t => {
  await postgres.createDatabase('loading')
  await postgres.createDatabase('other')
  const source = temporaryFolder()
  await live(source, 'loading', { add: 9 })
  const home = temporaryFolder()
  t.match(await live(home, 'other', { add: 4 }), { devices: 4 })
  let steps = 0
  for (let crashAt = 1; steps === 0; crashAt++) {
    const folder = copiedFolder(home)
    await postgres.query('loading', `UPDATE devices_snapshot SET id = 'restored ${crashAt}'`)
    const whole = await live(folder, 'loading', { crashAt, crashWhile: 'loading' })
    const after = whole ?? await live(folder, 'loading')
    t.equal(after?.devices, 9, `step ${crashAt}: the devices that were restored`)
    // What was replaced is kept, whole: a crash may leave it there twice.
    t.ok(after && after.replaced.length >= 1 && after.replaced.length <= 2, `step ${crashAt}: kept ${JSON.stringify(after?.replaced)}`)
    for (const kept of fs.readdirSync(folder).filter(one => one.startsWith('replaced-'))) {
      const database = openFile(path.join(folder, kept, 'devices.db'))
      // One that was put in place and never opened still has its key inside.
      const unopened = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'backup_key'").get() !== undefined
      const key = unopened ? Buffer.from(enclosed(database) ?? '', 'base64') : loadSecretKey(path.join(folder, kept), undefined)
      t.equal(check(database, key), unopened ? 9 : 4, `step ${crashAt}: what is kept is whole`)
      database.close()
    }
    if (whole) steps = whole.steps
  }
  t.ok(steps > 20, `${steps} steps`)
})
