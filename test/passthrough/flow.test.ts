/** Large bodies, slow readers and slow devices: byte-exact, bounded, and nobody stops anybody else. */
import crypto from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import t from 'tap'
import { SESSION_KEY, startBed } from './bed.ts'
import { pour, Stream } from './stream.ts'
import { ok, serveHttp, type WebConnection } from './tunnel-device.ts'

const MB = 1024 * 1024

t.test('100 MB in both directions at once', async t => {
  const bed = await startBed()
  t.teardown(() => bed.stop())
  const device = await bed.device('d')
  const SIZE = 100 * MB
  const down = new Stream(SIZE)
  const up = new Stream(SIZE)
  const arrived = crypto.createHash('sha256')
  let bytes = -1
  const uploaded = new Promise<void>(resolve => {
    device.serve = (connection, data) => {
      if (connection.text.startsWith('GET ') && connection.sends.length === 1) {
        connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${SIZE}\r\n\r\n`)
        pour(down, connection)
      } else if (!connection.text.startsWith('GET ')) {
        connection.received = [Buffer.from('PUT ')]
        const body = bytes < 0 ? data.subarray(data.indexOf('\r\n\r\n') + 4) : data
        bytes = Math.max(bytes, 0) + body.length
        arrived.update(body)
        if (bytes === SIZE) {
          connection.write(ok('thanks'))
          resolve()
        }
      }
    }
  })
  const upload = bed.get(`${bed.prefix('d')}/firmware`, {
    method: 'PUT', headers: { 'Content-Length': String(SIZE) },
    body: (async function * () { while (up.left > 0) yield up.take(64_000) })(), // made as fast as it is taken
  })
  const hash = crypto.createHash('sha256')
  let got = 0
  const [response] = await once(http.get(`${bed.url}${bed.prefix('d')}/log`), 'response') as [http.IncomingMessage]
  t.equal(response.headers['content-length'], String(SIZE))
  for await (const part of response) {
    got += (part as Buffer).length
    hash.update(part as Buffer)
  }
  t.equal(got, SIZE)
  t.equal(hash.digest('hex'), down.hash.digest('hex'), 'from the device')
  t.equal((await upload).text, 'thanks')
  await uploaded
  t.equal(arrived.digest('hex'), up.hash.digest('hex'), 'into the device')
  t.same(device.complaints, [])
})

t.test('50 tunnels, one of them with a reader that does not read', async t => {
  const bed = await startBed()
  t.teardown(() => bed.stop())
  const device = await bed.device('d')
  let stuckTaken = 0
  let stuck: WebConnection | undefined
  serveHttp(device, ({ target }, connection) => {
    connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    const size = target === '/stuck' ? 100 * MB : 2 * MB
    const body = new Stream(size)
    connection.write(`${size.toString(16)}\r\n`)
    pour(body, connection)
    const poured = connection.onTaken
    connection.onTaken = () => {
      poured?.()
      if (target === '/stuck') {
        stuck = connection
        stuckTaken = size - body.left - connection.waitingBytes
      } else if (body.left === 0 && connection.waitingBytes === 0 && !connection.ended) {
        connection.onTaken = undefined
        connection.write('\r\n0\r\n\r\n')
      }
    }
  })
  const socket = net.connect(bed.port, '127.0.0.1')
  socket.on('error', () => {})
  t.teardown(() => socket.destroy())
  socket.pause()
  socket.write(`GET /i/passthrough/d/${SESSION_KEY}/stuck HTTP/1.1\r\nHost: x\r\n\r\n`)
  const expected = (() => {
    const stream = new Stream(2 * MB)
    return stream.take(2 * MB)
  })()
  const answers = await Promise.all(Array.from({ length: 49 }, (_, n) => bed.get(`${bed.prefix('d')}/${n}`)))
  t.ok(answers.every(answer => answer.complete && answer.body.equals(expected)), '49 went through, byte-exact')
  while (bed.passthrough.stats.tunnels > 1 || stuck?.wanted.length !== 0) await new Promise(setImmediate)
  t.ok(stuckTaken > 0 && stuckTaken < 20 * MB, `the stuck one stopped being asked for after ${stuckTaken} bytes`)
  t.equal(bed.passthrough.stats.tunnels, 1)
  socket.destroy()
  while (bed.passthrough.stats.tunnels > 0) await new Promise(setImmediate)
  t.same(device.complaints, [])
})

t.test('an upload into a device that does not take it stops the browser, not the others', async t => {
  const bed = await startBed()
  t.teardown(() => bed.stop())
  const device = await bed.device('d')
  device.confirms = false
  let first: number | undefined
  serveHttp(device, (_request, connection) => { connection.write(ok('fast')) })
  const serve = device.serve
  device.serve = (connection, data) => {
    first ??= connection.id
    if (connection.id === first) return
    device.confirm(connection.id)
    serve(connection, data)
  }
  const socket = net.connect(bed.port, '127.0.0.1')
  socket.on('error', () => {})
  t.teardown(() => socket.destroy())
  socket.write(`PUT /i/passthrough/d/${SESSION_KEY}/x HTTP/1.1\r\nHost: x\r\nContent-Length: ${100 * MB}\r\n\r\n`)
  let written = 0
  void (async () => {
    const piece = Buffer.alloc(64 * 1024)
    for (; written < 100 * MB; written += piece.length) if (!socket.write(piece)) await once(socket, 'drain')
  })().catch(() => {})
  let rounds = 0
  for (let before = -1; before !== written || rounds < 30; rounds++) {
    before = written
    t.equal((await bed.get(`${bed.prefix('d')}/${rounds}`)).text, 'fast')
  }
  t.ok(written < 30 * MB, `the uploader has to wait after ${written} bytes`)
  t.equal(device.connections.get(first ?? 0)?.receivedBytes, 8192, 'one SEND and no more')
  t.equal((await bed.get(`${bed.prefix('d')}/another`)).text, 'fast')
})

t.test('a device that goes away', async t => {
  const bed = await startBed()
  t.teardown(() => bed.stop())
  const device = await bed.device('d')
  serveHttp(device, ({ target }, connection) => { if (target === '/half') connection.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf') })
  const half = bed.get(`${bed.prefix('d')}/half`)
  const none = bed.get(`${bed.prefix('d')}/none`)
  while (device.connections.size < 2 || [...device.connections.values()].some(connection => connection.waiting.length > 0)) await once(device.socket, 'message')
  // The half answer must be on its way to the browser before the device goes.
  await bed.get(`${bed.prefix('nobody')}/`)
  device.socket.terminate()
  t.equal((await none).status, 502, 'nothing was delivered: an answer')
  t.match(await half, { status: 200, text: 'half', complete: false }, 'something was delivered: it breaks off')
  t.equal(bed.passthrough.stats.tunnels, 0)
  t.equal((await bed.get(`${bed.prefix('d')}/`)).status, 503)
})

t.test('the session ends, the tunnel is closed, the browser leaves', async t => {
  const bed = await startBed()
  t.teardown(() => bed.stop())
  const device = await bed.device('d')
  device.serve = () => {}
  const arrives = async (count: number): Promise<void> => { while (device.connections.size < count) await once(device.socket, 'message') }
  const first = bed.get(`${bed.prefix('d')}/a`)
  await arrives(1)
  bed.owner.endDevice('d')
  t.equal((await first).status, 403)
  const second = bed.get(`${bed.prefix('d')}/b`)
  await arrives(1)
  bed.owner.end()
  t.equal((await second).status, 403)
  const shut = new Promise<void>(resolve => { device.onShutdown = () => resolve() })
  const request = http.get(`${bed.url}${bed.prefix('d')}/c`)
  request.on('error', () => {})
  await arrives(1)
  request.destroy()
  await shut
  t.equal(bed.passthrough.stats.tunnels, 0)
})

t.test('an answer before the whole request was sent', async t => {
  const bed = await startBed()
  t.teardown(() => bed.stop())
  const device = await bed.device('d')
  device.serve = connection => { if (connection.sends.length === 1) connection.write(ok('no', '', '413 Too Large')) }
  const socket = net.connect(bed.port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.write(`PUT /i/passthrough/d/${SESSION_KEY}/x HTTP/1.1\r\nHost: x\r\nContent-Length: ${MB}\r\n\r\n`)
  socket.write(Buffer.alloc(20_000))
  const [data] = await once(socket, 'data') as [Buffer]
  t.match(data.toString(), /^HTTP\/1.1 413/)
  t.same(device.complaints, [])
})
