/** The task engine on a real store: windows, waiting for devices, pauses, cancelling, restarts. Time is a number the test sets. */
import fs from 'node:fs'
import t from 'tap'
import type { Viewer } from '../../app/domains/viewer.ts'
import { DeviceStore } from '../../app/devices/device-store.ts'
import { DeviceQueues } from '../../app/jobs/device-queues.ts'
import type { ExchangeWork, Kind, Outcome, TaskDevice } from '../../app/jobs/kinds.ts'
import { toWire, type Task } from '../../app/jobs/task.ts'
import { Tasks } from '../../app/jobs/tasks.ts'
import { taskDevicesPage } from '../../app/jobs/task-devices.ts'
import { Status } from '../../app/store/schema.ts'
import { Store } from '../../app/store/store.ts'
import { temporaryFolder } from '../fixtures/service.ts'

const admin: Viewer = { admin: true, role: 'full', domainId: 1, domainIds: new Set([1]), who: 'admin@example.com', address: '127.0.0.1' }
const WIDTH = 10

/** A fleet that the test holds in its hands: who is connected, what is open, what each piece of work answers. */
class Bed {
  readonly folder: string
  now = 1_000_000
  readonly connected = new Set<string>()
  readonly open = new Map<string, (outcome: Outcome) => void>()
  readonly begun: string[] = []
  most = 0
  automatic: Outcome | undefined = { is: 'done' }
  store: Store
  devices: DeviceStore
  tasks: Tasks
  readonly rowSlices: number[] = []
  readonly options: Partial<ExchangeWork>

  constructor(options: Partial<ExchangeWork> = {}, folder = temporaryFolder()) {
    this.folder = folder
    this.options = options
    ;[this.store, this.devices, this.tasks] = this.#start()
  }

  #start(): [Store, DeviceStore, Tasks] {
    const store = new Store({ workingPath: this.folder, onFailure: error => { throw error } })
    const devices = new DeviceStore(store)
    const exchange: Kind = () => ({
      how: 'exchange', width: WIDTH, pauses: [100, 1000], patience: 60_000, tooLate: 'did not come', devices: { sql: 'domain_id = ?', values: [1] },
      work: device => this.#work(device), ...this.options,
    })
    const rows: Kind = () => ({
      how: 'rows', devices: { sql: 'domain_id = ?', values: [1] },
      slice: slice => {
        this.rowSlices.push(slice.length)
        return { outcomes: slice.map((_, n): Outcome => n === 0 ? { is: 'failed', text: 'first', again: false } : { is: 'done' }), after: () => {} }
      },
    })
    const tasks = new Tasks({
      store, kinds: { adminPasswords: exchange, registrationUrl: exchange, edit: rows, delete: rows, restart: exchange }, queues: new DeviceQueues(), connected: hwId => this.connected.has(hwId), settleDevices: () => devices.settle(),
      now: () => this.now, later: run => { setImmediate(run) }, log: (_level, text) => { throw new Error(text) },
    })
    return [store, devices, tasks]
  }

  #work(device: TaskDevice): Promise<Outcome> {
    this.begun.push(device.hwId)
    return new Promise(resolve => {
      const end = (outcome: Outcome): void => {
        this.open.delete(device.hwId)
        resolve(outcome)
      }
      this.open.set(device.hwId, end)
      this.most = Math.max(this.most, this.open.size)
      if (this.automatic) setImmediate(() => { if (this.automatic) end(this.automatic) })
    })
  }

  /** Adds devices to the domain; connected ones are online. */
  fill(count: number, connected = true): void {
    for (let n = 0; n < count; n++) {
      const hwId = `d${String(n).padStart(5, '0')}`
      this.devices.insert({ hwId, domainId: 1, name: '', type: 'PHONE', status: connected ? Status.online : Status.offline, addedHow: 'manual', now: 1, identify: undefined })
      if (connected) this.connected.add(hwId)
    }
    this.store.flush()
  }

  start(kind: 'adminPasswords' | 'edit' = 'adminPasswords', domainId = 1): Task { return this.tasks.start(admin, { kind, domainId, detail: 'test', work: {} }) }

  comes(hwId: string): void {
    this.connected.add(hwId)
    this.tasks.cameOnline(this.devices.auth(hwId)?.id ?? 0)
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    for (let n = 0; n < 20_000; n++) {
      if (condition()) return
      await new Promise(resolve => setImmediate(resolve))
    }
    throw new Error(`never: ${what}`)
  }
  over(task: Task): Promise<void> { return this.until('over', () => task.finishedAt !== undefined) }

  /** As kill -9 and a new start: what is not committed is lost. */
  restart(): void {
    this.tasks.stop()
    this.open.clear()
    this.connected.clear()
    this.store.flush()
    this.store.close()
    ;[this.store, this.devices, this.tasks] = this.#start()
    this.tasks.resume()
  }

  end(): void {
    this.tasks.stop()
    this.store.close()
    fs.rmSync(this.folder, { recursive: true })
  }
}

t.test('all devices, each once, never more than the width at once', async t => {
  const bed = new Bed()
  t.teardown(() => bed.end())
  bed.fill(5000)
  const task = bed.start()
  await bed.over(task)
  t.equal(bed.begun.length, 5000)
  t.equal(new Set(bed.begun).size, 5000)
  t.equal(bed.most, WIDTH)
  t.match(toWire(task, 0), { state: 'done', total: 5000, done: 5000, failed: 0, skipped: 0, waiting: 0, running: 0 })
  bed.store.flush()
  t.same(bed.tasks.rows.counts(task.id), { waiting: 0, done: 5000, failed: 0, skipped: 0 })
})

t.test('two tasks of a kind share the width, and one device is never in two hands', async t => {
  const bed = new Bed()
  t.teardown(() => bed.end())
  bed.fill(200)
  const hands = new Map<string, number>()
  let clash = 0
  bed.automatic = undefined
  const [one, two] = [bed.start(), bed.start()]
  await bed.until('both', () => bed.open.size > 0)
  for (let n = 0; n < 2000 && (one.finishedAt === undefined || two.finishedAt === undefined); n++) {
    for (const [hwId, end] of [...bed.open]) {
      hands.set(hwId, (hands.get(hwId) ?? 0) + 1)
      if (bed.open.size > WIDTH) clash++
      end({ is: 'done' })
    }
    await new Promise(resolve => setImmediate(resolve))
  }
  t.equal(clash, 0)
  t.ok([...hands.values()].every(times => times === 2), 'each device twice, once per task')
  t.equal(bed.most <= WIDTH, true)
})

t.test('devices that are not connected are done when they come; patience ends', async t => {
  const bed = new Bed()
  t.teardown(() => bed.end())
  bed.fill(20, false)
  const task = bed.start()
  await bed.until('noted', () => task.counts.waiting === 20 && !task.noting)
  t.equal(bed.begun.length, 0)
  for (let n = 0; n < 5; n++) bed.comes(`d0000${n}`)
  await bed.until('five', () => task.counts.done === 5)
  t.equal(task.finishedAt, undefined)
  bed.now += 60_001
  bed.tasks.tick()
  await bed.over(task)
  t.match(toWire(task, 0), { state: 'done', done: 5, skipped: 15 })
  t.equal(taskDevicesPage(bed.tasks, bed.devices, admin, task, { states: ['skipped'], offset: 0, limit: 5 }).devices[0]?.errorText, 'did not come')
})

t.test('failures: pauses, then failed; retried on request', async t => {
  const bed = new Bed()
  t.teardown(() => bed.end())
  bed.fill(3)
  bed.automatic = { is: 'failed', text: 'no', again: true }
  const task = bed.start()
  await bed.until('first attempts', () => bed.begun.length === 3 && bed.open.size === 0)
  bed.tasks.tick()
  await new Promise(resolve => setImmediate(resolve))
  t.equal(bed.begun.length, 3, 'not before the pause is over')
  bed.now += 100
  bed.tasks.tick()
  await bed.until('second attempts', () => bed.begun.length === 6 && bed.open.size === 0)
  bed.now += 1000
  bed.tasks.tick()
  await bed.over(task)
  t.match(toWire(task, 0), { state: 'done', failed: 3 })
  const page = taskDevicesPage(bed.tasks, bed.devices, admin, task, { offset: 0, limit: 10 })
  t.match(page, { total: 3, devices: [{ state: 'failed', attempts: 3, errorText: 'no' }, {}, {}] })
  bed.automatic = { is: 'done' }
  t.equal(bed.tasks.retry(task), 3)
  await bed.over(task)
  t.match(toWire(task, 0), { state: 'done', failed: 0, done: 3 })
})

t.test('cancelling: those in work end, the rest is skipped', async t => {
  const bed = new Bed()
  t.teardown(() => bed.end())
  bed.fill(5000)
  bed.automatic = undefined
  const task = bed.start()
  await bed.until('full', () => bed.open.size === WIDTH && !task.noting)
  bed.tasks.cancel(task)
  await bed.until('skipped', () => task.counts.skipped === 5000 - WIDTH)
  t.equal(task.finishedAt, undefined)
  t.throws(() => bed.tasks.remove(task), { code: 'conflict' })
  const [first] = bed.open.values()
  first?.({ is: 'failed', text: 'broke', again: true })
  for (const end of [...bed.open.values()]) end({ is: 'done' })
  await bed.over(task)
  t.match(toWire(task, 0), { state: 'cancelled', done: WIDTH - 1, skipped: 5000 - WIDTH + 1, failed: 0 })
  t.equal(bed.begun.length, WIDTH)
  bed.tasks.remove(task)
  t.throws(() => bed.tasks.one(admin, task.id), { code: 'notFound' })
  await bed.until('deleted', () => bed.tasks.rows.tasks().length === 0)
})

t.test('a restart in the middle: none forgotten, none of the finished begun again', async t => {
  const bed = new Bed()
  t.teardown(() => bed.end())
  bed.fill(5000)
  bed.automatic = undefined
  const task = bed.start()
  for (let n = 0; n < 20; n++) {
    await bed.until('some open', () => bed.open.size > 0)
    for (const end of [...bed.open.values()]) end({ is: 'done' })
  }
  await bed.until('some done', () => task.counts.done > 50)
  const noted = task.noting
  const doneBefore = bed.begun.filter(hwId => !bed.open.has(hwId)).length
  bed.restart()
  bed.automatic = { is: 'done' }
  const [after] = bed.tasks.list(admin)
  t.ok(after && after.finishedAt === undefined, noted ? 'killed while devices were being noted' : 'killed in work')
  for (let n = 0; n < 5000; n++) bed.comes(`d${String(n).padStart(5, '0')}`)
  await bed.until('over', () => after?.finishedAt !== undefined)
  t.match(after && toWire(after, 0), { total: 5000, done: 5000, waiting: 0, state: 'done' })
  t.equal(new Set(bed.begun).size, 5000)
  t.ok(bed.begun.length <= 5000 + WIDTH, `only those in work were begun again (${bed.begun.length - 5000}), ${doneBefore} were done before`)
})

t.test('rows: slices in transactions, results of each', async t => {
  const bed = new Bed()
  t.teardown(() => bed.end())
  bed.fill(1000)
  const task = bed.start('edit')
  await bed.over(task)
  t.same(bed.rowSlices, [200, 200, 200, 200, 200])
  t.match(toWire(task, 0), { state: 'done', done: 995, failed: 5, total: 1000 })
  const all = taskDevicesPage(bed.tasks, bed.devices, admin, task, { offset: 3, limit: 500 })
  t.equal(all.total, 1000)
  t.same(all.devices.map(device => device.state).slice(0, 4), ['failed', 'failed', 'done', 'done'], 'failed ones first, also across a page')
})

t.test('who may see a task', async t => {
  const bed = new Bed()
  t.teardown(() => bed.end())
  bed.fill(1)
  const viewer = (...ids: number[]): Viewer => ({ ...admin, admin: false, domainId: ids[0] ?? 0, domainIds: new Set(ids) })
  const one = bed.start('edit', 1)
  const several = bed.start('edit', 0)
  const granted = bed.tasks.start(viewer(2, 3), { kind: 'edit', domainId: 0, detail: 'both', work: {} })
  const seen = (...ids: number[]): number[] => bed.tasks.list(viewer(...ids)).map(task => task.id).sort()
  t.same(seen(1), [one.id])
  t.same(seen(2), [], 'a task of a login with more rights')
  t.same(seen(2, 3), [granted.id])
  t.same(seen(1, 2, 3), [one.id, granted.id])
  t.same(bed.tasks.list(admin).length, 3)
  t.throws(() => bed.tasks.one(viewer(2), several.id), { code: 'notFound' })
  for (const task of [one, several, granted]) await bed.over(task)
  bed.now += 8 * 24 * 3600_000
  bed.tasks.tick()
  t.same(bed.tasks.list(admin), [], 'forgotten after a week')
})

t.test('indications: put together', async t => {
  const bed = new Bed()
  t.teardown(() => bed.end())
  bed.fill(3000)
  const heard: string[] = []
  bed.tasks.events.on({ added: () => heard.push('added'), changed: () => heard.push('changed'), removed: () => heard.push('removed') })
  const task = bed.start()
  await bed.over(task)
  await new Promise<void>(resolve => {
    const look = setInterval(() => { if (heard.at(-1) === 'changed') { clearInterval(look); resolve() } }, 10)
  })
  t.equal(heard[0], 'added')
  t.ok(heard.length < 100, `${heard.length} indications for 3000 devices`)
})
