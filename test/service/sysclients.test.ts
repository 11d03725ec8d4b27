/** The device channel of the running executable, from wire-protocols chapter 2. */
import t from 'tap'
import { AppClient } from '../fixtures/app-client.ts'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { rc4Text } from '../fixtures/rc4.ts'
import { PASSWORD, startService } from '../fixtures/service.ts'

const service = await startService({ args: ['--challenge-wait=700'] })
const url = `${service.wsBase}/sysclients`
const app = await AppClient.login(service.wsBase, { password: PASSWORD })
const [domain] = await app.list('GetDomains', 'domains')
const domainId = Number(domain?.['id'])

t.teardown(() => service.stop())

const states = async (hwId: string): Promise<unknown> => {
  const { device } = await app.request('GetDevice', { hwId })
  return (device as { state?: string } | undefined)?.state
}

/** Adds a connected device and returns it with its password. */
async function added(id: string, type = 'PHONE'): Promise<PlainDevice> {
  const device = await PlainDevice.connect(url, { id, type })
  device.identify()
  await untilState(id, 'unassigned')
  const password = device.until(1, true)
  await app.request('AddDevice', { hwId: id, domainId })
  await password
  return device
}

async function untilState(hwId: string, state: string): Promise<void> {
  for (;;) {
    if (await states(hwId) === state) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

t.test('an unknown device is unassigned, is added, and proves its password from then on', async t => {
  const device = await added('009033000001')
  t.match(device.password, /^[A-Za-z0-9_!]{32}$/, 'password of 32 characters')
  const admin = await device.until(3, true)
  t.match(admin['seed'], /^[A-Za-z0-9_!]{16}$/, 'seed of 16 characters')
  t.match(rc4Text(`${String(admin['seed'])}:${device.password}`, String(admin['pwd'])), /^[A-Za-z0-9]{16}$/, 'a phone added by hand gets a random password')
  t.equal(await states('009033000001'), 'online')
  await device.close()
  await untilState('009033000001', 'offline')

  const again = await PlainDevice.connect(url, { id: '009033000001' }, device.password)
  const challenge = again.until(2)
  again.identify()
  t.match((await challenge)['challenge'], /^\d{10,16}$/)
  await again.until(3, true)
  t.equal(await states('009033000001'), 'online')
  t.equal(again.frames.filter(frame => frame.type === 1).length, 0, 'no second password')
  await again.close()
})

t.test('a gateway added by hand gets the domain password', async t => {
  const gateway = await added('009033000002', 'GW')
  const admin = await gateway.until(3, true)
  t.equal(rc4Text(`${String(admin['seed'])}:${gateway.password}`, String(admin['pwd'])), PASSWORD)
  await gateway.close()
})

t.test('a third-party device is told that its configuration has come to its end, with every connection (2.10)', async t => {
  const bytes: string[] = []
  const come = async (password?: string): Promise<PlainDevice> => {
    const device = await PlainDevice.connect(url, { id: '009033000019', product: 'Third', more: { other: true } }, password)
    device.socket.on('message', (data: Buffer) => { if (data[2] === 6) bytes.push(data.toString('hex')) })
    device.identify()
    return device
  }
  const device = await come()
  await untilState('009033000019', 'unassigned')
  await app.request('AddDevice', { hwId: '009033000019', domainId })
  await device.until(6, true)
  await device.close()
  const again = await come(device.password)
  await again.until(6, true)
  t.same(bytes, Array.from({ length: 2 }, () => '0100067b226c617374223a747275657d'), 'the frame of the document')
  await again.close()
  const own = await added('00903300001a')
  await own.until(3, true)
  t.notOk(own.frames.some(frame => frame.type === 6), 'innovaphone devices get none')
  await own.close()
  const { id: observed } = await app.request('AddDomain', { name: 'observed.test', observer: true })
  await app.request('EditDevice', { id: Number(((await app.request('GetDevice', { hwId: '009033000019' }))['device'] as { id: number }).id), domainId: observed })
  const watched = await come(device.password)
  await untilState('009033000019', 'online')
  await app.request('GetUserInfo')
  t.notOk(watched.frames.some(frame => frame.type === 6), 'an observer configures nothing')
  await watched.close()
})

t.test('a device that was reset is lost until it is added again', async t => {
  const device = await added('009033000003')
  const former = device.password
  await device.close()
  const silent = await PlainDevice.connect(url, { id: '009033000003' })
  silent.identify()
  await silent.until(2, true)
  await untilState('009033000003', 'lost')
  t.match(await app.list('GetDevices', 'devices', { unassigned: true }), [{ hwId: '009033000003' }], 'listed as unassigned (S07)')
  t.match(await app.request('GetUnassignedDevicesCount'), { count: 1 })
  t.match(await app.request('GetDevicesPage', { offset: 0, limit: 9, states: ['unassigned'] }), { total: 1, devices: [{ state: 'lost' }] })
  const password = silent.until(1)
  const result = await app.request('AddDevice', { hwId: '009033000003', domainId })
  t.notOk(result['error'])
  await password
  t.not(silent.password, former, 'a new password')
  t.equal(await states('009033000003'), 'online')
  await silent.close()
})

t.test('a reset device can be added again while its challenge is open', async t => {
  // Challenges of this service stay open for longer than the test.
  const patient = await startService({ args: ['--challenge-wait=600000'] })
  t.teardown(() => patient.stop())
  const admin = await AppClient.login(patient.wsBase, { password: PASSWORD })
  const register = `${patient.wsBase}/sysclients`
  const id = '009033000030'
  const until = async (field: string, value: unknown): Promise<void> => {
    while (((await admin.request('GetDevice', { hwId: id }))['device'] as Record<string, unknown>)[field] !== value) await new Promise(resolve => setTimeout(resolve, 20))
  }
  const closed = async (device: PlainDevice): Promise<void> => {
    await device.close()
    await until('online', false)
  }
  t.notOk((await admin.request('AddDevice', { hwId: id, domainId }))['error'])
  const device = await PlainDevice.connect(register, { id })
  const given = device.until(1)
  device.identify()
  await given
  await until('online', true)

  const reset = await PlainDevice.connect(register, { id })
  const challenged = reset.until(2)
  reset.identify()
  await challenged
  t.match(await admin.request('AddDevice', { hwId: id, domainId }), { error: 'conflict' }, 'not while the device that has proven itself is there')
  await closed(device)
  const fresh = reset.until(1)
  t.notOk((await admin.request('AddDevice', { hwId: id, domainId }))['error'])
  await fresh
  t.not(reset.password, device.password, 'a new password')
  await until('online', true)
  await closed(reset)

  // Nobody is locked out: who was given the new password proves it.
  const back = await PlainDevice.connect(register, { id }, reset.password)
  back.identify()
  await back.until(3, true)
  t.equal(back.frames.filter(frame => frame.type === 1).length, 0)
  await closed(back)

  // Nor is a device that was only slow, and answers the challenge with its former password after it was given a new one.
  const slow = await PlainDevice.connect(register, { id }, reset.password)
  slow.automatic = false
  const open = slow.until(2)
  slow.identify()
  const digest = slow.digest(String((await open)['challenge']))
  const third = slow.until(1)
  t.notOk((await admin.request('AddDevice', { hwId: id, domainId }))['error'])
  await third
  slow.identify({ digest, product: 'IP232' })
  await until('product', 'IP232')
  await until('online', true)
  t.equal(slow.closed, undefined)
  await closed(slow)
  const last = await PlainDevice.connect(register, { id }, slow.password)
  last.identify()
  await last.until(3, true)
  await last.close()
  await admin.close()
})

t.test('a wrong digest leaves the connection open and the device lost', async t => {
  const device = await added('009033000004')
  await device.close()
  const wrong = await PlainDevice.connect(url, { id: '009033000004' }, 'x'.repeat(32))
  wrong.identify()
  await untilState('009033000004', 'lost')
  t.equal(wrong.closed, undefined)
  await wrong.close()
  await untilState('009033000004', 'offline')
})

t.test('the newest connection that proves itself wins; one that does not displaces nobody', async t => {
  const device = await added('009033000005')
  const impostor = await PlainDevice.connect(url, { id: '009033000005' }, 'y'.repeat(32))
  impostor.identify()
  await impostor.until(2, true)
  impostor.identify({ digest: 'f'.repeat(64) })
  await new Promise(resolve => setTimeout(resolve, 100))
  t.equal(device.closed, undefined, 'still connected')
  t.equal(await states('009033000005'), 'online')
  const second = await PlainDevice.connect(url, { id: '009033000005' }, device.password)
  second.identify()
  t.equal(await device.gone(), 1000)
  t.equal(await states('009033000005'), 'online')
  await second.close()
  await untilState('009033000005', 'offline')
  await impostor.close()
})

t.test('added by MAC before it ever connected: served when it comes', async t => {
  const result = await app.request('AddDevice', { hwId: '00-90-33-00-00-06', domainId, name: 'Reception' })
  t.match(result, { device: { hwId: '009033000006', state: 'expected', name: 'Reception', online: false } })
  const device = await PlainDevice.connect(url, { id: '009033000006', product: 'IP112' })
  const password = device.until(1)
  device.identify()
  await password
  await untilState('009033000006', 'online')
  const { device: seen } = await app.request('GetDevice', { hwId: '009033000006' })
  t.match(seen, { product: 'IP112', name: 'Reception' })
  await device.close()
})

t.test('identify again with new data', async t => {
  const device = await added('009033000007')
  device.identify({ ethIfs: [{ if: 'ETH0', ipv4: '10.9.8.7', ipv6: 'fe80::1' }], pbxActive: true, name: 'own name' })
  for (;;) {
    const { device: seen } = await app.request('GetDevice', { hwId: '009033000007' })
    if ((seen as { name?: string }).name === 'own name') {
      t.match(seen, { pbxActive: true, ethIfs: [{ if: 'ETH0', ipv4: '10.9.8.7', ipv6: 'fe80::1' }] })
      break
    }
  }
  const { devices } = await app.request('GetDevicesPage', { offset: 0, limit: 10, search: '10.9.8' })
  t.match(devices, [{ hwId: '009033000007' }])
  await device.close()
})

t.test('a deleted device is unassigned when it comes back', async t => {
  const device = await added('009033000008')
  const { device: seen } = await app.request('GetDevice', { hwId: '009033000008' })
  t.notOk((await app.request('DeleteDevice', { id: (seen as { id: number }).id }))['error'])
  t.equal(await device.gone(), 1000)
  t.match(await app.request('GetDevice', { hwId: '009033000008' }), { error: 'notFound' })
  const again = await PlainDevice.connect(url, { id: '009033000008' }, device.password)
  again.identify()
  await untilState('009033000008', 'unassigned')
  await again.close()
})

t.test('odd frames: ignored, counted, closed after too many; nobody else is disturbed', async t => {
  const good = await added('009033000009')
  const bad = await PlainDevice.connect(url, { id: 'bad' })
  bad.raw('text')
  bad.raw(Buffer.from([9, 9, 9]))
  bad.raw(Buffer.from([1, 0]))
  bad.admin(77, '{}')
  bad.admin(1, '{"password":"x"}')
  bad.identify()
  await untilState('bad', 'unassigned')
  for (let n = 0; n < 12; n++) bad.raw(Buffer.from([2, 0]))
  t.equal(await bad.gone(), 1008)
  for (const json of ['{', '[]', '{"id":"x"}', '\u0000', `{"id":"${'a'.repeat(60000)}"}`]) {
    const device = await PlainDevice.connect(url, { id: 'worse' })
    device.admin(0, json)
    t.equal(await device.gone(), 1008, json.slice(0, 20))
  }
  // More than a webserver of an App Platform hands over at once (2.1).
  const longer = await PlainDevice.connect(url, { id: 'longer', more: { more: 'x'.repeat(70_000) } })
  longer.identify()
  await untilState('longer', 'unassigned')
  await longer.close()
  const large = await PlainDevice.connect(url, { id: 'large' })
  large.raw(Buffer.alloc(140_000, 1))
  t.equal(await large.gone(), 1009)
  const flood = await PlainDevice.connect(url, { id: 'flood' })
  for (let n = 0; n < 80; n++) flood.identify()
  t.equal(await flood.gone(), 1008)
  t.equal(await states('009033000009'), 'online')
  t.equal(good.closed, undefined)
  await good.close()
})

t.test('what an unassigned device never gets', async t => {
  const device = await PlainDevice.connect(url, { id: 'unassigned1' })
  device.identify()
  await untilState('unassigned1', 'unassigned')
  t.same(device.frames, [], 'no frame at all (S09)')
  t.match(await app.request('GetUnassignedDevicesCount'), { count: 1 })
  await device.close()
  for (;;) if ((await app.request('GetUnassignedDevicesCount'))['count'] === 0) break
  t.match(await app.request('GetDevice', { hwId: 'unassigned1' }), { error: 'notFound' })
})

t.test('a clean end', async t => {
  await app.close()
  t.equal(await service.stop(), 0)
})
