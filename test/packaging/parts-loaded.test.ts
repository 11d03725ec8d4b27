/**
 * The listener's part is loaded only where a listener is asked for, so that a platform with a C library too old for it can run
 * the service; and where it cannot be loaded, the instances go on.
 */
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { AppClient } from '../fixtures/app-client.ts'
import { freePort, temporaryFolder } from '../fixtures/service.ts'
import { PASSWORD, startFakePlatform } from '../fake-platform/platform.ts'

const ASSETS = path.resolve('dist/assets')
const ADDONS = ['better_sqlite3', 'uws'] as const
const digest = (file: string): string => createHash('sha256').update(fs.readFileSync(file)).digest('hex')

/** Addons whose code is mapped into a process. They are loaded from files without a name, which stay open: known by their content. */
function loadedIn(pid: number): string[] {
  const mapped = new Set([...fs.readFileSync(`/proc/${pid}/maps`, 'utf8').matchAll(/^\S+ r-xp \S+ \S+ (\d+)/gm)].map(([, inode]) => Number(inode)))
  const open = fs.readdirSync(`/proc/${pid}/fd`).map(fd => `/proc/${pid}/fd/${fd}`).filter(file => {
    const about = fs.statSync(file, { throwIfNoEntry: false })
    return about?.isFile() === true && mapped.has(about.ino) && about.size < 2 ** 25
  })
  const found = new Set(open.map(digest))
  return ADDONS.filter(name => found.has(digest(path.join(ASSETS, `${name}.node`))))
}

t.test('under the manager the database is loaded and the listener is not', async t => {
  const platform = await startFakePlatform()
  const base = await platform.startInstance('devices')
  await (await AppClient.login(`${base.replace(/^http/, 'ws')}/innovaphone-devices`, { password: PASSWORD })).close()
  t.strictSame(loadedIn(platform.process.pid ?? 0), ['better_sqlite3'])
  await platform.stop()
})

t.test('with --listen both are', async t => {
  const platform = await startFakePlatform({ args: [`--listen=127.0.0.1:${await freePort()}`] })
  await platform.startInstance('devices')
  t.strictSame(loadedIn(platform.process.pid ?? 0), ['better_sqlite3', 'uws'])
  await platform.stop()
})

/** Asks for a version of the C library that no machine has, as the addon does on a machine that is too old for it. */
function tooNew(addon: Buffer): Buffer {
  const changed = Buffer.from(addon)
  const at = changed.indexOf('GLIBC_2.36\0')
  if (at < 0) throw new Error('the addon does not name the version')
  changed.write('GLIBC_2.99', at)
  // The loader compares hashes of names, not the names: the entry gets the hash of the new one (System V ABI, "Hash Table").
  const hash = (name: string): number => [...Buffer.from(name)].reduce((sum, byte) => {
    const next = ((sum << 4) >>> 0) + byte
    const high = next & 0xf0000000
    return ((next ^ (high >>> 24)) & ~high) >>> 0
  }, 0)
  const old = Buffer.alloc(4)
  old.writeUInt32LE(hash('GLIBC_2.36'))
  for (let entry = changed.indexOf(old); entry >= 0; entry = changed.indexOf(old, entry + 4)) changed.writeUInt32LE(hash('GLIBC_2.99'), entry)
  return changed
}

t.test('a listener whose part cannot be loaded says why, and the instances go on', async t => {
  const folder = temporaryFolder()
  const assets = path.join(folder, 'assets')
  fs.cpSync(ASSETS, assets, { recursive: true })
  fs.writeFileSync(path.join(assets, 'uws.node'), tooNew(fs.readFileSync(path.join(ASSETS, 'uws.node'))))
  // From the checkout, where the parts are files that can be exchanged.
  const executable = path.join(folder, 'devices')
  fs.writeFileSync(executable, `#!/bin/sh\nDEVICES_ASSETS='${assets}' exec '${process.execPath}' '${path.resolve('app/main.ts')}' "$@"\n`, { mode: 0o755 })
  const port = await freePort()
  const platform = await startFakePlatform({ executable, args: [`--listen=127.0.0.1:${port}`] })
  const base = await platform.startInstance('devices')
  const client = await AppClient.login(`${base.replace(/^http/, 'ws')}/innovaphone-devices`, { password: PASSWORD })
  t.match(await client.request('GetUserInfo'), { admin: true })
  await client.close()
  await t.rejects(fetch(`http://127.0.0.1:${port}/`), 'there is no listener')
  const logs = path.join(platform.folder, 'log')
  const lines = fs.readdirSync(logs, { recursive: true, encoding: 'utf8' }).map(name => path.join(logs, name)).filter(file => fs.statSync(file).isFile()).map(file => fs.readFileSync(file, 'utf8')).join('')
  t.match(lines, /error service: the part uws cannot be loaded on this machine: its C library is too old, GLIBC_2\.99 is needed\n/)
  await platform.stop()
  t.equal(await platform.exited, 0)
})
