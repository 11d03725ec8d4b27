import { putDword, putTunnelHeader, TUNNEL_HEADER, TunnelEvent } from '../protocol/sysclient-frames.ts'
import type { TunnelBounds } from './bounds.ts'
import type { ByteQueue } from './byte-queue.ts'
import type { DeviceChannel, TunnelEnds } from './channel.ts'
import { Tunnel } from './tunnel.ts'
import type { TunnelCarrier, TunnelUser } from './tunnel.ts'
import type { Turn, TurnTaker } from './turn.ts'

/** Length of one tick of coarse tunnel time in milliseconds: one timer for all tunnels, whatever their number. */
export const TICK = 1_000

/** What the tunnels of all devices share. */
export interface TunnelFleet {
  readonly bounds: TunnelBounds
  readonly turn: Turn
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

/**
 * Bytes of a device that may wait for the end of the turn: more than a host reads of one socket at once. What is handled earlier
 * is handled while that socket is read, where each piece of a head for a browser costs a system call of its own.
 */
const HELD = 768 * 1024
const NO_BYTES = new Uint8Array(0)

interface Arrived { readonly session: number, readonly event: number, readonly data: Uint8Array }

const LAST_ID = 0xffffffff

/** All tunnel sessions of one device connection (wire-protocols 2.11). */
export class DeviceTunnels implements TunnelEnds, TunnelCarrier, TurnTaker {
  readonly channel: DeviceChannel
  blocked = false
  asksLate = false
  /** Bytes asked for by one RECV. */
  #wanted: number
  #fleet: TunnelFleet
  #live = new Map<number, Tunnel>()
  #closing = new Map<number, Tunnel>()
  #waiting = new Set<Tunnel>()
  #lastId: number
  #gone = false
  #in: Arrived[] = []
  #inBytes = 0
  #out: Uint8Array[] = []
  #hasTurn = false
  #sendAll = (): void => {
    const frames = this.#out
    this.#out = []
    for (const frame of frames) this.#send(frame)
  }

  constructor(channel: DeviceChannel, fleet: TunnelFleet, lastId = 0) {
    this.channel = channel
    this.#fleet = fleet
    this.#lastId = lastId
    this.#wanted = fleet.bounds.tunnelReceive
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

  /** Writes the first SEND and its RECV. Only when `maySend` of the tunnel said so. */
  begin(tunnel: Tunnel, queue: ByteQueue): void {
    tunnel.send(queue)
    tunnel.askEarly()
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
    if (this.#gone) return
    const wanted = event === TunnelEvent.RecvResult && this.#live.has(session)
    this.#in.push({ session, event, data: data.length > 0 && wanted ? this.#kept(data) : NO_BYTES })
    this.#inBytes += wanted ? data.length : 0
    if (this.#inBytes > HELD || this.#fleet.turn.full) this.takeIn()
    else this.#wantTurn()
  }

  #kept(data: Uint8Array): Uint8Array {
    const bytes = this.#fleet.turn.arena.take(data.length)
    bytes.set(data)
    return bytes
  }

  #wantTurn(): void {
    if (this.#hasTurn) return
    this.#hasTurn = true
    this.#fleet.turn.add(this)
  }

  takeIn(): void {
    this.#hasTurn = false
    this.#inBytes = 0
    const arrived = this.#in
    if (arrived.length === 0) return
    this.#in = []
    for (const { session, event, data } of arrived) this.#frame(session, event, data)
  }

  #frame(session: number, event: number, data: Uint8Array): void {
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

  sendOut(): void {
    if (this.#out.length > 1) this.channel.cork(this.#sendAll)
    this.#sendAll() // one frame, or a channel that is just closing and does not call back
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
    this.takeIn() // what came before the end counts
    this.#gone = true
    this.#out = []
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
    const size = Math.min(queue.size, bounds.tunnelSend, bounds.tunnelFrameOut - TUNNEL_HEADER)
    const frame = this.#newFrame(session, TunnelEvent.Send, size)
    queue.readInto(frame, TUNNEL_HEADER, size)
    this.#fleet.sent += size
    this.#post(frame)
    return size
  }

  writeRecv(session: number): void {
    const frame = this.#newFrame(session, TunnelEvent.Recv, 4)
    putDword(frame, TUNNEL_HEADER, this.#wanted)
    this.#post(frame)
  }

  writeShutdown(session: number): void { this.#post(this.#newFrame(session, TunnelEvent.Shutdown, 0)) }

  /** A frame without its payload. */
  #newFrame(session: number, event: number, size: number): Uint8Array {
    const frame = this.#fleet.turn.arena.take(TUNNEL_HEADER + size)
    putTunnelHeader(frame, session, event)
    return frame
  }

  /** Lets a frame go out at the end of the turn. */
  #post(frame: Uint8Array): void {
    if (this.#gone) return
    this.#out.push(frame)
    this.#wantTurn()
  }

  #send(frame: Uint8Array): void {
    if (this.#gone) return
    const result = this.channel.sendFrame(frame)
    if (result === 'queued') this.blocked = true
    else if (result !== 'sent') this.closed()
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

  /** A device that fills what is asked for is asked for more: fewer frames for the same bytes. */
  gave(size: number): void {
    if (size >= this.#wanted) this.#wanted = Math.min(this.#wanted * 2, this.#fleet.bounds.tunnelReceiveMost)
  }

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
