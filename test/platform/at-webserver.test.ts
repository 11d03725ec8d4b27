/** The executable on the webserver of an App Platform without a manager (app-platform-local 1.1, stand-alone mode). */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { startFakeWebserver } from '../fake-platform/webserver.ts'
import { AppClient } from '../fixtures/app-client.ts'
import { listeningSockets } from '../fixtures/listening-sockets.ts'
import { EXECUTABLE, freePort, PASSWORD, runCommand, temporaryFolder } from '../fixtures/service.ts'

interface Started { readonly process: ChildProcess, readonly exited: Promise<number | null>, words(): string }
function start(folder: string, args: readonly string[]): Started {
  const child = spawn(EXECUTABLE, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] } })
  let words = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', piece => { words += String(piece) })
  return { process: child, exited: once(child, 'close').then(([code]) => code as number | null), words: () => words }
}

t.test('one instance from the instance arguments; it ends on a signal', async t => {
  const folder = temporaryFolder()
  const webserver = await startFakeWebserver({ socketPath: path.join(folder, 'webserver') })
  const port = await freePort()
  const all = [
    '--app-name=first', '--app-name=inst1', '--app-domain=customer.example', `--app-password=${PASSWORD}`, `--webserver=${webserver.socketPath}`, '--webserver-path=customer.example/inst1', '--db-host=', '--db-name=',
    '--db-user=', '--db-password=', '--log-flags=0x8003', `--working-path=${folder}/work`, '--service-id=svc', '--dns=ap.example.com', '--tz=CET-1CEST', '--log-size=1000000', '--segfaulted', '--disable-hexdumps',
    `--log-path=${folder}/log`,
  ]
  for (const [signal, more] of [['SIGTERM', []], ['SIGINT', [`--listen=127.0.0.1:${port}`]]] as const) {
    const service = start(folder, [...all, ...more])
    await webserver.registered('/customer.example/inst1')
    t.equal((await fetch(`${webserver.url}/customer.example/inst1/`, { redirect: 'manual' })).status, 302)
    t.equal(listeningSockets(service.process).length, more.length, 'it listens where it was told to and nowhere else')
    for (const url of [webserver.url, ...(more.length > 0 ? [`http://127.0.0.1:${port}`] : [])]) {
      const client = await AppClient.login(`${url.replace('http', 'ws')}/customer.example/inst1/innovaphone-devices`, { domain: 'customer.example', password: PASSWORD })
      t.equal((await client.request('GetUserInfo'))['admin'], true)
      await client.close()
    }
    service.process.kill(signal)
    t.equal(await service.exited, 0, signal)
    await webserver.left('/customer.example/inst1')
    t.match(service.words(), /serves \/customer\.example\/inst1\/ on the webserver/)
    t.notMatch(service.words(), new RegExp(PASSWORD))
  }
  const [file = ''] = fs.readdirSync(path.join(folder, 'log/devices'))
  t.match(fs.readFileSync(path.join(folder, 'log/devices', file), 'utf8'), /starts after a crash\n[^]*inst1@customer\.example instance: started at \/customer\.example\/inst1\n[^]*ends\n/)
  t.same(webserver.violations, [])
  await webserver.stop()
})

t.test('defaults, and a webserver that comes later', async t => {
  const folder = temporaryFolder()
  const socketPath = path.join(folder, 'webserver')
  const service = start(folder, [`--webserver=${socketPath}`, '--app-name=', '--app-domain=', '--webserver-path=', '--working-path=', '--log-flags=', '--log-path=/proc/nowhere'])
  while (!/next attempt/.test(service.words())) await new Promise(resolve => setTimeout(resolve, 20))
  const webserver = await startFakeWebserver({ socketPath })
  await webserver.registered('/example.com/devices')
  const password = fs.readFileSync(path.join(folder, 'data/instance-password'), 'utf8').trim()
  await (await AppClient.login(`${webserver.url.replace('http', 'ws')}/example.com/devices/innovaphone-devices`, { password })).close()
  service.process.kill('SIGTERM')
  t.equal(await service.exited, 0)
  await webserver.stop()
})

t.test('what is wrong is said, without a stack', async t => {
  const folder = temporaryFolder()
  const busy = start(folder, [`--webserver=${folder}/none`, `--working-path=${folder}/w`, '--log-path=/proc/nowhere'])
  while (!/started at/.test(busy.words())) await new Promise(resolve => setTimeout(resolve, 20))
  for (const [args, words] of [
    [[`--webserver=${folder}/none`, '--db-hots=x'], /unknown option '--db-hots=x'\n\(Did you mean --db-host\?\)/],
    [[`--webserver=${folder}/none`, '--log-flags=loud'], /0x8003/],
    [[`--webserver=${folder}/none`], /another process already serves/],
    [['--db-host=/run'], /--db-host goes with --webserver/],
    [['--webserver=', '--log-flags=1'], /--log-flags goes with --webserver/],
  ] as const) {
    const result = await runCommand([`--working-path=${folder}/w`, ...args, ...(args.length === 1 && args[0].startsWith('--webserver=/') ? ['--log-path=/proc/nowhere'] : [])])
    t.not(result.code, 0, args.join(' '))
    t.match(result.err, words)
    t.notMatch(result.err, /\n\s+at /)
  }
  busy.process.kill('SIGTERM')
  t.equal(await busy.exited, 0)
})
