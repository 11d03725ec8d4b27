/** Provisioning codes against the running executable (features 5.1, 5.5, 18; wire-protocols 2.12 C, 3.5). */
import t from 'tap'
import { AppClient, type Message } from '../fixtures/app-client.ts'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { rc4Text } from '../fixtures/rc4.ts'
import { PASSWORD, startService } from '../fixtures/service.ts'
import { EXPIRED_CODE, startPrepared } from './prepared.ts'

const { service, url, admin, foreign, own, other, category } = await startPrepared()
t.teardown(() => service.stop())

let macs = 0
const mac = (): string => `0090330${(++macs).toString(16).padStart(5, '0')}`
const deviceOf = async (hwId: string): Promise<Record<string, unknown> | undefined> => (await admin.request('GetDevice', { hwId }))['device'] as Record<string, unknown> | undefined
const made = async (fields: object = {}, by = admin): Promise<string> => {
  const answer = await by.request('GetProvisioningCode', { category: 'phones', ...fields })
  if (answer['error']) throw new Error(String(answer['errorText']))
  return String(answer['code'])
}
async function come(id: string, code: string | undefined, type = 'PHONE', more: object = {}): Promise<PlainDevice> {
  const device = await PlainDevice.connect(url, { id, type, more })
  device.identify(code === undefined ? {} : { provisioningCode: code })
  return device
}
async function untilState(hwId: string, state: string): Promise<void> {
  for (;;) {
    if ((await deviceOf(hwId))?.['state'] === state) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
/** The line of the log about this device. */
async function logged(id: string, word: string): Promise<string> {
  for (;;) {
    const line = service.log().split('\n').findLast(entry => entry.includes('provisioning:') && entry.includes(`"${id}"`) && entry.includes(word))
    if (line) return line
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
const provisioned = (client: AppClient, code: string): Promise<Message> => client.until(message => message.mt === 'DeviceProvisioned' && message['code'] === code, true)
const listed = async (code: string, client = admin): Promise<Record<string, unknown> | undefined> => (await client.list('GetProvisioningCodes', 'codes')).find(entry => entry['code'] === code)
const clear = async (device: PlainDevice): Promise<string> => {
  const frame = await device.until(3, true)
  return rc4Text(`${String(frame['seed'])}:${device.password}`, String(frame['pwd']))
}

t.test('a phone is provisioned by its code', async t => {
  const before = Date.now()
  const answer = await admin.request('GetProvisioningCode', { category: 'phones', sip: 'john.doe' })
  t.match(answer, { code: /^\d{12}$/, url: `${url}` })
  const valid = Number(answer['validUntil'])
  t.ok(valid >= before + 15 * 60_000 && valid <= Date.now() + 15 * 60_000, '15 minutes')
  const code = String(answer['code'])
  const id = mac()
  t.match(await admin.request('GetProvisionedDevice', { code }), { code, device: undefined })
  const asked = await AppClient.login(service.wsBase, { password: PASSWORD, sip: 'users' })
  asked.send({ mt: 'GetProvisionedDevice', code, src: 'later' })
  await asked.until(message => message.mt === 'GetProvisionedDeviceResult')
  const device = await come(id, code)
  t.match(await device.until(1, true), { password: /^[A-Za-z0-9_!]{32}$/ })
  t.match(await clear(device), /^[A-Za-z0-9]{16}$/, 'random administrative password')
  const news = { device: { hwId: id, name: 'john.doe', domainId: own, online: true, provisioningCategory: { id: category.phones, name: 'phones' } } }
  t.match(await provisioned(admin, code), news)
  t.match(await provisioned(asked, code), { ...news, src: 'later' })
  t.match(await admin.request('GetProvisionedDevice', { code }), news)
  t.match(await listed(code), { state: 'used', hwId: id, usedAt: Number, category: 'phones', sip: 'john.doe' })
  t.equal(device.frames.filter(frame => frame.type === 2).length, 0, 'no challenge')
  await device.close()
  const again = await PlainDevice.connect(url, { id }, device.password)
  again.identify()
  await again.until(3, true)
  t.equal(again.frames.filter(frame => frame.type === 1).length, 0, 'it proves the password it got')
  await again.close()
  await asked.close()
})

t.test('every way a code lets in or does not', async t => {
  // A device of the other domain, connected once.
  const theirs = mac()
  const theirDevice = await come(theirs, await made({ category: 'theirs' }, foreign))
  await theirDevice.until(1, true)
  await theirDevice.close()
  const used = await made()
  await (await (async () => { const first = await come(mac(), used); await first.until(1, true); return first })()).close()
  const deleted = await made()
  t.notOk((await admin.request('DeleteProvisioningCode', { code: deleted }))['error'])

  const refusals: { what: string, code: string, id?: string, type?: string, log: RegExp, error?: string, text?: RegExp }[] = [
    { what: 'unknown code', code: '000000000000', log: /unknown code/ },
    { what: 'no code at all', code: 'abc', log: /unknown code/ },
    { what: 'expired', code: EXPIRED_CODE, log: /expired/ },
    { what: 'used twice', code: used, log: /has been used/ },
    { what: 'deleted', code: deleted, log: /unknown code/ },
    { what: 'device of another domain', code: await made(), id: theirs, log: /belongs to another domain/, error: 'otherDomain', text: /domain other\.com/ },
    ...await Promise.all(['GW', 'VA', 'APP_PLATFORM'].flatMap(type => ['phones', 'analogue'].map(async name => ({
      what: `${type} with a category for ${name}`, code: await made({ category: name }), type, log: /the device is a gateway/, error: 'wrongCategory', text: /cannot provision a gateway/,
    })))),
  ]
  for (const { what, code, id = mac(), type, log, error, text } of refusals) {
    const device = await come(id, code, type)
    if (id === theirs) await device.until(2, true)
    else await untilState(id, 'unassigned')
    t.equal(device.frames.filter(frame => frame.type === 1).length, 0, `${what}: no password`)
    t.match(await logged(id, 'refused'), log, `${what}: one line says why`)
    t.notOk(service.log().includes(code), `${what}: no code in the log`)
    if (error) {
      t.match(await provisioned(admin, code), { error, errorText: text, device: undefined }, `${what}: the maker hears of it`)
      t.match(await listed(code), { state: 'refused', hwId: id, errorText: text })
    }
    await device.close()
  }

  const admissions: { what: string, code: string, type?: string, category: string, password: string | RegExp }[] = [
    { what: 'gateway with a category that fits', code: await made({ category: 'any room' }), type: 'GW', category: 'any room', password: /^[A-Za-z0-9]{16}$/ },
    { what: 'administrative', code: await made({ administrative: true }), category: 'phones', password: PASSWORD },
    { what: 'administrative gateway', code: await made({ administrative: true, category: 'any room' }), type: 'GW', category: 'any room', password: PASSWORD },
    { what: 'roll-out', code: await made({ rollout: true }), category: 'phones', password: /^[A-Za-z0-9]{16}$/ },
    { what: 'typed at a keypad, with blanks', code: `${(await made()).replace(/(....)/g, '$1 ')}#`, category: 'phones', password: /^[A-Za-z0-9]{16}$/ },
    { what: 'refused before for a gateway', code: refusals.find(({ type }) => type === 'GW')?.code ?? '', category: 'phones', password: /^[A-Za-z0-9]{16}$/ },
  ]
  for (const { what, code, type, category: name, password } of admissions) {
    const id = mac()
    const device = await come(id, code, type)
    await device.until(1, true)
    t.match(await clear(device), password, `${what}: administrative password`)
    t.match(await deviceOf(id), { domainId: own, state: 'online', provisioningCategory: { name } }, what)
    await device.close()
  }
  const days = await admin.request('GetProvisioningCode', { category: 'phones', rollout: true })
  t.ok(Math.abs(Number(days['validUntil']) - Date.now() - 7 * 24 * 3600_000) < 60_000, 'seven days')
})

t.test('two devices, one code: exactly one gets in', async t => {
  const code = await made()
  const ids = Array.from({ length: 8 }, mac)
  const devices = await Promise.all(ids.map(id => PlainDevice.connect(url, { id })))
  for (const device of devices) device.identify({ provisioningCode: code })
  await Promise.all(ids.map(async id => { while (await deviceOf(id) === undefined) await new Promise(resolve => setTimeout(resolve, 10)) }))
  await provisioned(admin, code)
  const states = await Promise.all(ids.map(async id => (await deviceOf(id))?.['state']))
  t.same(states.toSorted(), ['online', ...Array.from({ length: 7 }, () => 'unassigned')])
  t.equal(devices.filter(device => device.password !== undefined).length, 1)
  await Promise.all(devices.map(device => device.close()))
})

t.test('a device that was reset comes back with a code: asked for its password, lost, or expected', async t => {
  const id = mac()
  const first = await come(id, await made({ sip: 'first' }))
  const former = (await first.until(1, true))['password']
  await first.close()

  const challenged = await come(id, undefined)
  await challenged.until(2, true)
  challenged.identify({ provisioningCode: await made() })
  t.not((await challenged.until(1, true))['password'], former, 'while challenged')
  t.match(await deviceOf(id), { state: 'online', name: 'first' }, 'without a name in the code it keeps its own')
  await challenged.close()

  const lost = await come(id, '123412341234')
  await untilState(id, 'lost')
  lost.identify({ provisioningCode: await made({ sip: 'second' }) })
  await lost.until(1, true)
  await untilState(id, 'online')
  t.equal((await deviceOf(id))?.['name'], 'second', 'while lost')

  // The connection before the reset is still there: the code displaces it.
  const anew = await come(id, await made())
  await anew.until(1, true)
  t.equal(await lost.gone(), 1000)
  t.equal((await deviceOf(id))?.['state'], 'online')
  await anew.close()

  const expected = mac()
  await admin.request('AddDevice', { hwId: expected, domainId: own, name: 'by hand' })
  const device = await come(expected, await made({ category: 'any room' }))
  await device.until(1, true)
  t.match(await deviceOf(expected), { name: 'by hand', provisioningCategory: { name: 'any room' } })
  await device.close()
})

t.test('an unassigned device gets a code later', async t => {
  const device = await come(mac(), undefined)
  await untilState(device.identity.id, 'unassigned')
  device.identify({ provisioningCode: await made({ sip: 'late' }) })
  await device.until(1, true)
  t.match(await deviceOf(device.identity.id), { state: 'online', name: 'late', domainId: own })
  await device.close()
  await untilState(device.identity.id, 'offline')
})

t.test('what is refused to makers', async t => {
  const cases: [object, string, string?][] = [
    [{ category: 'standard' }, 'notFound', 'category'], [{ category: 'nothing' }, 'notFound', 'category'], [{ category: 'theirs' }, 'notFound', 'category'],
    [{ category: 'phones', domainId: 999 }, 'notFound', 'domainId'], [{ category: 7 }, 'badRequest', 'category'],
  ]
  for (const [fields, error, field] of cases) t.match(await admin.request('GetProvisioningCode', fields), { error, field }, JSON.stringify(fields))
  const code = await made()
  const unknown = await foreign.request('GetProvisionedDevice', { code: '000000000000' })
  const { src: _, code: asked, ...nothing } = unknown
  t.equal(asked, '000000000000', 'the answer names what was asked for')
  const { src: __, code: ___, ...hidden } = await foreign.request('GetProvisionedDevice', { code })
  t.same(hidden, nothing, 'a code of another domain does not exist')
  t.match(nothing, { error: 'notFound' })
  t.match(await foreign.request('DeleteProvisioningCode', { code }), { error: 'notFound' })
  t.match(await foreign.request('GetProvisioningCode', { category: 'phones', domainId: own }), { error: 'notFound', field: 'domainId' })
  t.match(await foreign.request('AddProvisioningCodes', { category: 'phones', domainId: own, sips: ['x'] }), { error: 'notFound' })
  t.match(await foreign.request('GetProvisioningCategories', { domainId: own }), { error: 'notFound' })
  t.match(await foreign.request('GetProvisioningCodes', { domainId: own }), { error: 'notFound' })
  t.notOk((await foreign.list('GetProvisioningCodes', 'codes')).some(entry => entry['domainId'] !== other))
})

t.test('a login without rights in the other domain does not learn its name', async t => {
  const id = mac()
  const device = await come(id, await made({ sip: 'ours' }))
  await device.until(1, true)
  await device.close()
  const code = await made({ category: 'theirs' }, foreign)
  const intruder = await come(id, code)
  const news = await provisioned(foreign, code)
  t.match(news, { error: 'otherDomain', errorText: 'The device belongs to another domain.' })
  t.notMatch(JSON.stringify([news, await listed(code, foreign)]), /example\.com/)
  await intruder.close()
})

t.test('categories', async t => {
  const names = async (fields: object): Promise<string[]> => ((await admin.request('GetProvisioningCategories', fields))['categories'] as { name: string }[]).map(entry => entry.name).toSorted()
  t.same(await names({}), ['analogue', 'any room', 'phones'])
  t.same(await names({ type: 'PHONE' }), ['analogue', 'phones'])
  t.same(await names({ type: 'GW' }), ['any room'])
  t.same(await names({ domainId: other }), ['theirs'])
  t.match(await foreign.request('GetProvisioningCategories'), { categories: [{ id: category.theirs, domainId: other, name: 'theirs', config: true }], last: true })
  t.same(await names({ domainId: other, type: 'PHONE' }), ['theirs'], 'no configuration at all: phones can be provisioned')
  t.same(await names({ domainId: other, type: 'GW' }), ['theirs'])
})

t.test('codes are watched, in one domain or all', async t => {
  const watcher = await AppClient.login(service.wsBase, { password: PASSWORD, sip: 'watcher' })
  const before = await watcher.list('GetProvisioningCodes', 'codes', { recvUpdates: true })
  t.ok(before.length > 5)
  t.same(before.map(entry => Number(entry['createdAt'])), before.map(entry => Number(entry['createdAt'])).toSorted((a, b) => b - a), 'newest first')
  const one = (mt: string): Promise<Message> => watcher.until(message => message.mt === mt)
  const added = one('ProvisioningCodeAdded')
  const code = await made({ sip: 'watched' })
  t.match(await added, { src: String, code: { code, sip: 'watched', state: 'open', by: 'admin@example.com', domainId: own } })
  const edited = one('ProvisioningCodeEdited')
  const device = await come(mac(), code)
  t.match(await edited, { code: { code, state: 'used', hwId: device.identity.id } })
  await device.close()
  const deleted = one('ProvisioningCodeDeleted')
  await admin.request('DeleteProvisioningCode', { code })
  t.match(await deleted, { code })
  foreign.received.length = 0
  await foreign.list('GetProvisioningCodes', 'codes', { recvUpdates: true })
  const theirs = foreign.until(message => message.mt === 'ProvisioningCodeAdded')
  await made()
  const ours = await made({ category: 'theirs' }, foreign)
  t.match(await theirs, { code: { code: ours } }, 'the first thing it hears of is its own')
  t.same(foreign.received.filter(message => message.mt === 'ProvisioningCodeAdded').length, 1)
  await watcher.close()
})

t.test('a thousand codes for a roll-out, all or none', async t => {
  const sips = Array.from({ length: 1000 }, (_, n) => `user${n}`)
  const codes = await admin.list('AddProvisioningCodes', 'codes', { category: 'phones', rollout: true, sips })
  t.equal(new Set(codes.map(entry => entry['code'])).size, 1000)
  t.same(codes.map(entry => entry['sip']), sips)
  t.ok(admin.received.filter(message => message.mt === 'AddProvisioningCodesResult').every(message => JSON.stringify(message).length < 65_536), 'in parts')
  t.match(await admin.request('AddProvisioningCodes', { category: 'nothing', sips: ['a', 'b'] }), { error: 'notFound' })
  t.match(await admin.request('AddProvisioningCodes', { category: 'phones', sips: [] }), { error: 'badRequest' })
})

t.test('codes outlive the process', async t => {
  const code = await made({ sip: 'after', rollout: true })
  await service.kill()
  const again = await startService({ workingPath: service.workingPath, args: ['--challenge-wait=300'] })
  t.teardown(() => again.stop())
  const client = await AppClient.login(again.wsBase, { password: PASSWORD })
  t.match(await client.request('GetProvisionedDevice', { code }), { code })
  const device = await PlainDevice.connect(`${again.wsBase}/sysclients`, { id: '0090335fffff' })
  device.identify({ provisioningCode: code })
  t.match(await client.until(message => message.mt === 'DeviceProvisioned', true), { code, device: { name: 'after' } })
  await device.close()
})
