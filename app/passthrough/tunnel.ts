import { InvariantError } from '../errors.ts'
import { TunnelEvent } from '../protocol/sysclient-frames.ts'
import type { ByteQueue } from './byte-queue.ts'
import { Effect, Input, OPEN, Bit, isLive, mayAsk, maySend, next, stateOf } from './session.ts'

/**
 * Why a tunnel ended without its user wanting it. `gone`: the device connection closed. `protocol`: the device broke the tunnel
 * protocol. `silent`: it did not answer in time. `revoked`: the session or the right behind the key ended.
 */
export type TunnelFailure = 'gone' | 'protocol' | 'silent' | 'revoked'

/** Who a tunnel carries bytes for. */
export interface TunnelUser {
  /** A SEND may be written again. */
  ready(): void
  /** Data of the device; valid during the call only. Ask again with `ask` when more is wanted. */
  received(data: Uint8Array): void
  /** The device sends no more. */
  ended(): void
  failed(why: TunnelFailure): void
}

/** What a tunnel needs of the device connection it runs on. */
export interface TunnelCarrier {
  /** True while the device connection takes no bulk data. */
  readonly blocked: boolean
  /** Counts coarse time: one per `TICK`. */
  readonly tick: number
  /** RECV goes out with the first SEND unless the device was seen to drop it. */
  readonly asksLate: boolean
  writeSend(session: number, queue: ByteQueue): number
  writeRecv(session: number): void
  writeShutdown(session: number): void
  /** Calls `ready` of the tunnel once the connection has drained. */
  wait(tunnel: Tunnel): void
  /** The session is closing or over: it takes no place any more. */
  retire(tunnel: Tunnel): void
  /** The id may be used again. */
  free(tunnel: Tunnel): void
  learned(asksLate: boolean): void
  /** The device gave `size` bytes for one RECV: it may be able to give more. */
  gave(size: number): void
}

const NOBODY: TunnelUser = { ready: () => {}, received: () => {}, ended: () => {}, failed: () => {} }

/** One tunnel session: the machine of `session.ts` with its effects. */
export class Tunnel {
  readonly id: number
  /** Milliseconds the device may leave a RECV unanswered before the tunnel fails as `silent`; Infinity where silence is normal. */
  patience = Infinity
  /** Tick of the last sign of life in either direction. */
  activeAt: number
  #carrier: TunnelCarrier
  #user: TunnelUser
  #state = OPEN
  #heard = false
  #repeated = false

  constructor(id: number, carrier: TunnelCarrier, user: TunnelUser) {
    this.id = id
    this.#carrier = carrier
    this.#user = user
    this.activeAt = carrier.tick
  }

  get live(): boolean { return isLive(this.#state) }
  get sending(): boolean { return (this.#state & Bit.sending) !== 0 }
  get asking(): boolean { return (this.#state & Bit.asking) !== 0 }
  /** True when a RECV waits silently although the whole request was taken, and was not repeated yet. */
  get mayRepeat(): boolean { return !this.#heard && !this.#repeated && this.asking && !this.sending && this.patience !== Infinity }

  /** True when a SEND may go now. False: `ready` of the user is called when it may. */
  maySend(): boolean {
    if (!maySend(this.#state)) return false
    if (!this.#carrier.blocked) return true
    this.#carrier.wait(this)
    return false
  }

  /** Sends what fits into one SEND. Only when `maySend` said so. Answers the number of bytes taken. */
  send(queue: ByteQueue): number {
    if ((this.#step(Input.send) & Effect.writeSend) === 0) throw new InvariantError('a SEND while none may be written')
    this.activeAt = this.#carrier.tick
    return this.#carrier.writeSend(this.id, queue)
  }

  /** Asks for more data unless it is already asked for, or there is none to come. */
  ask(): void {
    if (!mayAsk(this.#state)) return
    this.#step(Input.recv)
    this.activeAt = this.#carrier.tick
    this.#carrier.writeRecv(this.id)
  }

  /** Asks together with the request, where the device takes it. */
  askEarly(): void {
    if (!this.#carrier.asksLate && !this.#heard) this.ask()
  }

  /** Sends the silent RECV a second time: some clients drop one that comes before they have an answer. */
  repeat(): void {
    this.#repeated = true
    this.#step(Input.repeatRecv)
    this.#carrier.writeRecv(this.id)
  }

  /** The device connection takes bulk data again. */
  resume(): void { if (this.live) this.#user.ready() }

  /** Ends the session. The user hears nothing more. */
  close(): void {
    this.#user = NOBODY
    if (!this.live) return
    this.#step(Input.close)
  }

  /** Ends the session and tells the user why. */
  fail(why: TunnelFailure): void {
    const user = this.#user
    this.close()
    user.failed(why)
  }

  /** The device connection is gone: nothing is written any more. */
  lost(): void {
    const user = this.#user
    this.#user = NOBODY
    this.#state = Bit.over
    user.failed('gone')
  }

  /** The device never confirmed our SHUTDOWN. */
  expire(): void {
    this.#step(Input.expire)
  }

  /** A frame of the device for this session. Answers false when it broke the protocol. */
  frame(event: number, data: Uint8Array): boolean {
    if (this.live) this.activeAt = this.#carrier.tick
    const user = this.#user
    const effects = this.#step(inputOf(event, data))
    if ((effects & Effect.tellData) !== 0) {
      if (!this.#heard) this.#firstData()
      this.#carrier.gave(data.length)
      user.received(data)
    } else if ((effects & Effect.tellSent) !== 0) user.ready()
    else if ((effects & Effect.tellEnd) !== 0) user.ended()
    else if ((effects & Effect.tellBroken) !== 0) {
      this.#user = NOBODY
      user.failed('protocol')
      return false
    }
    return true
  }

  #firstData(): void {
    this.#heard = true
    if (this.#repeated) this.#carrier.learned(true)
  }

  #step(input: Input): number {
    const wasLive = isLive(this.#state)
    const step = next(this.#state, input)
    this.#state = stateOf(step)
    if ((step & Effect.writeShutdown) !== 0) this.#carrier.writeShutdown(this.id)
    if (wasLive && !isLive(this.#state)) this.#carrier.retire(this)
    if ((this.#state & Bit.over) !== 0) this.#carrier.free(this)
    return step
  }
}

function inputOf(event: number, data: Uint8Array): Input {
  switch (event) {
    case TunnelEvent.RecvResult: return data.length > 0 ? Input.data : Input.noData
    case TunnelEvent.SendResult: return Input.sendResult
    case TunnelEvent.Shutdown: return Input.shutdown
    default: return Input.alien
  }
}
