/** Rules of time, order and bounds, with the clock in hand (wire-protocols 2.11, 2.14). */
import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { DeviceTunnels } from '../../app/passthrough/device-tunnels.ts'
import { Fleet } from '../../app/passthrough/fleet.ts'
import { tunnelBounds } from '../../app/passthrough/bounds.ts'
import { ByteQueue } from '../../app/passthrough/byte-queue.ts'
import { ok, serveHttp } from './tunnel-device.ts'
import { Arena } from '../../app/passthrough/turn.ts'
import { StillExchange, stillBed } from './still-bed.ts'

const events = (frames: readonly Buffer[]): string[] => frames.map(frame => `${['SEND', 'RECV', '', '', 'SHUTDOWN'][frame.readUInt32BE(5)]} ${frame.readUInt32BE(1)}`)

t.test('the recorded dialogue, byte for byte', async t => {
  const file = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, '../data/sysclient-frames.json'), 'utf8')) as { frames: { name: string, hex: string }[] }
  const recorded = (name: string): Buffer => Buffer.from(file.frames.find(frame => frame.name === name)?.hex.replaceAll(' ', '') ?? '', 'hex')
  const frames: Buffer[] = []
  const fleet = new Fleet({ defer: run => run(), clock: { now: () => 0, every: () => () => {} }, log: () => {}, count: () => {} }, tunnelBounds())
  const tunnels = new DeviceTunnels({
    hwId: 'd', tunnels: undefined, buffered: 0, cork: callback => callback(),
    sendFrame: frame => { frames.push(Buffer.from(frame)); return 'sent' },
  }, fleet, 12)
  const heard: string[] = []
  const tunnel = tunnels.open({ ready: () => { heard.push('ready') }, received: data => { heard.push(Buffer.from(data).toString()) }, ended: () => {}, failed: () => {} })
  const queue = new ByteQueue()
  queue.push(Buffer.from('GET /log.txt HTTP/1.1\r\n'))
  if (!tunnel) throw new Error('no tunnel')
  tunnels.begin(tunnel, queue)
  t.same(frames, [recorded('send'), recorded('recv 8192')])
  for (const name of ['send result', 'recv result']) {
    const frame = recorded(name)
    tunnels.frame(frame.readUInt32BE(1), frame.readUInt32BE(5), frame.subarray(9))
  }
  t.same(heard, ['ready', 'HTTP/1.1 200 OK\r\n'])
  tunnel.close()
  t.same(frames[2], recorded('shutdown'))
})

t.test('no SEND_RESULT: 504, SHUTDOWN, and the id is free again after a while', async t => {
  const bed = stillBed()
  bed.device.confirms = bed.device.confirmsShutdown = false
  const exchange = bed.request('GET', '/')
  bed.pass(30)
  t.equal(exchange.status, 0)
  bed.pass(1)
  t.equal(exchange.status, 504)
  t.same(events(bed.frames), ['SEND 1', 'RECV 1', 'SHUTDOWN 1'])
  t.ok(bed.ticking, 'the id is still taken')
  bed.pass(31)
  t.notOk(bed.ticking, 'nothing left, no timer')
})

t.test('no answer: RECV is repeated once, then 504', async t => {
  const bed = stillBed()
  bed.device.dropsEarlyRecv = true
  const exchange = bed.request('GET', '/')
  bed.pass(5)
  t.same(events(bed.frames), ['SEND 1', 'RECV 1', 'RECV 1'])
  bed.pass(26)
  t.equal(exchange.status, 504)
  t.same(events(bed.frames).slice(3), ['SHUTDOWN 1'])
})

t.test('a device that drops an early RECV is asked later from then on', async t => {
  const bed = stillBed()
  bed.device.dropsEarlyRecv = true
  bed.device.confirms = false
  let answer = (): void => {}
  serveHttp(bed.device, (_request, connection) => {
    answer = () => {
      connection.write(ok('hello'))
      bed.device.confirm(connection.id)
    }
  })
  const first = bed.request('GET', '/')
  answer()
  t.equal(first.status, 0, 'the RECV was lost')
  bed.pass(5)
  t.match(first, { status: 200, text: 'hello' })
  bed.frames.length = 0
  const second = bed.request('GET', '/')
  t.same(events(bed.frames), ['SEND 2'])
  answer()
  t.match(second, { status: 200, text: 'hello' })
  t.same(events(bed.frames), ['SEND 2', 'RECV 2', 'SHUTDOWN 2'])
  t.same(bed.device.complaints, [])
})

t.test('an answer that stalls in its middle is broken off, but much later', async t => {
  const bed = stillBed()
  bed.device.serve = connection => connection.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')
  const exchange = bed.request('GET', '/')
  bed.pass(299)
  t.notOk(exchange.finished)
  bed.pass(2)
  t.ok(exchange.aborted)
})

t.test('a slow uploader is not the fault of the device', async t => {
  const bed = stillBed()
  serveHttp(bed.device, (_request, connection) => connection.write(ok('done')))
  const exchange = bed.request('PUT', '/', {}, 20_000)
  exchange.onData?.(Buffer.alloc(10_000), false)
  bed.pass(1000)
  t.notOk(exchange.finished)
  exchange.onData?.(Buffer.alloc(10_000), true)
  t.match(exchange, { status: 200, text: 'done' })
})

t.test('RECV stops while the client does not read', async t => {
  const bed = stillBed()
  bed.device.serve = connection => connection.write(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n'), Buffer.alloc(100_000)]))
  const exchange = new StillExchange('GET', '/i/passthrough/d/device/')
  exchange.takes = false
  bed.passthrough.request(exchange, 'd', 'device', '/')
  t.equal(bed.device.connections.get(1)?.wanted.length, 0)
  t.equal(exchange.parts.length, 1)
  bed.pass(1000)
  t.notOk(exchange.finished, 'a slow reader is not the fault of the device')
  exchange.drain()
  t.equal(exchange.parts.length, 2)
  exchange.takes = true
  exchange.drain()
  t.ok(exchange.finished)
  t.equal(Buffer.concat(exchange.parts).length, 100_000)
  exchange.drain()
})

t.test('a device connection that takes no more gets no SEND, in turn when it does', async t => {
  const bed = stillBed()
  serveHttp(bed.device, (_request, connection) => connection.write(ok('hello')))
  bed.device.confirms = false
  bed.state.result = 'queued'
  const exchanges = Array.from({ length: 4 }, () => bed.request('GET', '/'))
  t.same(events(bed.frames), ['SEND 1', 'RECV 1', 'SHUTDOWN 1'], 'only the first was sent')
  bed.channel.tunnels?.drained()
  t.equal(exchanges.filter(exchange => exchange.status === 200).length, 2)
  bed.state.result = 'sent'
  bed.channel.tunnels?.drained()
  t.same(exchanges.map(exchange => exchange.status), [200, 200, 200, 200])
  t.same(bed.device.seen, [1, 2, 3, 4])
})

t.test('a device connection that is gone already', async t => {
  for (const result of ['closed', 'full'] as const) {
    const bed = stillBed()
    bed.state.result = result
    const exchange = bed.request('GET', '/')
    t.equal(exchange.status, 502)
    bed.channel.tunnels?.closed()
    t.notOk(bed.ticking)
  }
})

t.test('wrong frames end their own session and no other', async t => {
  const bed = stillBed()
  bed.device.confirms = false
  const [first, second, third] = [bed.request('GET', '/1'), bed.request('GET', '/2'), bed.request('GET', '/3')]
  bed.device.confirm(1)
  bed.device.confirm(1)
  t.equal(first?.status, 502, 'SEND_RESULT twice')
  bed.device.reply(2, 2, ok('early'))
  t.match(second, { status: 200, text: 'early' }, 'an answer before SEND_RESULT')
  bed.device.reply(3, 1)
  t.equal(third?.status, 502, 'a RECV from the device')
  bed.frames.length = 0
  bed.device.reply(77, 2, Buffer.from('x'))
  bed.device.reply(78, 3)
  bed.device.reply(79, 4)
  bed.device.reply(80, 0)
  bed.device.reply(81, 99)
  t.same(events(bed.frames), ['SHUTDOWN 77', 'SHUTDOWN 78'], 'unknown sessions')
  const fourth = bed.request('GET', '/4')
  bed.device.reply(4, 4)
  t.equal(fourth.status, 502, 'the device closed')
  t.same(events(bed.frames).slice(2), ['SEND 4', 'RECV 4', 'SHUTDOWN 4'])
  t.ok(bed.logged.length > 0 && bed.logged.length <= 10)
})

t.test('whatever frames a device sends, the rules hold and the service stands', async t => {
  const frame = fc.record({ id: fc.integer({ min: 0, max: 6 }), event: fc.integer({ min: 0, max: 6 }), data: fc.oneof(fc.constant(''), fc.constant('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc'), fc.string({ maxLength: 20 })) })
  const step = fc.oneof({ weight: 4, arbitrary: frame }, fc.constantFrom('request', 'upload', 'tick', 'drain', 'leave', 'block'))
  fc.assert(fc.property(fc.array(step, { maxLength: 80 }), steps => {
    const bed = stillBed({ tunnelsPerDevice: 4, tunnelsClosing: 3 })
    bed.device.confirms = bed.device.confirmsShutdown = false
    const exchanges: ReturnType<typeof bed.request>[] = []
    for (const what of steps) {
      if (what === 'request') exchanges.push(bed.request('GET', '/'))
      else if (what === 'upload') {
        const exchange = bed.request('PUT', '/', {}, 30_000)
        exchange.onData?.(Buffer.alloc(30_000), true)
        exchanges.push(exchange)
      } else if (what === 'tick') bed.pass(16)
      else if (what === 'drain') {
        bed.state.result = 'sent'
        bed.channel.tunnels?.drained()
      } else if (what === 'block') bed.state.result = 'queued'
      else if (what === 'leave') exchanges.find(exchange => !exchange.finished)?.leave()
      else bed.device.reply(what.id, what.event, Buffer.from(what.data))
      if (bed.passthrough.stats.tunnels > 4) throw new Error('more tunnels than allowed')
    }
    // A repeated RECV is allowed once; the test device would complain about it.
    const complaints = bed.device.complaints.filter(text => !text.endsWith('RECV while one waits') && !text.endsWith('RECV before SEND'))
    if (complaints.length > 0) throw new Error(complaints.join())
    bed.channel.tunnels?.closed()
    if (bed.passthrough.stats.tunnels !== 0 || bed.ticking || exchanges.some(exchange => !exchange.finished)) throw new Error('something is left')
  }), { numRuns: 500 })
  t.pass('no order of frames breaks them')
})

t.test('a device that fills what is asked for is asked for more', async t => {
  for (const [chunk, expected] of [[8000, [8192, 8192, 8192]], [100_000, [8192, 16_000, 16_000]], [10_000, [8192, 16_000, 16_000]]] as const) {
    const bed = stillBed()
    bed.device.chunk = chunk
    bed.device.serve = connection => connection.write(Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\n\r\n'), Buffer.alloc(60_000)]))
    bed.request('GET', '/')
    t.same(bed.frames.filter(frame => frame[8] === 1).map(frame => frame.readUInt32BE(9)).slice(0, 3), expected)
  }
})

t.test('all frames of one round go out together, behind it', async t => {
  const runs: (() => void)[] = []
  const bed = stillBed({}, run => { runs.push(run) })
  const round = (): void => runs.splice(0).forEach(run => run())
  const answers: (() => void)[] = []
  bed.device.confirms = false
  serveHttp(bed.device, (_request, connection) => {
    answers.push(() => {
      bed.device.confirm(connection.id)
      connection.write(ok('hello'))
    })
  })
  const exchanges = Array.from({ length: 5 }, () => bed.request('GET', '/'))
  t.equal(bed.frames.length, 0)
  t.equal(runs.length, 1)
  round()
  t.same(events(bed.frames), [1, 2, 3, 4, 5].flatMap(id => [`SEND ${id}`, `RECV ${id}`]))
  t.equal(bed.state.corks, 1, 'in one go')
  for (const answer of answers) answer()
  t.equal(exchanges[0]?.status, 0)
  round()
  t.ok(exchanges.every(exchange => exchange.text === 'hello'))
  t.same(events(bed.frames.slice(10)), [1, 2, 3, 4, 5].map(id => `SHUTDOWN ${id}`))
  t.equal(bed.state.corks, 2)

  bed.device.confirms = true
  let answer = (): void => {}
  bed.device.serve = connection => { answer = () => connection.write('HTTP/1.0 200 OK\r\n\r\nhello') }
  const last = bed.request('GET', '/')
  round()
  answer()
  t.equal(last.text, '')
  bed.channel.tunnels?.closed()
  t.match(last, { text: 'hello', aborted: true }, 'what came before the end of the connection is delivered')
  round()
})

t.test('a device that floods does not fill memory until the end of the round', async t => {
  const bed = stillBed({}, () => {})
  bed.device.confirms = false
  const exchange = bed.request('GET', '/')
  bed.channel.tunnels?.frame(1, 3, new Uint8Array(0))
  let sent = 0
  for (; !exchange.finished && sent < 100; sent++) bed.channel.tunnels?.frame(1, 2, Buffer.alloc(60_000))
  t.ok(sent > 1 && sent < 20, `handled after ${sent} frames`)
  t.equal(exchange.status, 502)
})

t.test('memory of a turn', async t => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 40 }), sizes => {
    const arena = new Arena()
    for (let round = 0; round < 2; round++) {
      const pieces = sizes.map((size, n) => arena.take(size).fill(n))
      if (pieces.some((piece, n) => piece.length !== sizes[n] || !piece.every(byte => byte === n))) return false
      arena.reset()
    }
    return true
  }), { numRuns: 50 })
  t.equal(new Arena().take(1_000_000).length, 1_000_000)
})
