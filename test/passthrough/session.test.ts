/** The session machine: a table of its rules, and what no order of events may ever break (wire-protocols 2.11, 2.14). */
import fc from 'fast-check'
import t from 'tap'
import { Bit, Effect, Input, isLive, mayAsk, maySend, next, OPEN, stateOf } from '../../app/passthrough/session.ts'

const names = (step: number): string[] => Object.entries(Effect).filter(([, bit]) => (step & bit) !== 0).map(([name]) => name)
const run = (...inputs: Input[]): { effects: string[][], state: number } => {
  let state: number = OPEN
  const effects = inputs.map(input => {
    const step = next(state, input)
    state = stateOf(step)
    return names(step)
  })
  return { effects, state }
}
const { send, recv, repeatRecv, close, expire, sendResult, data, noData, shutdown, alien } = Input

t.test('rules', async t => {
  const cases: [string, Input[], string[][], (state: number) => boolean][] = [
    ['a request and its answer', [send, recv, sendResult, data, close, shutdown], [['writeSend'], ['writeRecv'], ['tellSent'], ['tellData'], ['writeShutdown'], []], state => state === Bit.over],
    ['a second SEND waits for SEND_RESULT', [send, send], [['writeSend'], ['refused']], state => state === Bit.sending],
    ['a second RECV waits for RECV_RESULT', [send, recv, recv], [['writeSend'], ['writeRecv'], ['refused']], state => state === (Bit.sending | Bit.asking)],
    ['data while a SEND waits', [send, recv, data], [['writeSend'], ['writeRecv'], ['tellData']], state => state === Bit.sending],
    ['an empty RECV_RESULT is the end', [send, sendResult, recv, noData, recv], [['writeSend'], ['tellSent'], ['writeRecv'], ['tellEnd'], ['refused']], state => state === Bit.ended],
    ['the device ends', [send, shutdown], [['writeSend'], ['writeShutdown', 'tellEnd']], state => state === Bit.over],
    ['the end is told once', [send, recv, noData, shutdown], [['writeSend'], ['writeRecv'], ['tellEnd'], ['writeShutdown']], state => state === Bit.over],
    ['RECV_RESULT without RECV', [send, data], [['writeSend'], ['writeShutdown', 'tellBroken']], state => !isLive(state) && state !== Bit.over],
    ['SEND_RESULT without SEND', [send, sendResult, sendResult], [['writeSend'], ['tellSent'], ['writeShutdown', 'tellBroken']], state => !isLive(state)],
    ['an event that only the service sends', [send, alien], [['writeSend'], ['writeShutdown', 'tellBroken']], state => !isLive(state)],
    ['answers that crossed our SHUTDOWN', [send, recv, close, sendResult, data, alien, shutdown], [['writeSend'], ['writeRecv'], ['writeShutdown'], [], [], [], []], state => state === Bit.over],
    ['no SHUTDOWN from the device', [send, close, expire], [['writeSend'], ['writeShutdown'], []], state => state === Bit.over],
    ['SHUTDOWN twice', [send, close, close, shutdown, shutdown], [['writeSend'], ['writeShutdown'], [], [], []], state => state === Bit.over],
    ['a repeated RECV allows one answer more', [send, sendResult, recv, repeatRecv, data, data, data], [['writeSend'], ['tellSent'], ['writeRecv'], ['writeRecv'], ['tellData'], ['tellData'], ['writeShutdown', 'tellBroken']], state => !isLive(state)],
    ['a RECV is repeated once', [send, sendResult, recv, repeatRecv, repeatRecv], [['writeSend'], ['tellSent'], ['writeRecv'], ['writeRecv'], ['refused']], state => (state & Bit.spare) !== 0],
  ]
  for (const [name, inputs, effects, ends] of cases) {
    const result = run(...inputs)
    t.same(result.effects, effects, name)
    t.ok(ends(result.state), `${name}: ${result.state}`)
  }
})

t.test('any order of events', async t => {
  fc.assert(fc.property(fc.array(fc.constantFrom(...Object.values(Input)), { maxLength: 60 }), inputs => {
    let state: number = OPEN
    const open = { sends: 0, recvs: 0, shutdowns: 0, told: 0 }
    for (const input of inputs) {
      const before = state
      const step = next(state, input)
      state = stateOf(step)
      const does = (effect: number): boolean => (step & effect) !== 0
      if (does(Effect.writeSend)) open.sends++
      if (does(Effect.tellSent)) open.sends--
      if (does(Effect.writeRecv)) open.recvs++
      if (does(Effect.tellData) || does(Effect.tellEnd)) open.recvs = Math.max(0, open.recvs - 1)
      if (does(Effect.writeShutdown)) open.shutdowns++
      if (does(Effect.tellEnd) || does(Effect.tellBroken)) open.told++
      if (open.sends < 0 || open.sends > 1) throw new Error('more than one SEND')
      if (open.recvs > 2 || (open.recvs > 1 && !inputs.includes(Input.repeatRecv))) throw new Error('more than one RECV')
      if (open.shutdowns > 1) throw new Error('SHUTDOWN twice')
      if (!isLive(before) && step >> 8 !== 0 && !does(Effect.refused)) throw new Error('an effect after the end')
      if ((before & Bit.over) !== 0 && state !== before) throw new Error('it came back')
      if (does(Effect.writeSend) !== (input === Input.send && maySend(before))) throw new Error('maySend lies')
      if (does(Effect.writeRecv) && input === Input.recv && !mayAsk(before)) throw new Error('mayAsk lies')
      if (state > 63 || state < 0) throw new Error('an unknown state')
    }
    if (!isLive(state) !== (open.shutdowns === 1)) throw new Error('an end without SHUTDOWN')
  }), { numRuns: 3000 })
  t.pass('invariants hold')
})
