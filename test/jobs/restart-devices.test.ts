/** Restarting devices: who is left out and why, what is sent, what each answer means, and that nobody is told twice. */
import fs from 'node:fs'
import t from 'tap'
import type { Viewer } from '../../app/domains/viewer.ts'
import { DeviceStore } from '../../app/devices/device-store.ts'
import { DeviceQueues } from '../../app/jobs/device-queues.ts'
import type { Kind } from '../../app/jobs/kinds.ts'
import { RESTARTABLE, restartDevices, type RestartWork } from '../../app/jobs/kinds/restart-devices.ts'
import { toWire, type Task } from '../../app/jobs/task.ts'
import { taskDevicesPage } from '../../app/jobs/task-devices.ts'
import { Tasks } from '../../app/jobs/tasks.ts'
import { LIMITS } from '../../app/limits.ts'
import { DeviceHttpError, type DeviceAnswer } from '../../app/passthrough/device-http.ts'
import type { DeviceType } from '../../app/protocol/types.ts'
import { Status } from '../../app/store/schema.ts'
import { Store } from '../../app/store/store.ts'
import { temporaryFolder } from '../fixtures/service.ts'

const admin: Viewer = { admin: true, role: 'full', domainId: 1, domainIds: new Set([1]), who: 'admin@example.com', address: '127.0.0.1' }
const NOW = '/CMD0/mod_cmd.xml?cmd=reset&reset=OK'
const answer = (body: string, status = 200): DeviceAnswer => ({ status, headers: [], body: Buffer.from(body) })
const CONFIRMED = answer('<?xml version="1.0" encoding="utf-8"?>\r\n<info reset="true"/>\r\n')

class Bed {
  readonly folder = temporaryFolder()
  now = 1_000_000
  readonly connected = new Set<string>()
  readonly sent: string[] = []
  /** Devices that have not answered yet. */
  readonly open: (() => void)[] = []
  answers: (hwId: string) => DeviceAnswer | DeviceHttpError | undefined = () => CONFIRMED
  readonly instance = { observer: false }
  readonly observed = new Set<number>()
  store!: Store
  devices!: DeviceStore
  tasks!: Tasks

  constructor() { this.#start() }

  #start(): void {
    const store = this.store = new Store({ workingPath: this.folder, onFailure: error => { throw error } })
    const devices = this.devices = new DeviceStore(store)
    const none: Kind = () => { throw new Error('not this kind') }
    const connected = (hwId: string): boolean => this.connected.has(hwId)
    const restart = restartDevices({
      devices, connected, instance: this.instance, domains: { get: id => ({ observer: this.observed.has(id) }) },
      http: {
        get: async (hwId, target) => {
          this.sent.push(`${hwId} ${target}`)
          const result = this.answers(hwId)
          if (result instanceof DeviceHttpError) throw result
          return result ?? new Promise<DeviceAnswer>(resolve => this.open.push(() => resolve(CONFIRMED)))
        },
      },
    })
    this.tasks = new Tasks({
      store, queues: new DeviceQueues(), connected, kinds: { adminPasswords: none, registrationUrl: none, edit: none, delete: none, restart },
      settleDevices: () => devices.settle(), now: () => this.now, later: run => { setImmediate(run) }, log: (_level, text) => { throw new Error(text) },
    })
  }

  add(hwId: string, more: { domainId?: number, type?: DeviceType, status?: Status, other?: boolean } = {}): number {
    const { domainId = 1, type = 'PHONE', status = Status.online, other = false } = more
    this.devices.insert({
      hwId, domainId, name: '', type, status, addedHow: 'manual', now: 1,
      identify: { id: hwId, product: 'IP222', version: '', platform: { type }, ethIfs: undefined, ...(other ? { other } : {}) },
    })
    if (status === Status.online) this.connected.add(hwId)
    this.store.flush()
    return this.devices.auth(hwId)?.id ?? 0
  }

  start(whenIdle = false, viewer = admin, domainId = 0): Task {
    const ids = this.store.sqlite.prepare<[], { id: number }>('SELECT id FROM devices').all().map(row => row.id)
    const work: RestartWork = { selection: { ids }, whenIdle }
    return this.tasks.start(viewer, { kind: 'restart', domainId, detail: '', work })
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    const giveUp = Date.now() + 20_000
    while (!condition()) {
      if (Date.now() > giveUp) throw new Error(`never: ${what}`)
      await new Promise(resolve => setTimeout(resolve, 1))
    }
  }
  over(task: Task): Promise<void> { return this.until('over', () => task.finishedAt !== undefined) }
  results(task: Task): Record<string, string> {
    return Object.fromEntries(taskDevicesPage(this.tasks, this.devices, admin, task, { offset: 0, limit: 500 }).devices.map(({ hwId, state, errorText }) => [hwId, errorText ? `${state}: ${errorText}` : state]))
  }

  /** As kill -9 after the last commit, and a new start. */
  restart(): Task {
    this.tasks.stop()
    this.connected.clear()
    this.store.flush()
    this.store.close()
    this.#start()
    this.tasks.resume()
    const [task] = this.tasks.list(admin)
    if (!task) throw new Error('no task')
    return task
  }

  end(): void {
    this.tasks.stop()
    this.store.close()
    fs.rmSync(this.folder, { recursive: true })
  }
}

function bed(): Bed {
  const one = new Bed()
  t.teardown(() => one.end())
  return one
}

t.test('who is left out, and why', async t => {
  const it = bed()
  it.store.sqlite.exec(`INSERT INTO domains (id, name, name_key, observer) VALUES (5, 'watched.example', 'watched.example', 1)`)
  it.store.flush()
  it.add('phone')
  it.add('gateway', { type: 'GW' })
  it.add('base', { type: 'DECT' })
  it.add('third', { other: true })
  it.add('platform', { type: 'APP_PLATFORM' })
  it.add('watched', { domainId: 5 })
  it.add('away', { status: Status.offline })
  it.add('expected', { status: Status.expected })
  it.add('stranger', { domainId: 0, status: Status.unassigned })
  it.add('forgot', { status: Status.lost })
  const count = it.store.sqlite.prepare<[], { hwId: string }>(`SELECT hw_id AS hwId FROM devices WHERE ${RESTARTABLE} ORDER BY id`).all().map(row => row.hwId)
  t.same(count, ['phone', 'gateway', 'base'], 'what the dialog counts')
  const task = it.start()
  await it.over(task)
  t.same(it.results(task), {
    phone: 'done', gateway: 'done', base: 'done', third: 'skipped: It is not a device of innovaphone: there is no command for it.',
    platform: 'skipped: An App Platform is restarted in its own manager.', watched: 'skipped: It is only observed here.', away: 'skipped: Not connected.', expected: 'skipped: Not connected.',
    stranger: 'skipped: It has to be added to a domain first.', forgot: 'skipped: It has to be added to a domain first.',
  })
  t.same(it.sent.sort(), [`base ${NOW}`, `gateway ${NOW}`, `phone ${NOW}`])
})

t.test('what an answer means', async t => {
  const answers: Record<string, DeviceAnswer | DeviceHttpError> = {
    confirms: CONFIRMED, 'breaks off': new DeviceHttpError('gone'), unknown: answer('?\r\n'), refuses: answer('<info error="locked"/>'), 'not found': answer('', 404),
    'says ok': answer('<info state="ok"/>'), silent: new DeviceHttpError('silent'), garbage: new DeviceHttpError('protocol'),
  }
  for (const whenIdle of [false, true]) {
    const it = bed()
    for (const hwId of Object.keys(answers)) it.add(hwId)
    it.answers = hwId => answers[hwId]
    const task = it.start(whenIdle)
    await it.over(task)
    t.same(it.results(task), {
      'confirms': 'done', 'breaks off': 'done', 'unknown': 'failed: The device does not know the command.', 'refuses': 'failed: The device refused the command: locked',
      'not found': 'failed: The device answered with status 404.', 'says ok': whenIdle ? 'done' : 'failed: The device did not confirm the restart.',
      'silent': 'failed: The device did not answer in time.', 'garbage': 'failed: The answer of the device could not be understood.',
    })
    t.equal(it.sent.length, Object.keys(answers).length, 'each was told once')
    t.ok(it.sent.every(line => line.endsWith(whenIdle ? ' /!ireset' : ` ${NOW}`)))
  }
})

t.test('a device whose tunnels are all in use was not told: it is tried again by itself', async t => {
  const it = bed()
  it.add('busy')
  it.answers = () => it.sent.length === 1 ? new DeviceHttpError('busy') : CONFIRMED
  const task = it.start()
  await it.until('refused', () => it.sent.length === 1 && it.tasks.working(task).length === 0)
  t.equal(task.finishedAt, undefined)
  it.now += 2_000
  it.tasks.tick()
  await it.over(task)
  t.same(it.results(task), { busy: 'done' })
})

t.test('what has changed before its turn: moved, deleted, observed', async t => {
  const it = bed()
  const names = ['moved', 'deleted', 'stays']
  const ids = new Map(names.map(name => [name, it.add(name)]))
  // All places are taken by others first.
  for (let n = 0; n < LIMITS.restartsAtOnce.value; n++) it.add(`first ${n}`)
  it.store.sqlite.exec(`UPDATE devices SET id = id + 1000 WHERE hw_id NOT LIKE 'first%'`)
  const owner: Viewer = { ...admin, admin: false, domainIds: new Set([1, 3]) }
  it.answers = () => undefined
  const task = it.start(false, owner, 1)
  await it.until('full', () => it.sent.length === LIMITS.restartsAtOnce.value && !task.noting)
  t.equal(toWire(task, it.tasks.running(task)).waiting, names.length)
  const id = (name: string): number => (ids.get(name) ?? 0) + 1000
  // The starter may see the new domain, too; but who sees this one only could try the task again.
  it.store.sqlite.exec(`UPDATE devices SET domain_id = 3 WHERE id = ${id('moved')}`)
  it.store.sqlite.exec(`DELETE FROM devices WHERE id = ${id('deleted')}`)
  it.answers = () => CONFIRMED
  for (const go of it.open) go()
  await it.over(task)
  const results = it.results(task)
  t.same(names.map(name => results[name]), ['skipped: The device was deleted or moved.', 'skipped: The device was deleted or moved.', 'done'])
  t.equal(it.sent.length, LIMITS.restartsAtOnce.value + 1)

  it.answers = () => undefined
  it.sent.length = 0
  it.open.length = 0
  const all = it.start()
  await it.until('full again', () => it.sent.length === LIMITS.restartsAtOnce.value && !all.noting)
  it.observed.add(1)
  it.answers = () => CONFIRMED
  for (const go of it.open) go()
  await it.over(all)
  const after = it.results(all)
  t.equal(after['stays'], 'skipped: It is only observed here.')
  t.equal(after['moved'], 'done', 'another domain')
})

t.test('cancelled: who is being told comes to its end, the rest is not told', async t => {
  const it = bed()
  const width = LIMITS.restartsAtOnce.value
  for (let n = 0; n < width + 5; n++) it.add(`d${n}`)
  it.answers = () => undefined
  const task = it.start()
  await it.until('full', () => it.sent.length === width && !task.noting)
  it.tasks.cancel(task)
  await it.until('cancelled', () => task.counts.skipped === 5)
  for (const go of it.open) go()
  await it.over(task)
  t.match(toWire(task, 0), { state: 'cancelled', done: width, skipped: 5 })
  t.equal(it.sent.length, width)
})

t.test('the service ends in the middle: who was being told has failed and is not told again, the rest goes on', async t => {
  const it = bed()
  const told = LIMITS.restartsAtOnce.value
  for (let n = 0; n < told + 10; n++) it.add(`d${String(n).padStart(3, '0')}`)
  it.answers = () => undefined
  const task = it.start()
  await it.until('full', () => it.sent.length === told && !task.noting)
  t.same(new Set(Object.values(it.results(task))), new Set(['running', 'waiting']))
  const before = new Set(it.sent.map(line => line.split(' ')[0] ?? ''))
  it.sent.length = 0
  it.answers = () => CONFIRMED
  const after = it.restart()
  t.match(toWire(after, 0), { failed: told, waiting: 10, done: 0, state: 'running' })
  for (let n = 0; n < told + 10; n++) {
    const hwId = `d${String(n).padStart(3, '0')}`
    it.connected.add(hwId)
    it.tasks.cameOnline(it.devices.auth(hwId)?.id ?? 0)
  }
  await it.over(after)
  t.match(toWire(after, 0), { failed: told, done: 10, state: 'done' })
  t.notOk(it.sent.some(line => before.has(line.split(' ')[0] ?? '')), 'nobody was told twice')
  t.equal(it.results(after)['d000'], 'failed: The service ended while this device was told to restart: it may have restarted.')
  it.tasks.retry(after)
  await it.until('tried again', () => after.counts.done === told + 10)
  t.equal(it.sent.length, told + 10, 'on request they are')
})

t.test('who left meanwhile is skipped after a while; who waits for a place only is not', async t => {
  const it = bed()
  const width = LIMITS.restartsAtOnce.value
  for (let n = 0; n < width + 2; n++) it.add(`d${String(n).padStart(3, '0')}`)
  it.answers = () => undefined
  const task = it.start()
  await it.until('full', () => it.sent.length === width && !task.noting)
  const last = `d${String(width + 1).padStart(3, '0')}`
  it.connected.delete(last)
  it.store.sqlite.exec(`UPDATE devices SET status = ${Status.offline} WHERE hw_id = '${last}'`)
  it.now += LIMITS.restartPatience.value + 1
  it.tasks.tick()
  await it.until('skipped', () => task.counts.skipped === 1)
  t.equal(it.results(task)[last], 'skipped: Not connected.')
  t.equal(toWire(task, it.tasks.running(task)).waiting, 1)
})
