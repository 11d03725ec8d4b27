/**
 * What every host must do, as one table (architecture, invariant 1). A harness starts the host with a router; each case is run
 * against it with real sockets.
 */
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import type { Test } from 'tap'
import WebSocket from 'ws'
import { accept, type Exchange, type Peer, type PeerHandler, type Router } from '../../app/hosts/exchange.ts'

export interface Running { readonly url: string, readonly port: number, stop(): Promise<void> }
/** What a host's protocol allows. A difference is a fact of the protocol behind the host, named here with its reason. */
export interface Capabilities {
  /** Others have no message of their own at the webserver of an App Platform. */
  readonly methods: readonly string[]
  /** False: repeated header fields arrive joined by a comma, as the webserver passes them on. */
  readonly repeatedHeaders: boolean
  /** False: the webserver has only a reason of its own for the end of a websocket; the client sees any code. */
  readonly closeCodes: boolean
  /** False: a websocket is accepted without a word on sub-protocols. */
  readonly subProtocols: boolean
  /** What a refused upgrade looks like: its status, and whether header fields go with it. */
  readonly refused403: { readonly status: number, readonly headers: boolean }
  /** False: pings and half-open clients are matters of the webserver. */
  readonly pings: boolean
  /** Longest message to a websocket, bytes. */
  readonly largestMessage: number
}
export const ALL_METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND', 'MKCOL']
export interface Harness { readonly can: Capabilities, start(router: Partial<Router>, bounds?: Record<string, number>): Promise<Running> }
export interface Case { readonly name: string, run(t: Test, harness: Harness): Promise<void> }

const PLAIN: readonly (readonly [string, string])[] = [['content-type', 'text/plain']]

interface Answer { status: number, headers: http.IncomingHttpHeaders, body: Buffer }

export async function ask(url: string, options: http.RequestOptions & { body?: Buffer | string } = {}): Promise<Answer> {
  const request = http.request(url, { agent: false, ...options })
  request.end(options.body)
  const [response] = await once(request, 'response') as [http.IncomingMessage]
  const parts: Buffer[] = []
  for await (const part of response) parts.push(part as Buffer)
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }
}

/** Answers with the body it received, as it comes. */
const echo = (exchange: Exchange): void => {
  exchange.start(200, PLAIN, exchange.bodyLength)
  exchange.onDrain(() => exchange.resumeBody())
  exchange.readBody((chunk, last) => {
    if (exchange.finished) return
    if (!exchange.write(chunk)) exchange.pauseBody()
    if (last) exchange.end()
  })
}

/** One raw conversation: sends, waits for the end of the connection, gives all that came. */
async function raw(port: number, text: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(text)
  let all = ''
  socket.on('data', chunk => { all += chunk.toString('latin1') })
  await once(socket, 'close')
  return all
}

const echoPeers = (events: string[]): PeerHandler<string> => ({
  opened: peer => { events.push(`open ${peer.context}`) },
  message: (peer, data) => { peer.send(typeof data === 'string' ? data : data.slice()) },
  closed: (peer, code) => { events.push(`closed ${peer.context} ${code}`) },
})

const upgradeAll = (handler: PeerHandler<string>, maxMessage = 1000): Partial<Router> =>
  ({ upgrade: request => accept(handler, request.path, { maxMessage }) })

async function open(url: string, protocols: string[] = []): Promise<WebSocket> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), protocols, { perMessageDeflate: false, rejectUnauthorized: false })
  socket.on('error', () => {})
  await once(socket, 'open')
  return socket
}
const message = async (socket: WebSocket): Promise<{ data: Buffer, binary: boolean }> => {
  const [data, binary] = await once(socket, 'message') as [Buffer, boolean]
  return { data, binary }
}
const until = async (condition: () => boolean): Promise<void> => { while (!condition()) await new Promise(resolve => setTimeout(resolve, 5)) }

export const CASES: readonly Case[] = [
  {
    name: 'method, path and query verbatim; header fields in order, with repeats',
    run: async (t, harness) => {
      const seen: { method: string, path: string, query: string, headers: unknown }[] = []
      const host = await harness.start({ request: exchange => {
        seen.push({ method: exchange.method, path: exchange.path, query: exchange.query, headers: exchange.headers })
        exchange.respond(200, PLAIN, 'ok')
      } })
      for (const method of harness.can.methods) {
        t.equal((await ask(`${host.url}/a`, { method })).status, 200, method)
      }
      t.same(seen.map(({ method }) => method), harness.can.methods)
      await raw(host.port, 'GET /!config%20write/%2e%2E//x?a=%2F&b=c+d?e HTTP/1.1\r\nHost: h\r\nX-B: 1\r\nx-a: 2\r\nX-B: 3\r\nConnection: close\r\n\r\n')
      t.match(seen.at(-1), { path: '/!config%20write/%2e%2E//x', query: 'a=%2F&b=c+d?e' })
      t.same(seen.at(-1)?.headers, harness.can.repeatedHeaders ? [['host', 'h'], ['x-b', '1'], ['x-a', '2'], ['x-b', '3'], ['connection', 'close']]
        : [['host', 'h'], ['x-b', '1, 3'], ['x-a', '2'], ['connection', 'close']])
      await host.stop()
    },
  },
  {
    name: 'bodies of any size both ways, with a length and chunked, byte for byte',
    run: async (t, harness) => {
      const host = await harness.start({ request: echo })
      for (const size of [0, 1, 65_535, 1_000_000, 20_000_000]) {
        const body = Buffer.alloc(size, 'abcdefghijk')
        const known = await ask(host.url, { method: 'POST', body, headers: { 'content-length': size } })
        t.equal(Buffer.compare(known.body, body), 0, `${size} bytes`)
        t.equal(known.headers['content-length'], String(size))
        const chunked = await ask(host.url, { method: 'POST', body, headers: { 'transfer-encoding': 'chunked' } })
        t.equal(Buffer.compare(chunked.body, body), 0, `${size} bytes, chunked`)
        if (size > 0) t.equal(chunked.headers['transfer-encoding'], 'chunked')
      }
      await host.stop()
    },
  },
  {
    name: 'HEAD, 204 and 304 have no body',
    run: async (t, harness) => {
      const host = await harness.start({ request: exchange => exchange.respond(Number(exchange.path.slice(1)), PLAIN, 'body') })
      const head = await ask(`${host.url}/200`, { method: 'HEAD' })
      t.equal(head.headers['content-length'], '4')
      t.equal(head.body.length, 0)
      for (const status of [204, 304]) t.match(await ask(`${host.url}/${status}`), { status, body: Buffer.alloc(0) })
      t.equal((await ask(`${host.url}/200`)).body.toString(), 'body')
      await host.stop()
    },
  },
  {
    name: 'a slow reader holds back the writer and nobody else',
    run: async (t, harness) => {
      let written = 0
      let full = false
      const piece = Buffer.alloc(64 * 1024, 1)
      const host = await harness.start({ request: exchange => {
        if (exchange.path === '/quick') return exchange.respond(200, PLAIN, 'quick')
        exchange.start(200, PLAIN)
        const more = (): void => {
          full = false
          while (written < 64 * 1024 * 1024 && !exchange.finished) {
            written += piece.length
            if (!exchange.write(piece)) { full = true; return }
          }
          exchange.end()
        }
        exchange.onDrain(more)
        more()
      } })
      const request = http.get(`${host.url}/slow`, { agent: false })
      const [response] = await once(request, 'response') as [http.IncomingMessage]
      response.pause()
      await until(() => full)
      t.ok(written < 32 * 1024 * 1024, 'held back')
      t.equal((await ask(`${host.url}/quick`)).body.toString(), 'quick')
      let got = 0
      for await (const part of response) got += (part as Buffer).length
      t.equal(got, 64 * 1024 * 1024, 'and all of it in the end')
      await host.stop()
    },
  },
  {
    name: 'a paused body is not read',
    run: async (t, harness) => {
      let got = 0
      let held: Exchange | undefined
      const host = await harness.start({ request: exchange => {
        held = exchange
        exchange.readBody((chunk, last) => {
          got += chunk.length
          if (got < 1024 * 1024) exchange.pauseBody()
          if (last) exchange.respond(200, PLAIN, String(got))
        })
      } })
      const body = Buffer.alloc(30_000_000)
      const answer = ask(host.url, { method: 'PUT', body })
      await until(() => got > 0)
      await new Promise(resolve => setTimeout(resolve, 100))
      t.ok(got < 25_000_000, `held back at ${got}`)
      const pump = setInterval(() => held?.resumeBody(), 1)
      t.equal((await answer).body.toString(), '30000000')
      clearInterval(pump)
      await host.stop()
    },
  },
  {
    name: 'aborts on either side',
    run: async (t, harness) => {
      let aborted = 0
      const host = await harness.start({ request: exchange => {
        if (exchange.path === '/ours') {
          exchange.start(200, PLAIN, 100)
          exchange.write('part')
          setImmediate(() => exchange.abort())
          return
        }
        exchange.onAborted(() => { aborted++ })
        exchange.start(200, PLAIN)
        exchange.write('begin')
      } })
      await t.rejects(ask(`${host.url}/ours`), 'the client sees that it is incomplete')
      const request = http.get(host.url, { agent: false })
      request.on('error', () => {})
      const [response] = await once(request, 'response') as [http.IncomingMessage]
      response.on('error', () => {})
      request.destroy()
      await until(() => aborted === 1)
      t.equal(aborted, 1)
      await host.stop()
    },
  },
  {
    name: 'the client leaves during an upload: told once, in every phase of the answer',
    run: async (t, harness) => {
      const told: string[] = []
      const data: string[] = []
      const host = await harness.start({ request: exchange => {
        const { path } = exchange
        exchange.onAborted(() => { told.push(`${path} ${exchange.finished ? 'finished' : 'open'}`) })
        exchange.readBody((_, last) => {
          if (last) data.push(`${path} complete`)
          // The end of a client may be behind what is not read yet: it is seen when reading goes on.
          if (path === '/paused' && !last) {
            exchange.pauseBody()
            setTimeout(() => exchange.resumeBody(), 100)
          }
          if (path === '/answered' && !exchange.finished) exchange.respond(200, PLAIN, 'enough')
        })
        if (path === '/started') exchange.start(200, PLAIN)
      } })
      for (const [path, framing] of [['/reading', { 'content-length': 1_000_000 }], ['/chunked', { 'transfer-encoding': 'chunked' }], ['/paused', { 'content-length': 1_000_000 }], ['/started', { 'content-length': 1_000_000 }]] as const) {
        const request = http.request(`${host.url}${path}`, { method: 'PUT', agent: false, headers: framing })
        request.on('error', () => {})
        request.write(Buffer.alloc(20_000))
        await new Promise(resolve => setTimeout(resolve, 50))
        request.destroy()
        await until(() => told.length > 0)
        await new Promise(resolve => setTimeout(resolve, 20))
        t.same(told.splice(0), [`${path} finished`])
      }
      const answered = http.request(`${host.url}/answered`, { method: 'PUT', agent: false, headers: { 'content-length': 1_000_000 } })
      answered.on('error', () => {})
      answered.write(Buffer.alloc(20_000))
      const [response] = await once(answered, 'response') as [http.IncomingMessage]
      response.on('error', () => {})
      response.resume()
      answered.destroy()
      await new Promise(resolve => setTimeout(resolve, 50))
      t.same(told, [], 'the response had ended before')
      t.same(data, [], 'and no body was taken for a complete one')
      await host.stop()
    },
  },
  {
    name: 'one large chunked write reaches a slow reader completely',
    run: async (t, harness) => {
      const host = await harness.start({ request: exchange => {
        exchange.start(200, PLAIN)
        exchange.onDrain(() => exchange.end())
        if (exchange.write(Buffer.alloc(20_000_000, 7))) exchange.end()
      } })
      const request = http.get(host.url, { agent: false })
      const [response] = await once(request, 'response') as [http.IncomingMessage]
      response.pause()
      await new Promise(resolve => setTimeout(resolve, 200))
      let got = 0
      for await (const part of response) got += (part as Buffer).length
      t.equal(got, 20_000_000)
      await host.stop()
    },
  },
  {
    name: 'a body that is not wanted now stays in the socket, also while the response waits',
    run: async (t, harness) => {
      let read = 0
      const host = await harness.start({ request: exchange => {
        exchange.start(200, PLAIN)
        exchange.readBody(chunk => { read += chunk.length })
        exchange.pauseBody()
        exchange.write(Buffer.alloc(20_000_000))
      } })
      const socket = net.connect(host.port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 300000000\r\n\r\n')
      for (let n = 0; n < 400; n++) socket.write(Buffer.alloc(65_536))
      await new Promise(resolve => setTimeout(resolve, 700))
      t.ok(read < 2_000_000, `${read} bytes read`)
      socket.destroy()
      await host.stop()
    },
  },
  {
    name: 'a mistake of the handler is answered, and others go on',
    run: async (t, harness) => {
      const host = await harness.start({
        request: exchange => {
          if (exchange.path === '/now') throw new Error('now')
          if (exchange.path === '/late') return exchange.readBody(() => { throw new Error('late') })
          exchange.respond(200, PLAIN, 'fine')
        },
        ...upgradeAll({ message: () => { throw new Error('in a message') } }),
      })
      t.equal((await ask(`${host.url}/now`)).status, 500)
      t.equal((await ask(`${host.url}/late`, { method: 'POST', body: 'x' })).status, 500)
      const socket = await open(host.url)
      socket.send('x')
      const [code] = await once(socket, 'close') as [number]
      if (harness.can.closeCodes) t.equal(code, 1011)
      t.equal((await ask(host.url)).body.toString(), 'fine')
      await host.stop()
    },
  },
  {
    name: 'header values cannot forge header lines; lengths cannot contradict each other',
    run: async (t, harness) => {
      const host = await harness.start({ request: exchange =>
        exchange.respond(200, [['content-length', '99'], ['transfer-encoding', 'chunked'], ['x-device', 'a\r\nset-cookie: forged=1'], ['x-good', 'yes']], 'ok') })
      const answer = await ask(host.url)
      t.equal(answer.body.toString(), 'ok')
      t.equal(answer.headers['content-length'], '2')
      t.equal(answer.headers['set-cookie'], undefined)
      t.equal(answer.headers['x-good'], 'yes')
      t.equal(answer.headers['uwebsockets'], undefined)
      t.match(await raw(host.port, 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\nConnection: close\r\n\r\nabcd'), /^HTTP\/1\.1 400/)
      const long = (n: number): string => `GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX: ${'y'.repeat(n)}\r\n\r\n`
      t.match(await raw(host.port, long(15_000)), /^HTTP\/1\.1 200/)
      t.match(await raw(host.port, long(20_000)), /^HTTP\/1\.1 431/)
      await host.stop()
    },
  },
  {
    name: 'closed() never runs inside the call that ends the websocket',
    run: async (t, harness) => {
      const order: string[] = []
      const host = await harness.start(upgradeAll({
        message: peer => {
          peer.end(1000, 'done')
          order.push('after end')
        },
        closed: () => { order.push('closed') },
      }))
      const socket = await open(host.url)
      socket.send('x')
      await once(socket, 'close')
      await until(() => order.length === 2)
      t.same(order, ['after end', 'closed'])
      await host.stop()
    },
  },
  {
    name: 'requests on one connection, one behind the other',
    run: async (t, harness) => {
      const host = await harness.start({ request: exchange => exchange.respond(200, PLAIN, exchange.path) })
      const all = await raw(host.port, 'GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\nGET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
      t.match(all, /\/1HTTP\/1\.1 200[^]*\/2HTTP\/1\.1 200[^]*\/3$/)
      await host.stop()
    },
  },
  {
    name: 'a malformed request harms nobody',
    run: async (t, harness) => {
      const host = await harness.start({ request: exchange => exchange.respond(200, PLAIN, 'ok') })
      for (const text of ['\r\n\r\n\r\n', 'NONSENSE\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', 'GET / HTTP/1.1\r\nHost h\r\n\r\n', `GET / HTTP/1.1\r\nHost: h\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`, 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n', '\x16\x03\x01\x02\x00\x01']) {
        const socket = net.connect(host.port, '127.0.0.1')
        socket.on('error', () => {})
        await once(socket, 'connect')
        const closed = new Promise(resolve => socket.once('close', resolve))
        socket.end(text)
        socket.resume()
        await closed
      }
      t.equal((await ask(host.url)).status, 200)
      await host.stop()
    },
  },
  {
    name: 'websockets: accepted, refused, decided later; sub-protocol',
    run: async (t, harness) => {
      const events: string[] = []
      const handler = echoPeers(events)
      const host = await harness.start({ upgrade: request => {
        if (request.path === '/no') return { status: 403, text: 'not you', headers: [['x-why', 'because']] }
        const yes = accept(handler, request.path, { maxMessage: 1000, protocol: request.header('sec-websocket-protocol') === undefined ? '' : 'b' })
        if (request.path !== '/later') return yes
        return { later: answer => { setTimeout(() => { if (!('later' in yes)) answer(yes) }, 20) } }
      } })
      const now = await open(`${host.url}/now?x=1`)
      now.send('text')
      t.match(await message(now), { data: Buffer.from('text'), binary: false })
      now.send('Büro 東京 😀')
      t.equal((await message(now)).data.toString(), 'Büro 東京 😀')
      now.send(Buffer.from([1, 2, 3]))
      t.match(await message(now), { data: Buffer.from([1, 2, 3]), binary: true })
      now.send('')
      t.match(await message(now), { data: Buffer.alloc(0) })
      const protocol = await open(`${host.url}/protocol`, harness.can.subProtocols ? ['a', 'b'] : [])
      t.equal(protocol.protocol, harness.can.subProtocols ? 'b' : '')
      const later = await open(`${host.url}/later`)
      later.send('x')
      t.equal((await message(later)).data.toString(), 'x')
      const refused = new WebSocket(`${host.url.replace(/^http/, 'ws')}/no`, { rejectUnauthorized: false })
      refused.on('error', () => {})
      const [, response] = await once(refused, 'unexpected-response') as [unknown, http.IncomingMessage]
      t.equal(response.statusCode, harness.can.refused403.status)
      t.equal(response.headers['x-why'], harness.can.refused403.headers ? 'because' : undefined)
      response.destroy()
      const impatient = new WebSocket(`${host.url.replace(/^http/, 'ws')}/later`, { rejectUnauthorized: false })
      impatient.on('error', () => {})
      await new Promise(resolve => setTimeout(resolve, 5))
      impatient.terminate()
      for (const socket of [now, protocol, later]) socket.close()
      await until(() => events.filter(event => event.startsWith('closed')).length >= 3)
      t.equal(new Set(events.filter(event => event.startsWith('closed'))).size, events.filter(event => event.startsWith('closed')).length, 'each closed once')
      await host.stop()
    },
  },
  {
    name: 'odd frames end their own websocket only',
    run: async (t, harness) => {
      const events: string[] = []
      const host = await harness.start(upgradeAll(echoPeers(events)))
      const good = await open(`${host.url}/good`)
      const large = await open(`${host.url}/large`)
      large.send(Buffer.alloc(1001))
      const [tooBig] = await once(large, 'close') as [number]
      if (harness.can.closeCodes) t.equal(tooBig, 1009)
      // A masked frame with a zero mask, sent by hand.
      const frame = (opcode: number, payload: Buffer): Buffer => Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload])
      for (const [name, bytes] of [['invalid UTF-8', frame(1, Buffer.from([0xff, 0xfe]))], ['close of one byte', frame(8, Buffer.from([3]))], ['close 1005', frame(8, Buffer.from([3, 0xed]))],
        ['close without payload', frame(8, Buffer.alloc(0))], ['reserved opcode', frame(5, Buffer.from('x'))]] as const) {
        const before = events.length
        const socket = net.connect(host.port, '127.0.0.1')
        socket.on('error', () => {})
        socket.write('GET /odd HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n')
        await once(socket, 'data')
        socket.write(bytes)
        await once(socket, 'close')
        await until(() => events.length >= before + 2)
        t.equal(events.slice(before).filter(event => event.startsWith('closed')).length, 1, name)
      }
      good.send('still here')
      t.equal((await message(good)).data.toString(), 'still here')
      good.close()
      await host.stop()
    },
  },
  {
    name: 'fragments are put together; ping and pong',
    run: async (t, harness) => {
      let pongs = 0
      let peer: Peer<string> | undefined
      const host = await harness.start(upgradeAll({ ...echoPeers([]), opened: opened => { peer = opened }, pong: () => { pongs++ } }))
      const socket = await open(host.url)
      socket.send('one ', { fin: false })
      socket.send('two', { fin: true })
      t.equal((await message(socket)).data.toString(), 'one two')
      socket.ping()
      await once(socket, 'pong')
      peer?.ping()
      await until(() => pongs === 1)
      socket.close()
      await until(() => peer?.open === false)
      t.equal(peer?.send('x'), 'closed')
      await host.stop()
    },
  },
  {
    name: 'a websocket that does not read: queued, then drained; closed at the bound',
    run: async (t, harness) => {
      let peer: Peer<string> | undefined
      let drained = 0
      const closed: string[] = []
      const host = await harness.start(upgradeAll({ opened: opened => { peer = opened }, message: () => {}, drained: () => { drained++ }, closed: () => { closed.push('x') } }))
      const socket = await open(host.url)
      await until(() => peer !== undefined)
      socket.pause()
      const piece = Buffer.alloc(Math.min(100_000, harness.can.largestMessage))
      let result: string | undefined = 'sent'
      while (result === 'sent') result = peer?.send(piece)
      t.equal(result, 'queued')
      t.ok((peer?.buffered ?? 0) > 0)
      socket.resume()
      await until(() => drained > 0)
      socket.pause()
      do result = peer?.send(piece)
      while (result === 'sent' || result === 'queued')
      t.equal(result, 'full')
      await until(() => closed.length > 0)
      socket.terminate()
      t.equal(closed.length, 1)
      await host.stop()
    },
  },
  {
    name: 'a half-open websocket is noticed',
    run: async (t, harness) => {
      if (!harness.can.pings) return void t.pass('the webserver looks after its clients')
      const events: string[] = []
      const host = await harness.start(upgradeAll(echoPeers(events)), { peerIdleSeconds: 8 })
      const socket = net.connect(host.port, '127.0.0.1')
      socket.write('GET /half HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n')
      socket.resume() // it reads, but never answers a ping
      await once(socket, 'close')
      await until(() => events.some(event => event.startsWith('closed')))
      t.equal(events.length, 2)
      await host.stop()
    },
  },
  {
    name: 'stop: answers what is open, closes websockets with 1001, takes nothing new',
    run: async (t, harness) => {
      let held: Exchange | undefined
      const host = await harness.start({ ...upgradeAll(echoPeers([])), request: exchange => { held = exchange } })
      const socket = await open(host.url)
      const answer = ask(host.url)
      await until(() => held !== undefined)
      const closed = once(socket, 'close')
      const stopped = host.stop()
      const [code] = await closed as [number]
      if (harness.can.closeCodes) t.equal(code, 1001)
      held?.respond(200, PLAIN, 'late but complete')
      t.equal((await answer).body.toString(), 'late but complete')
      await stopped
      await t.rejects(ask(host.url), 'nobody there')
    },
  },
]
