/** Search in pages: the same as looking at each device's text one by one, whatever is in the words; up to date after each change. */
import fc from 'fast-check'
import t from 'tap'
import { Domains } from '../../app/domains/domains.ts'
import type { Viewer } from '../../app/domains/viewer.ts'
import { DeviceLists } from '../../app/devices/device-lists.ts'
import { naturalKey } from '../../app/devices/device-search.ts'
import { DeviceStore } from '../../app/devices/device-store.ts'
import type { PageParams } from '../../app/devices/device-query.ts'
import { backup, restore } from '../../app/store/backup.ts'
import { Store } from '../../app/store/store.ts'
import { Status } from '../../app/store/schema.ts'
import { fill } from '../fixtures/fill.ts'
import { temporaryFolder } from '../fixtures/service.ts'

interface Shown { id: number, hwId: string, name: string, product: string, type: string, ip: string, domainId: number }
const open = (workingPath: string) => {
  const store = new Store({ workingPath, onFailure: error => { throw error } })
  const domain = new Domains(store, 'example.com').ensureInstanceDomain('instance-pw-1')
  const devices = new DeviceStore(store)
  return { store, devices, lists: new DeviceLists(store, devices), domainId: domain.id }
}
const admin: Viewer = { admin: true, role: 'full', domainId: 1, domainIds: new Set([1]), who: 'test', address: '' }
const seesOnly = (domainId: number): Viewer => ({ ...admin, admin: false, domainId, domainIds: new Set([domainId]) })

/** The rule, in plain words: each word is somewhere in what is shown of the device, or is its MAC in another notation. */
function matches(device: Shown, search: string): boolean {
  const text = [device.name || device.hwId, device.hwId, device.product, device.type, device.ip].map(part => part.toLowerCase().replaceAll('\0', ' '))
  return search.toLowerCase().split(/\s+/).filter(word => word !== '').slice(0, 8).every(word => {
    const digits = word.replace(/[-:.]/g, '')
    return text.some(part => part.includes(word) || (digits.length >= 4 && /^[0-9a-f]+$/.test(digits) && part.includes(digits)))
  })
}

const add = (to: ReturnType<typeof open>, n: number, name: string, domainId = to.domainId): Shown => {
  const shown = { hwId: `009033${n.toString(16).padStart(6, '0')}`, product: n % 3 ? 'IP222' : 'IP1200', type: n % 3 ? 'PHONE' : 'DECT', ip: `10.0.${n >> 8}.${n & 255}`, name, domainId }
  const id = to.devices.insert({
    ...shown, type: shown.type === 'DECT' ? 'DECT' : 'PHONE', status: domainId === 0 ? Status.unassigned : Status.offline, addedHow: 'manual', now: 1,
    identify: { id: shown.hwId, product: shown.product, version: '14r1', platform: { type: shown.type === 'DECT' ? 'DECT' : 'PHONE' }, ethIfs: [{ if: 'ETH0', ipv4: shown.ip }] },
  })
  return { id, ...shown }
}
const found = (of: ReturnType<typeof open>, search: string, more: Partial<PageParams> = {}, viewer = admin): { ids: number[], total: number } => {
  const { rows, total } = of.lists.page(viewer, { offset: 0, limit: 500, search, ...more })
  return { ids: rows.map(row => row.id), total }
}

const letters = fc.constantFrom(...'aäBÜßéxyz019-:."*^()+{}%_\'\\\0', '😀', 'Œ', 'İ', 'Σ', 'AND', 'OR', 'NOT', 'NEAR', 'search:')
const piece = fc.array(letters, { minLength: 1, maxLength: 7 }).map(parts => parts.join(''))
const nameText = fc.array(piece, { maxLength: 3 }).map(parts => parts.join(' '))

t.test('random names and words, against the plain rule', async () => {
  const to = open(temporaryFolder())
  fc.assert(fc.property(fc.array(nameText, { minLength: 1, maxLength: 25 }), fc.infiniteStream(fc.nat(1000)), (names, numbers) => {
    to.store.write(() => to.store.sqlite.prepare('DELETE FROM devices').run())
    const devices = names.map((name, n) => add(to, n * 37, name, n % 9 === 8 ? 0 : to.domainId))
    const next = (below: number): number => (numbers.next().value ?? 0) % below
    for (let round = 0; round < 12; round++) {
      const { name = '', hwId = '', ip = '' } = devices[next(devices.length)] ?? {}
      const source = [name, name, hwId.match(/../g)?.join('-') ?? '', ip, names[next(names.length)] ?? ''][next(5)] ?? ''
      const characters = [...source]
      const from = next(characters.length + 1)
      const search = `${characters.slice(from, from + 1 + next(8)).join('')}${next(4) ? '' : ` ${hwId.slice(-next(5) - 1)}`}`.toUpperCase()
      if (search.trim() === '') continue
      const { ids, total } = found(to, search)
      const expected = devices.filter(device => device.domainId !== 0 && matches(device, search)).map(device => device.id)
      if (total !== expected.length || expected.some(id => !ids.includes(id))) throw new Error(`${JSON.stringify(search)}: ${ids.join()} instead of ${expected.join()}`)
    }
  }), { numRuns: 120 })
  to.store.close()
})

t.test('what looks like syntax is text', async t => {
  const to = open(temporaryFolder())
  const names = ['say "hello"', "it's", 'a AND b', 'NOT me', 'star*', 'search:x', '(one)', 'x + y', '^first', 'semi;colon--', '100%_sure', 'back\\slash', '"""', 'NEAR(a b)', '{}[]']
  const devices = names.map((name, n) => add(to, n, name))
  for (const device of devices) {
    for (const word of device.name.split(' ')) {
      const { ids } = found(to, word)
      t.same(ids.toSorted((a, b) => a - b), devices.filter(other => matches(other, word)).map(other => other.id), word)
    }
  }
  t.equal(found(to, 'star*x').total, 0)
  t.equal(found(to, 'sta OR one').total, 0, 'no operators')
  to.store.close()
})

t.test('follows each change: new name, new report, another domain, deleted, unassigned', async t => {
  const workingPath = temporaryFolder()
  const to = open(workingPath)
  const device = add(to, 1, 'Empfang Süd')
  add(to, 2, 'Lager')
  t.same(found(to, 'SÜD').ids, [device.id])
  const { hwId } = device
  const auth = to.devices.auth(hwId)
  t.ok(auth && to.devices.report(auth, { id: hwId, product: 'IP811', version: '14r1', platform: { type: 'GW' }, ethIfs: [{ if: 'ETH0', ipv4: '192.168.77.1' }] }))
  t.same(found(to, '192.168.77').ids, [device.id])
  t.same(found(to, 'ip811 süd').ids, [device.id], 'its given name stays')
  t.equal(found(to, '10.0.0.1').total, 0, 'the former address is forgotten')
  to.devices.setStatus({ id: device.id, hwId, domainId: to.domainId }, Status.offline, Status.online, 2)
  t.same(found(to, 'süd', { states: ['online'] }).ids, [device.id])
  const free = add(to, 3, 'Waiting', 0)
  t.equal(found(to, 'waiting').total, 0, 'unassigned devices are found when asked for only')
  t.same(found(to, 'waiting', { states: ['unassigned'] }).ids, [free.id])
  t.equal(found(to, 'waiting', { states: ['unassigned'] }, seesOnly(to.domainId)).total, 0)
  t.equal(found(to, 'süd', {}, seesOnly(to.domainId + 1)).total, 0, 'devices of others do not exist')
  t.equal(found(to, 'süd', { domainIds: [] }).total, 0)
  const row = to.devices.row(device.id)
  if (row) to.devices.remove(row)
  t.equal(found(to, 'süd').total, 0, 'deleted')
  // A write that fails takes its words with it.
  t.throws(() => to.store.write(() => {
    add(to, 9, 'Undone')
    throw new Error('no')
  }))
  t.equal(found(to, 'undone').total, 0)
  to.store.flush()
  to.store.sqlite.exec("INSERT INTO device_search (device_search, rank) VALUES ('integrity-check', 1)") // throws when it differs from the devices
  to.store.close()
  const file = `${temporaryFolder()}/backup`
  backup(workingPath, file, undefined)
  const restored = temporaryFolder()
  await restore(restored, file, undefined)
  const again = open(restored)
  t.equal(found(again, 'lager').total, 1, 'after a restore')
  t.equal(found(again, 'süd').total, 0)
  again.store.close()
})

t.test('many matches: whole pages in order, whatever filter and order', async t => {
  const workingPath = temporaryFolder()
  fill(workingPath, 12_000)
  const to = open(workingPath)
  const { sqlite } = to.store
  for (const search of ['büro', 'e', '0090332', 'ip', 'ip112 009', 'werk', '1', '77']) {
    for (const more of [{}, { types: ['PHONE' as const] }, { states: ['offline' as const] }, { product: 'IP112' }]) {
      for (const sort of ['status', 'name', 'type', 'ip'] as const) {
        const words = search.split(' ')
        const all = sqlite.prepare<string[], { id: number, type: string, product: string }>(
          `SELECT id, type, product FROM devices WHERE domain_id > 0 ${words.map(() => 'AND instr(search, ?) > 0').join(' ')} ORDER BY ${{ status: 'status, label', name: 'label', type: 'type', ip: 'ip_sort' }[sort]}, id`).all(...words)
          .filter(row => (!more.types || row.type === 'PHONE') && (!more.product || row.product === 'IP112')).map(row => row.id)
        for (const offset of [0, 700, 3_333]) {
          const { ids, total } = found(to, search, { ...more, sort, offset, limit: 60 })
          if (total !== all.length || ids.join() !== all.slice(offset, offset + 60).join()) t.fail(`${search} ${JSON.stringify(more)} ${sort} ${offset}: ${total} of ${all.length}`)
        }
      }
    }
  }
  t.equal(found(to, 'konferenz', { sort: 'name' }).total, 1200)
  to.store.close()
})

t.test('names are sorted as people count', async t => {
  const to = open(temporaryFolder())
  const names = ['Büro 1012', 'Büro 102', 'Büro 2', 'büro 10', 'Büro', '10', '9', 'Zimmer 1.10', 'Zimmer 1.9', 'Halle 007', 'Halle 8']
  names.forEach((name, n) => add(to, n, name))
  const { rows } = to.lists.page(admin, { offset: 0, limit: 100, sort: 'name' })
  t.same(rows.map(row => row.name), ['9', '10', 'Büro', 'Büro 2', 'büro 10', 'Büro 102', 'Büro 1012', 'Halle 007', 'Halle 8', 'Zimmer 1.9', 'Zimmer 1.10'])
  t.equal(naturalKey('00903320a1b2'), '00903320a1b2', 'a MAC is no number')
  t.equal(found(to, '1012').total, 1, 'search sees the name itself')
  t.equal(found(to, '041012').total, 0)
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 10n ** 60n }), fc.bigInt({ min: 0n, max: 10n ** 60n }), (a, b) => (naturalKey(`n${a}`) < naturalKey(`n${b}`)) === (a < b)))
  to.store.close()
})
