/** The rules of the user interface that need no browser: sign-in and reconnecting, addresses, search tokens, long lists, texts. */
import t from 'tap'
import fc from 'fast-check'
import { whyNoBackup, whyNotRestored } from '../../ui/backup/reasons.ts'
import { formatBytes } from '../../ui/backup/words.ts'
import { appName, instanceUrl, websocketUrl } from '../../ui/connection/location.ts'
import { passwordLogin } from '../../ui/connection/login.ts'
import { next, reconnectDelay, type Credentials, type Input, type State } from '../../ui/connection/machine.ts'
import { isDevice, REPLIES } from '../../ui/connection/messages.ts'
import { parseObject } from '../../ui/connection/shape.ts'
import { readHardwareId } from '../../ui/devices/hardware-id.ts'
import { COLUMNS, readChoice, shownColumns, tracks, writeChoice } from '../../ui/grid/columns.ts'
import { gridKey } from '../../ui/grid/keyboard.ts'
import { PageCache } from '../../ui/grid/page-cache.ts'
import { EVERYTHING, isSelected, NOTHING, select, selectedCount } from '../../ui/grid/selection.ts'
import { drawnRange, holds, MAX_DRAWN, scrollToShow, visibleRange, wantedRange } from '../../ui/grid/window.ts'
import { NO_FILTER, readRoute, SORTS, STATES, TYPES, writeRoute, type Route } from '../../ui/route/route.ts'
import { language } from '../../ui/host/settings.ts'
import { startArguments } from '../../ui/host/start-arguments.ts'
import { readToken, tokensOf } from '../../ui/search/tokens.ts'
import { de } from '../../ui/text/de.ts'
import { en } from '../../ui/text/en.ts'
import { formatAge, formatDateTime, formatNumber, formatTime, plural, t as text } from '../../ui/text/text.ts'
import type { Device } from '../../app/protocol/types.ts'

const password: Credentials = { kind: 'password', domain: 'example.com', password: 'pwd' }

/** Runs inputs, one every 10 ms; gives the last state and all effects. */
function run(inputs: readonly Input[], from: State = { at: 'signedOut' }): { state: State, effects: string[] } {
  let state = from
  const effects: string[] = []
  inputs.forEach((input, at) => {
    const step = next(state, input, at * 10)
    state = step.state
    effects.push(...step.effects.map(effect => effect.do === 'retryIn' ? `retryIn ${effect.ms}` : effect.do))
  })
  return { state, effects }
}
const opened: Input = { type: 'opened' }
const challenge: Input = { type: 'challenge', challenge: '1234' }
const ok: Input = { type: 'loginResult', ok: true }
const closed: Input = { type: 'closed' }
const retry: Input = { type: 'retry' }
const signIn: Input = { type: 'signIn', by: password }

t.test('signing in and out', async t => {
  t.match(run([signIn, opened, challenge, ok]), { state: { at: 'online' }, effects: ['open', 'askChallenge', 'login', 'signedIn'] })
  t.match(run([signIn, opened, challenge, { type: 'loginResult', ok: false }]).state, { at: 'signedOut', problem: 'wrong' })
  t.match(run([signIn, closed]).state, { at: 'signedOut', problem: 'unreachable' })
  t.match(run([signIn, opened, challenge, ok, { type: 'signOut' }]), { state: { at: 'signedOut' }, effects: ['open', 'askChallenge', 'login', 'signedIn', 'forget', 'close'] })
  const resume: Input = { type: 'signIn', by: { kind: 'resume', token: 'x' } }
  t.match(run([resume, opened, ok]).effects, ['open', 'resume', 'signedIn'])
  t.match(run([resume, opened, { type: 'loginResult', ok: false }]).state, { at: 'signedOut', problem: 'expired' })
  t.equal(run([resume, closed]).state.at, 'waiting', 'a reloaded page waits for the service')
})

t.test('reconnecting: 1 s doubling to 32 s, from the start after a success', async t => {
  t.strictSame(Array.from({ length: 8 }, (_, at) => reconnectDelay(at + 1)), [1000, 2000, 4000, 8000, 16000, 32000, 32000, 32000])
  const again: Input[] = [retry, closed]
  const { effects, state } = run([signIn, opened, challenge, ok, closed, ...again, ...again, ...again, ...again, ...again, ...again])
  t.strictSame(effects.filter(effect => effect.startsWith('retryIn')), [1, 2, 4, 8, 16, 32, 32].map(s => `retryIn ${s * 1000}`))
  t.match(state, { at: 'waiting', lostAt: 40 }, 'lost since the first loss')
  t.strictSame(run([retry, opened, challenge, ok, closed], state).effects, ['open', 'askChallenge', 'login', 'signedIn', 'retryIn 1000'])
  t.match(run([retry, opened, challenge, { type: 'loginResult', ok: false }], state).state, { at: 'signedOut', problem: 'expired' })
  const parent: Input = { type: 'signIn', by: { kind: 'parent' } }
  t.match(run([parent, opened, challenge, { type: 'loginResult', ok: false }]).effects, ['open', 'askChallenge', 'login', 'close', 'retryIn 1000'], 'the client gives a fresh login later')
})

t.test('any order of inputs keeps the connection in a known state, and a waiting one always has a retry', async t => {
  const input = fc.oneof<fc.Arbitrary<Input>[]>(fc.constant(signIn), fc.constant({ type: 'signOut' }), fc.constant(opened), fc.constant(challenge), fc.constant(closed), fc.constant(retry),
    fc.boolean().map(answer => ({ type: 'loginResult', ok: answer })), fc.constantFrom<Credentials>({ kind: 'parent' }, { kind: 'resume', token: 'x' }).map(by => ({ type: 'signIn', by })))
  fc.assert(fc.property(fc.array(input, { maxLength: 40 }), inputs => {
    let state: State = { at: 'signedOut' }
    inputs.forEach((one, at) => {
      const step = next(state, one, at)
      const opens = step.effects.filter(effect => effect.do === 'open').length
      if (step.state.at === 'waiting' && state.at !== 'waiting' && !step.effects.some(effect => effect.do === 'retryIn')) throw new Error('waits for nothing')
      if (opens > 1 || (opens === 1) !== (step.state.at === 'connecting' && (state.at !== 'connecting' || one.type === 'signIn'))) throw new Error('opens at the wrong time')
      state = step.state
    })
  }))
  t.pass()
})

t.test('the login digest without info is that of the documents', async t => {
  // wire-protocols 5.4 with sip = app, guid of zeros and dn Admin (5.3).
  const login = passwordLogin('innovaphone-devices', 'example.com', 'pwd', '0123456789abcdef')
  t.match(login, { mt: 'AppLogin', app: 'innovaphone-devices', domain: 'example.com', sip: 'innovaphone-devices', guid: '0'.repeat(32), dn: 'Admin' })
  const { createHash } = await import('node:crypto')
  t.equal(login['digest'], createHash('sha256').update(`innovaphone-devices:example.com:innovaphone-devices:${'0'.repeat(32)}:Admin:0123456789abcdef:pwd`).digest('hex'))
})

t.test('the service is beside the page; another host is never asked', async t => {
  const page = 'https://ap.example/example.com/devices/150001/innovaphone-devices.htm?lang=de'
  t.equal(websocketUrl(page, null), 'wss://ap.example/example.com/devices/150001')
  t.equal(websocketUrl(page, 'https://ap.example/example.com/devices/innovaphone-devices'), 'wss://ap.example/example.com/devices')
  t.equal(websocketUrl(page, 'wss://evil.example/x/y'), 'wss://ap.example/example.com/devices/150001')
  t.equal(websocketUrl('http://127.0.0.1:8080/d/devices/innovaphone-devices.htm', 'not an address'), 'ws://127.0.0.1:8080/d/devices')
  t.equal(appName(page), 'innovaphone-devices')
})

const device = (n: number, more: Partial<Device> = {}): Device => ({ id: n, hwId: `009033${n.toString(16).padStart(6, '0')}`, domainId: 1, product: 'IP222', version: '13r3', type: 'PHONE', pbxActive: false, online: true, ...more })

t.test('answers of another shape are refused, whatever they are', async t => {
  t.ok(isDevice(device(1)))
  t.ok(isDevice(device(1, { provisioningCategory: null, ethIfs: [{ if: 'ETH0', ipv4: '1.2.3.4' }] })))
  t.notOk(isDevice({ ...device(1), type: 'FRIDGE' }))
  t.notOk(isDevice({ ...device(1), ethIfs: [{}] }))
  fc.assert(fc.property(fc.anything(), value => {
    for (const check of Object.values(REPLIES)) if (typeof check(value) !== 'boolean') throw new Error('no answer')
    if (isDevice(value)) throw new Error('anything is no device')
  }))
  fc.assert(fc.property(fc.string(), text => {
    const value = parseObject(text)
    if (value !== undefined && (typeof value !== 'object' || Array.isArray(value))) throw new Error('no object')
  }))
})

t.test('every route survives the address, and any address is a route', async t => {
  const text = fc.string({ maxLength: 60 })
  const filled = fc.option(fc.string({ minLength: 1, maxLength: 60 }), { nil: undefined })
  const list: fc.Arbitrary<Route> = fc.record({
    view: fc.constant('devices' as const),
    filter: fc.record({ words: text, types: fc.subarray([...TYPES]), states: fc.subarray([...STATES]), domains: fc.array(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 3 }), categories: fc.array(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 3 }), product: filled, version: filled }),
    sort: fc.constantFrom(...SORTS), descending: fc.boolean(), selected: fc.array(fc.stringMatching(/^[0-9a-f]{12}$/), { maxLength: 5 }),
  })
  const one: fc.Arbitrary<Route> = fc.record({ view: fc.constant('device' as const), hwId: fc.string({ minLength: 1, maxLength: 64 }), tab: fc.constantFrom('overview' as const, 'admin' as const) })
  fc.assert(fc.property(fc.oneof(list, one), route => {
    const back = readRoute(new URLSearchParams(writeRoute(route).toString()))
    if (JSON.stringify(back) !== JSON.stringify(route)) throw new Error(JSON.stringify(back))
  }))
  fc.assert(fc.property(fc.string(), address => { writeRoute(readRoute(new URLSearchParams(address))) }))
  t.match(readRoute(new URLSearchParams('hwId=009033000001')), { view: 'device', hwId: '009033000001' })
  t.match(readRoute(new URLSearchParams('sort=colour&type=FRIDGE&state=online')), { view: 'devices', sort: 'status', filter: { types: [], states: ['online'] } })
})

t.test('start arguments: no language is not the same as one that is not known; the rest is a deep link', async t => {
  t.strictSame(['', '?lang=', '?lang=de', '?lang=de-AT', '?lang=fr'].map(query => startArguments(query).lang), [undefined, undefined, 'de', 'de', 'en'])
  const { name, scheme, args } = startArguments('?name=devices&title=Devices&scheme=blue&hwId=1&lang=fr')
  t.strictSame([name, scheme, args.toString()], ['devices', undefined, 'hwId=1'])
})

t.test('tokens: labels in both languages, addresses are words, unknown ones are named', async t => {
  const read = (text: string) => readToken(text, NO_FILTER, ['example.com', 'other.example', 'Other Two'])
  t.match(read('hello type: phone'), { kind: 'token', rest: 'hello', filter: { types: ['PHONE'] } })
  t.match(read('Typ:Telefon'), { kind: 'token', filter: { types: ['PHONE'] } })
  t.match(read('online: nein'), { kind: 'token', filter: { states: ['offline', 'expected'] } })
  t.match(read('domain: exam'), { kind: 'token', filter: { domains: ['example.com'] } })
  t.match(read('domain: "other two"'), { kind: 'token', filter: { domains: ['Other Two'] } })
  t.match(read('domain: other'), { kind: 'unknownValue' }, 'two begin so')
  t.match(read('product: IP222'), { kind: 'token', filter: { product: 'IP222' } })
  t.match(read('type:'), { kind: 'unknownValue', choices: ['phone'] })
  t.match(read('colour: red'), { kind: 'unknownLabel', label: 'colour' })
  for (const words of ['00:90:33:00:00:01', 'aa:bb:cc:dd:ee:ff', 'fe80::1', '2001:db8::44', 'beef:1', 'a b c', '']) t.match(read(words), { kind: 'words', rest: words }, words)
  fc.assert(fc.property(fc.string(), text => {
    const reading = read(text)
    if (reading.kind === 'token') for (const token of tokensOf(reading.filter)) if (tokensOf(token.without).length !== tokensOf(reading.filter).length - 1) throw new Error('a token cannot be taken away')
  }))
})

t.test('a long list: what is drawn, asked for and scrolled to', async t => {
  fc.assert(fc.property(fc.nat(3_200_000), fc.integer({ min: 100, max: 4000 }), fc.constantFrom(28, 32, 44, 56), fc.nat(100_000), (top, height, rowHeight, total) => {
    const visible = visibleRange(top, height, rowHeight, total)
    const drawn = drawnRange(visible, total)
    const wanted = wantedRange(visible)
    if (drawn.end - drawn.first > Math.max(MAX_DRAWN, visible.end - visible.first) || drawn.end > total) throw new Error('too many rows')
    if (drawn.first > visible.first || drawn.end < visible.end) throw new Error('a visible row is missing')
    if (wanted.first > visible.first || wanted.end < visible.end) throw new Error('a visible row is not asked for')
    if (!holds(wanted, wanted, total)) throw new Error('asked for again and again')
  }))
  t.equal(scrollToShow(5, 0, 320, 32), 0)
  t.equal(scrollToShow(10, 0, 320, 32), 32)
  t.equal(scrollToShow(1, 320, 320, 32), 32)
})

t.test('the cache of rows is a bounded map from places to devices, each device once', async t => {
  const page = fc.record({ offset: fc.nat(5000), size: fc.integer({ min: 1, max: 130 }), shift: fc.nat(3) })
  fc.assert(fc.property(fc.array(page, { maxLength: 60 }), pages => {
    const cache = new PageCache()
    for (const { offset, size, shift } of pages) {
      const devices = Array.from({ length: size }, (_, at) => device(offset + at + shift))
      cache.put(offset, devices)
      devices.forEach((one, at) => { if (cache.get(offset + at)?.hwId !== one.hwId || cache.find(one.hwId) !== offset + at) throw new Error('a fresh row is not at its place') })
    }
    let rows = 0
    for (let index = 0; index < 5200; index++) {
      const one = cache.get(index)
      if (!one) continue
      rows++
      if (cache.find(one.hwId) !== index) throw new Error('a device stands twice')
    }
    if (rows > 2000) throw new Error('unbounded')
  }))
  const cache = new PageCache()
  cache.put(10, [device(1), device(2)])
  t.ok(cache.merge([device(2, { name: 'new' }), device(9)]))
  t.equal(cache.get(11)?.name, 'new')
  cache.keepOnly(0, 11)
  t.equal(cache.get(11), undefined)
  t.equal(cache.find(device(2).hwId), undefined)
})

t.test('selection: some, all, all but some', async t => {
  const two = select(NOTHING, [device(1), device(2)], true)
  t.equal(selectedCount(two, 100), 2)
  t.equal(selectedCount(select(two, [device(1)], false), 100), 1)
  const most = select(EVERYTHING, [device(1)], false)
  t.equal(selectedCount(most, 100), 99)
  t.notOk(isSelected(most, device(1).hwId))
  t.equal(selectedCount(select(most, [device(1)], true), 100), 100)
})

t.test('keys of the grid', async t => {
  const press = (key: string, more: object = {}) => ({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more })
  const bounds = { total: 100, columns: 5, page: 10 }
  t.match(gridKey(press('ArrowUp'), { row: 0 }, bounds), { do: 'focus', place: { column: 0 } })
  t.match(gridKey(press('PageDown'), { row: 95 }, bounds), { do: 'focus', place: { row: 99 } })
  t.match(gridKey(press('End', { shiftKey: true }), { row: 3 }, bounds), { do: 'extend', row: 99 })
  t.match(gridKey(press('a', { ctrlKey: true }), { row: 3 }, bounds), { do: 'selectAll' })
  t.equal(gridKey(press('a'), { row: 3 }, bounds), undefined)
  t.match(gridKey(press('ArrowRight', { altKey: true }), { column: 2 }, bounds), { do: 'resize', column: 2, by: 1 })
  t.match(gridKey(press('End'), { column: 2 }, bounds), { do: 'focus', place: { column: 4 } })
})

t.test('columns: kept choice, hostile preferences, widths', async t => {
  const choice = { widths: { name: 300 }, shown: { version: false, type: true } }
  t.strictSame(readChoice(writeChoice(choice)), choice)
  t.equal(writeChoice({ widths: {}, shown: {} }), '')
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), text => {
    const read = readChoice(text)
    for (const width of Object.values(read.widths)) if (width < 60 || width > 800) throw new Error('a width beyond its bounds')
    tracks(shownColumns(read, 1000), read, 1000)
  }))
  t.ok(shownColumns({ widths: {}, shown: { name: false } }, 1000).some(column => column.id === 'name'), 'the name stays')
  t.match(tracks(COLUMNS, { widths: Object.fromEntries(COLUMNS.map(({ id }) => [id, 100])), shown: {} }, 1000).template, /1fr/)
})

t.test('hardware ids as people write them', async t => {
  for (const text of ['00-90-33-AA-BB-CC', '009033aabbcc', '00:90:33:aa:bb:cc', ' 0090.33aa.bbcc ']) t.equal(readHardwareId(text), '009033aabbcc')
  for (const text of ['', '00-90-33', '009033aabbccd', 'a b', 'x'.repeat(65), '../x']) t.equal(readHardwareId(text), undefined, text)
  t.equal(readHardwareId('docker0'), 'docker0')
})

t.test('both catalogues are complete and fill the same places', async t => {
  const places = (text: string): string[] => [...new Set(text.match(/\$\d/g) ?? [])].sort()
  t.strictSame(Object.keys(de).sort(), Object.keys(en).sort())
  for (const [id, text] of Object.entries(en)) {
    const german = Object.entries(de).find(([other]) => other === id)?.[1] ?? ''
    t.ok(text.trim() && german.trim(), id)
    t.strictSame(places(german), places(text), id)
  }
})

t.test('numbers, dates and plurals are written as the language does', async t => {
  const afternoon = new Date(2026, 2, 9, 16, 5).getTime()
  const written = (): string[] => [formatNumber(1234567), formatDateTime(afternoon), formatTime(afternoon), formatAge(3 * 86_400_000), text('selection.all', 12345), plural('strip.count', 1), plural('strip.count', 2)]
    .map(words => words.replaceAll(/\s/g, ' '))
  language.set('en')
  t.strictSame(written(), ['1,234,567', 'Mar 9, 2026, 4:05 PM', '4:05 PM', '3d', 'Select all 12,345', '1 device', '2 devices'])
  language.set('de')
  t.strictSame(written(), ['1.234.567', '09.03.2026, 16:05', '16:05', '3 T', 'Alle 12.345 auswählen', '1 Gerät', '2 Geräte'])
})

t.test('backup and restore: the address of the instance, sizes, and why the service refuses', async t => {
  for (const page of ['https://ap.example/example.com/devices/150001/innovaphone-devices.htm', 'https://ap.example/example.com/devices/150001/innovaphone-devices.htm?lang=de#page=domains']) t.equal(instanceUrl(page), 'https://ap.example/example.com/devices')
  language.set('en')
  t.strictSame([0, 999, 1000, 22_418, 200_291_586, 16e9].map(formatBytes), ['0 bytes', '999 bytes', '1 kB', '22.4 kB', '200 MB', '16 GB'])
  const why = (status: number, errorText?: string): string => whyNotRestored({ status, text: errorText === undefined ? '' : JSON.stringify({ error: 'failed', errorText }) }, 'x.gz')
  t.match(why(403, 'The key is unknown, used or too old.'), /^The service did not accept the permission/)
  t.match(why(413), /larger than the service takes/)
  t.match(why(503, 'A backup or restore of this instance is under way. Try again when it has ended.'), /^Another backup or restore/)
  t.match(why(503), /^Another backup or restore/, 'a webserver that keeps the words')
  t.match(why(503, 'This instance cannot be begun again.'), /devices restore/)
  t.match(why(400, 'this backup was made with another secret key than the one in DEVICES_SECRET_KEY'), /^The backup belongs to another secret key/)
  t.match(why(400, 'a stored secret cannot be opened: the database belongs to another secret key (setting:key-check)'), /^The backup belongs to another secret key/)
  t.match(why(400, 'the backup was made by a newer version of this program; use that version'), /^The backup was made by a newer version/)
  t.match(why(400, 'the backup is damaged'), /^The file is damaged/)
  t.match(why(400, '/x is no usable backup; nothing was changed (file is not a database)'), /^x\.gz is no backup/)
  t.match(why(500, 'ENOSPC: no space left on device, write'), /^The disk of the service is full/)
  t.match(why(500, 'something new'), /It says: something new$/)
  t.match(why(500), /It says: 500$/)
  t.match(whyNoBackup(undefined), /does not say why/)
  t.match(whyNoBackup('{"error":"failed","errorText":"something new"}'), /: something new$/)
  language.set('de')
  t.equal(formatBytes(22_418).replaceAll(/\s/g, ' '), '22,4 kB')
  t.match(why(400, 'the backup is damaged'), /^Die Datei ist beschädigt/)
})
