/** Dialogues with the manager, byte by byte in both directions, against the executable. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import t from 'tap'
import release from '../../manifest/release.json' with { type: 'json' }
import { EXECUTABLE } from '../fake-platform/platform.ts'
import { DATABASE_PASSWORD, startPostgres } from '../fixtures/postgres.ts'
import { temporaryFolder } from '../fixtures/service.ts'

interface Step { service?: string, manager?: string, length?: string, hangUp?: boolean, signal?: NodeJS.Signals }
const file = path.resolve(import.meta.dirname, '../data/manager-dialogues.json')
const { dialogues } = JSON.parse(fs.readFileSync(file, 'utf8')) as { dialogues: { name: string, steps: Step[] }[] }

function framed(text: string): Buffer {
  const json = Buffer.from(text)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(json.length)
  return Buffer.concat([length, json])
}

// With the databases that the dialogues name; without them there would be alarms between the messages.
const postgres = await startPostgres()
t.teardown(() => postgres.stop())
const DATABASES = ['generic', 'generic2']
for (const one of DATABASES) await postgres.createDatabase(one)
t.test('dialogues', async t => {
  for (const [number, { name, steps }] of dialogues.entries()) {
    await t.test(name, async t => {
      const folder = temporaryFolder()
      for (const one of DATABASES) await postgres.query(one, 'DROP TABLE IF EXISTS devices_snapshot, devices_snapshot_part')
      const filled = (text: string): string => text.replaceAll('<folder>', folder).replace('<database>', postgres.host).replace('<database password>', DATABASE_PASSWORD).replace('<id>', release.id).replace('<build>', release.build).replace('<label>', release.label)
      const server = net.createServer({ allowHalfOpen: true })
      server.listen(path.join(folder, 'manager'))
      await once(server, 'listening')
      const child = spawn(EXECUTABLE, [`--manager=${folder}/manager`, '--service-id=svc-probe', `--log-path=${folder}/log`], { stdio: 'ignore' })
      const exit = once(child, 'exit') as Promise<[number | null]>
      const [socket] = await once(server, 'connection') as [net.Socket]
      let got: Buffer = Buffer.alloc(0)
      let more = (): void => {}
      socket.on('data', piece => {
        got = Buffer.concat([got, piece])
        more()
      })
      socket.on('error', () => {})
      for (const [n, step] of steps.entries()) {
        if (step.manager !== undefined) {
          const bytes = framed(filled(step.manager))
          // Every other dialogue torn into single bytes: any segmentation must do.
          if (number % 2) for (const byte of bytes) socket.write(Buffer.from([byte]))
          else socket.write(bytes)
        } else if (step.service !== undefined) {
          const wanted = framed(filled(step.service))
          while (got.length < wanted.length) await new Promise<void>(resolve => { more = resolve })
          t.equal(got.subarray(0, wanted.length).toString('latin1'), wanted.toString('latin1'), `step ${n + 1}`)
          if (step.length !== undefined) t.equal(got.toString('hex', 0, 4), step.length)
          got = got.subarray(wanted.length)
        } else if (step.signal) child.kill(step.signal)
        else socket.end()
      }
      t.equal((await exit)[0], 0)
      t.equal(got.length, 0, 'nothing more')
      socket.destroy()
      server.close()
    })
  }
})
