/** One device connection: its protocol state and what little else must be held per device. */
import type { Peer } from '../hosts/exchange.ts'
import type { DeviceChannel, TunnelEnds } from '../passthrough/channel.ts'
import type { AuthRow } from '../devices/device-store.ts'
import { START, type State } from './machine.ts'

export class Link implements DeviceChannel {
  peer: Peer<Link> | undefined = undefined
  state: State = START
  tunnels: TunnelEnds | undefined = undefined
  /** Query of the registration URL; kept until the device is assigned (automatic provisioning). May hold a token: never logged. */
  query: string
  /** Pending password that was sent on this connection and is not yet known to have arrived. */
  delivering: { readonly deviceId: number, readonly password: string } | undefined = undefined
  /** The row read at Identify; kept until the device is in or refused. */
  row: AuthRow | undefined = undefined
  /** `DeviceStore.version` when `row` was read. */
  rowVersion = 0
  /** It reached the service by a name that the service had before its address changed. */
  byFormerHost = false
  violations = 0
  /** Admin frames in the current minute. */
  frames = 0
  minute = 0

  constructor(query: string) { this.query = query }

  get hwId(): string { return 'hwId' in this.state ? this.state.hwId : '' }
  get deviceId(): number { return 'deviceId' in this.state ? this.state.deviceId : 0 }
  get address(): string { return this.peer?.address ?? '' }

  sendFrame(frame: Uint8Array): 'sent' | 'queued' | 'full' | 'closed' { return this.peer ? this.peer.send(frame) : 'closed' }
  cork(callback: () => void): void { this.peer?.cork(callback) }
  get buffered(): number { return this.peer?.buffered ?? 0 }
}
