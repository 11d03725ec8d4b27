/** HTTP through the tunnel, over real sockets (wire-protocols 4.2). */
import { once } from 'node:events'
import t from 'tap'
import { startBed } from './bed.ts'
import { ok, serveHttp, type InnerHttp } from './tunnel-device.ts'

t.test('requests as a device gets them', async t => {
  const bed = await startBed()
  t.teardown(() => bed.stop())
  const device = await bed.device('009033000001')
  const requests: InnerHttp[] = []
  serveHttp(device, (request, connection) => {
    requests.push(request)
    connection.write(ok(request.body))
  })
  const prefix = bed.prefix('009033000001')

  const first = await bed.get(`${prefix}/!config%20write?a=%2F&b=ä%20`.replace('ä', '%e4'), { headers: { Accept: '*/*', Cookie: 'platform=1', Connection: 'keep-alive, x-hop', 'X-Hop': '1', 'X-Keep': 'yes', Te: 'trailers', Authorization: 'Basic abc' } })
  t.equal(first.status, 200)
  t.equal(requests[0]?.target, '/!config%20write?a=%2F&b=%e4%20', 'path and query verbatim')
  t.equal(requests[0]?.headers.get('host'), `127.0.0.1:${bed.port}`)
  t.equal(requests[0]?.headers.get('connection'), 'close')
  t.equal(requests[0]?.headers.get('x-keep'), 'yes')
  t.equal(requests[0]?.headers.get('authorization'), 'Basic abc', 'a program may log in')
  for (const name of ['cookie', 'x-hop', 'te']) t.notOk(requests[0]?.headers.has(name), name)

  for (const method of ['PUT', 'DELETE', 'PATCH', 'PROPFIND']) {
    const body = `${method} body`
    const answer = await bed.get(`${prefix}/x`, { method, body, headers: { 'Content-Length': String(body.length) } })
    t.equal(answer.text, body)
    t.equal(requests.at(-1)?.method, method)
  }
  const small = await bed.get(`${prefix}/small`, { method: 'POST', body: 'x'.repeat(5000), headers: { 'Content-Length': '5000' } })
  t.equal(small.body.length, 5000)
  t.same(device.complaints, [])

  await t.test('a small body travels in one SEND with its head, a chunked one gets its length', async t => {
    const sends = new Promise<number>(resolve => { device.onShutdown = connection => resolve(connection?.sends.length ?? 0) })
    await bed.get(`${prefix}/form`, { method: 'POST', body: 'a=1', headers: { 'Content-Length': '3' } })
    t.equal(await sends, 1)
    await bed.get(`${prefix}/form`, { method: 'POST', body: 'a=1', headers: { 'Transfer-Encoding': 'chunked' } })
    t.equal(requests.at(-1)?.body.toString(), 'a=1')
    const large = Buffer.alloc(100_000, 7)
    const answer = await bed.get(`${prefix}/form`, { method: 'POST', body: large, headers: { 'Transfer-Encoding': 'chunked' } })
    t.ok(answer.body.equals(large), 'a large chunked body arrives whole')
    t.same(device.complaints, [])
  })

  await t.test('the first address without its slash', async t => {
    const answer = await bed.get(`${prefix}?x=1`)
    t.equal(answer.status, 308)
    t.equal(answer.headers.location, `${prefix}/?x=1`)
  })
  t.equal(bed.passthrough.stats.tunnels, 0)
  t.equal(bed.owner.watching, 0, 'nothing is kept for a session without requests')
})

t.test('the end of an answer', async t => {
  const bed = await startBed()
  t.teardown(() => bed.stop())
  const device = await bed.device('d')
  const prefix = bed.prefix('d')
  const answers: Record<string, (write: (text: string) => void, end: () => void) => void> = {
    '/length': write => write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'),
    '/extra': write => write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloEXTRA'),
    '/split': write => { for (const sign of 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello') write(sign) },
    '/lf': write => write('HTTP/1.0 200\nServer:tiny\nContent-Length :  5 \n\nhello'),
    '/chunked': write => write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nTrailer: 1\r\n\r\n'),
    '/close': (write, end) => { write('HTTP/1.0 200 OK\r\n\r\nhello'); end() },
    '/interim': write => write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'),
    '/none': write => write('HTTP/1.1 204 No Content\r\n\r\n'),
    '/304': write => write('HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\nETag: "1"\r\n\r\n'),
    '/empty': write => write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
    '/fold': write => write('HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 5\r\n\r\nhello'),
    '/twice': write => write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello'),
    '/both': write => write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
    '/garbage': write => write('\u0000\u0001\u0002 what is this\r\n\r\n'),
    '/switch': write => write('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
    '/endless': write => { for (let n = 0; n < 70; n++) write(`${n === 0 ? 'HTTP/1.1 200 OK\r\n' : ''}X-${n}: ${'x'.repeat(1000)}\r\n`) },
    '/nothing': (_write, end) => end(),
    '/short': (write, end) => { write('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello'); end() },
    '/badchunk': write => write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloXXXXX'),
  }
  serveHttp(device, ({ target }, connection) => answers[target]?.(text => connection.write(text), () => connection.end()))
  for (const path of ['/length', '/extra', '/split', '/lf', '/chunked', '/close', '/interim']) {
    const answer = await bed.get(prefix + path)
    t.same([path, answer.status, answer.text, answer.complete], [path, 200, 'hello', true])
  }
  t.equal((await bed.get(`${prefix}/length`)).headers['content-length'], '5', 'a known length is told')
  t.same((await bed.get(`${prefix}/none`)).status, 204)
  t.match(await bed.get(`${prefix}/304`), { status: 304, text: '', headers: { etag: '"1"' } })
  t.match(await bed.get(`${prefix}/empty`), { status: 200, text: '' })
  const head = await bed.get(`${prefix}/length`, { method: 'HEAD' })
  t.match(head, { status: 200, text: '', headers: { 'content-length': '5' } })
  for (const path of ['/fold', '/twice', '/both', '/garbage', '/switch', '/endless', '/nothing']) {
    t.same([path, (await bed.get(prefix + path)).status], [path, 502])
  }
  for (const path of ['/short', '/badchunk']) t.same([path, (await bed.get(prefix + path)).complete], [path, false], 'an answer that breaks off is seen as such')
  t.same(device.complaints, [])
  t.equal(bed.passthrough.stats.tunnels, 0)
  t.ok(bed.logged.length > 0 && !bed.logged.some(line => line.includes('session-key')), 'logged, without the key')
})

t.test('a device that is silent when it has nothing left (public client) is never waited for', async t => {
  const bed = await startBed()
  t.teardown(() => bed.stop())
  const device = await bed.device('d')
  device.confirmsShutdown = false
  const body = Buffer.alloc(50_000, 'log line\n')
  let recvs = 0
  serveHttp(device, (_request, connection) => {
    connection.write(ok(body))
    connection.onTaken = () => { recvs++ }
  })
  for (let n = 1; n <= 100; n++) {
    const answer = await bed.get(`${bed.prefix('d')}/log.txt`)
    if (!answer.body.equals(body)) t.fail('not the same bytes')
  }
  t.equal(recvs, 100 * 7, 'chunks of 8000 bytes, and no RECV without an answer')
  t.same(device.seen, Array.from({ length: 100 }, (_, n) => n + 1), 'ids count up, although no SHUTDOWN was confirmed')
  t.same(device.complaints, [])
})

t.test('refusals', async t => {
  const bed = await startBed({ tunnelsPerDevice: 2 })
  t.teardown(() => bed.stop())
  const device = await bed.device('d')
  const human = { Accept: 'text/html,application/xhtml+xml', 'User-Agent': 'Mozilla/5.0' }
  for (const [path, status] of [[bed.prefix('d', 'wrong'), 403], [bed.prefix('nobody'), 404], [bed.prefix('away'), 503]] as const) {
    const plain = await bed.get(`${path}/`)
    t.equal(plain.status, status)
    t.match(plain.headers['content-type'], 'text/plain')
    const page = await bed.get(`${path}/`, { headers: human })
    t.equal(page.status, status)
    t.match(page.headers, { 'content-type': /text\/html/, 'content-security-policy': /sandbox/, 'referrer-policy': 'no-referrer' })
    t.match(page.text, /<h1>.+<\/h1>\n<p>.+<\/p>\n<p>.+<\/p>/)
    t.notMatch(page.text + plain.text, /session-key|wrong|style|script/)
  }
  const waiting = [bed.get(`${bed.prefix('d')}/a`), bed.get(`${bed.prefix('d')}/b`)]
  while (device.connections.size < 2) await once(device.socket, 'message')
  const busy = await bed.get(`${bed.prefix('d')}/c`)
  t.equal(busy.status, 503)
  t.ok(busy.headers['retry-after'])
  for (const connection of device.connections.values()) connection.write(ok('late'))
  t.same((await Promise.all(waiting)).map(answer => answer.text), ['late', 'late'])
})
