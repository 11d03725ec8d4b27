/** Rules of the user interface that need no page: pasted lists, tables, what the hidden app answers, live lists. */
import t from 'tap'
import fc from 'fast-check'
import { isBelow } from '../../ui/api-app/http-get.ts'
import { deviceUri, passthroughBase } from '../../ui/api-app/passthrough-base.ts'
import { readSearch, searchInfos } from '../../ui/api-app/search-results.ts'
import { grouped, initUrl, isOpen } from '../../ui/provisioning/codes.ts'
import { codesAsCsv, csvCell } from '../../ui/provisioning/export.ts'
import { readMacs } from '../../ui/provisioning/mac-list.ts'
import { cells, guessColumn, MOST_LINES, readNames, readTable } from '../../ui/provisioning/name-list.ts'
import { qrPath, qrText } from '../../ui/provisioning/qr.ts'
import { serverText } from '../../ui/provisioning/server-texts.ts'
import type { State } from '../../ui/connection/machine.ts'
import { Cell } from '../../ui/state/cell.ts'
import { LiveList } from '../../ui/state/live-list.ts'
import { eventually } from './browser.ts'

const names = (text: string, known: readonly string[] = []): (string | undefined)[][] => {
  const table = readTable(text)
  const { column, head } = guessColumn(table)
  return readNames(table, column, head, new Set(known)).map(({ line, name, problem }) => [String(line), name, problem])
}

t.test('names: one a line, columns, heads, twice, too long, known', async t => {
  t.strictSame(names('lena.hoff\n\n  tim.wolf \r\nlena.hoff'), [['1', 'lena.hoff', undefined], ['3', 'tim.wolf', undefined], ['4', 'lena.hoff', 'twice']])
  t.strictSame(names('Raum;Name;Telefon\n1;"Hoff; Lena";0\n2;Tim "T" Wolf;1').map(row => row[1]), ['Hoff; Lena', 'Tim "T" Wolf'])
  t.strictSame(names('sip,x\na,1\nb,2').map(row => row[1]), ['a', 'b'])
  t.strictSame(names('a\tx\nb\ty').map(row => row[1]), ['a', 'b'], 'no head, the first column')
  t.strictSame(names('\uFEFFA\na\nB', ['b']), [['1', 'A', undefined], ['2', 'a', 'twice'], ['3', 'B', 'known']])
  t.strictSame(names('x'.repeat(129)).map(row => row[2]), ['long'])
  t.strictSame(names(`a\n${'ö'.repeat(128)}`).map(row => row[2]), [undefined, undefined])
  t.strictSame(names(''), [])
  const many = readTable('n\n'.repeat(MOST_LINES) + 'one more')
  t.strictSame([many.rows.length, many.cut], [MOST_LINES, true])
  t.equal(readTable('n\n'.repeat(MOST_LINES)).cut, false)
})

t.test('cells of a table come back as they were written', async t => {
  fc.assert(fc.property(fc.array(fc.string().filter(cell => !/[\r\n]/.test(cell) && cell.trim() === cell), { minLength: 1 }), row => {
    t.strictSame(cells(row.map(cell => `"${cell.replaceAll('"', '""')}"`).join(';'), ';'), row)
  }))
})

t.test('a MAC in any notation begins a line; the rest is a name', async t => {
  const ways = ['0090334c7711', '00:90:33:4c:77:11', '00-90-33-4C-77-11', '0090.334c.7711', '009033-4c7711', '00 90 33 4c 77 11', '0090 334c 7711', '"00:90:33:4c:77:11"']
  for (const way of ways) t.match(readMacs(way).devices, [{ hwId: '0090334c7711', name: '', problem: undefined }], way)
  for (const [line, name] of [['0090334c7711 Reception', 'Reception'], ['00:90:33:4c:77:11\tJens Brandt\tOffice', 'Jens Brandt'], ['0090334c7711;"Hall; 3";x', 'Hall; 3'], ['0090334c7711, Tor 5', 'Tor 5'], ['0090334c7711  2nd floor', '2nd floor']] as const) {
    t.match(readMacs(line).devices, [{ hwId: '0090334c7711', name }], line)
  }
  const list = readMacs('MAC;Name\n0090334c7711\n\n00-90-33-4c-77\nReception\n009033-4C-7711\n0090334c771z').devices
  t.strictSame(list.map(one => [one.line, one.problem]), [[2, undefined], [4, 'short'], [5, 'noMac'], [6, 'short'], [7, 'noMac']])
  t.strictSame(readMacs('0090334c7711\n00:90:33:4c:77:11').devices.map(one => one.problem), [undefined, 'twice'])
  t.strictSame(readMacs(`0090334c7711 ${'x'.repeat(129)}`).devices.map(one => one.problem), ['long'])
})

t.test('no list of any text makes the readers fail, and what they accept is a MAC', async () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => {
    for (const device of readMacs(text).devices) if (device.problem === undefined && !/^[0-9a-f]{12}$/.test(device.hwId)) throw new Error(device.hwId)
    readNames(readTable(text), 0, false)
  }))
})

t.test('exports: quoted, no formulas, one line a code', async t => {
  t.strictSame(['a', 'a;b', 'say "x"', '=1+1', '-1', '@x', 'a\nb'].map(csvCell), ['a', '"a;b"', '"say ""x"""', "'=1+1", "'-1", "'@x", '"a\nb"'])
  const code = { code: '123456789012', domainId: 1, category: 'Office', categoryId: 1, sip: '=cmd', rollout: true, administrative: false, by: 'ada', createdAt: 0, validUntil: 604_800_000, state: 'open' } as const
  const [head, row, end] = codesAsCsv([code]).split('\r\n')
  t.equal(head?.split(';').length, 8)
  t.equal(row, "'=cmd;123456789012;Office;;1970-01-08T00:00:00.000Z;Waiting for the device;;")
  t.equal(end, '')
})

t.test('codes: groups, states, QR code', async t => {
  t.equal(grouped('123456789012'), '123 456 789 012')
  t.strictSame((['open', 'refused', 'used', 'expired'] as const).map(state => isOpen({ state })), [true, true, false, false])
  t.equal(qrText('123456789012', 'wss://host/example.com/devices/sysclients'), '123456789012\nwss://host/example.com/devices/sysclients')
  const { size, path } = qrPath(qrText('123456789012', 'wss://host/example.com/devices/sysclients'))
  t.ok(size >= 25 && path.startsWith('M2 2h7v1h-7z'), 'the finder pattern stands behind a border')
  t.equal(serverText('The device belongs to another domain.'), 'The device belongs to another domain.')
  t.equal(serverText('The device belongs to the domain a.b.'), 'The device belongs to a.b.')
  t.equal(serverText('Something new.'), 'Something new.')
  t.equal(initUrl('wss://host/example.com/devices/sysclients'), 'https://host/example.com/devices/init')
})

t.test('addresses of device pages are those consumers expect, and nothing else is read for them', async t => {
  const page = 'https://host/example.com/devices/150001/innovaphone-devices-api.htm?name=x'
  const base = passthroughBase('wss://host/example.com/devices/150001', page)
  t.equal(base, 'https://host/example.com/devices/passthrough/')
  t.equal(passthroughBase('ws://host:8080/example.com/devices', page), 'http://host:8080/example.com/devices/passthrough/')
  t.equal(passthroughBase('wss://host/cafe/devices', 'https://host/cafe/devices/150001/x.htm'), 'https://host/cafe/devices/passthrough/', 'a path that looks like a build stays')
  t.equal(deviceUri(base, '009033000001', 'key'), `${base}009033000001/key/`)
  for (const good of [`${base}a/b/log.txt`, `${base}a/b/../b/`]) t.ok(isBelow(base, good), good)
  for (const bad of [base, `${base}../csvapi`, `${base}a/../../x`, 'https://other/example.com/devices/passthrough/a/b/', 'http://host/example.com/devices/passthrough/a/', 'https://u:p@host/example.com/devices/passthrough/a/b/', 'javascript:1', 'x', 1, undefined]) t.notOk(isBelow(base, bad), String(bad))
})

t.test('a search answers for devices and apps, says its marks, bounds and ranks', async t => {
  t.match(readSearch({ search: ' ip ', src: 'a' }, 'b'), { words: 'ip', kind: 'app', marks: { src: 'a' }, ours: true })
  t.match(readSearch({ search: 'ip', type: 'device', source: 's' }, 'b'), { kind: 'device', marks: { src: 'b', source: 's' }, ours: true })
  t.strictSame(['contact', 'x', 5].map(type => readSearch({ search: 'ip', type }, undefined).ours), [false, false, false])
  t.strictSame([readSearch({}, undefined).ours, readSearch({ search: 7 }, undefined).ours], [false, false])
  const device = { id: 1, hwId: '009033000001', name: 'Reception', domainId: 1, product: 'IP112', version: '', type: 'PHONE', pbxActive: false, online: true } as const
  const domains = [{ id: 1, name: 'reception.example', hasRentalProducts: false, deployAdminPasswords: false, isInstanceDomain: true, categories: [] }]
  const infos = searchInfos(readSearch({ search: 'reception', src: 's' }, undefined), 'devices', Array.from({ length: 40 }, () => device), domains, () => 'reception.example')
  t.equal(infos.length, 21)
  t.strictSame(infos[0], { mt: 'SearchInfo', src: 's', dn: 'Reception · IP112 · 009033000001 · reception.example', type: 'app', app: {}, link: 'devices?hwId=009033000001', relevance: 1000 })
  t.match(infos.at(-1), { link: 'devices?domain=reception.example', relevance: 2000 })
})

t.test('a live list keeps what is said while it is read, and reads again after a reconnect', async t => {
  type Item = { readonly id: number, readonly text: string }
  const state = new Cell<State>({ at: 'online', by: { kind: 'parent' } })
  const listeners = new Map<string, (message: Readonly<Record<string, unknown>>) => void>()
  let answer: (items: Item[]) => void = () => undefined
  let reads = 0
  const list = new LiveList<Item, number>(() => ({
    state, onIndication: (mt, listener) => {
      listeners.set(mt, listener)
      return () => { listeners.delete(mt) }
    },
    read: onPart => {
      reads++
      return new Promise(resolve => { answer = items => { onPart(items); resolve() } })
    },
    keyOf: item => item.id, put: ['Put'], gone: 'Gone', compare: (a, b) => a.id - b.id,
    itemIn: ({ id, text }) => typeof id === 'number' && typeof text === 'string' ? { id, text } : undefined, keyIn: ({ id }) => typeof id === 'number' ? id : undefined,
  }))
  const end = list.start()
  const texts = (): string => (list.items.value ?? []).map(item => item.text).join()
  listeners.get('Put')?.({ id: 1, text: 'new' })
  listeners.get('Gone')?.({ id: 2 })
  answer([{ id: 1, text: 'old' }, { id: 2, text: 'gone' }, { id: 3, text: 'there' }])
  await eventually('what came meanwhile is newer', async () => texts() === 'new,there')
  listeners.get('Put')?.({ id: 4, text: 'fourth' })
  listeners.get('Put')?.({ nonsense: true })
  await eventually('it is added', async () => texts() === 'new,there,fourth')
  state.set({ at: 'waiting', by: { kind: 'parent' }, attempt: 1, retryAt: 0, lostAt: 0 })
  state.set({ at: 'online', by: { kind: 'parent' } })
  t.equal(reads, 2)
  answer([{ id: 9, text: 'after' }])
  await eventually('read again', async () => texts() === 'after')
  state.set({ at: 'signedOut' })
  t.equal(list.items.value, undefined)
  end()
  t.equal(listeners.size, 0)
})
