import { createHash } from 'node:crypto'
import { Duplex } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import type { Test } from 'tap'
import { WebSocket } from 'ws'
import { ByteQueue } from '../../app/simulate/device/byte-queue.ts'
import type { SimulatedDevice } from '../../app/simulate/device/device.ts'
import { HttpConnection } from '../../app/simulate/web/http.ts'
import { collect } from '../../app/simulate/web/web-types.ts'
import { blobBytes } from '../../app/simulate/web/test-bodies.ts'
import { echoWebsocket } from '../../app/simulate/web/websocket-echo.ts'
import { createSimulator } from '../../app/simulate/simulator.ts'
import type { SimulatorOptions } from '../../app/simulate/simulator.ts'
import { documentService } from './document-service.ts'
import type { Link } from './document-service.ts'

const fast = { reconnect: { first: 10, most: 50 }, restartMs: 10 }
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

async function open(t: Test, options: Partial<SimulatorOptions> = {}): Promise<{ link: Link, device: SimulatedDevice }> {
  const service = await documentService()
  const simulator = await createSimulator({ url: service.url, type: 'phone', ...fast, ...options })
  t.teardown(async () => { await simulator.stop(); await service.stop() })
  await simulator.start()
  const link = await service.link()
  await link.identify()
  const [device] = simulator.devices
  if (!device) throw new Error('no device')
  return { link, device }
}

t.test('a request in parts, RECV 0, RECV of one byte, SHUTDOWN', async t => {
  const { link, device } = await open(t)
  link.sendTunnel(13, 0, 'GET /blob?bytes=20000&seed=3 HT')
  t.equal((await link.tunnel(13, 3)).data.length, 0)
  link.recv(13, 0)
  link.sendTunnel(13, 0, 'TP/1.1\r\nHost: x\r\n\r\n')
  await link.tunnel(13, 3)
  const first = (await link.tunnel(13, 2)).data
  t.match(first.toString('latin1'), /^HTTP\/1\.1 200 OK\r\n/)
  t.ok(first.length > 1 && first.length <= 8000, '0 asks for whatever there is')
  t.equal(device.sessions, 1)
  link.recv(13, 1)
  t.equal((await link.tunnel(13, 2)).data.length, 1)
  link.recv(13, 100_000)
  t.equal((await link.tunnel(13, 2)).data.length, 8000, 'never more than the chunk size')
  link.recv(13, 5)
  link.recv(13, 6)
  t.equal((await link.tunnel(13, 2)).data.length, 5, 'each RECV gets its own result')
  t.equal((await link.tunnel(13, 2)).data.length, 6)
  link.sendTunnel(13, 4)
  t.equal((await link.tunnel(13, 4)).data.length, 0)
  t.equal(device.sessions, 0)
  t.match(device.requests.map(({ method, target, status }) => ({ method, target, status })), [{ method: 'GET', target: '/blob?bytes=20000&seed=3', status: 200 }])
})

t.test('a RECV waits until there is something', async t => {
  const { link } = await open(t)
  link.sendTunnel(1, 0, 'GET /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab')
  await link.tunnel(1, 3)
  link.recv(1, 8192)
  t.equal((await link.get('/log.txt')).status, 200, 'others go on meanwhile')
  t.notOk(link.frames.some(frame => frame.session === 1))
  link.sendTunnel(1, 0, 'cde')
  t.match((await link.tunnel(1, 2)).data.toString(), /HTTP\/1\.1 200/)
})

t.test('unknown sessions, used ids, senseless frames', async t => {
  const { link, device } = await open(t)
  link.recv(99, 100)
  await link.tunnel(99, 4)
  link.sendTunnel(98, 4)
  await link.tunnel(98, 4)
  link.sendTunnel(97, 1, 'x')
  await link.tunnel(97, 4)
  link.sendTunnel(96, 77, 'x')
  link.sendTunnel(96, 2, 'x')
  link.sendTunnel(5, 0, 'garbage\r\n\r\n')
  await link.tunnel(5, 3)
  link.recv(5, 8192)
  t.match((await link.tunnel(5, 2)).data.toString(), /^HTTP\/1\.1 400 /)
  link.recv(5, 8192)
  await link.tunnel(5, 4)
  link.sendTunnel(5, 4)
  t.equal((await link.get('/echo')).status, 200)
  t.notOk(link.frames.some(({ session }) => session === 5), 'the answer to its own SHUTDOWN is not answered')
  link.sendTunnel(5, 0, 'POST /echo HTTP/1.1\r\nContent-Length: 9\r\n\r\n')
  await link.tunnel(5, 3)
  for (let i = 0; i < 100; i++) link.recv(5, 1)
  await link.tunnel(5, 4)
  t.equal(device.sessions, 0)
  t.equal((await link.http(`GET /x HTTP/1.1\r\nX: ${'y'.repeat(70_000)}`)).status, 431)
  link.sendTunnel(6, 0, 'z'.repeat(16_384 - 9))
  await link.tunnel(6, 3)
  link.sendTunnel(6, 0, 'z'.repeat(16_385 - 9))
  t.equal(await link.closed, 1009, 'frames above 16384 bytes are refused as the vendor\'s client does')
})

t.test('50 sessions side by side, every framing, byte for byte', async t => {
  const { link } = await open(t, { chunk: 8192 })
  const framings = ['length', 'chunked', 'close']
  await Promise.all(Array.from({ length: 50 }, async (_, n) => {
    const size = 10_000 + n * 7_777
    const answer = await link.get(`/blob?bytes=${size}&seed=${n}&framing=${framings[n % 3]}`)
    if (sha256(answer.body) !== sha256(blobBytes(n, 0, size))) t.fail(`session ${n} differs`)
  }))
  t.pass('all 50 are whole')
  const empty = await link.get('/blob?bytes=0&framing=chunked')
  t.equal(empty.body.length, 0)
  t.equal((await link.http('HEAD /blob?bytes=12345 HTTP/1.1\r\n\r\n')).headers.get('content-length')?.[0], '12345')
})

t.test('large bodies both ways', async t => {
  const { link } = await open(t)
  const body = blobBytes(9, 0, 3_000_001)
  const up = await link.post('/digest', body, 'Content-Type: application/octet-stream\r\n')
  t.strictSame(JSON.parse(up.body.toString()), { sha256: sha256(body), length: body.length, method: 'POST' })
  const chunks = Array.from({ length: 40 }, (_, n) => body.subarray(n * 1000, n * 1000 + 1000))
  const chunked = Buffer.concat([Buffer.from('PUT /digest HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n'),
    ...chunks.flatMap(chunk => [Buffer.from(`${chunk.length.toString(16)};x=y\r\n`), chunk, Buffer.from('\r\n')]), Buffer.from('0\r\nTrailer: 1\r\n\r\n')])
  t.match(JSON.parse((await link.http(chunked)).body.toString()), { sha256: sha256(body.subarray(0, 40_000)), length: 40_000 })
  const down = await link.get('/blob?bytes=3000001&seed=9')
  t.equal(sha256(down.body), sha256(body))
  t.equal((await link.post('/settings', 'x'.repeat(5 * 1024 * 1024))).status, 413)
})

t.test('blob bytes do not depend on how they are cut', async t => {
  fc.assert(fc.property(fc.nat(300_000), fc.nat(20_000), fc.nat(20_000), (from, a, b) =>
    Buffer.concat([blobBytes(4, from, from + a), blobBytes(4, from + a, from + a + b)]).equals(blobBytes(4, from, from + a + b))), { numRuns: 200 })
  t.notOk(blobBytes(4, 0, 4096).equals(blobBytes(4, 65536, 65536 + 4096)), 'exchanged parts show')
})

t.test('requests are read however they are cut, and garbage never throws', async () => {
  const request = Buffer.from('POST /a?b=c HTTP/1.1\r\nTransfer-Encoding: chunked\r\nX: 1\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nGET /next HTTP/1.1\r\nConnection: close\r\n\r\n')
  await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 }), async cuts => {
    const out = new ByteQueue()
    const seen: string[] = []
    const connection = new HttpConnection((request, answer) => collect(answer, body => { seen.push(`${request.method} ${request.target} ${body.toString()}`); answer.send(200, {}, 'x') }), out)
    let at = 0
    for (const cut of cuts) { connection.receive(request.subarray(at, at + cut)); at += cut; await Promise.resolve() }
    connection.receive(request.subarray(at))
    for (let i = 0; i < 5; i++) await Promise.resolve()
    return seen.join('|') === 'POST /a?b=c abcde|GET /next ' && out.take(10_000).toString().split('HTTP/1.1 200').length === 3 && out.finished
  }))
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 }), pieces => {
    const connection = new HttpConnection((_, answer) => { answer.send(200, {}); return undefined }, new ByteQueue())
    for (const piece of pieces) connection.receive(Buffer.from(piece))
    connection.close()
    return true
  }))
})

t.test('the websocket reads frames however they are cut, and garbage never throws', async () => {
  const upgraded = (): { connection: HttpConnection, out: ByteQueue } => {
    const out = new ByteQueue()
    const connection = new HttpConnection((request, answer) => { echoWebsocket(request, answer); return undefined }, out)
    connection.receive(Buffer.from('GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n'))
    out.take(10_000)
    return { connection, out }
  }
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 8 }), pieces => {
    const { connection } = upgraded()
    for (const piece of pieces) connection.receive(Buffer.from(piece))
    connection.close()
    return true
  }))
  fc.assert(fc.property(fc.uint8Array({ maxLength: 125 }), fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.integer({ min: 1, max: 50 }), (payload, mask, cut) => {
    const { connection, out } = upgraded()
    const frame = Buffer.concat([Buffer.of(0x82, 0x80 | payload.length), mask, Buffer.from(payload.map((byte, n) => byte ^ (mask[n & 3] ?? 0)))])
    for (let at = 0; at < frame.length; at += cut) connection.receive(frame.subarray(at, at + cut))
    return out.take(10_000).equals(Buffer.concat([Buffer.of(0x82, payload.length), payload]))
  }))
})

t.test('the end of the stream, in three manners', async t => {
  for (const [endOfStream, event] of [['shutdown', 4], ['empty-result', 2]] as const) {
    const { link } = await open(t, { endOfStream })
    link.sendTunnel(1, 0, 'GET /blob?bytes=10&framing=close HTTP/1.1\r\n\r\n')
    link.recv(1, 8192)
    t.match((await link.tunnel(1, 2)).data.toString('latin1'), /^HTTP/)
    link.recv(1, 8192)
    t.ok((await link.tunnel(1, event)).data.length <= 10)
  }
  const { link } = await open(t, { endOfStream: 'silence' })
  link.sendTunnel(1, 0, 'GET /echo HTTP/1.1\r\nConnection: close\r\n\r\n')
  link.recv(1, 8192)
  await link.tunnel(1, 2)
  link.recv(1, 8192)
  await link.get('/echo')
  t.notOk(link.frames.some(({ session, event }) => session === 1 && event !== 3), 'nothing more comes')
})

t.test('misbehaviour on demand', async t => {
  const { link, device } = await open(t)
  device.setFaulty('mute-recv')
  link.sendTunnel(1, 0, 'GET /echo HTTP/1.1\r\n\r\n')
  await link.tunnel(1, 3)
  link.recv(1, 100)
  link.sendTunnel(1, 4)
  await link.tunnel(1, 4)
  t.equal(link.frames.length, 0, 'RECV stayed without answer')
  device.setFaulty('mute-recv', false)

  device.setFaulty('garbage-http')
  link.sendTunnel(2, 0, 'GET / HTTP/1.1\r\n\r\n')
  link.recv(2, 100)
  t.notMatch((await link.tunnel(2, 2)).data.toString('latin1'), /^HTTP/)
  device.setFaulty('garbage-http', false)

  device.setFaulty('double-send-result')
  device.setFaulty('long-recv-result')
  link.sendTunnel(3, 0, 'GET /echo HTTP/1.1\r\n\r\n')
  await link.tunnel(3, 3)
  await link.tunnel(3, 3)
  link.recv(3, 10)
  t.ok((await link.tunnel(3, 2)).data.length > 10)
  device.setFaulty('double-send-result', false)
  device.setFaulty('long-recv-result', false)

  device.setFaulty('mute-shutdown')
  device.setFaulty('no-send-result')
  link.sendTunnel(4, 0, 'GET /echo HTTP/1.1\r\n\r\n')
  await device.until(() => device.sessions === 3, 'the third session')
  link.sendTunnel(4, 4)
  link.sendTunnel(5, 0, 'GET /admin.css HTTP/1.1\r\n\r\n')
  await device.until(() => device.requests.some(({ target }) => target === '/admin.css'), 'the next request')
  device.setFaulty('mute-shutdown', false)
  device.setFaulty('no-send-result', false)
  await link.get('/echo')
  t.notOk(link.frames.some(({ session }) => session === 4 || session === 5), 'neither SEND nor SHUTDOWN was answered')

  device.setFaulty('cut-response')
  link.sendTunnel(9, 0, 'GET /blob?bytes=9000 HTTP/1.1\r\n\r\n')
  link.recv(9, 8192)
  t.ok((await link.tunnel(9, 2)).data.length > 0)
  t.equal(await link.closed, 1006)
})

t.test('a slow device answers all the same, in order', async t => {
  const { link } = await open(t, { slow: 5 })
  const answer = await link.get('/blob?bytes=30000&seed=2')
  t.equal(sha256(answer.body), sha256(blobBytes(2, 0, 30_000)))
})

/** The service's end of one tunnel session as a stream, so that an independent websocket client can speak through it. */
function stream(link: Link, session: number): Duplex {
  let sending: Promise<unknown> = Promise.resolve()
  let begin: () => void
  const begun = new Promise<void>(resolve => { begin = resolve })
  const duplex = new Duplex({
    read() {
      // A session begins with a SEND: a RECV before it would meet no session.
      void begun.then(() => {
        link.recv(session, 8192)
        return link.expect(f => f.session === session && (f.event === 2 || f.event === 4), 'data')
      }).then(frame => {
        duplex.push(frame.event === 4 || frame.data.length === 0 ? null : frame.data)
      }, () => duplex.destroy())
    },
    write(chunk: Buffer, _encoding, done) {
      sending = sending.then(async () => {
        for (let at = 0; at < chunk.length; at += 8192) {
          link.sendTunnel(session, 0, chunk.subarray(at, at + 8192))
          begin()
          await link.tunnel(session, 3)
        }
        done()
      })
    },
  })
  return duplex
}

t.test('the websocket echo, spoken to by an independent client', async t => {
  const { link } = await open(t)
  const socket = new WebSocket('ws://device/ws', ['other', 'v1.echo'], { createConnection: () => stream(link, link.newSession()), perMessageDeflate: false })
  const closed = new Promise<number>(resolve => socket.on('close', code => resolve(code)))
  await new Promise((resolve, reject) => { socket.on('open', resolve); socket.on('error', reject) })
  t.equal(socket.protocol, 'v1.echo')
  const echo = (data: string | Buffer): Promise<{ data: Buffer, binary: boolean }> => {
    socket.send(data)
    return new Promise(resolve => socket.once('message', (data, binary) => resolve({ data: data as Buffer, binary })))
  }
  t.match(await echo('grüße'), { binary: false, data: Buffer.from('grüße') })
  const large = blobBytes(5, 0, 70_000)
  t.equal(sha256((await echo(large)).data), sha256(large))
  socket.send('half', { fin: false })
  socket.send('whole')
  t.equal(String(await new Promise(resolve => socket.once('message', resolve))), 'halfwhole')
  socket.ping('p')
  t.equal(String(await new Promise(resolve => socket.once('pong', resolve))), 'p')
  socket.send('close 4321')
  t.equal(await closed, 4321)
  t.equal((await link.get('/ws')).status, 426)
})
