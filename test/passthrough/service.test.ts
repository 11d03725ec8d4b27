/** Tunnels through the executable: real sockets on both sides, and a process whose memory is looked at. */
import crypto from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import t from 'tap'
import { ask } from './bed.ts'
import { startServiceBed } from './service-bed.ts'
import { pour, Stream } from './stream.ts'
import { ok, serveHttp, type WebConnection } from './tunnel-device.ts'

const MB = 1024 * 1024


t.test('a redirect to an address of the device itself stays in the tunnel', async t => {
  const bed = await startServiceBed(1)
  t.teardown(() => bed.stop())
  const device = await bed.device(0, { ethIfs: [{ if: 'ETH0', ipv4: '172.16.14.35' }, { if: 'ETH1', ipv6: 'fe80::290:33ff:fe41:80be' }] })
  serveHttp(device, ({ target }, connection) => connection.write(ok('', `Location: ${decodeURIComponent(target.slice(2))}\r\n`, '302 Found')))
  const prefix = bed.prefix(0)
  for (const [location, expected] of [
    ['http://172.16.14.35/admin.xml', `${prefix}/admin.xml`], ['https://[fe80::290:33ff:fe41:80be]:443/a?b', `${prefix}/a?b`], ['/login', `${prefix}/login`],
    ['http://172.16.14.36/admin.xml', 'http://172.16.14.36/admin.xml'], ['https://example.org/', 'https://example.org/'],
  ] as const) t.equal((await ask(bed.port, `${prefix}/?${encodeURIComponent(location)}`)).headers.location, expected, location)
  t.same(device.complaints, [])
})

t.test('100 MB in both directions, 50 tunnels at once, one of them with a reader that does not read', async t => {
  const bed = await startServiceBed(1)
  t.teardown(() => bed.stop())
  const device = await bed.device(0)
  const SMALL = 512 * 1024
  const down = new Stream(100 * MB)
  const up = new Stream(100 * MB)
  const arrived = crypto.createHash('sha256')
  let arrivedBytes = 0
  let stuckTaken = 0
  let stuck: WebConnection | undefined
  const lengths = new WeakMap<WebConnection, number>()
  const head = (size: number): string => `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`
  device.serve = (connection, data) => {
    const begins = connection.sends.length === 1
    const [, target = ''] = begins ? data.toString('latin1', 0, 100).split(' ') : []
    const body = begins ? data.subarray(data.indexOf('\r\n\r\n') + 4) : data
    connection.received = []
    if (target === '/down') {
      connection.write(head(down.left))
      pour(down, connection)
    } else if (target === '/stuck') {
      const stream = new Stream(100 * MB)
      stuck = connection
      connection.write(head(stream.left))
      pour(stream, connection)
      const poured = connection.onTaken
      connection.onTaken = () => {
        poured?.()
        stuckTaken = 100 * MB - stream.left - connection.waitingBytes
      }
    } else if (target === '/echo') {
      lengths.set(connection, SMALL)
      connection.write(head(SMALL))
      connection.write(Buffer.from(body))
    } else if (lengths.has(connection)) connection.write(Buffer.from(body))
    else {
      arrivedBytes += body.length
      arrived.update(body)
      if (arrivedBytes === 100 * MB) connection.write(ok('thanks'))
    }
  }
  const path = (name: string): string => `${bed.prefix(0)}/${name}`
  t.equal((await ask(bed.port, path('echo'), { method: 'POST', body: new Stream(SMALL).take(SMALL) })).body.length, SMALL, 'warm')
  const before = bed.rss()
  let most = before
  const look = (): void => { most = Math.max(most, bed.rss()) }

  const socket = net.connect(bed.port, '127.0.0.1')
  socket.on('error', () => {})
  t.teardown(() => socket.destroy())
  socket.pause()
  socket.write(`GET ${path('stuck')} HTTP/1.1\r\nHost: x\r\n\r\n`)
  const upload = ask(bed.port, path('up'), {
    method: 'PUT', headers: { 'Content-Length': String(100 * MB) },
    body: (async function * () {
      for (; up.left > 0; look()) yield up.take(256_000)
    })(),
  })
  const expected = new Stream(SMALL).take(SMALL)
  const echoes = Promise.all(Array.from({ length: 47 }, () => ask(bed.port, path('echo'), { method: 'POST', body: expected })))
  const hash = crypto.createHash('sha256')
  let got = 0
  const [response] = await once(http.get({ port: bed.port, host: '127.0.0.1', path: path('down'), agent: false }), 'response') as [http.IncomingMessage]
  for await (const part of response) {
    got += (part as Buffer).length
    hash.update(part as Buffer)
    look()
  }
  t.equal(got, 100 * MB)
  t.equal(hash.digest('hex'), down.hash.digest('hex'), '100 MB from the device')
  t.equal((await upload).text, 'thanks')
  t.equal(arrived.digest('hex'), up.hash.digest('hex'), '100 MB into the device')
  t.ok((await echoes).every(answer => answer.complete && answer.body.equals(expected)), '47 others, both ways')
  while (stuck?.wanted.length !== 0) await once(device.plain.socket, 'message')
  t.ok(stuckTaken > 0 && stuckTaken < 20 * MB, `the stuck one stopped being asked for after ${stuckTaken} bytes`)
  look()
  t.ok(most - before < 160 * MB, `the service grew by ${((most - before) / MB).toFixed(0)} MB while more than 300 MB went through or waited`)
  t.same(device.complaints, [])
  socket.destroy()
  t.equal((await ask(bed.port, path('echo'), { method: 'POST', body: expected })).body.length, SMALL)
})
