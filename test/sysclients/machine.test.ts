/** The protocol of one device connection as a table: a password given by an administrator, in every state there is. */
import t from 'tap'
import { next, START, type Known, type Means, type State } from '../../app/sysclients/machine.ts'
import type { Identify } from '../../app/protocol/sysclient-messages.ts'

const identify: Identify = { id: '0090330000AB', product: 'IP222', version: '14r1', platform: { type: 'PHONE' }, ethIfs: undefined }
const hwId = '0090330000ab'
const known: Known = { deviceId: 7, domainId: 1, password: 'former', pending: undefined, pendingDelivered: false }
const means: Means = { challenge: () => '4711', digest: (_identify, challenge, password) => `${challenge}/${password}` }
const challenged = next(START, { kind: 'identify', identify, known }, means).state

t.match(challenged, { at: 'challenged', challenge: '4711' })

const assigned = { kind: 'assigned', deviceId: 7, hwId, password: 'fresh' } as const
const states: readonly [state: State, delivered: boolean][] = [
  [START, false], [{ at: 'closed' }, false],
  [challenged, true],
  [{ at: 'storing', deviceId: 7, hwId }, true], [{ at: 'unassigned', deviceId: 7, hwId }, true],
  [{ at: 'lost', deviceId: 7, hwId }, true], [{ at: 'online', deviceId: 7, hwId }, true],
]
for (const [state, delivered] of states) {
  t.test(`assigned while ${state.at}`, async t => {
    const step = next(state, assigned, means)
    if (!delivered) {
      t.same(step, { state, effects: [] })
      return
    }
    t.same(step.state, { at: 'online', deviceId: 7, hwId })
    t.same(step.effects.map(effect => effect.do), ['deliver', 'online'], 'the password goes out before anything that is encrypted with it')
    for (const effect of step.effects) t.match(effect, { password: 'fresh' })
  })
}

t.test('the answer to a challenge that comes after the new password changes nothing', async t => {
  const { state } = next(challenged, assigned, means)
  for (const password of ['former', 'fresh', 'wrong']) {
    const step = next(state, { kind: 'identify', identify: { ...identify, digest: `4711/${password}` }, known }, means)
    t.same(step.state, state)
    t.match(step.effects, [{ do: 'refresh', deviceId: 7 }])
    t.equal(step.effects.length, 1)
  }
  t.same(next(state, { kind: 'silence' }, means), { state, effects: [] })
})

t.test('the former password is good until the new one is proven', async t => {
  const both: Known = { ...known, pending: 'fresh' }
  const again = next(START, { kind: 'identify', identify, known: both }, means).state
  const former = next(again, { kind: 'identify', identify: { ...identify, digest: '4711/former' }, known: both }, means)
  t.match(former, { state: { at: 'online' }, effects: [{ do: 'deliver', password: 'fresh' }, { do: 'online' }] })
  const proven = next(again, { kind: 'identify', identify: { ...identify, digest: '4711/fresh' }, known: both }, means)
  t.match(proven, { state: { at: 'online' }, effects: [{ do: 'promote', password: 'fresh' }, { do: 'online' }] })
})
