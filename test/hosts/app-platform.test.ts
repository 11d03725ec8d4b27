/** The host on an App Platform: the behaviour table through a fake webserver, and what only this host has. */
import { once } from 'node:events'
import http from 'node:http'
import path from 'node:path'
import t from 'tap'
import WebSocket from 'ws'
import { accept, type Router } from '../../app/hosts/exchange.ts'
import { startAppPlatform, type AppPlatformOptions } from '../../app/hosts/app-platform/host.ts'
import { temporaryFolder } from '../fixtures/service.ts'
import { startFakeWebserver, type FakeWebserver } from '../fake-platform/webserver.ts'
import { ALL_METHODS, ask, CASES, type Harness } from './behaviour.ts'

const log = (): void => {}
const whole = (router: Partial<Router>): Router => ({ request: exchange => exchange.respond(404, []), upgrade: () => ({ status: 404, text: 'no' }), ...router })

interface Bed { readonly webserver: FakeWebserver, readonly url: string, stop(): Promise<void> }
async function bed(router: Partial<Router>, options: Partial<AppPlatformOptions> & { version?: number, flags?: number } = {}): Promise<Bed> {
  const socketPath = path.join(temporaryFolder(), 'webserver')
  const webPath = options.webPath ?? '/example.com/inst1'
  const { version, flags } = options
  const webserver = await startFakeWebserver({ socketPath, ...(version === undefined ? {} : { version }), ...(flags === undefined ? {} : { flags }) })
  const host = startAppPlatform({ socketPath, webPath, router: whole(router), log, ...options, bounds: { drainOnStop: 500, ...options.bounds } })
  await webserver.registered(webPath || '/')
  return {
    webserver, url: `${webserver.url}${webPath}`,
    stop: async () => {
      await host.stop()
      await webserver.stop()
    },
  }
}

const harness: Harness = {
  can: {
    methods: ALL_METHODS.filter(method => method !== 'PATCH'), repeatedHeaders: false, closeCodes: false, subProtocols: false, refused403: { status: 402, headers: false }, pings: false,
    largestMessage: 65_535,
  },
  start: async (router, bounds = {}) => {
    const { webserver, stop } = await bed(router, { webPath: '', bounds })
    return {
      url: webserver.url, port: webserver.port,
      stop: async () => {
        await stop()
        t.same(webserver.violations, [], 'no rule of the protocol was broken')
      },
    }
  },
}

for (const { name, run } of CASES) t.test(name, test => run(test, harness))

t.test('the path of the instance and the query; redirects, ETag, ranges, compression', async t => {
  const seen: string[] = []
  const host = await bed({ request: exchange => {
    const { path: at } = exchange
    seen.push(`${at} ${exchange.query}`)
    if (at.endsWith('/page.htm')) return exchange.respond(302, [['location', '/example.com/inst1/4242/page.htm'], ['cache-control', 'no-store']])
    if (at.endsWith('/elsewhere')) return exchange.respond(307, [['location', 'http://other/'], ['x-more', '1']])
    if (at.endsWith('/range')) return exchange.respond(206, [['content-range', 'bytes 2-4/10'], ['content-type', 'text/plain']], exchange.header('range') ?? '?')
    exchange.respond(exchange.header('if-none-match') === '"abc"' ? 304 : 200, [['etag', '"abc"'], ['content-type', 'text/html; charset=utf-8'], ['content-encoding', 'gzip']], 'x')
  } })
  await ask(`${host.url}/a/b?x=1&y`)
  await ask(`${host.url}`)
  t.same(seen, ['/example.com/inst1/a/b x=1&y', '/example.com/inst1/ '])
  t.match(await ask(`${host.url}/page.htm`), { status: 302, headers: { location: './4242/page.htm' } })
  t.match(await ask(`${host.url}/a/b/page.htm`), { status: 302, headers: { location: '../../4242/page.htm' } })
  t.match(await ask(`${host.url}/elsewhere`), { status: 307, headers: { location: 'http://other/', 'x-more': '1' } })
  t.match(await ask(`${host.url}/e`), { status: 200, headers: { etag: '"abc"', 'content-type': 'text/html', 'content-encoding': 'gzip', 'content-length': '1' } })
  t.match(await ask(`${host.url}/e`, { headers: { 'if-none-match': '"abc"' } }), { status: 304 })
  await host.stop()
  t.same(host.webserver.violations, [])
})

t.test('ranges', async t => {
  for (const version of [2, 1, 0]) {
    const host = await bed({ request: exchange => exchange.respond(206, [['content-range', 'bytes 2-10/100'], ['content-type', 'text/plain']], exchange.header('range') ?? '?') }, { version })
    const answer = await ask(`${host.url}/range`, { headers: { range: 'bytes=2-4' } })
    t.match(answer, { status: 206, headers: { 'content-range': 'bytes 2-10/100', 'content-length': '9' } }, `version ${version}`)
    t.equal(answer.body.toString(), 'bytes=2-4')
    await host.stop()
    t.same(host.webserver.violations, [])
  }
})

t.test('older webservers: bodies both ways; statuses become what they can say', async t => {
  for (const version of [1, 0]) {
    const host = await bed({ request: exchange => {
      const status = Number(/\d{3}$/.exec(exchange.path)?.[0] ?? 200)
      if (status !== 200) return exchange.respond(status, [['location', '/example.com/inst1/x']], 'text')
      exchange.start(200, [['content-type', 'application/json']], exchange.query === 'chunked' ? undefined : exchange.bodyLength)
      exchange.onDrain(() => exchange.resumeBody())
      exchange.readBody((chunk, last) => {
        if (!exchange.write(chunk)) exchange.pauseBody()
        if (last) exchange.end()
      })
    } }, { version })
    const body = Buffer.alloc(300_000, 'abc')
    for (const query of ['', '?chunked']) {
      t.equal(Buffer.compare((await ask(`${host.url}/${query}`, { method: 'POST', body })).body, body), 0, `version ${version} ${query}`)
      t.equal(Buffer.compare((await ask(`${host.url}/${query}`, { method: 'PUT', body, headers: { 'transfer-encoding': 'chunked' } })).body, body), 0)
    }
    for (const [status, shown] of [[404, 404], [403, 402], [503, 451], [500, 500], [409, 400], [301, 302], [204, 200]] as const) {
      t.equal((await ask(`${host.url}/${status}`)).status, shown, `version ${version}: ${status}`)
    }
    await host.stop()
    t.same(host.webserver.violations, [])
  }
})

t.test('a webserver that is lost: everything open ends, and it is registered again', async t => {
  const events: string[] = []
  const states: (string | undefined)[] = []
  const host = await bed({
    request: exchange => {
      if (exchange.path.endsWith('/held') || exchange.path.endsWith('/upload')) exchange.onAborted(() => events.push('aborted'))
      else exchange.respond(200, [], 'ok')
      if (exchange.path.endsWith('/upload')) exchange.readBody(() => {})
    },
    upgrade: () => accept({ opened: () => events.push('open'), message: () => {}, closed: () => events.push('closed') }, undefined, { maxMessage: 10 }),
  }, { onState: state => states.push(state) })
  const socket = new WebSocket(host.url.replace('http', 'ws'))
  socket.on('error', () => {})
  await once(socket, 'open')
  const held = ask(`${host.url}/held`).catch(() => 'broken')
  const upload = http.request(`${host.url}/upload`, { method: 'POST', agent: false, headers: { 'content-length': 1000 } })
  upload.on('error', () => {})
  upload.write('begin')
  while (host.webserver.open < 3) await new Promise(resolve => setTimeout(resolve, 5))
  await host.webserver.crash()
  t.equal(await held, 'broken')
  while (events.length < 4) await new Promise(resolve => setTimeout(resolve, 5))
  t.same(events.sort(), ['aborted', 'aborted', 'closed', 'open'])
  await host.webserver.comeBack()
  await host.webserver.registered('/example.com/inst1')
  t.equal((await ask(host.url)).body.toString(), 'ok')
  t.equal(states.at(0), undefined)
  t.ok(states.length >= 3 && states.at(-1) === undefined, 'lost and back')
  await host.stop()
})

t.test('a refused path is tried again', async t => {
  const socketPath = path.join(temporaryFolder(), 'webserver')
  const webserver = await startFakeWebserver({ socketPath })
  webserver.refused.add('/a/b')
  const states: (string | undefined)[] = []
  let told = (): void => {}
  const refused = new Promise<void>(resolve => { told = resolve })
  const host = startAppPlatform({ socketPath, webPath: '/a/b', router: whole({ request: exchange => exchange.respond(200, [], 'here') }), log, onState: state => {
    states.push(state)
    if (state) told()
  } })
  await refused
  t.match(states[0], /refused \/a\/b.*already/)
  webserver.refused.clear()
  await webserver.registered('/a/b')
  t.equal((await ask(`${webserver.url}/a/b`)).body.toString(), 'here')
  await host.stop()
  await webserver.stop()
})

t.test('paths whose users the service knows', async t => {
  const host = await bed({ request: exchange => exchange.respond(200, [], exchange.path) }, {
    protectedPaths: [{ path: '/example.com/inst1/csvapi', passwordOf: async user => user === 'u' ? 'pw' : undefined }],
  })
  const auth = (text: string): { headers: { authorization: string } } => ({ headers: { authorization: `Basic ${Buffer.from(text).toString('base64')}` } })
  t.equal((await ask(`${host.url}/csvapi/x`)).status, 401)
  t.equal((await ask(`${host.url}/csvapi/x`, auth('u:wrong'))).status, 401)
  t.equal((await ask(`${host.url}/csvapi/x`, auth('nobody:pw'))).status, 401)
  t.equal((await ask(`${host.url}/csvapi/x`, auth('u:pw'))).body.toString(), '/example.com/inst1/csvapi/x')
  t.equal((await ask(`${host.url}/other`)).status, 200)
  await host.stop()
})

t.test('messages in fragments; one that the webserver cannot carry; the client local and secure', async t => {
  const seen: unknown[] = []
  const host = await bed({
    upgrade: request => {
      seen.push(request.address, request.secure)
      return accept({ message: (peer, data) => {
        if (data === 'large') seen.push(peer.send(Buffer.alloc(65_536)))
        else peer.send(String(data.length))
      } }, undefined, { maxMessage: 1_000_000 })
    },
  }, { flags: 9 })
  const socket = new WebSocket(host.url.replace('http', 'ws'))
  await once(socket, 'open')
  socket.send('ü'.repeat(100_000))
  t.equal(String((await once(socket, 'message'))[0]), '100000')
  socket.send(Buffer.alloc(1_000_000))
  t.equal(String((await once(socket, 'message'))[0]), '1000000')
  socket.send('large')
  await once(socket, 'close')
  t.same(seen, ['127.0.0.1', true, 'full'])
  await host.stop()
  t.same(host.webserver.violations, [])
})

t.test('requests that stand still are broken off; the others go on', async t => {
  const events: string[] = []
  const host = await bed({ request: exchange => {
    const name = exchange.path.slice('/example.com/inst1'.length)
    exchange.onAborted(() => events.push(`aborted ${name}`))
    if (name === '/upload') exchange.readBody(() => {})
    else if (name === '/download') {
      exchange.start(200, [], 50_000_000)
      exchange.end(Buffer.alloc(50_000_000))
    } else setTimeout(() => exchange.respond(200, [], 'late'), 500)
  } }, { bounds: { uploadIdle: 100, downloadIdle: 100 } })
  const upload = http.request(`${host.url}/upload`, { method: 'POST', headers: { 'content-length': 100 }, agent: false })
  upload.write('begin')
  const [refused] = await once(upload, 'response') as [http.IncomingMessage]
  t.equal(refused.statusCode, 502)
  refused.resume()
  upload.destroy()
  const download = http.get(`${host.url}/download`, { agent: false })
  const [response] = await once(download, 'response') as [http.IncomingMessage]
  const broken = once(response, 'error')
  response.pause()
  while (events.length < 2) await new Promise(resolve => setTimeout(resolve, 10))
  t.same(events, ['aborted /upload', 'aborted /download'])
  response.resume()
  await broken
  t.equal((await ask(`${host.url}/slow`)).body.toString(), 'late')
  await host.stop()
  t.same(host.webserver.violations, [])
})

t.test('in place of a pong: the webserver has taken all that was sent before', async t => {
  const events: string[] = []
  const host = await bed({ upgrade: () => accept({
    opened: peer => {
      peer.ping()
      events.push('opened')
    },
    message: (peer, data) => {
      t.equal(peer.pongsProve, false)
      peer.send('one')
      peer.send(data)
      peer.ping()
      events.push('asked')
    },
    pong: peer => { events.push(`pong with ${peer.buffered} waiting`) },
  }, undefined, { maxMessage: 100 }) })
  const socket = new WebSocket(host.url.replace('http', 'ws'))
  await once(socket, 'open')
  socket.send('two')
  while (events.length < 4) await new Promise(resolve => setTimeout(resolve, 5))
  t.same(events, ['opened', 'pong with 0 waiting', 'asked', 'pong with 0 waiting'])
  await host.stop()
})
