/** Dialogues with the webserver, byte by byte in both directions. */
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import t from 'tap'
import { accept, type Exchange, type Router } from '../../app/hosts/exchange.ts'
import { startAppPlatform } from '../../app/hosts/app-platform/host.ts'
import { temporaryFolder } from '../fixtures/service.ts'

interface Dialogue { name: string, version: number, protected?: string, steps: { service?: string, webserver?: string }[] }
const file = path.resolve(import.meta.dirname, '../data/webserver-dialogues.json')
const { dialogues } = JSON.parse(fs.readFileSync(file, 'utf8')) as { dialogues: Dialogue[] }
const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')

function answer(exchange: Exchange): void {
  const name = exchange.path.slice('/example.com/inst1'.length)
  if (name === '/4242/probe.htm') exchange.respond(200, [['etag', '"54197e0123456789abcdef0123456789"'], ['content-type', 'text/html']], `<html>${'x'.repeat(44)}</html>`)
  else if (name === '/probe.htm') exchange.respond(302, [['location', '/example.com/inst1/4242/probe.htm']])
  else if (name === '/rest') {
    exchange.start(200, [['X-Probe', '1'], ['content-type', 'text/plain']])
    exchange.end('hello from rest')
  } else if (name === '/held') {
    exchange.start(200, [['content-type', 'text/plain']])
    exchange.write('begin')
    exchange.write('more')
  } else if (name === '/up') {
    let got = 0
    exchange.readBody((chunk, last) => {
      got += chunk.length
      if (last) exchange.respond(200, [['content-type', 'text/plain']], String(got))
    })
  } else exchange.respond(404, [])
}

const router: Router = {
  request: answer,
  upgrade: request => request.path.endsWith('/no') ? { status: 404, text: 'no' } : accept({
    message: (peer, data) => {
      if (data === '{"mt":"AppChallenge"}') peer.send('{"mt":"AppChallengeResult","challenge":"7aec7e6a2365429e"}')
      else if (data === 'end') peer.end(1000, '')
      else if (data === 'bye') {
        peer.send('one')
        peer.send('two')
        peer.end(1000, '')
      } else peer.send(data)
    },
  }, undefined, { maxMessage: 1000 }),
}

for (const dialogue of dialogues) {
  // In whole messages, and torn into single bytes.
  for (const torn of [false, true]) {
    t.test(`${dialogue.name}${torn ? ', byte by byte' : ''}`, async t => {
      const socketPath = path.join(temporaryFolder(), 'webserver')
      const server = net.createServer()
      server.listen(socketPath)
      await once(server, 'listening')
      const host = startAppPlatform({
        socketPath, webPath: '/example.com/inst1', router, log: () => {}, bounds: { drainOnStop: 50 },
        ...(dialogue.protected === undefined ? {} : { protectedPaths: [{ path: dialogue.protected, passwordOf: (user: string) => user === 'u' ? 'pw' : undefined }] }),
      })
      const [socket] = await once(server, 'connection') as [net.Socket]
      let got: Buffer = Buffer.alloc(0)
      let more = (): void => {}
      socket.on('data', piece => {
        got = Buffer.concat([got, piece])
        more()
      })
      for (const [n, { service, webserver }] of dialogue.steps.entries()) {
        if (webserver !== undefined) {
          const bytes = bytesOf(webserver)
          if (torn) for (const byte of bytes) socket.write(Buffer.from([byte]))
          else socket.write(bytes)
          continue
        }
        const wanted = bytesOf(service ?? '')
        while (got.length < wanted.length) await new Promise<void>(resolve => { more = resolve })
        t.equal(got.subarray(0, wanted.length).toString('hex'), wanted.toString('hex'), `step ${n + 1}`)
        got = got.subarray(wanted.length)
      }
      // Nothing unasked for follows.
      await new Promise(resolve => setImmediate(resolve))
      t.equal(got.toString('hex'), '', 'nothing more')
      socket.on('error', () => {}) // what it said last may cross our end
      const closed = new Promise(resolve => socket.once('close', resolve))
      await host.stop()
      await closed
      server.close()
    })
  }
}
