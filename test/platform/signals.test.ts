/** Signals to the executable under a manager (app-platform-local 1.3). */
import fs from 'node:fs'
import t from 'tap'
import { startFakePlatform, type FakePlatform } from '../fake-platform/platform.ts'

/** Inodes of the listening TCP sockets that the process holds. */
function listening({ process: { pid } }: FakePlatform): string[] {
  const inodes = new Set<string>()
  for (const table of ['tcp', 'tcp6']) {
    for (const line of fs.readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n')) {
      const columns = line.trim().split(/\s+/)
      if (columns[3] === '0A') inodes.add(columns[9] ?? '')
    }
  }
  return fs.readdirSync(`/proc/${pid}/fd`).flatMap(name => {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(fs.readlinkSync(`/proc/${pid}/fd/${name}`))?.[1]
      return inode !== undefined && inodes.has(inode) ? [inode] : []
    } catch {
      return [] // closed meanwhile
    }
  })
}

t.test('SIGUSR1 opens no debugger; it, SIGPIPE and SIGCHLD end nothing', async t => {
  const platform = await startFakePlatform()
  const base = await platform.startInstance('devices')
  t.same(listening(platform), [], 'under a manager it listens nowhere')
  for (const signal of ['SIGUSR1', 'SIGPIPE', 'SIGCHLD'] as const) platform.process.kill(signal)
  await new Promise(resolve => setTimeout(resolve, 500))
  t.same(listening(platform), [])
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
