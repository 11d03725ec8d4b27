/** What the devices of one simulator share, and what they tell about themselves. */
import type { PasswordStore } from '../state-file.ts'
import type { ChangeMeaning } from '../web/configuration.ts'
import type { ConnectionSettings } from './connection.ts'
import type { SimulatedDevice } from './device.ts'
import type { EndOfStream } from './oddities.ts'
import type { Warning } from './registration.ts'

/** What all devices of a simulator share. */
export interface DeviceSettings extends ConnectionSettings {
  readonly passwords: PasswordStore
  readonly chunk: number
  readonly endOfStream: EndOfStream
  readonly configChange: ChangeMeaning
  /** How long a restart takes, in ms. */
  readonly restartMs: number
  readonly now: () => number
  /** Update URL that a device with factory settings polls for its registration address (features 5.3); undefined: it knows the address. */
  readonly initUrl: string | undefined
  /** Pause between its polls, in ms. */
  readonly pollEvery: number
  /** How many tunnelled requests each device remembers. */
  readonly records: number
  readonly onEvent: ((device: SimulatedDevice, event: DeviceEvent) => void) | undefined
}

export type DeviceEvent =
  | { readonly kind: 'connected' | 'authenticated' | 'password' | 'admin-password' | 'challenged-without-password' | 'rebooted' | 'configuration' | 'request' }
  | { readonly kind: 'disconnected', readonly code: number }
  | { readonly kind: 'failed', readonly text: string }
  | { readonly kind: 'warning', readonly code: Warning | 'frame' }

/** A request that came through a tunnel; `status` is 0 until it is answered. */
export interface TunnelledRequest { readonly method: string, readonly target: string, readonly headers: ReadonlyMap<string, string>, status: number }
