/** Signals to the executable under a manager (app-platform-local 1.3). */
import t from 'tap'
import { startFakePlatform } from '../fake-platform/platform.ts'
import { listeningSockets } from '../fixtures/listening-sockets.ts'

t.test('SIGUSR1 opens no debugger; it, SIGPIPE and SIGCHLD end nothing', async t => {
  const platform = await startFakePlatform()
  const base = await platform.startInstance('devices')
  t.same(listeningSockets(platform.process), [], 'under a manager it listens nowhere')
  for (const signal of ['SIGUSR1', 'SIGPIPE', 'SIGCHLD'] as const) platform.process.kill(signal)
  await new Promise(resolve => setTimeout(resolve, 500))
  t.same(listeningSockets(platform.process), [])
  t.notMatch(platform.log(), /debugger/i)
  t.equal((await fetch(`${base}/`, { redirect: 'manual' })).status, 302, 'it goes on')
  await platform.stop()
  t.equal(await platform.exited, 0)
})

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  t.test(`${signal}: instances stop, the manager is told and ends it`, async t => {
    const platform = await startFakePlatform()
    await platform.startInstance('devices')
    platform.process.kill(signal)
    await platform.manager.until({ mt: 'AppStatusUpdate', appName: 'devices', status: false })
    await platform.manager.until({ mt: 'AppServiceCloseComplete' })
    t.equal(platform.process.exitCode, null, 'it waits for the manager')
    platform.manager.hangUp()
    t.equal(await platform.exited, 0)
    await platform.stop()
  })
}
