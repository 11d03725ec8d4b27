/** `devices simulate`: what a new user tries the product with, and the load generator of tests. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { DEVICE_KINDS } from './device/identity.ts'
import type { DeviceKind } from './device/identity.ts'
import { createSimulator } from './simulator.ts'
import type { Simulator } from './simulator.ts'

interface Flags {
  url?: string, query?: string, initUrl?: string, interface?: string, count: number, type: DeviceKind | 'mix', state?: string, code?: string, seed: number, insecure?: boolean, slow: number, faulty: number,
  rebootEvery: number, longReset?: boolean, rate?: number, localAddresses?: number, quiet?: boolean
}

const number = (text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new InvalidArgumentError('It must be a number.')
  return value
}

const STATUS_EVERY_MS = 5_000
/** An interactive fleet remembers little per device: it may be large and run for long. */
const RECORDS = 5
const DEVICES_PER_ADDRESS = 4_000

/** The `simulate` command, to be added to the executable's commands. Ends with SIGINT or SIGTERM. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description('simulated devices that register, keep their password and answer through tunnels')
    .option('--url <url>', 'registration address of the service: ws://… or wss://…, ending in /sysclients')
    .option('--query <parameters>', 'appended to --url: domain=…&token=…&category=…')
    .option('--init-url <url>', 'instead of --url: update address that factory-new devices poll, http(s)://…/init')
    .option('--count <number>', 'how many devices', number, 1)
    .addOption(new Option('--type <type>', 'kind of the devices').choices([...DEVICE_KINDS, 'mix']).default('mix'))
    .option('--state <file>', 'keeps the passwords of the devices; without it they are forgotten at the end')
    .option('--code <codes>', 'provisioning code, sent by devices without a password; several with commas: one for each device')
    .option('--interface <name=code>', 'the first gateway with analogue interfaces provisions this one with a code: TEL1=123456789012')
    .option('--seed <number>', 'the same seed makes the same devices', number, 1)
    .option('--insecure', 'accept any certificate')
    .option('--slow <ms>', 'delay of every answer in tunnels', number, 0)
    .option('--faulty <percent>', 'share of devices that misbehave', number, 0)
    .option('--reboot-every <seconds>', 'mean time between restarts of a device; 0 means never', number, 0)
    .option('--long-reset', 'forget the passwords at start')
    .option('--rate <number>', 'devices started per second', number)
    .option('--local-addresses <number>', 'connect from this many addresses, 127.0.1.1 and up (default: one per 4000 devices when the service is on 127.0.0.1)', number)
    .option('--quiet', 'print nothing but errors')
    .action(run)
}

async function run(flags: Flags): Promise<void> {
  const failures = new Map<string, number>()
  const { state, quiet, code, interface: asked, ...options } = flags
  const codes = code?.split(',')
  let provision = asked?.split('=')
  const simulator = await createSimulator({
    ...options, ...(codes ? { code: codes.length > 1 ? codes : codes.join('') } : {}), localAddresses: flags.localAddresses ?? spread(flags), ...(state === undefined ? {} : { stateFile: state }), records: RECORDS,
    onEvent: (device, event) => {
      if (event.kind === 'failed') failures.set(event.text, (failures.get(event.text) ?? 0) + 1)
      if (event.kind !== 'authenticated' || !provision || !device.identity.platform.fxs) return
      const [name = '', digits = ''] = provision
      provision = undefined
      void device.provision(name, digits).then(error => process.stdout.write(`${name} of ${device.id}: ${error ?? 'provisioned'}\n`))
    },
  })
  let shown = ''
  const show = (): void => {
    const text = summary(simulator, failures)
    if (!quiet && text !== shown) process.stdout.write(`${text}\n`)
    shown = text
    failures.clear()
  }
  const status = setInterval(show, STATUS_EVERY_MS)
  const ended = new Promise<void>(resolve => { for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve) })
  await Promise.race([simulator.start(), ended])
  await ended
  clearInterval(status)
  show()
  await simulator.stop()
}

/** An address has some 28,000 ports at most, and the service bounds the devices of one address. */
const spread = ({ url = '', count }: Flags): number => /^wss?:\/\/127\./.test(url) && count > DEVICES_PER_ADDRESS ? Math.ceil(count / DEVICES_PER_ADDRESS) : 0

function summary({ devices }: Simulator, failures: ReadonlyMap<string, number>): string {
  const count = (test: (device: Simulator['devices'][number]) => boolean): number => devices.filter(test).length
  const sessions = devices.reduce((sum, device) => sum + device.sessions, 0)
  const trouble = [...failures].map(([text, times]) => `; ${times} x ${text}`).join('')
  return `${devices.length} devices: ${count(device => device.connected)} connected, ${count(device => device.authenticated)} authenticated, ` +
    `${count(device => device.password === undefined)} without password, ${sessions} tunnel sessions${trouble}`
}
