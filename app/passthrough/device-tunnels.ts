import { TUNNEL, TUNNEL_HEADER, TunnelEvent } from '../protocol/sysclient-frames.ts'
import type { TunnelBounds } from './bounds.ts'
import type { ByteQueue } from './byte-queue.ts'
import type { DeviceChannel, TunnelEnds } from './channel.ts'
import { Tunnel } from './tunnel.ts'
import type { TunnelCarrier, TunnelUser } from './tunnel.ts'

/** Length of one tick of coarse tunnel time in milliseconds: one timer for all tunnels, whatever their number. */
export const TICK = 1_000

/** What the tunnels of all devices share. */
export interface TunnelFleet {
  readonly bounds: TunnelBounds
  tick: number
  /** Tunnels in use, all devices together. */
  live: number
  sent: number
  received: number
  /** Called when a device gets its first and loses its last session, so that the timer runs only while it is needed. */
  busy(device: DeviceTunnels): void
  idle(device: DeviceTunnels): void
  /** A device did something wrong; `what` names it for the operator and holds nothing secret. */
  trouble(hwId: string, what: string): void
  opened(): void
}

const dword = (target: Uint8Array, at: number, value: number): void => {
  target[at] = value >>> 24
  target[at + 1] = value >>> 16
  target[at + 2] = value >>> 8
  target[at + 3] = value
}

const frameOf = (event: number, size: number): Buffer => {
  const frame = Buffer.alloc(size)
  frame[0] = TUNNEL
  frame[8] = event
  return frame
}

// Written into again for every frame: `sendFrame` takes the bytes before it returns.
const recvFrame = frameOf(TunnelEvent.Recv, TUNNEL_HEADER + 4)
const shutdownFrame = frameOf(TunnelEvent.Shutdown, TUNNEL_HEADER)
let sendFrame = frameOf(TunnelEvent.Send, TUNNEL_HEADER)

const LAST_ID = 0xffffffff

/** All tunnel sessions of one device connection (wire-protocols 2.11). */
export class DeviceTunnels implements TunnelEnds, TunnelCarrier {
  readonly channel: DeviceChannel
  blocked = false
  asksLate = false
  #fleet: TunnelFleet
  #live = new Map<number, Tunnel>()
  #closing = new Map<number, Tunnel>()
  #waiting = new Set<Tunnel>()
  #lastId: number
  #gone = false
  #opening: { tunnel: Tunnel, queue: ByteQueue } | undefined
  #open = (): void => {
    if (!this.#opening) return
    const { tunnel, queue } = this.#opening
    this.#opening = undefined
    tunnel.send(queue)
    tunnel.askEarly()
  }

  constructor(channel: DeviceChannel, fleet: TunnelFleet, lastId = 0) {
    this.channel = channel
    this.#fleet = fleet
    this.#lastId = lastId
  }

  get tick(): number { return this.#fleet.tick }
  /** Sessions in use. */
  get live(): number { return this.#live.size }

  /** True while one more session may be opened. */
  get hasPlace(): boolean {
    const { bounds } = this.#fleet
    return this.#live.size < bounds.tunnelsPerDevice && this.#fleet.live < bounds.tunnels
  }

  /** A new session, or undefined when a bound is reached. Its first SEND is written by `begin`. */
  open(user: TunnelUser): Tunnel | undefined {
    if (!this.hasPlace) return undefined
    const tunnel = new Tunnel(this.#nextId(), this, user)
    if (this.#live.size + this.#closing.size === 0) this.#fleet.busy(this)
    this.#live.set(tunnel.id, tunnel)
    this.#fleet.live++
    this.#fleet.opened()
    return tunnel
  }

  /** Writes the first SEND and its RECV, in one system call where the channel can. Only when `maySend` of the tunnel said so. */
  begin(tunnel: Tunnel, queue: ByteQueue): void {
    this.#opening = { tunnel, queue }
    this.channel.cork(this.#open)
    this.#open() // a channel that is just closing may not call back
  }

  #nextId(): number {
    let id = this.#lastId
    do id = id >= LAST_ID ? 1 : id + 1
    while (this.#live.has(id) || this.#closing.has(id))
    this.#lastId = id
    return id
  }

  // from the device

  frame(session: number, event: number, data: Uint8Array): void {
    const tunnel = this.#live.get(session) ?? this.#closing.get(session)
    if (tunnel) {
      if (event === TunnelEvent.RecvResult) this.#fleet.received += data.length
      if (!tunnel.frame(event, data)) this.#fleet.trouble(this.channel.hwId, 'an answer nobody asked for in a tunnel session')
      return
    }
    if (event === TunnelEvent.Shutdown) return
    this.#fleet.trouble(this.channel.hwId, 'a frame for an unknown tunnel session')
    if (event === TunnelEvent.RecvResult || event === TunnelEvent.SendResult) this.writeShutdown(session)
  }

  drained(): void {
    this.blocked = false
    for (const tunnel of this.#waiting) {
      if (this.blocked || this.#gone) return
      this.#waiting.delete(tunnel)
      tunnel.resume()
    }
  }

  closed(): void {
    if (this.#gone) return
    this.#gone = true
    const lost = [...this.#live.values()]
    this.#fleet.live -= lost.length
    if (lost.length + this.#closing.size > 0) this.#fleet.idle(this)
    this.#live.clear()
    this.#closing.clear()
    this.#waiting.clear()
    for (const tunnel of lost) tunnel.lost()
  }

  // for the tunnels

  writeSend(session: number, queue: ByteQueue): number {
    const { bounds } = this.#fleet
    const room = Math.min(bounds.tunnelSend, bounds.tunnelFrameOut - TUNNEL_HEADER)
    if (sendFrame.length < TUNNEL_HEADER + room) sendFrame = frameOf(TunnelEvent.Send, TUNNEL_HEADER + room)
    dword(sendFrame, 1, session)
    const size = queue.readInto(sendFrame, TUNNEL_HEADER, room)
    this.#fleet.sent += size
    this.#write(sendFrame.subarray(0, TUNNEL_HEADER + size))
    return size
  }

  writeRecv(session: number): void {
    dword(recvFrame, 1, session)
    dword(recvFrame, TUNNEL_HEADER, this.#fleet.bounds.tunnelReceive)
    this.#write(recvFrame)
  }

  writeShutdown(session: number): void {
    dword(shutdownFrame, 1, session)
    this.#write(shutdownFrame)
  }

  #write(frame: Uint8Array): void {
    if (this.#gone) return
    const result = this.channel.sendFrame(frame)
    if (result === 'sent') return
    if (result === 'queued') this.blocked = true
    else this.closed()
  }

  wait(tunnel: Tunnel): void { this.#waiting.add(tunnel) }

  retire(tunnel: Tunnel): void {
    this.#waiting.delete(tunnel)
    if (!this.#live.delete(tunnel.id)) return
    this.#fleet.live--
    this.#closing.set(tunnel.id, tunnel)
    tunnel.activeAt = this.tick
    if (this.#closing.size > this.#fleet.bounds.tunnelsClosing) {
      for (const oldest of this.#closing.keys()) {
        this.#closing.delete(oldest)
        break
      }
    }
  }

  free(tunnel: Tunnel): void {
    if (this.#closing.delete(tunnel.id) && this.#live.size + this.#closing.size === 0) this.#fleet.idle(this)
  }

  learned(asksLate: boolean): void { this.asksLate = asksLate }

  /** Looks after silent sessions; called once per tick. */
  watch(): void {
    const { bounds, tick } = this.#fleet
    const silence = bounds.tunnelSilence / TICK
    for (const tunnel of this.#closing.values()) {
      if (tick - tunnel.activeAt < bounds.tunnelShutdown / TICK) break
      tunnel.expire()
    }
    for (const tunnel of this.#live.values()) {
      const quiet = tick - tunnel.activeAt
      if (tunnel.sending ? quiet > silence : tunnel.asking && quiet > tunnel.patience / TICK) {
        this.#fleet.trouble(this.channel.hwId, 'no answer in time in a tunnel session')
        tunnel.fail('silent')
      } else if (tunnel.mayRepeat && quiet >= bounds.tunnelRepeatReceive / TICK) tunnel.repeat()
    }
  }
}
