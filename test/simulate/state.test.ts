import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createHash, randomBytes } from 'node:crypto'
import t from 'tap'
import type { Test } from 'tap'
import { createSimulator } from '../../app/simulate/simulator.ts'
import { StateFile } from '../../app/simulate/state-file.ts'
import { documentService } from './document-service.ts'

const secret = (): string => randomBytes(16).toString('hex')
function folder(t: Test): string {
  const name = fs.mkdtempSync(path.join(os.tmpdir(), 'simulate-'))
  t.teardown(() => fs.rmSync(name, { recursive: true }))
  return name
}

t.test('keeps, forgets, compacts; mode 0600', async t => {
  const file = path.join(folder(t), 'state')
  const first = await StateFile.open(file)
  await Promise.all(Array.from({ length: 1000 }, (_, n) => first.keep(`d${n % 10}`, `p${n}`)))
  await first.forget('d3')
  await first.forget('never')
  t.equal(first.password('d9'), 'p999')
  await first.close()
  t.equal(fs.readFileSync(file, 'utf8').split('\n').length, 1002)
  t.equal(fs.statSync(file).mode & 0o777, 0o600)
  const second = await StateFile.open(file)
  t.equal(second.password('d9'), 'p999')
  t.equal(second.password('d3'), undefined)
  await second.close()
  t.equal(fs.readFileSync(file, 'utf8').split('\n').length, 10, 'one line per device')
})

t.test('a line cut off by a crash is dropped, anything else is refused', async t => {
  const file = path.join(folder(t), 'state')
  fs.writeFileSync(file, '{"id":"a","password":"one"}\n{"id":"b","passw')
  const state = await StateFile.open(file)
  t.equal(state.password('a'), 'one')
  t.equal(state.password('b'), undefined)
  await state.close()
  fs.writeFileSync(file, '{"id":"a","password":"hidden-secret"}\n{"id":7,"password":"hidden-secret"}\n')
  await t.rejects(StateFile.open(file), { code: 'state-file', message: /line 2/ })
  await StateFile.open(file).catch((cause: Error) => t.notMatch(cause.message, /hidden/))
  await t.rejects(StateFile.open('/nonexistent/folder/state'), { code: 'state-file' })
})

t.test('a password that could not be kept is not used, and the device asks again', async t => {
  const service = await documentService()
  const file = path.join(folder(t), 'state')
  const failures: string[] = []
  const simulator = await createSimulator({
    url: service.url, stateFile: file, reconnect: { first: 10, most: 50 }, onEvent: (_, event) => { if (event.kind === 'failed') failures.push(event.text) },
  })
  t.teardown(() => service.stop())
  const keep = t.capture(StateFile.prototype, 'keep', async () => { throw new Error('disk full') })
  await simulator.start()
  const link = await service.link()
  await link.identify()
  link.sendAdmin(1, { password: secret() })
  const again = await service.link()
  await again.identify()
  t.match(failures, ['password not kept: disk full'])
  t.equal(simulator.devices[0]?.password, undefined)
  keep.restore()
  await simulator.stop()
})

t.test('a password is on the disk before the device goes on: kill -9 at any moment locks nobody out', async t => {
  const count = 20
  const file = path.join(folder(t), 'state')
  const service = await documentService()
  t.teardown(() => service.stop())
  const expected = new Map<string, string[]>()
  for (let round = 0; round < 5; round++) {
    const fleet = spawn(process.execPath, [path.join(import.meta.dirname, 'fleet-process.ts'), service.url, file, String(count)], { stdio: ['ignore', 'inherit', 'inherit'] })
    const exited = once(fleet, 'exit')
    let proven = 0
    await Promise.all(Array.from({ length: count }, async () => {
      const link = await service.link()
      const identify = await link.identify()
      const id = String(identify['id'])
      const known = expected.get(id)
      if (known) {
        // The last password may have been lost on its way, the one before must then still be there.
        const challenge = '12345'
        link.sendAdmin(2, { challenge })
        const second = await link.identify()
        const digests = known.map(password => createHash('sha256').update(`${id}:${String(identify['product'])}:${String(identify['version'])}:${challenge}:${password}`).digest('hex'))
        const at = digests.indexOf(String(second['digest']))
        if (at < 0) t.fail(`${id} is locked out`)
        else proven++
        expected.set(id, known.slice(at, at + 1))
      }
      const password = secret()
      expected.set(id, [...expected.get(id) ?? [], password])
      link.sendAdmin(1, { password })
      if (round === 0) {
        // A device that answers a challenge made after the password has acted on it: it must be durable.
        const { ok } = await link.challenge(password, identify)
        t.ok(ok)
        expected.set(id, [password])
      }
    }))
    t.equal(proven, round === 0 ? 0 : count)
    fleet.kill('SIGKILL')
    await exited
  }
})
