/** What tunnels need of the rest of the service: a connected device, and the answer to "may this key reach this device?". */

/** The sysclient connection of one authenticated device, as tunnels see it. */
export interface DeviceChannel {
  readonly hwId: string
  /** Sends one sysclient frame (at most `LIMITS.tunnelFrameOut` bytes). The bytes are taken before the call returns: the caller uses the memory again. */
  sendFrame(frame: Uint8Array): 'sent' | 'queued' | 'full' | 'closed'
  /** Groups frames sent inside into as few system calls as possible. */
  cork(callback: () => void): void
  /** Bytes waiting on this connection. */
  readonly buffered: number
  /** Tunnels of this connection; created by the passthrough room at the first use, undefined on an idle device. */
  tunnels: TunnelEnds | undefined
}

/** How the sysclient channel hands events to the tunnels of a device. */
export interface TunnelEnds {
  /** A tunnel frame from the device; `data` is valid during the call only. */
  frame(session: number, event: number, data: Uint8Array): void
  /** The device connection can take more. */
  drained(): void
  /** The device connection is gone. */
  closed(): void
}

/** Why a key does not reach a device: bad key or no right 403, no such device 404, not connected 503. */
export type Refused = { readonly status: 403 | 404 | 503, readonly text: string }

export interface Reached {
  readonly channel: DeviceChannel
  /** The app session that owns the key; tunnels end with it. */
  readonly owner: TunnelOwner
  /** `session`: the key of GetUserInfo, good for every visible device. `device`: a key of OpenTunnel, good for this device only. */
  readonly scope: 'session' | 'device'
  /** Addresses of the device itself (its Ethernet interfaces), so that a redirect to one of them stays in the tunnel. Asked when one might be. */
  addresses(): readonly string[]
}

export interface TunnelOwner {
  /** Called once when the session ends (websocket closed, signed out). Returns a function that cancels the callback. */
  onEnd(callback: () => void): () => void
  /** The key of this session for one device only (made at the first call). */
  deviceKey(hwId: string): string
  /** Called when CloseTunnel or the loss of rights ends the access to one device. */
  onDeviceEnd(hwId: string, callback: () => void): () => void
}

export interface TunnelAccess {
  /** `hwId` as in the URL (any case, dashes removed by the callee); `key` as in the URL. */
  reach(hwId: string, key: string): Reached | Refused
}
