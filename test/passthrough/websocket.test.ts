/** Websockets through the tunnel (wire-protocols 4.3): a real `ws` server inside the device, a real client outside. */
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import t, { type Test } from 'tap'
import WebSocket, { WebSocketServer } from 'ws'
import { startBed, type Bed } from './bed.ts'
import { connectTo } from './device-server.ts'

async function inside(t: Test, bed: Bed, handle: (socket: WebSocket, request: http.IncomingMessage) => void) {
  const server = http.createServer((_request, response) => {
    response.writeHead(403, { 'Set-Cookie': 'seen=1' })
    response.end('no websocket here')
  })
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: protocols => protocols.has('second') ? 'second' : false })
  sockets.on('headers', headers => { headers.push('Set-Cookie: ws=1; Path=/') })
  sockets.on('connection', handle)
  server.on('upgrade', (request, socket, head) => {
    if (request.url === '/refused') return void socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n')
    if (request.url === '/moved') return void socket.end('HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n')
    if (request.url === '/garbage') return void socket.end('what\r\n\r\n')
    if (request.url === '/closes') return void socket.end()
    if (request.url === '/silent') return
    sockets.handleUpgrade(request, socket, head, made => sockets.emit('connection', made, request))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const client of sockets.clients) client.terminate()
    server.closeAllConnections()
    server.close()
  })
  const device = await bed.device('d')
  connectTo(device, (server.address() as net.AddressInfo).port)
  return device
}

const client = (bed: Bed, path: string, protocols: string[] = [], headers: Record<string, string> = {}): WebSocket =>
  new WebSocket(`ws://127.0.0.1:${bed.port}${bed.prefix('d')}${path}`, protocols, { headers, perMessageDeflate: false })

t.test('messages, sub-protocol, close codes', async t => {
  const bed = await startBed()
  t.teardown(() => bed.stop())
  const requests: http.IncomingMessage[] = []
  const closes: [number, string][] = []
  let closed = (): void => {}
  const device = await inside(t, bed, (socket, request) => {
    requests.push(request)
    socket.send('first')
    socket.on('message', (data, binary) => {
      if (data.toString() === 'bye') socket.close(4001, 'tschüss')
      else if (data.toString() === 'die') socket.terminate()
      else if (data.toString() === 'bare') socket.close()
      else socket.send(data, { binary })
    })
    socket.on('close', (code, reason) => {
      closes.push([code, reason.toString()])
      closed()
    })
  })
  const socket = client(bed, '/PBX0/APPCLIENT/websocket?a=%2F', ['first', 'second'], { Origin: 'null', Cookie: 'platform=1', 'X-Own': 'yes' })
  const messages: [Buffer, boolean][] = []
  const came = async (count: number): Promise<void> => { while (messages.length < count) await once(socket, 'message') }
  socket.on('message', (data: Buffer, binary) => messages.push([data, binary]))
  await once(socket, 'open')
  t.equal(socket.protocol, 'second')
  t.equal(requests[0]?.url, '/PBX0/APPCLIENT/websocket?a=%2F', 'verbatim')
  t.match(requests[0]?.headers, { host: `127.0.0.1:${bed.port}`, origin: `http://127.0.0.1:${bed.port}`, 'x-own': 'yes', cookie: undefined })
  socket.send('grüße')
  socket.send(Buffer.from([0, 255, 1]))
  const large = Buffer.alloc(700_000, 'large')
  socket.send(large)
  socket.send('')
  await came(5)
  t.same(messages.map(([data, binary]) => [data.length, binary]), [[5, false], [7, false], [3, true], [700_000, true], [0, false]])
  t.ok(messages[3]?.[0].equals(large))
  t.equal(messages[1]?.[0].toString(), 'grüße')
  socket.send('bye')
  t.same((await once(socket, 'close')).map(String), ['4001', 'tschüss'], 'from the device')

  const second = client(bed, '/')
  await once(second, 'open')
  t.match(requests[1]?.headers.cookie, 'ws=1', 'the cookie of the handshake')
  const seen = new Promise<void>(resolve => { closed = resolve })
  second.close(4002, 'done')
  await seen
  t.same(closes.at(-1), [4002, 'done'], 'to the device')

  for (const [word, code] of [['die', 1011], ['bare', 1000]] as const) {
    const third = client(bed, '/')
    await once(third, 'open')
    third.send(word)
    t.equal((await once(third, 'close'))[0], code, word)
  }
  const fourth = client(bed, '/')
  await once(fourth, 'open')
  const gone = new Promise<void>(resolve => { closed = resolve })
  fourth.terminate()
  await gone
  t.equal(closes.at(-1)?.[0], 1006, 'a client that vanishes')
  while (bed.passthrough.stats.tunnels > 0) await new Promise(setImmediate)
  t.equal(bed.owner.watching, 1, 'the cookie is still there')
  t.same(device.complaints, [])
})

t.test('no websocket', async t => {
  const bed = await startBed({ tunnelSilence: 1000, tunnelsPerDevice: 3 })
  t.teardown(() => bed.stop())
  await inside(t, bed, () => {})
  const status = async (path: string, protocols: string[] = []): Promise<[number, string | undefined]> => {
    const socket = client(bed, path, protocols)
    socket.on('error', () => {})
    const [, response] = await once(socket, 'unexpected-response') as [unknown, http.IncomingMessage]
    response.resume()
    return [response.statusCode ?? 0, response.headers.location]
  }
  t.same(await status('/refused'), [401, undefined])
  t.same(await status('/moved'), [302, `${bed.prefix('d')}/elsewhere`])
  t.same(await status('/garbage'), [502, undefined])
  t.same(await status('/closes'), [502, undefined])
  t.same(await status('/silent'), [504, undefined])
  t.same(await status('/', ['first']), [502, undefined], 'the device took none of the sub-protocols')
  const kept = Array.from({ length: 3 }, () => client(bed, '/'))
  await Promise.all(kept.map(socket => once(socket, 'open')))
  t.same(await status('/'), [503, undefined])
  bed.owner.end()
  t.same((await Promise.all(kept.map(socket => once(socket, 'close')))).map(([code]) => code), [1008, 1008, 1008], 'they end with the session')
})

t.test('a slow side', async t => {
  const bed = await startBed({ peerBuffered: 300_000 })
  t.teardown(() => bed.stop())
  let inner: WebSocket | undefined
  const device = await inside(t, bed, socket => { inner = socket })
  const reader = client(bed, '/')
  await once(reader, 'open')
  reader.pause()
  const piece = Buffer.alloc(50_000, 1)
  let sent = 0
  for (; sent < 2000 && (inner?.bufferedAmount ?? 0) < 1_000_000; sent++) {
    inner?.send(piece)
    await new Promise(setImmediate)
  }
  t.ok((inner?.bufferedAmount ?? 0) >= 1_000_000, `a client that does not read makes the device wait after ${sent} messages`)
  t.equal([...device.connections.values()][0]?.wanted.length, 0, 'no RECV stands')
  let got = 0
  reader.on('message', () => { got++ })
  reader.resume()
  while (got < sent) await once(reader, 'message')
  t.equal(got, sent, 'and then gets everything')

  device.serve = () => {}
  const closed = once(reader, 'close')
  for (let n = 0; n < 40; n++) reader.send(piece)
  t.equal((await closed)[0], 1013, 'a device that does not read ends its own websocket, in the end')
})

t.test('a message that is too long', async t => {
  const bed = await startBed({ tunnelMessage: 10_000 })
  t.teardown(() => bed.stop())
  await inside(t, bed, socket => { socket.on('message', () => socket.send(Buffer.alloc(20_000))) })
  const fromDevice = client(bed, '/')
  await once(fromDevice, 'open')
  fromDevice.send('x')
  t.equal((await once(fromDevice, 'close'))[0], 1009)
  const fromClient = client(bed, '/')
  await once(fromClient, 'open')
  fromClient.send(Buffer.alloc(20_000))
  t.equal((await once(fromClient, 'close'))[0], 1009)
})
