/** What time does to codes (features 5.1, 16), on a clock in hand. */
import t from 'tap'
import { LIMITS } from '../../app/limits.ts'
import { Bed } from './bed.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

t.test('a code is good for 15 minutes, or 7 days, to the millisecond', async t => {
  for (const [rollout, valid] of [[false, 15 * MINUTE], [true, 7 * DAY]] as const) {
    const bed = new Bed()
    t.teardown(() => bed.stop())
    const [first, second] = [await bed.make({ rollout }), await bed.make({ rollout })]
    bed.now += valid - 1
    const verdict = bed.bring('009033500001', first)
    t.equal(verdict.is, 'admitted', 'in the last millisecond')
    await bed.enter(verdict)
    bed.now += 1
    t.equal(bed.bring('009033500002', second).is, 'none', 'and no longer')
    t.match(bed.log.at(-1), /the code has expired/)
    t.equal(bed.stateOf(first), 'used')
    t.equal(bed.stateOf(second), 'expired')
  }
})

t.test('the end of a code is indicated once, also to thousands at the same moment', async t => {
  const bed = new Bed()
  t.teardown(() => bed.stop())
  const watcher = bed.listener()
  const ended = bed.listener()
  bed.provisioning.codes.watchers.watchList(watcher, undefined)
  bed.provisioning.codes.watchers.watchList(ended, undefined)
  const made = await bed.provisioning.codes.make(bed.admin, { category: 'phones', rollout: true }, Array.from({ length: 1000 }, (_, n) => `u${n}`))
  await bed.enter(bed.bring('009033500001', made[7]?.code ?? ''))
  const short = await bed.make()
  bed.provisioning.tick()
  watcher.heard.length = 0
  ended.end()
  const before = ended.heard.length
  bed.now += 15 * MINUTE
  bed.provisioning.tick()
  bed.provisioning.tick()
  t.match(watcher.heard, [{ mt: 'ProvisioningCodeEdited', body: { code: { code: short, state: 'expired' } }, src: 'watch' }])
  t.equal(watcher.heard.length, 1)
  watcher.heard.length = 0
  bed.now += 7 * DAY
  let most = 0
  for (let n = 0; n < 10; n++) {
    const had = watcher.heard.length
    bed.provisioning.tick()
    most = Math.max(most, watcher.heard.length - had)
  }
  t.equal(watcher.heard.length, 999, 'all but the used one')
  t.equal(new Set(watcher.heard.map(({ body }) => (body['code'] as { code: string }).code)).size, 999, 'each once')
  t.ok(most <= 200, 'in slices')
  t.equal(ended.heard.length, before, 'whose session has ended hears nothing')
})

t.test('codes that are over stay for 30 days', async t => {
  const bed = new Bed()
  t.teardown(() => bed.stop())
  const [open, used] = [await bed.make(), await bed.make()]
  await bed.enter(bed.bring('009033500001', used))
  const watcher = bed.listener()
  bed.provisioning.codes.watchers.watchList(watcher, undefined)
  bed.now += 15 * MINUTE + 30 * DAY - 1
  bed.provisioning.tick()
  t.same([bed.stateOf(open), bed.stateOf(used)], ['expired', 'used'])
  bed.now += 1
  bed.provisioning.tick()
  t.same([bed.stateOf(open), bed.stateOf(used)], [undefined, undefined])
  t.same(watcher.heard.filter(({ mt }) => mt === 'ProvisioningCodeDeleted').map(({ body }) => body['code']).toSorted(), [open, used].toSorted())
})

t.test('open codes of a domain are bounded; those that are over make room', async t => {
  const bed = new Bed()
  t.teardown(() => bed.stop())
  const names = Array.from({ length: 1000 }, (_, n) => `u${n}`)
  const { codes } = bed.provisioning
  for (let n = 0; n < LIMITS.codesPerDomain.value; n += names.length) await codes.make(bed.admin, { category: 'phones' }, names)
  await t.rejects(codes.make(bed.admin, { category: 'phones' }, ['one too many']), { code: 'busy' })
  t.equal((await codes.make(bed.admin, { domainId: bed.prepared.other, category: 'theirs' }, ['elsewhere'])).length, 1, 'other domains go on')
  bed.now += 15 * MINUTE
  for (let n = 0; n < LIMITS.codesPerDomain.value; n += names.length) await codes.make(bed.admin, { category: 'phones' }, names)
  bed.now += 15 * MINUTE
  await codes.make(bed.admin, { category: 'phones' }, names)
  const kept = bed.store.sqlite.prepare<[number], { n: number }>('SELECT count(*) AS n FROM provisioning_codes WHERE domain_id = ?').get(bed.prepared.own)?.n
  t.equal(kept, LIMITS.codesKept.value, 'the oldest that are over have gone')
})

t.test('the directory hears of each code; without it there is no code', async t => {
  const known = new Map<string, string>()
  let broken = false
  const bed = new Bed({
    announce: async (code, url) => { if (broken) throw new Error('not there'); known.set(code, url) },
    withdraw: async code => { known.delete(code) },
  })
  t.teardown(() => bed.stop())
  const codes = [await bed.make(), await bed.make(), await bed.make()] as const
  t.same([...known], codes.map(code => [code, 'wss://example.com/devices/sysclients']))
  await bed.enter(bed.bring('009033500001', codes[0]))
  await bed.provisioning.codes.remove(bed.admin, codes[1])
  t.same([...known.keys()], [codes[2]])
  bed.now += 15 * MINUTE
  bed.provisioning.tick()
  t.same([...known.keys()], [])
  broken = true
  await t.rejects(bed.make(), { code: 'failed' })
  t.equal([...bed.provisioning.codes.list(bed.admin, undefined)].flat().filter(code => code.state === 'open').length, 0)
})
