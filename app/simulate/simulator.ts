/** A fleet of simulated devices in one process. */
import { LIMITS } from '../limits.ts'
import { UsageError } from '../errors.ts'
import { SimulatedDevice } from './device/device.ts'
import type { DeviceEvent, DeviceSettings } from './device/settings.ts'
import { PLATFORM_TYPES, isDeviceKind, makeIdentity } from './device/identity.ts'
import type { DeviceKind, Identity } from './device/identity.ts'
import { DEALT_FAULTS } from './device/oddities.ts'
import type { EndOfStream } from './device/oddities.ts'
import { pick, seededRandom } from './random.ts'
import { MemoryPasswords, StateFile } from './state-file.ts'
import type { ChangeMeaning } from './web/configuration.ts'

export interface SimulatorOptions {
  /** `ws://` or `wss://…/sysclients`, with query parameters if wanted. May be left out when `initUrl` is given. */
  readonly url?: string
  /** Parameters of automatic provisioning, `domain=…&token=…&category=…`, appended to `url` as they are (features 5.4). */
  readonly query?: string
  /** Update URL: the devices start with factory settings and poll it until it tells them where to register (features 5.3). */
  readonly initUrl?: string
  /** Pause between polls of `initUrl`, in ms (default one minute: device-commands 1.4, `/poll-fast`). */
  readonly pollEvery?: number
  /** Number of devices (default 1). */
  readonly count?: number
  /** Default `mix`. */
  readonly type?: DeviceKind | 'mix'
  /** The same seed makes the same devices (default 1). */
  readonly seed?: number
  /** File that keeps the passwords; without it they live as long as the process. */
  readonly stateFile?: string
  /** Provisioning code, sent by devices that have no password; several: one for each device, in their order. */
  readonly code?: string | readonly string[]
  /** Accept any certificate. */
  readonly insecure?: boolean
  /** Delay of every answer in tunnels, in ms. */
  readonly slow?: number
  /** Share of devices with a fault, in percent. */
  readonly faulty?: number
  /** Mean time between restarts of one device, in seconds; 0 means never. */
  readonly rebootEvery?: number
  /** Forget all passwords at start. */
  readonly longReset?: boolean
  /** Devices started per second (default: all at once). */
  readonly rate?: number
  /** Connect from 127.0.1.1, 127.0.1.2 … in turn, this many addresses. */
  readonly localAddresses?: number
  /** Pauses before reconnects, in ms (default 1 s to 60 s). */
  readonly reconnect?: { readonly first: number, readonly most: number }
  /** How long a restart takes, in ms (default 3 s). */
  readonly restartMs?: number
  /** Payload of one RECV_RESULT at most, in bytes (default 8000). */
  readonly chunk?: number
  readonly endOfStream?: EndOfStream
  readonly configChange?: ChangeMeaning
  /** Largest frame taken from the service, in bytes (default 16384: wire-protocols 2.1). */
  readonly maxFrame?: number
  /** Tunnelled requests each device remembers (default 200). */
  readonly records?: number
  /** Changes to the made-up identity of each device. */
  readonly identity?: (number: number) => Partial<Identity>
  readonly now?: () => number
  readonly onEvent?: (device: SimulatedDevice, event: DeviceEvent) => void
}

export interface Simulator {
  readonly devices: readonly SimulatedDevice[]
  /** Starts all devices at the given rate; resolves when the last one was started, not when it is connected. */
  start(): Promise<void>
  /** Disconnects all and closes the state file. */
  stop(): Promise<void>
  /** Throws `UsageError` `no-such-device`. */
  device(hwId: string): SimulatedDevice
}

const TICK_MS = 50

/** Checks the options and makes the devices; none connects before `start`. Throws `UsageError`. */
export async function createSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { count = 1, type = 'mix', seed = 1 } = options
  check(options, count)
  const { initUrl, code } = options
  const url = initUrl === undefined ? `${options.url ?? ''}${options.query ? `${options.url?.includes('?') ? '&' : '?'}${options.query}` : ''}` : ''
  const passwords = options.stateFile === undefined ? new MemoryPasswords() : await StateFile.open(options.stateFile)
  const settings: DeviceSettings = {
    passwords, insecure: options.insecure ?? false, reconnect: options.reconnect ?? { first: 1_000, most: 60_000 }, maxFrame: options.maxFrame ?? 16_384,
    chunk: options.chunk ?? 8_000, endOfStream: options.endOfStream ?? 'shutdown', configChange: options.configChange ?? 'replace',
    restartMs: options.restartMs ?? 3_000, now: options.now ?? Date.now, records: options.records ?? LIMITS.simulatedRecords.value,
    initUrl, pollEvery: options.pollEvery ?? 60_000, onEvent: options.onEvent,
  }
  const random = seededRandom(seed)
  const devices = Array.from({ length: count }, (_, number) => {
    const identity = { ...makeIdentity(type, seed, number), ...options.identity?.(number) }
    const device = new SimulatedDevice(kindOf(identity), identity, url, typeof code === 'object' ? code[number] : code, localAddress(options.localAddresses, number), settings, random)
    device.slow = options.slow ?? 0
    if (random() * 100 < (options.faulty ?? 0)) device.setFaulty(pick(random, DEALT_FAULTS))
    return device
  })
  if (options.longReset) await Promise.all(devices.map(device => device.setPassword(undefined)))
  const byId = new Map(devices.map(device => [device.id, device]))
  let stopped = false
  let restarts: NodeJS.Timeout | undefined

  return {
    devices,
    async start() {
      const perTick = options.rate === undefined ? count : options.rate * TICK_MS / 1000
      let due = 0
      let next = 0
      while (next < count && !stopped) {
        for (due += perTick; next < Math.min(count, Math.floor(due)); next++) devices[next]?.connect()
        if (next < count) await new Promise(resolve => setTimeout(resolve, TICK_MS))
      }
      if (options.rebootEvery && !stopped) restarts = rebootNowAndThen(devices, options.rebootEvery, random)
    },
    async stop() {
      stopped = true
      clearInterval(restarts)
      for (const device of devices) device.disconnect()
      await Promise.all(devices.map(device => device.untilDisconnected()))
      await passwords.close()
    },
    device(hwId) {
      const device = byId.get(hwId)
      if (!device) throw new UsageError('no-such-device', `no simulated device ${hwId}`)
      return device
    },
  }
}

function check({ url = '', initUrl, rate, localAddresses = 0, faulty = 0 }: SimulatorOptions, count: number): void {
  const scheme = /^(wss?):\/\/[^/]/.exec(url)
  if (initUrl !== undefined ? !/^https?:\/\/[^/]/.test(initUrl) || !URL.canParse(initUrl) : !scheme || !URL.canParse(url)) throw new UsageError('bad-url', 'the address must be ws://… or wss://…, ending in /sysclients')
  if (!Number.isInteger(count) || count < 1 || count > LIMITS.simulatedDevices.value) throw new UsageError('bad-count', `the count must be 1 to ${LIMITS.simulatedDevices.value}`)
  if (rate !== undefined && !(rate > 0)) throw new UsageError('bad-rate', 'the rate must be above 0')
  if (!Number.isInteger(localAddresses) || localAddresses < 0 || localAddresses > 50_000) throw new UsageError('bad-local-addresses', 'local addresses must be 0 to 50000')
  if (!(faulty >= 0 && faulty <= 100)) throw new UsageError('bad-share', 'the share of faulty devices must be 0 to 100 percent')
}

function kindOf(identity: Identity): DeviceKind {
  for (const [kind, type] of Object.entries(PLATFORM_TYPES)) if (type === identity.platform.type && isDeviceKind(kind)) return kind
  return 'phone'
}

/** 127.0.1.1 to 127.0.1.250, then 127.0.2.1 and so on: ports are counted per address. */
function localAddress(addresses: number | undefined, number: number): string | undefined {
  if (!addresses) return undefined
  const at = number % addresses
  return `127.0.${1 + Math.floor(at / 250)}.${1 + at % 250}`
}

/** One timer for the whole fleet: in each second as many restart as the mean asks for. */
function rebootNowAndThen(devices: readonly SimulatedDevice[], everySeconds: number, random: () => number): NodeJS.Timeout {
  let due = 0
  return setInterval(() => {
    for (due += devices.length / everySeconds; due >= 1; due--) {
      const device = pick(random, devices)
      if (device.connected) device.reboot()
    }
  }, 1000)
}
