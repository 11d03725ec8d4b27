/** The stand-alone host: the behaviour table, and what only a listener of its own has. */
import { once } from 'node:events'
import fs from 'node:fs'
import tls from 'node:tls'
import t from 'tap'
import WebSocket from 'ws'
import { accept } from '../../app/hosts/exchange.ts'
import { startStandalone, type StandaloneHost } from '../../app/hosts/standalone/host.ts'
import { makeCertificate } from '../fixtures/certificates.ts'
import { temporaryFolder } from '../fixtures/service.ts'
import { ALL_METHODS, ask, CASES, type Harness } from './behaviour.ts'

const log = (): void => {}
const harness: Harness = {
  can: { methods: ALL_METHODS, repeatedHeaders: true, closeCodes: true, subProtocols: true, refused403: { status: 403, headers: true }, pings: true, largestMessage: Infinity },
  start: async (router, bounds = {}) => {
    const host = await startStandalone({
      listen: { host: '127.0.0.1', port: 0 }, log, bounds: { drainOnStop: 500, ...bounds },
      router: { request: exchange => exchange.respond(404, []), upgrade: () => ({ status: 404, text: 'no' }), ...router },
    })
    return { url: host.urls[0] ?? '', port: host.port, stop: () => host.stop() }
  },
}

for (const { name, run } of CASES) t.test(name, test => run(test, harness))

t.test('TLS, and a renewed certificate without losing connections', async t => {
  const folder = temporaryFolder()
  const first = makeCertificate(folder, 'first')
  const second = makeCertificate(folder, 'second')
  const host: StandaloneHost = await startStandalone({
    listen: { host: '127.0.0.1', port: 0 }, log, tls: first,
    router: {
      request: exchange => exchange.respond(200, [], String(exchange.secure)),
      upgrade: () => accept({ message: (peer, data) => { peer.send(data) } }, undefined, { maxMessage: 100 }),
    },
  })
  const shown = async (): Promise<string> => {
    const socket = tls.connect({ host: '127.0.0.1', port: host.port, rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    const name = String(socket.getPeerCertificate().subject.CN)
    socket.destroy()
    return name
  }
  t.equal(await shown(), 'first')
  const old = new WebSocket(`wss://127.0.0.1:${host.port}/`, { rejectUnauthorized: false })
  await once(old, 'open')
  fs.copyFileSync(second.keyFile, first.keyFile)
  host.reloadTls()
  t.equal(await shown(), 'first', 'a pair that does not fit is not taken')
  fs.copyFileSync(second.certFile, first.certFile)
  host.reloadTls()
  while (await shown() !== 'second') await new Promise(resolve => setTimeout(resolve, 20))
  old.send('still')
  t.equal(String((await once(old, 'message'))[0]), 'still')
  old.close()
  await host.stop()
})

t.test('what cannot be used is said clearly', async t => {
  const folder = temporaryFolder()
  const one = makeCertificate(folder, 'one')
  const two = makeCertificate(folder, 'two')
  const router = { request: () => {}, upgrade: () => ({ status: 404, text: '' }) }
  const start = (listen: { host: string, port: number }, files?: { certFile: string, keyFile: string }): Promise<unknown> => startStandalone({ listen, router, log, tls: files })
  const local = { host: '127.0.0.1', port: 0 }
  await t.rejects(start(local, { certFile: one.certFile, keyFile: two.keyFile }), { code: 'tls-file', message: /two\.key does not belong to/ })
  await t.rejects(start(local, { certFile: '/nowhere', keyFile: one.keyFile }), { code: 'tls-file', message: /\/nowhere/ })
  await t.rejects(start(local, { certFile: one.keyFile, keyFile: one.keyFile }), { code: 'tls-file', message: /no PEM certificate/ })
  const host = await startStandalone({ listen: local, router, log })
  await t.rejects(start({ host: '127.0.0.1', port: host.port }), { code: 'port-in-use', message: /--listen/ })
  await t.rejects(start({ host: '192.0.2.1', port: 0 }), { code: 'bad-address' })
  await host.stop()
})

t.test('connections per address are bounded', async t => {
  const host = await harness.start({ upgrade: () => accept({ message: () => {} }, undefined, { maxMessage: 100 }), request: exchange => exchange.respond(200, []) }, { connectionsPerAddress: 3 })
  const sockets = await Promise.all([1, 2, 3].map(async () => {
    const socket = new WebSocket(host.url.replace('http', 'ws'))
    await once(socket, 'open')
    return socket
  }))
  t.match(await ask(host.url), { status: 429, headers: { 'retry-after': '10' } })
  sockets[0]?.close()
  for (let status = 0; status !== 200;) ({ status } = await ask(host.url))
  t.pass('a place is free again')
  for (const socket of sockets) socket.close()
  await host.stop()
})
