/** The certificate of the App Platform at the listener in addition (app-platform-local 2.3, SetCertificate). */
import { once } from 'node:events'
import tls from 'node:tls'
import t from 'tap'
import WebSocket from 'ws'
import { pairOf } from '../../app/platform/certificate.ts'
import { PASSWORD, startFakePlatform } from '../fake-platform/platform.ts'
import { AppClient } from '../fixtures/app-client.ts'
import { makeCertificate } from '../fixtures/certificates.ts'
import { freePort, temporaryFolder } from '../fixtures/service.ts'

/** Name in the certificate that is shown; undefined where no TLS is spoken. */
async function shown(port: number): Promise<string | undefined> {
  const socket = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
  try {
    await once(socket, 'secureConnect')
    return String(socket.getPeerCertificate().subject.CN)
  } catch {
    return undefined
  } finally {
    socket.destroy()
  }
}
const until = async (port: number, name: string): Promise<void> => { while (await shown(port) !== name) await new Promise(resolve => setTimeout(resolve, 20)) }

t.test('the listener takes it, and its renewal, with the key that comes with it', async t => {
  const folder = temporaryFolder()
  const [first, second, other] = ['first', 'second', 'other'].map(name => makeCertificate(folder, name))
  if (!first || !second || !other) throw new Error('no certificates')
  const port = await freePort()
  const platform = await startFakePlatform({ args: [`--listen=127.0.0.1:${port}`] })
  const { manager } = platform
  await platform.startInstance('devices')
  const url = `127.0.0.1:${port}/example.com/devices`
  await (await AppClient.login(`ws://${url}/innovaphone-devices`, { password: PASSWORD })).close()
  t.equal(await shown(port), undefined, 'plain until it is there')
  manager.send({ mt: 'SetCertificate', cert: first.cert })
  while (!/without its key/.test(platform.log())) await new Promise(resolve => setTimeout(resolve, 20))
  t.equal(await shown(port), undefined, 'without a key there is nothing to take')

  manager.send({ mt: 'SetCertificate', cert: `${other.cert}${first.key}${first.cert}` })
  await until(port, 'first')
  const old = new WebSocket(`wss://${url}/innovaphone-devices`, { rejectUnauthorized: false })
  await once(old, 'open')
  manager.send({ mt: 'SetCertificate', cert: `${second.cert}${second.key}` })
  await until(port, 'second')
  old.send('{"mt":"AppChallenge"}')
  t.match(String((await once(old, 'message'))[0]), /AppChallengeResult/, 'connections of before live on')
  old.close()
  for (const cert of ['', 'junk', other.cert, `${other.cert}${first.key}`]) manager.send({ mt: 'SetCertificate', cert })
  await manager.until({ mt: 'AppAlarm', code: 4 })
  await platform.stopInstance('devices')
  t.equal(await shown(port), 'second', 'what is no pair changes nothing')
  t.notMatch(platform.log(), /PRIVATE KEY/)
  await platform.stop()
  t.equal(await platform.exited, 0)
})

t.test('the operator has a certificate of his own', async t => {
  const folder = temporaryFolder()
  const [own, given] = [makeCertificate(folder, 'own'), makeCertificate(folder, 'given')]
  const port = await freePort()
  const platform = await startFakePlatform({ args: [`--listen=127.0.0.1:${port}`, `--tls-cert=${own.certFile}`, `--tls-key=${own.keyFile}`] })
  platform.manager.send({ mt: 'SetCertificate', cert: `${given.cert}${given.key}` })
  await platform.startInstance('devices')
  t.equal(await shown(port), 'own')
  await platform.stop()
})

t.test('a pair out of any text', async t => {
  const folder = temporaryFolder()
  const [one, two] = [makeCertificate(folder, 'one'), makeCertificate(folder, 'two')]
  const expected = { cert: `${one.cert.trim()}\n${two.cert.trim()}\n`, key: `${one.key.trim()}\n` }
  t.same(pairOf(`${one.cert}${two.cert}${one.key}`), expected)
  t.same(pairOf(`Bag Attributes\n${two.cert}\n${one.key}text${one.cert}`), expected, 'its own certificate is in front')
  t.same(pairOf(`${one.key.replaceAll('A', '*')}${one.key}${one.cert}${two.cert}`), expected, 'a key that cannot be read is passed over')
  for (const nothing of ['', 'junk', one.cert, one.key, `${one.cert}${two.key}`]) t.equal(pairOf(nothing), undefined)
})
