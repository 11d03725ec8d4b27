/** Start, bad starts, backup and restore of the executable. */
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import t from 'tap'
import { AppClient } from '../fixtures/app-client.ts'
import { fill, filledDevice, filledPassword } from '../fixtures/fill.ts'
import { openFile } from '../../app/store/database.ts'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { PASSWORD, runCommand, startService, temporaryFolder } from '../fixtures/service.ts'

t.test('a bad start says what to do', async t => {
  const busy = net.createServer()
  busy.listen(0, '127.0.0.1')
  await once(busy, 'listening')
  const { port } = busy.address() as net.AddressInfo
  const folder = temporaryFolder()
  const file = path.join(folder, 'file')
  fs.writeFileSync(file, '')
  for (const [args, words] of [
    [['--lisen=1'], /unknown option '--lisen=1'\n\(Did you mean --listen\?\)/],
    [['bakup'], /too many arguments|unknown command 'bakup'/],
    [[`--listen=127.0.0.1:${port}`], /in use; stop the other program or choose another port with --listen/],
    [['--listen=nonsense'], /"nonsense" is no address to listen on/],
    [['--listen=127.0.0.1:99999'], /no address to listen on/],
    [['--working-path=/proc/nowhere'], /cannot be written .*--working-path/],
    [[`--working-path=${file}`], /cannot be written/],
    [['--tls-cert=x'], /--tls-cert and --tls-key go together/],
    [['--tls-cert=/no/cert', '--tls-key=/no/key'], /the TLS certificate \/no\/cert cannot be read/],
    [['--log-level=loud'], /Allowed choices are debug, info, warn, error/],
  ] as const) {
    const result = await runCommand([...(args.some(arg => arg.startsWith('--working-path')) ? [] : [`--working-path=${folder}/w`]), '--listen=127.0.0.1:0', ...args])
    t.not(result.code, 0, args.join(' '))
    t.match(result.err, words)
    t.notMatch(result.err, /\n\s+at /, 'no stack')
  }
  busy.close()
  t.match(await runCommand(['version']), { code: 0, out: /^devices \d+r\d+ \S+ \[\d+\] \(files [0-9a-f]+\)\n$/ })
})

t.test('the first start makes a password, keeps it to itself, and the second uses it', async t => {
  const first = await startService({ env: { DEVICES_APP_PASSWORD: '' } })
  const { workingPath } = first
  const file = path.join(workingPath, 'instance-password')
  const password = fs.readFileSync(file, 'utf8').trim()
  t.equal(fs.statSync(file).mode & 0o777, 0o600)
  t.match(password, /^[A-Za-z0-9]{15}$/)
  await (await AppClient.login(first.wsBase, { password })).close()
  await t.rejects(startService({ workingPath, env: { DEVICES_APP_PASSWORD: '' } }), /another process already serves/)
  t.equal(await first.stop(), 0)
  const second = await startService({ workingPath, env: { DEVICES_APP_PASSWORD: '' } })
  await (await AppClient.login(second.wsBase, { password })).close()
  await second.stop()
  for (const name of fs.readdirSync(workingPath)) {
    if (name !== 'instance-password') t.notOk(fs.readFileSync(path.join(workingPath, name)).includes(password), `${name} does not hold it in clear`)
  }
})

t.test('backup while running, restore, and the devices prove their passwords', async t => {
  const workingPath = temporaryFolder()
  fill(workingPath, 50)
  const service = await startService({ workingPath })
  const out = path.join(temporaryFolder(), 'backup.db')
  t.match(await runCommand(['backup', `--working-path=${workingPath}`, `--out=${out}`]), { code: 0, out: /50 devices, \d+ bytes, verified/ })
  t.equal(fs.statSync(out).mode & 0o777, 0o600)
  t.match(await runCommand(['backup', `--working-path=${workingPath}`, `--out=${out}`]), { code: 2, err: /exists already/ })
  t.match(await runCommand(['restore', `--working-path=${workingPath}`, `--in=${out}`]), { code: 2, err: /already serves/ }, 'not under a running service')
  const app = await AppClient.login(service.wsBase, { password: PASSWORD })
  const { devices } = await app.request('GetDevicesPage', { offset: 0, limit: 50 })
  for (const { id } of devices as { id: number }[]) await app.request('DeleteDevice', { id })
  await app.close()
  await service.stop()

  const damaged = `${out}.damaged`
  fs.writeFileSync(damaged, fs.readFileSync(out).fill(7, 5000, 9000))
  for (const [name, words] of [[damaged, /damaged|no usable backup/], [import.meta.filename, /no usable backup/], ['/nowhere', /there is no file/]] as const) {
    t.match(await runCommand(['restore', `--working-path=${workingPath}`, `--in=${name}`]), { code: 2, err: words }, name)
  }
  const other = temporaryFolder()
  for (const target of [workingPath, other]) {
    t.match(await runCommand(['restore', `--working-path=${target}`, `--in=${out}`]), { code: 0, out: /restored 50 devices/ })
    const restored = await startService({ workingPath: target })
    const { hwId, product, version, type } = filledDevice(9)
    const device = await PlainDevice.connect(`${restored.wsBase}/sysclients`, { id: hwId, product, version, type }, filledPassword(9))
    device.identify()
    await device.until(3, true)
    t.pass('in')
    await device.close()
    await restored.stop()
  }
  t.ok(fs.readdirSync(workingPath).some(name => name.startsWith('replaced-')), 'what was replaced is kept')
})

t.test('a database of a newer version and one of another key are refused', async t => {
  const workingPath = temporaryFolder()
  fill(workingPath, 1)
  const key = path.join(workingPath, 'secret.key')
  const right = fs.readFileSync(key)
  fs.writeFileSync(key, Buffer.alloc(32, 1).toString('base64'))
  await t.rejects(startService({ workingPath }), /belongs to another secret key/)
  fs.writeFileSync(key, 'short')
  await t.rejects(startService({ workingPath }), /does not hold a secret key/)
  fs.writeFileSync(key, right)
  const database = openFile(path.join(workingPath, 'devices.db'))
  database.exec('UPDATE __drizzle_migrations SET created_at = created_at + 1')
  database.close()
  await t.rejects(startService({ workingPath }), /newer version/)
  fs.writeFileSync(path.join(workingPath, 'devices.db'), 'no database at all, but long enough to be looked at')
  await t.rejects(startService({ workingPath }), /cannot be opened: file is not a database/)
})
