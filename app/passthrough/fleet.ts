import type { TunnelBounds } from './bounds.ts'
import { Turn } from './turn.ts'
import { TICK, type DeviceTunnels, type TunnelFleet } from './device-tunnels.ts'

/** Counters of the service that tunnels feed. */
export type TunnelCounter = 'tunnels_opened' | 'tunnel_errors' | 'tunnel_bytes_to_devices' | 'tunnel_bytes_from_devices'

export interface FleetDeps {
  readonly clock: {
    /** Milliseconds since 1970. */
    now(): number
    /** Calls back regularly until the returned function is called. Without it the timer of the runtime is used. */
    every?(ms: number, callback: () => void): () => void
  }
  /** Calls back once, behind the current round of the event loop. Without it the runtime's own way is used. */
  readonly defer?: (run: () => void) => void
  readonly log: (level: 'debug' | 'info' | 'warn' | 'error', text: string) => void
  readonly count: (name: TunnelCounter, n?: number) => void
}

/** Lines per tick that devices may cause in the log. */
const LINES_PER_TICK = 10

const runtimeTimer = (ms: number, callback: () => void): () => void => {
  const timer = setInterval(callback, ms)
  timer.unref()
  return () => clearInterval(timer)
}

/** What the tunnels of all devices share: bounds, counters, and one coarse timer that runs only while there are tunnels. */
export class Fleet implements TunnelFleet {
  readonly bounds: TunnelBounds
  readonly turn: Turn
  tick = 0
  live = 0
  sent = 0
  received = 0
  readonly #deps: FleetDeps
  readonly #busy = new Set<DeviceTunnels>()
  #stop: (() => void) | undefined
  #lines = 0
  #told = { sent: 0, received: 0 }

  constructor(deps: FleetDeps, bounds: TunnelBounds) {
    this.#deps = deps
    this.bounds = bounds
    this.turn = new Turn(deps.defer ?? (run => { setImmediate(run) }))
  }

  /** Devices with tunnels. */
  get devices(): number { return this.#busy.size }

  busy(device: DeviceTunnels): void {
    this.#busy.add(device)
    this.#stop ??= (this.#deps.clock.every ?? runtimeTimer)(TICK, () => this.#watch())
  }

  idle(device: DeviceTunnels): void {
    this.#busy.delete(device)
    if (this.#busy.size > 0) return
    this.#stop?.()
    this.#stop = undefined
    this.#lines = 0
    this.#tell()
  }

  opened(): void { this.#deps.count('tunnels_opened') }

  trouble(hwId: string, what: string): void {
    this.#deps.count('tunnel_errors')
    if (this.#lines++ < LINES_PER_TICK) this.#deps.log('info', `device ${hwId}: ${what}`)
  }

  #watch(): void {
    this.tick++
    this.#lines = 0
    for (const device of this.#busy) device.watch()
    this.#tell()
  }

  #tell(): void {
    const { sent, received } = this
    if (sent > this.#told.sent) this.#deps.count('tunnel_bytes_to_devices', sent - this.#told.sent)
    if (received > this.#told.received) this.#deps.count('tunnel_bytes_from_devices', received - this.#told.received)
    this.#told = { sent, received }
  }
}
