/** Requests that the service makes of devices itself: framings, bounds, failures (wire-protocols 2.11; RFC 9112). */
import fc from 'fast-check'
import t from 'tap'
import type { DeviceChannel, TunnelEnds } from '../../app/passthrough/channel.ts'
import { createPassthrough } from '../../app/passthrough/passthrough.ts'
import { ok, serveHttp, TunnelDevice, type InnerHttp, type WebConnection } from './tunnel-device.ts'

/** A device and the service in one process, without a socket between them. */
function bed(handle: (request: InnerHttp, connection: WebConnection) => void, chunk?: number) {
  const passthrough = createPassthrough({
    access: { reach: () => ({ status: 404, text: '' }) }, clock: { now: Date.now }, log: () => {}, count: () => {},
  })
  const device = new TunnelDevice(frame => setImmediate(() => { channel.tunnels?.frame(frame.readUInt32BE(1), frame.readUInt32BE(5), frame.subarray(9)) }), chunk === undefined ? {} : { chunk })
  let tunnels: TunnelEnds | undefined
  const channel: DeviceChannel = {
    hwId: 'phone', buffered: 0, cork: callback => callback(),
    get tunnels() { return tunnels },
    set tunnels(ends) { tunnels = ends },
    sendFrame: frame => {
      const kept = Buffer.from(frame)
      setImmediate(() => device.receive(kept))
      return 'sent'
    },
  }
  serveHttp(device, handle)
  return { device, channel, passthrough, http: passthrough.http(hwId => hwId === 'phone' ? channel : undefined) }
}

t.test('one request: what the device gets, what comes back', async t => {
  let head = ''
  const { http, device } = bed((request, connection) => {
    head = request.head
    connection.write(ok('config change CMD0 /name x\r\n'))
  })
  const answer = await http.get('phone', '/cfg.txt?a=1')
  t.match(answer, { status: 200 })
  t.equal(answer.body.toString(), 'config change CMD0 /name x\r\n')
  t.same(answer.headers.find(([name]) => name === 'content-type'), ['content-type', 'text/plain'])
  t.equal(head.split('\r\n')[0], 'GET /cfg.txt?a=1 HTTP/1.1')
  t.match(head, /\r\nConnection: close/)
  t.same(device.complaints, [])
})

t.test('every framing, whatever the pieces', async t => {
  await t.resolves(fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), fc.constantFrom('length', 'chunks', 'close', 'shutdown'), fc.integer({ min: 1, max: 900 }), fc.boolean(), async (body, framing, chunk, hint) => {
    const { http, device } = bed((_, connection) => {
      if (hint) connection.write('HTTP/1.1 100 Continue\r\n\r\n')
      if (framing === 'length') return connection.write(ok(body))
      connection.write(`HTTP/1.1 200 OK\r\n${framing === 'chunks' ? 'Transfer-Encoding: chunked\r\n' : ''}\r\n`)
      if (framing === 'chunks') {
        if (body.length > 0) {
          connection.write(`${body.length.toString(16)}\r\n`)
          connection.write(body)
          connection.write('\r\n')
        }
        return connection.write('0\r\n\r\n')
      }
      connection.write(body)
      connection.end()
    }, chunk)
    const answer = await http.get('phone', '/')
    return answer.status === 200 && Buffer.compare(answer.body, Buffer.from(body)) === 0 && device.complaints.length === 0
  }), { numRuns: 60, seed: 11 }))
})

t.test('failures have a code each, and leave no session behind', async t => {
  const cases: readonly [code: string, handle: (request: InnerHttp, connection: WebConnection) => void, options?: object][] = [
    ['protocol', (_, connection) => connection.write('this is no HTTP\r\n\r\n')],
    ['protocol', (_, connection) => { connection.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort'); connection.end() }],
    ['protocol', (_, connection) => connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n')],
    ['too-long', (_, connection) => connection.write(ok('x'.repeat(2000))), { most: 1999 }],
    ['too-long', (_, connection) => connection.write(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(2000)}`), { most: 1999 }],
    ['silent', () => {}, { within: 30 }],
  ]
  for (const [code, handle, options] of cases) {
    const { http, device, passthrough } = bed(handle)
    await t.rejects(http.get('phone', '/x', options), { code }, code)
    t.equal(passthrough.stats.tunnels, 0)
    while (device.connections.size > 0) await new Promise(resolve => setImmediate(resolve))
  }
  const { http, channel } = bed(() => {})
  await t.rejects(http.get('another', '/'), { code: 'gone' })
  await t.rejects(http.get('phone', '/with blank'), { code: 'protocol' }, 'never half a request line')
  await t.rejects(http.get('phone', '/x HTTP/1.1\r\nHost: y'), { code: 'protocol' })
  const pending = http.get('phone', '/')
  await new Promise(resolve => setImmediate(resolve))
  channel.tunnels?.closed()
  await t.rejects(pending, { code: 'gone' })
})

t.test('exactly as long as allowed is not too long; no body is an answer', async t => {
  const { http } = bed((request, connection) => connection.write(request.target === '/none' ? 'HTTP/1.1 204 No Content\r\n\r\n' : ok('x'.repeat(100))))
  t.equal((await http.get('phone', '/', { most: 100 })).body.length, 100)
  t.match(await http.get('phone', '/none'), { status: 204 })
})
