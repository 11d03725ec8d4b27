/** Codes and tokens cannot be guessed: failures are counted, slowed down, then not looked at. */
import t from 'tap'
import fc from 'fast-check'
import { LIMITS } from '../../app/limits.ts'
import { automaticParameters, typedCode } from '../../app/provisioning/code-rules.ts'
import { GuessThrottle, networkOf } from '../../app/provisioning/guess-throttle.ts'
import { sameToken } from '../../app/provisioning/tokens.ts'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { Bed } from './bed.ts'
import { startPrepared } from './prepared.ts'

const FREE = LIMITS.wrongGuessesFree.value
const MOST = LIMITS.wrongGuessesPerAddress.value

t.test('first free, then one after another with growing pauses, then none', async t => {
  let now = 1000
  const throttle = new GuessThrottle(() => now)
  const waits: (number | undefined)[] = []
  for (let n = 0; n < MOST + 5; n++) {
    const wait = throttle.begin('10.0.0.1', `guess ${n}`)
    waits.push(wait)
    now += wait ?? 0
    if (wait !== undefined) throttle.failed('10.0.0.1', `guess ${n}`)
  }
  t.ok(waits.slice(0, FREE).every(wait => wait === 0))
  t.ok(waits.slice(FREE, MOST).every((wait, at, all) => wait !== undefined && wait > 0 && wait >= (all[at - 1] ?? 0)), 'never shorter')
  t.ok(waits.slice(MOST).every(wait => wait === undefined))
  t.equal(throttle.begin('10.0.0.1', 'guess 3'), 0, 'the same again is no new guess')
  t.equal(throttle.begin('10.0.0.2', 'x'), 0, 'other addresses are not slowed down')
  now += LIMITS.wrongGuessMemory.value
  t.equal(throttle.begin('10.0.0.1', 'x'), 0, 'forgotten after a while')
})

t.test('many at once do not slip through', async t => {
  const throttle = new GuessThrottle(() => 1000)
  for (let n = 0; n < FREE; n++) throttle.failed('10.0.0.1', String(n))
  const slots = Array.from({ length: 2000 }, (_, n) => throttle.begin('10.0.0.1', `at once ${n}`)).filter(slot => slot !== undefined)
  t.equal(new Set(slots).size, slots.length, 'each has a slot of its own')
  t.ok(slots.length < 2000, 'and there are not many')
})

t.test('an IPv6 address counts as its network', async t => {
  t.equal(networkOf('2001:db8:1:2:aaaa::1'), networkOf('2001:db8:1:2::ffff'))
  t.not(networkOf('2001:db8:1:2::1'), networkOf('2001:db8:1:3::1'))
  t.equal(networkOf('::ffff:10.0.0.1'), '10.0.0.1')
  t.equal(networkOf('fe80::1'), networkOf('fe80::2'))
})

t.test('a connection with many wrong codes is closed; the device that repeats its old one is not guessing', async t => {
  const bed = new Bed()
  t.teardown(() => bed.stop())
  const connection = {}
  for (let n = 0; n < 50; n++) t.equal(bed.bring('009033500001', '999999999999', connection).is, 'none')
  const verdicts = Array.from({ length: LIMITS.wrongCodesPerConnection.value }, (_, n) => bed.bring('009033500001', String(100_000_000_000 + n), connection).is)
  t.equal(verdicts.at(-1), 'close')
  t.ok(verdicts.slice(0, -1).every(is => is === 'none'))
  t.ok((bed.counts.get('provisioning_refused') ?? 0) >= 60, 'all counted')
})

t.test('a right code waits its turn at an address that guesses, and is not looked at while it is locked', async t => {
  const bed = new Bed()
  t.teardown(() => bed.stop())
  const code = await bed.make({ rollout: true })
  for (let n = 0; n < FREE; n++) bed.bring('009033500001', String(100_000_000_000 + n), {})
  const verdict = bed.bring('009033500002', code)
  t.match(verdict, { is: 'wait', ms: Number })
  t.equal(bed.bring('009033500002', code, {}, false, '10.0.0.2').is, 'admitted', 'from elsewhere at once')
  const other = await bed.make({ rollout: true })
  t.equal(bed.bring('009033500003', other, {}, true).is, 'admitted', 'after its turn')
  const third = await bed.make({ rollout: true })
  for (let n = FREE; n < MOST; n++) bed.bring('009033500001', String(100_000_000_000 + n), {}, true)
  t.equal(bed.bring('009033500004', third).is, 'none')
  t.match(bed.log.at(-1), /too many wrong attempts/)
  bed.now += LIMITS.wrongGuessMemory.value
  t.equal(bed.bring('009033500004', third).is, 'admitted')
})

t.test('a good code tried with many hardware ids tells no more than a wrong one', async t => {
  const bed = new Bed()
  t.teardown(() => bed.stop())
  const [theirs] = await bed.provisioning.codes.make(bed.admin, { domainId: bed.prepared.other, category: 'theirs' }, Array.from({ length: 1 }, () => 'x'))
  for (let n = 0; n < FREE; n++) {
    const [one] = await bed.provisioning.codes.make(bed.admin, { category: 'phones' }, ['x'])
    await bed.enter(bed.bring(`0090336000${10 + n}`, one?.code ?? '', {}, false, '10.9.9.9'))
  }
  for (let n = 0; n < FREE; n++) t.equal(bed.bring(`0090336000${10 + n}`, theirs?.code ?? '').is, 'none')
  t.equal(bed.bring('009033600099', theirs?.code ?? '').is, 'wait', 'its address is slowed down')
})

t.test('parameters and codes of any text', async t => {
  t.equal(typedCode(' 1234-5678 9012# '), '123456789012')
  t.same(automaticParameters('domain=a&token=b%20c&category=d+e'), { domain: 'a', token: 'b c', category: 'd e' })
  t.equal(automaticParameters('x=y'), undefined)
  fc.assert(fc.property(fc.string(), fc.string(), fc.string(), (domain, token, category) => {
    const read = automaticParameters(new URLSearchParams({ domain, token, category }).toString())
    const wellFormed = (text: string): string => text.toWellFormed()
    return domain || token || category ? read?.domain === wellFormed(domain) && read.token === wellFormed(token) && read.category === wellFormed(category) : read === undefined
  }))
  fc.assert(fc.property(fc.string(), query => { automaticParameters(query); typedCode(query) }))
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => sameToken(a, b) === (a.toWellFormed() === b.toWellFormed())))
})

t.test('against the executable: wrong codes close the connection, others are not disturbed', async t => {
  const { service, url, admin } = await startPrepared()
  t.teardown(() => service.stop())
  const bad = await PlainDevice.connect(url, { id: '009033700001' })
  for (let n = 0; n < 15; n++) bad.identify({ provisioningCode: String(200_000_000_000 + n) })
  t.equal(await bad.gone(), 1008)
  const { code } = await admin.request('GetProvisioningCode', { category: 'phones' })
  const good = await PlainDevice.connect(url, { id: '009033700002' })
  good.identify({ provisioningCode: code })
  await good.until(1, true)
  // Beyond what is free, a right code is looked at in its turn.
  for (let n = 0; n < 2; n++) {
    const worse = await PlainDevice.connect(url, { id: `00903370001${n}` })
    for (let m = 0; m < 8; m++) worse.identify({ provisioningCode: String(300_000_000_000 + n * 100 + m) })
    await worse.close()
  }
  const { code: second } = await admin.request('GetProvisioningCode', { category: 'phones' })
  const late = await PlainDevice.connect(url, { id: '009033700003' })
  late.identify({ provisioningCode: second })
  t.match(await late.until(1, true), { password: /^.{32}$/ })
  const stranger = await PlainDevice.connect(url, { id: '009033700004' })
  stranger.identify()
  stranger.identify({ provisioningCode: '1' })
  stranger.identify({ id: '009033700005' })
  t.equal(await stranger.gone(), 1008, 'one connection, one hardware id')
  while (!(await admin.request('GetDevice', { hwId: '009033700004' }))['error']) await new Promise(resolve => setTimeout(resolve, 10))
  for (const device of [good, late]) await device.close()
})
