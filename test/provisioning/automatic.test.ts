/** Automatic provisioning by URL, and our own update URL, against the running executable (features 5.3, 5.4, 18). */
import t from 'tap'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { rc4Text } from '../fixtures/rc4.ts'
import { startPrepared, TOKEN } from './prepared.ts'

const { service, url, admin, own } = await startPrepared()
t.teardown(() => service.stop())

let macs = 0
const mac = (): string => `0090331${(++macs).toString(16).padStart(5, '0')}`
const query = (fields: Readonly<Record<string, string>>): string => new URLSearchParams(fields).toString()
const right = { domain: 'example.com', token: TOKEN, category: 'any room' }
const deviceOf = async (hwId: string): Promise<Record<string, unknown> | undefined> => (await admin.request('GetDevice', { hwId }))['device'] as Record<string, unknown> | undefined
async function untilState(hwId: string, state: string): Promise<void> {
  for (;;) {
    if ((await deviceOf(hwId))?.['state'] === state) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
async function untilLogged(...words: string[]): Promise<string> {
  for (;;) {
    const line = service.log().split('\n').find(entry => words.every(word => entry.includes(word)))
    if (line) return line
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
async function come(id: string, parameters: string, password?: string, type = 'PHONE'): Promise<PlainDevice> {
  const device = await PlainDevice.connect(parameters ? `${url}?${parameters}` : url, { id, type }, password)
  device.identify()
  return device
}

/** The device has its password for certain: it goes, comes back, proves it, and goes. */
async function proven(id: string, device: PlainDevice): Promise<void> {
  await device.close()
  await untilState(id, 'offline')
  const again = await come(id, '', device.password)
  await untilState(id, 'online')
  await again.close()
  await untilState(id, 'offline')
}

t.test('who comes by the right URL is assigned at once', async t => {
  const cases: [string, string, string?][] = [
    ['parameters URL-encoded', query(right)],
    ['blanks as %20, domain in other case', `domain=EXAMPLE.com&token=${encodeURIComponent(TOKEN)}&category=any%20room`],
    ['a gateway with a category that fits', query(right), 'GW'],
    ['a phone with a category for phones', query({ ...right, category: 'phones' })],
  ]
  for (const [what, parameters, type] of cases) {
    const id = mac()
    const device = await come(id, parameters, undefined, type)
    await device.until(1, true)
    const frame = await device.until(3, true)
    t.match(rc4Text(`${String(frame['seed'])}:${device.password}`, String(frame['pwd'])), /^[A-Za-z0-9]{16}$/, `${what}: random password`)
    t.match(await deviceOf(id), { domainId: own, state: 'online', provisioningCategory: { config: true } }, what)
    await device.close()
    const again = await come(id, parameters, device.password, type)
    await again.until(3, true)
    t.equal(again.frames.filter(entry => entry.type === 1).length, 0, `${what}: afterwards it proves its password like any other`)
    await again.close()
  }
})

t.test('every refusal leaves the device unassigned and says why in the log', async t => {
  // A device of the other domain that was reset.
  const theirs = mac()
  const theirDomain = (await admin.list('GetDomains', 'domains')).find(domain => domain['name'] === 'other.com')?.['id']
  const { code } = await admin.request('GetProvisioningCode', { domainId: theirDomain, category: 'theirs' })
  const first = await PlainDevice.connect(url, { id: theirs })
  first.identify({ provisioningCode: code })
  await first.until(1, true)
  await proven(theirs, first)

  const cases: { what: string, fields: Record<string, string>, log: string, id?: string, type?: string }[] = [
    { what: 'wrong token', fields: { ...right, token: 'guess' }, log: 'wrong token' },
    { what: 'token in other case', fields: { ...right, token: TOKEN.toLowerCase() }, log: 'wrong token' },
    { what: 'no token set in the domain', fields: { domain: 'other.com', token: 'x', category: 'theirs' }, log: 'automatic provisioning is off' },
    { what: 'empty token where none is set', fields: { domain: 'other.com', token: '', category: 'theirs' }, log: 'all needed' },
    { what: 'standard category', fields: { ...right, category: 'standard' }, log: 'no provisioning category' },
    { what: 'category of another domain', fields: { ...right, category: 'theirs' }, log: 'no provisioning category' },
    { what: 'unknown category', fields: { ...right, category: 'nothing' }, log: 'no provisioning category' },
    { what: 'unknown domain', fields: { ...right, domain: 'nowhere.com' }, log: 'unknown domain' },
    { what: 'no domain', fields: { token: TOKEN, category: 'any room' }, log: 'all needed' },
    { what: 'no token', fields: { domain: 'example.com', category: 'any room' }, log: 'all needed' },
    { what: 'no category', fields: { domain: 'example.com', token: TOKEN }, log: 'all needed' },
    { what: 'gateway with a category for phones', fields: { ...right, category: 'phones' }, type: 'GW', log: 'the device is a gateway' },
    { what: 'device of another domain', fields: right, id: theirs, log: 'belongs to another domain' },
  ]
  const refused = async (): Promise<number> => Number(/devices_provisioning_refused_total(?:\{[^}]*\})? (\d+)/.exec(await (await fetch(service.metricsUrl)).text())?.[1])
  for (const { what, fields, log, id = mac(), type } of cases) {
    const before = await refused()
    const device = await come(id, query(fields), undefined, type)
    await untilState(id, id === theirs ? 'lost' : 'unassigned')
    t.match(await untilLogged('provisioning:', `"${id}"`, 'automatic provisioning refused'), log, what)
    t.equal(device.frames.filter(frame => frame.type === 1).length, 0, `${what}: no password`)
    t.ok(await refused() > before, `${what}: counted`)
    await device.close()
  }
  t.notOk(service.log().includes(TOKEN) || service.log().includes(encodeURIComponent(TOKEN)) || service.log().includes('guess'), 'no token in the log')
  t.notOk(service.log().includes('token='), 'no query in the log')
})

t.test('a device that was reset comes back by its URL; one that answers wrongly does not', async t => {
  const id = mac()
  const device = await come(id, query(right))
  const former = (await device.until(1, true))['password']
  await proven(id, device)
  const impostor = await come(id, query(right), 'x'.repeat(32))
  await untilState(id, 'lost')
  t.match(await untilLogged(`"${id}"`, 'automatic provisioning refused'), 'answered the challenge wrongly')
  t.equal(impostor.frames.filter(frame => frame.type === 1).length, 0)
  await impostor.close()
  await untilState(id, 'offline')
  const reset = await come(id, query(right))
  t.not((await reset.until(1, true))['password'], former)
  t.equal((await deviceOf(id))?.['state'], 'online')
  await reset.close()
})

t.test('the update URL answers only while offline provisioning is on', async t => {
  const init = `${service.base}/init`
  t.equal((await fetch(init)).status, 404)
  await admin.request('EditInstanceSettings', { offlineProvisioning: true })
  const polled = await fetch(`${init}?ver=13r2&sn=00-90-33-01-02-03&type=IP232&hwid=IP232-01-02-03&ip=10.0.0.1`)
  t.equal(polled.status, 200)
  t.match(polled.headers.get('content-type'), /^text\/plain/)
  t.equal(polled.headers.get('cache-control'), 'no-store')
  t.equal(await polled.text(), `config change SYSCLIENT /sysadmin ${url}\r\n`)
  t.equal(await (await fetch(`${init}/update-ip232.htm?ver=13r2`)).text(), `config change SYSCLIENT /sysadmin ${url}\r\n`, 'a URL that ends in a slash')
  t.equal((await fetch(init, { method: 'POST' })).status, 404)
  t.equal((await fetch(`${init}/elsewhere/x`)).status, 404)

  const given = await (await fetch(`${init}?${query(right)}`)).text()
  const value = /^config change SYSCLIENT \/sysadmin (\S+)\r\n$/.exec(given)?.[1] ?? ''
  const told = new URL(decodeURIComponent(value))
  t.same(Object.fromEntries(told.searchParams), right, 'what the device enters after decoding the option')
  const device = await PlainDevice.connect(told.href, { id: mac() })
  device.identify()
  await device.until(1, true)
  await device.close()
  t.equal(await (await fetch(`${init}?${query({ ...right, token: 'another guess' })}`)).text(), `config change SYSCLIENT /sysadmin ${url}\r\n`, 'a wrong token is not passed on')
  t.equal(await (await fetch(`${init}?${query({ ...right, category: 'standard' })}`)).text(), `config change SYSCLIENT /sysadmin ${url}\r\n`)
  await admin.request('EditInstanceSettings', { offlineProvisioning: false })
  t.equal((await fetch(init)).status, 404)
  t.notOk(service.log().includes('guess'))
})
