/** Bytes handed to a host belong to the caller again when the call returns, on every host, also when they have to wait. Most are a `Buffer`, whose `slice` copies nothing. */
import { once } from 'node:events'
import http from 'node:http'
import path from 'node:path'
import t from 'tap'
import WebSocket from 'ws'
import { startAppPlatform } from '../../app/hosts/app-platform/host.ts'
import { accept, type Router } from '../../app/hosts/exchange.ts'
import { startStandalone } from '../../app/hosts/standalone/host.ts'
import { startFakeWebserver } from '../fake-platform/webserver.ts'
import { temporaryFolder } from '../fixtures/service.ts'

const PIECE = 16_000
const PIECES = 600

const router: Router = {
  request: exchange => {
    const memory = Buffer.alloc(PIECE)
    exchange.start(200, [['content-type', 'application/octet-stream']], PIECE * PIECES)
    for (let n = 0; n < PIECES; n++) exchange.write(memory.fill(n % 251))
    memory.fill(255)
    exchange.end()
  },
  upgrade: () => accept({
    message: peer => {
      const memory = Buffer.alloc(8)
      for (const letter of 'abc') peer.send(memory.fill(letter))
      memory.fill('z')
    },
  }, undefined, { maxMessage: 100 }),
}

const log = (): void => {}
const hosts: Readonly<Record<string, () => Promise<{ url: string, stop(): Promise<void> }>>> = {
  'stand-alone': async () => {
    const host = await startStandalone({ listen: { host: '127.0.0.1', port: 0 }, log, router, bounds: { drainOnStop: 500 } })
    return { url: host.urls[0] ?? '', stop: () => host.stop() }
  },
  'App Platform': async () => {
    const socketPath = path.join(temporaryFolder(), 'webserver')
    const webserver = await startFakeWebserver({ socketPath })
    const host = startAppPlatform({ socketPath, webPath: '', router, log, bounds: { drainOnStop: 500 } })
    await webserver.registered('/')
    return {
      url: webserver.url,
      stop: async () => {
        await host.stop()
        await webserver.stop()
      },
    }
  },
}

for (const [name, start] of Object.entries(hosts)) {
  t.test(`${name}: websocket messages and a response of one piece of memory that is used again and again`, async t => {
    const host = await start()
    const socket = new WebSocket(host.url.replace('http', 'ws'))
    await once(socket, 'open')
    const messages: string[] = []
    socket.on('message', data => { messages.push(String(data)) })
    socket.send('go')
    while (messages.length < 3) await once(socket, 'message')
    t.same(messages, ['aaaaaaaa', 'bbbbbbbb', 'cccccccc'])
    socket.close()
    await once(socket, 'close')

    const request = http.get(`${host.url}/`, { agent: false })
    const [response] = await once(request, 'response') as [http.IncomingMessage]
    // A reader that lets the pieces wait.
    await new Promise(resolve => setTimeout(resolve, 200))
    let at = 0
    let wrong = 0
    for await (const part of response) for (const byte of part as Buffer) if (byte !== Math.floor(at++ / PIECE) % 251) wrong++
    t.equal(at, PIECE * PIECES, 'all bytes')
    t.equal(wrong, 0, 'each is the one that was written')
    await host.stop()
  })
}
