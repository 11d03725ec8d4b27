/** The work of a task on one device: attempts, pauses, ends. */
import fc from 'fast-check'
import t from 'tap'
import { dueAt, next, type Work, type WorkInput } from '../../app/jobs/device-work.ts'

const PAUSES = [100, 1000]
const waiting: Work = { at: 'waiting', attempts: 0, since: 0, text: '' }
const working: Work = { ...waiting, at: 'working' }

t.test('one step at a time', t => {
  const cases: readonly [what: string, work: Work, input: WorkInput, after: Partial<Work>, effects: unknown[]][] = [
    ['not connected: waits for the device', waiting, { kind: 'turn', now: 5, connected: false }, { at: 'waiting' }, [{ do: 'awaitDevice' }]],
    ['connected: begins', waiting, { kind: 'turn', now: 5, connected: true }, { at: 'working' }, [{ do: 'work' }]],
    ['after a failure, before its pause is over', { ...waiting, attempts: 1, since: 50 }, { kind: 'turn', now: 149, connected: true }, { at: 'waiting' }, [{ do: 'awaitTime', until: 150 }]],
    ['after a failure, its pause over', { ...waiting, attempts: 1, since: 50 }, { kind: 'turn', now: 150, connected: true }, { at: 'working' }, [{ do: 'work' }]],
    ['the second pause is longer', { ...waiting, attempts: 2, since: 50 }, { kind: 'turn', now: 150, connected: true }, { at: 'waiting' }, [{ do: 'awaitTime', until: 1050 }]],
    ['success', working, { kind: 'succeeded', now: 7 }, { at: 'done', since: 7 }, [{ do: 'save' }]],
    ['first failure', working, { kind: 'failed', now: 7, text: 'x', again: true }, { at: 'waiting', attempts: 1, since: 7, text: 'x' }, [{ do: 'save' }]],
    ['last failure', { ...working, attempts: 2 }, { kind: 'failed', now: 7, text: 'x', again: true }, { at: 'failed', attempts: 3, text: 'x' }, [{ do: 'save' }]],
    ['hopeless failure', working, { kind: 'failed', now: 7, text: 'x', again: false }, { at: 'failed', attempts: 1 }, [{ do: 'save' }]],
    ['needless', working, { kind: 'needless', now: 7, text: 'y' }, { at: 'skipped', text: 'y' }, [{ do: 'save' }]],
    ['given up while waiting', waiting, { kind: 'givenUp', now: 7, text: 'z' }, { at: 'skipped', text: 'z' }, [{ do: 'save' }]],
    ['not given up in work', working, { kind: 'givenUp', now: 7, text: 'z' }, { at: 'working' }, []],
    ['no turn while in work', working, { kind: 'turn', now: 7, connected: true }, { at: 'working' }, []],
  ]
  for (const [what, work, input, after, effects] of cases) {
    const step = next(work, input, PAUSES)
    t.match(step.work, after, what)
    t.same(step.effects, effects, what)
  }
  t.equal(dueAt({ ...waiting, attempts: 9, since: 40 }, PAUSES), 40, 'more attempts than pauses: at once')
  t.end()
})

t.test('whatever comes: attempts are bounded, an end is an end', t => {
  const at = fc.nat(5000)
  const input: fc.Arbitrary<WorkInput> = fc.oneof(
    fc.record({ kind: fc.constant('turn' as const), now: at, connected: fc.boolean() }),
    fc.record({ kind: fc.constant('succeeded' as const), now: at }),
    fc.record({ kind: fc.constant('failed' as const), now: at, text: fc.constant('f'), again: fc.boolean() }),
    fc.record({ kind: fc.constant('needless' as const), now: at, text: fc.constant('n') }),
    fc.record({ kind: fc.constant('givenUp' as const), now: at, text: fc.constant('g') }),
  )
  fc.assert(fc.property(fc.array(input, { maxLength: 60 }), inputs => {
    let work = waiting
    let begun = 0
    for (const one of inputs) {
      const before = work
      const step = next(work, one, PAUSES)
      work = step.work
      if (step.effects.some(effect => effect.do === 'work')) {
        begun++
        if (before.at !== 'waiting' || work.at !== 'working') return false
      }
      if (['done', 'failed', 'skipped'].includes(before.at) && work !== before) return false
      if (work.at !== before.at && work.at !== 'working' && !step.effects.some(effect => effect.do === 'save')) return false
    }
    return begun <= PAUSES.length + 1 && work.attempts <= PAUSES.length + 1
  }))
  t.end()
})
