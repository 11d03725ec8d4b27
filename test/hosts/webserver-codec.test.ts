/** Decoders of the webserver's socket: what is written is read again, and nothing that comes in can break them. */
import fc from 'fast-check'
import t from 'tap'
import { FrameReader, Outbox } from '../../app/hosts/app-platform/frames.ts'
import { decodeItems, encodeItems, type Items } from '../../app/hosts/app-platform/items.ts'
import { next, pauseAfter, APART, type Input, type State } from '../../app/hosts/app-platform/connection-machine.ts'
import { next as nextOfSocket, type At, type Input as SocketInput } from '../../app/hosts/app-platform/websocket-machine.ts'
import { next as nextOfRequest, START, type Input as RequestInput } from '../../app/hosts/app-platform/request-machine.ts'
import { ProtocolError } from '../../app/errors.ts'

const name = fc.string({ minLength: 1 }).map(value => value.replaceAll('\0', '').toLowerCase())
const ascii = fc.stringMatching(/^[ -~]*$/)
const items = fc.record({
  path: name, registeredPath: name, host: name, user: name, flags: fc.nat(), size: fc.maxSafeNat(), chunked: fc.constant(true as const), headers: fc.array(fc.tuple(fc.stringMatching(/^[a-z-]+$/), ascii)),
  ranges: fc.array(fc.record({ kind: fc.integer({ min: 1, max: 3 }), start: fc.nat(), end: fc.nat() })), transfer: fc.record({ resource: fc.nat(0xffff), flags: fc.nat(0xffff) }),
}, { requiredKeys: [] })

t.test('items: written and read again', async t => {
  fc.assert(fc.property(items, fc.constantFrom(0, 2), (given, version) => {
    const payload = encodeItems(given as Items, version)
    if (payload) t.same(decodeItems(payload), given)
  }))
})

t.test('items: anything else is read or refused, never more', async t => {
  const tried = (bytes: Uint8Array): void => {
    try {
      decodeItems(Buffer.from(bytes))
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause
    }
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), tried))
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(0x14), fc.uint8Array({ maxLength: 40 }))), list => {
    const body = Buffer.concat(list.flatMap(([type, value]) => [Buffer.from([type, 0, value.length]), value]))
    const total = Buffer.alloc(4)
    total.writeUInt32BE(body.length)
    tried(Buffer.concat([total, body]))
  }))
  t.throws(() => decodeItems(Buffer.from('00000001', 'hex')), ProtocolError)
})

t.test('frames: whatever the pieces are, the messages are the same', async t => {
  const message = fc.record({ cid: fc.nat(), type: fc.nat(0xffff), gp: fc.nat(), payload: fc.uint8Array({ maxLength: 500 }) })
  await fc.assert(fc.asyncProperty(fc.array(message, { maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }), async (messages, sizes) => {
    const written: Buffer[] = []
    const outbox = new Outbox(bytes => written.push(Buffer.from(bytes)))
    for (const { cid, type, gp, payload } of messages) outbox.put(cid, type, gp, payload)
    outbox.flush()
    const all = Buffer.concat(written)
    const read: typeof messages = []
    const reader = new FrameReader()
    for (let at = 0, n = 0; at < all.length; n++) {
      const size = sizes[n % sizes.length] ?? 1
      reader.read(all.subarray(at, at + size), (cid, type, gp, data, from, to) => read.push({ cid, type, gp, payload: new Uint8Array(data.subarray(from, to)) }))
      at += size
    }
    t.same(read, messages)
  }), { numRuns: 50 })
})

t.test('connection: a connect that succeeds begins the pauses again; refusals have a growing one of their own', async t => {
  let state: State = APART
  const waits = (...kinds: (Exclude<Input['kind'], 'version' | 'result'> | number)[]): number[] => kinds.flatMap(kind => {
    const step = next(state, typeof kind === 'number' ? { kind: 'result', code: kind } : { kind }, 2)
    state = step.state
    return step.effects.flatMap(effect => effect.do === 'wait' ? [effect.ms / 1000] : [])
  })
  t.same(waits('start', 'lost', 'timer', 'lost', 'timer', 'lost', 'timer'), [1, 2, 4], 'no socket')
  t.same(waits('connected', 'lost', 'timer', 'lost', 'timer'), [1, 2], 'joined and lost before all is registered')
  t.same(waits('connected', 0, 2, 'timer', 'connected', 2, 'timer', 'connected', 1, 'timer'), [1, 2, 4], 'refused')
  t.same(waits('connected', 'lost', 'timer'), [1], 'lost in between')
  t.same(waits('connected', 2, 'timer'), [8], 'the refusals go on')
  t.same(waits('connected', 0, 0, 'lost', 'timer', 'connected', 2, 'timer'), [1, 1], 'registered: all is forgotten')
})

t.test('connection: the pauses, and never two attempts at once', async t => {
  t.same([0, 1, 2, 3, 4, 5, 6, 7, 20].map(pauseAfter), [1, 2, 4, 8, 16, 32, 64, 64, 64].map(s => s * 1000))
  const input: fc.Arbitrary<Input> = fc.oneof(
    fc.constantFrom<Input>({ kind: 'start' }, { kind: 'connected' }, { kind: 'lost' }, { kind: 'timer' }, { kind: 'stop' }),
    fc.nat(3).map<Input>(version => ({ kind: 'version', version })), fc.nat(2).map<Input>(code => ({ kind: 'result', code })))
  fc.assert(fc.property(fc.array(input), inputs => {
    let state: State = APART
    let sockets = 0
    for (const one of inputs) {
      // A socket that is not there says nothing.
      if ((one.kind === 'connected' && state.at !== 'connecting') || (one.kind === 'lost' && sockets === 0)) continue
      const step = next(state, one, 2)
      state = step.state
      if (one.kind === 'lost') sockets--
      for (const effect of step.effects) {
        if (effect.do === 'connect') sockets++
        if (effect.do === 'disconnect') sockets--
      }
      t.ok(sockets === 0 || sockets === 1)
    }
  }), { numRuns: 200 })
})

t.test('websocket and request: one SEND, one RECV, one end, whatever happens', async t => {
  const inputs = fc.array(fc.constantFrom<SocketInput>('accept', 'refuse', 'accepted', 'send', 'sent', 'sentMore', 'part', 'received', 'end', 'gone'), { maxLength: 30 })
  fc.assert(fc.property(inputs, list => {
    let at: At = 'asked'
    const count = { send: 0, close: 0, forget: 0, ended: 0, open: 0 }
    for (const one of list) {
      const step = nextOfSocket(at, one)
      at = step.at
      for (const effect of step.effects) if (effect in count) count[effect as keyof typeof count]++
      if (step.effects.includes('close')) t.ok(at === 'closing')
    }
    t.ok(count.close <= 1 && count.forget <= 1 && count.ended <= count.open && count.open <= 1)
  }), { numRuns: 300 })
  fc.assert(fc.property(fc.array(fc.constantFrom<RequestInput>('want', 'data', 'last', 'head', 'refuse', 'piece', 'sent', 'end', 'gone'), { maxLength: 30 }), list => {
    let state = START
    let sending = false
    const count = { head: 0, end: 0, refuse: 0, forget: 0, confirm: 0, abandon: 0 }
    let left = false
    for (const one of list) {
      const step = nextOfRequest(state, one)
      if (one === 'gone' && count.end + count.refuse === 0) left = true
      state = step.state
      for (const effect of step.effects) {
        if (effect in count) count[effect as keyof typeof count]++
        if (effect === 'send') {
          t.notOk(sending)
          sending = true
        }
        if (effect === 'moved') sending = false
        if (effect === 'end') t.notOk(sending)
      }
    }
    t.ok(count.head + count.refuse <= 1 && count.end + count.confirm <= 1 && count.forget <= 1)
    t.equal(count.abandon, left ? 1 : 0, 'a client that leaves before the end is told, once')
  }), { numRuns: 300 })
})
