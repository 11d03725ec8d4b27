import fc from 'fast-check'
import t from 'tap'
import { adminMessage, readMessage, tunnelMessage } from '../../app/simulate/device/frames.ts'
import { makeIdentity } from '../../app/simulate/device/identity.ts'
import { register } from '../../app/simulate/device/registration.ts'
import { arcfour, challengeDigest, decryptSecret } from '../../app/simulate/device/secrets.ts'
import { createSimulator } from '../../app/simulate/simulator.ts'
import { documentService } from './document-service.ts'

const PASSWORD = '2jjH!u3ucXscEzHq8X!l83BX3!U8TPwA'
const OTHER = 'q19rykt45KceQbEyN8rXPLQlb4VZRvn7'
const VERSION = '13r2 dvl [13.4250/131286/1300]'
const fast = { reconnect: { first: 10, most: 50 }, restartMs: 10 }

t.test('recorded digests (wire-protocols 2.7)', async t => {
  t.equal(challengeDigest('f19033480af9', 'IP232', VERSION, '1446931255', PASSWORD), '13cc86b3f0691e2ce1a626a9963a5aefeefcb78f7e5b23a8ede10e8204247c97')
  t.equal(challengeDigest('f19033480af9', 'IP232', VERSION, '616692991', PASSWORD), 'dcbf704513ba5f771aabc5ba553ab82928c51cd69ef1c010174086f5b82414a8')
  t.equal(challengeDigest('f19033480af9', 'IP222', VERSION, '931977739', OTHER), '75c2d186d072f9a22e797c4c1978d8f2f00185c2cce28d02515617368aec4ed4')
  t.equal(challengeDigest('f19033480af9', 'IP222', VERSION, '571341503', 'boO!fTk!YepvjmYPS6ejgTVzh6DrD6vo'), 'd8c5c3d118890df9a9439d40941f2e6be136942374a4736cd687ab4ea96f8f90')
})

t.test('recorded administrative passwords (wire-protocols 2.8)', async t => {
  t.equal(decryptSecret('wJQog70GUK!GPTN2', '7iICN04agQq38j!hmbN7P5LLI1YePz1w', '22f91ebb'), 'test')
  t.equal(decryptSecret('RlGIgQj2j!LUIgPL', 'N803pDZVpL_ccS_1tGwFjIN0cfw75MNo', 'CFA78653'), 'test')
  t.equal(decryptSecret('0123456789012345', '01234567890123456789012345678901', '2a7327f073217ab8'), 'admin-pw')
  t.equal(decryptSecret('0123456789012345', PASSWORD, 'abc'), undefined, 'half a byte')
  t.equal(decryptSecret('0123456789012345', PASSWORD, 'zz'), undefined, 'no hex')
  fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.uint8Array({ maxLength: 200 }), (key, data) =>
    arcfour(Buffer.from(key), arcfour(Buffer.from(key), Buffer.from(data))).equals(Buffer.from(data))))
})

t.test('recorded frames (wire-protocols 2.4 to 2.11)', async t => {
  const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')
  t.strictSame(readMessage(bytes('01 00 02 7b 22 63 68 61 6c 6c 65 6e 67 65 22 3a 22 33 31 36 36 36 38 39 30 37 22 7d')), { kind: 'admin', type: 2, json: { challenge: '316668907' } })
  t.strictSame(readMessage(bytes('01 00 06 7b 22 6c 61 73 74 22 3a 74 72 75 65 7d')), { kind: 'admin', type: 6, json: { last: true } })
  t.strictSame(readMessage(bytes('01 00 06 7b 22 6c 61 73 74 22 3a 74 72 75 65 7d 00')), { kind: 'admin', type: 6, json: { last: true } }, 'trailing zero')
  t.strictSame(readMessage(bytes('02 00 00 00 0d 00 00 00 01 00 00 20 00')), { kind: 'tunnel', session: 13, event: 1, data: Buffer.from([0, 0, 0x20, 0]) })
  t.equal(tunnelMessage(13, 3).toString('hex'), '020000000d00000003')
  t.equal(tunnelMessage(13, 2, Buffer.from('HTTP')).toString('hex'), '020000000d0000000248545450')
  t.equal(tunnelMessage(0xfedcba98, 4).toString('hex'), '02fedcba9800000004')
  t.ok(adminMessage(0, { id: '0090' }).toString('hex').startsWith('0100007b226964223a223030393022'))
  t.equal(adminMessage(0, { v: 'a/b' }, { escapedSlashes: true, trailingZero: true }).toString('latin1', 3), '{"v":"a\\/b"}\0')
})

t.test('unusable messages are named, never thrown', async t => {
  t.match(readMessage(Buffer.alloc(0)), { why: 'short' })
  t.match(readMessage(Buffer.from([1, 0])), { why: 'short' })
  t.match(readMessage(Buffer.from([2, 0, 0, 0, 1, 0, 0, 0])), { why: 'short' })
  t.match(readMessage(Buffer.from([3, 0, 0, 0])), { why: 'type' })
  t.match(readMessage(Buffer.from([1, 0, 1, 0xff, 0xfe])), { why: 'json' })
  const identity = makeIdentity('phone', 1, 0)
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), raw => {
    const message = readMessage(Buffer.from(raw))
    if (message.kind === 'admin') register({ phase: 'identified', password: PASSWORD }, message, identity)
    return ['admin', 'tunnel', 'unusable'].includes(message.kind)
  }))
  fc.assert(fc.property(fc.integer({ min: 0, max: 9 }), fc.jsonValue(), (type, json) => {
    const { state } = register({ phase: 'identified', password: PASSWORD }, { kind: 'admin', type, json }, identity)
    return state.password !== undefined
  }))
})

t.test('identities are made from the seed', async t => {
  const fleet = Array.from({ length: 5000 }, (_, n) => makeIdentity('mix', 7, n))
  t.equal(new Set(fleet.map(({ id }) => id)).size, 5000, 'hardware ids differ')
  t.ok(fleet.every(({ id }) => /^009033[0-9a-f]{6}$/.test(id)))
  t.equal(new Set(fleet.map(({ ethIfs }) => ethIfs?.[0]?.ipv4)).size, 5000, 'addresses differ')
  t.strictSame(makeIdentity('mix', 7, 42), fleet[42], 'the same again')
  t.notSame(makeIdentity('mix', 8, 42).id, fleet[42]?.id)
  t.strictSame([...new Set(fleet.map(({ platform }) => platform.type))].sort(), ['APP_PLATFORM', 'DECT', 'GW', 'PHONE', 'VA'])
  t.ok(fleet.every(({ version, fwBuild, bcBuild }) => {
    const match = /^\S.* \[(\S+)\/(\d+)\/\d+\]$/.exec(version)
    return match?.[1]?.replaceAll('.', '') === fwBuild && match?.[2] === bcBuild
  }), 'the version holds both builds')
})

t.test('sequence B: unassigned, then added; sequence A after a reconnect', async t => {
  const service = await documentService()
  const simulator = await createSimulator({ url: service.url, type: 'phone', ...fast })
  t.teardown(async () => { await simulator.stop(); await service.stop() })
  const [device] = simulator.devices
  if (!device) throw new Error('no device')
  await simulator.start()
  const link = await service.link()
  const first = await link.identify()
  t.equal(first['id'], device.id)
  t.match(first, { product: String, version: String, platform: { type: 'PHONE' }, ethIfs: Array })
  t.notOk('digest' in first)
  t.notOk('provisioningCode' in first)
  link.sendAdmin(1, { password: PASSWORD })
  t.equal(await device.untilPassword(), PASSWORD)
  await device.untilAuthenticated()
  link.sendAdmin(3, { seed: 'wJQog70GUK!GPTN2', pwd: arcfour(Buffer.from(`wJQog70GUK!GPTN2:${PASSWORD}`), Buffer.from('gehäuse')).toString('hex') })
  t.equal(await device.untilAdminPassword(), 'gehäuse')

  device.drop()
  const again = await service.link()
  const identify = await again.identify()
  const { ok, second } = await again.challenge(PASSWORD, identify)
  t.ok(ok, 'the digest proves the password')
  const { digest: _, ...rest } = second
  t.strictSame(rest, identify, 'the second Identify repeats the whole object')
})

t.test('sequence C: the code is sent until there is a password', async t => {
  const service = await documentService()
  const simulator = await createSimulator({ url: `${service.url}?domain=example.com&token=x`, code: '123123123123', ...fast })
  t.teardown(async () => { await simulator.stop(); await service.stop() })
  await simulator.start()
  const link = await service.link()
  t.match(link.url, /\?domain=example\.com&token=x$/)
  t.equal((await link.identify())['provisioningCode'], '123123123123')
  link.sendAdmin(1, { password: PASSWORD })
  await simulator.devices[0]?.untilPassword()
  link.socket.close(1000)
  const again = await service.link()
  t.notOk('provisioningCode' in await again.identify())
})

t.test('sequence D: an FXS interface', async t => {
  const service = await documentService()
  const simulator = await createSimulator({ url: service.url, type: 'gateway', ...fast })
  t.teardown(async () => { await simulator.stop(); await service.stop() })
  await simulator.start()
  const link = await service.link()
  await link.identify()
  const [device] = simulator.devices
  const good = device?.provision('TEL1', '111122223333')
  t.strictSame(await link.admin(4), { id: 'TEL1', code: '111122223333' })
  link.sendAdmin(5, {})
  t.equal(await good, undefined)
  const bad = device?.provision('TEL2', '0')
  link.sendAdmin(5, { error: 'unknown code' })
  t.equal(await bad, 'unknown code')
  const lost = device?.provision('TEL3', '0')
  link.socket.terminate()
  t.equal(await lost, 'connection lost')
})

t.test('what a device refuses', async t => {
  const service = await documentService()
  const warnings: string[] = []
  const simulator = await createSimulator({ url: service.url, ...fast, onEvent: (_, event) => { if (event.kind === 'warning') warnings.push(event.code) } })
  t.teardown(async () => { await simulator.stop(); await service.stop() })
  const [device] = simulator.devices
  if (!device) throw new Error('no device')
  await simulator.start()
  const link = await service.link()
  await link.identify()
  link.sendAdmin(2, { challenge: '1' })
  await device.until(() => device.phase === 'silent', 'silence')
  for (const bad of [PASSWORD.slice(1), `${PASSWORD}x`, '', 7]) link.sendAdmin(1, { password: bad })
  link.sendAdmin(3, { seed: '0123456789012345', pwd: '00' })
  await device.until(() => warnings.length >= 5, 'five warnings')
  t.strictSame(warnings, ['password-length', 'password-length', 'password-length', 'message-shape', 'no-password'])
  t.equal(device.password, undefined)
  link.sendAdmin(1, { password: PASSWORD })
  await device.untilPassword()
  link.sendAdmin(3, { seed: 'short', pwd: '00' })
  link.sendAdmin(3, { seed: '0123456789012345', pwd: 'xyz' })
  link.sendAdmin(6, { config: { type: 'NTP' }, last: true })
  link.sendAdmin(9, {})
  link.sendAdmin(1, 'no json')
  link.socket.send(Buffer.from([7, 7, 7]))
  await device.until(() => warnings.length >= 11, 'more warnings')
  t.strictSame(warnings.slice(5), ['seed-length', 'secret-unreadable', 'message-type', 'message-type', 'frame', 'frame'])
  t.equal(link.frames.length, 0, 'a device never answers what it refuses')
  t.equal(link.socket.readyState, link.socket.OPEN)
})

t.test('configuration messages of third-party devices', async t => {
  const service = await documentService()
  const simulator = await createSimulator({ url: service.url, ...fast, identity: () => ({ other: true, product: 'Third' }) })
  t.teardown(async () => { await simulator.stop(); await service.stop() })
  const [device] = simulator.devices
  if (!device) throw new Error('no device')
  await simulator.start()
  const link = await service.link()
  t.equal((await link.identify())['other'], true)
  link.sendAdmin(1, { password: PASSWORD })
  await device.untilPassword()
  const secret = arcfour(Buffer.from(`seed5:${PASSWORD}`), Buffer.from('turn')).toString('hex')
  link.sendAdmin(6, { config: { type: 'MEDIA', turnPassword: secret, turnSeed: 'seed5', turnUser: 'u' } })
  link.sendAdmin(6, { config: { type: 'NTP', ntp1: 'a', last: true }, last: true })
  link.sendAdmin(6, { last: true })
  await device.until(() => device.configurations.length === 2, 'two items')
  t.match(device.configurations[0], { type: 'MEDIA', turnPassword: 'turn', turnUser: 'u' })
  t.match(device.configurations[1], { type: 'NTP', ntp1: 'a' })
})

t.test('odd spellings, identify again, wrong digest, long reset', async t => {
  const service = await documentService()
  const simulator = await createSimulator({ url: service.url, ...fast })
  t.teardown(async () => { await simulator.stop(); await service.stop() })
  const [device] = simulator.devices
  if (!device) throw new Error('no device')
  device.setFaulty('trailing-zero')
  device.setFaulty('escaped-slashes')
  await simulator.start()
  const link = await service.link()
  const raw = (await link.expect(({ kind, type }) => kind === 1 && type === 0, 'identify')).data
  t.equal(raw.at(-1), 0)
  t.ok(raw.includes('\\/'))
  device.setFaulty('trailing-zero', false)
  device.identify({ pbxActive: true, ethIfs: [{ if: 'ETH0', ipv4: '10.9.9.9' }] })
  t.match(await link.identify(), { pbxActive: true, ethIfs: [{ ipv4: '10.9.9.9' }] })
  device.setFaulty('reidentify')
  link.sendAdmin(1, { password: PASSWORD })
  const third = await link.identify()
  device.setFaulty('wrong-digest')
  t.equal((await link.challenge(PASSWORD, third)).ok, false)
  await device.longReset()
  t.equal(device.password, undefined)
  const fresh = await service.link()
  t.notOk('digest' in await fresh.identify())
})

t.test('the vendor\'s invalid close frame reaches the service', async t => {
  const service = await documentService()
  const simulator = await createSimulator({ url: service.url, ...fast })
  t.teardown(async () => { await simulator.stop(); await service.stop() })
  await simulator.start()
  const link = await service.link()
  await link.identify()
  let complaint = ''
  link.socket.on('error', cause => { complaint = cause.message })
  simulator.devices[0]?.setFaulty('bad-close-frame')
  simulator.devices[0]?.disconnect()
  await link.closed
  t.match(complaint, /status code|UTF-8/i)
})
