// npm run demo:ap: the executable as a service of a fake App Platform (manager and webserver), with two instances and simulated
// devices in the first. Ends with Ctrl-C. usage: node scripts/demo-ap.mjs [--port port] [--folder folder] [--count devices]
import fs from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { createSimulator } from '../app/simulate/simulator.ts'
import { PASSWORD, startFakePlatform } from '../test/fake-platform/platform.ts'

const { values: options } = parseArgs({ options: { port: { type: 'string', default: '0' }, folder: { type: 'string', default: 'data/demo-ap' }, count: { type: 'string', default: '100' } } })
const folder = path.resolve(options.folder)
fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
for (const socket of ['manager', 'webserver']) fs.rmSync(path.join(folder, socket), { force: true })

// Ctrl-C reaches this script alone, which ends the service as a manager does.
const platform = await startFakePlatform({ folder, port: Number(options.port), detached: true })
const ended = new Promise(resolve => { for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve) })
const first = await platform.startInstance('devices')
const second = await platform.startInstance('devices', 'second.example')
const simulator = await createSimulator({
  url: `${first.replace(/^http/, 'ws')}/sysclients`, count: Number(options.count), type: 'mix', stateFile: path.join(folder, 'simulated-devices'), rate: 100, records: 5,
  reconnect: { first: 1_000, most: 15_000 },
})
await simulator.start()
console.log(`Devices on a fake App Platform, with ${options.count} simulated devices. Ctrl-C ends it.
  Open      ${first}/
            ${second}/
  Sign in   domain example.com or second.example, password ${PASSWORD}
  Logs      ${path.join(folder, 'log/devices')}`)
const left = await Promise.race([ended.then(() => undefined), platform.exited])
if (left !== undefined) console.log(`The service ended with code ${left}.`)
await simulator.stop()
await platform.stop()
process.exit(left === undefined ? 0 : 1)
