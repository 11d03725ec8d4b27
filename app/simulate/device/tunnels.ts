/**
 * The tunnel sessions of one device connection (wire-protocols 2.11): SEND goes to the local web server, RECV takes what that
 * answers. Any number of sessions run side by side.
 */
import { LIMITS } from '../../limits.ts'
import { ByteQueue } from './byte-queue.ts'
import { TUNNEL, tunnelMessage } from './frames.ts'
import type { EndOfStream, Oddity } from './oddities.ts'

/** The local web server's end of one tunnel session. */
export interface LocalConnection {
  receive(bytes: Buffer): void
  /** The session is gone; nothing may be written any more. */
  close(): void
}

export interface TunnelHost {
  /** Sends one websocket message to the service. */
  send(message: Buffer): void
  /** Opens the local web server; what it answers goes into `answer`. */
  open(answer: ByteQueue): LocalConnection
  /** Breaks the device connection without a word. */
  cut(): void
  /** Runs a callback after some milliseconds; the timer does not keep the process alive. */
  later(ms: number, callback: () => void): void
  readonly has: (oddity: Oddity) => boolean
  /** Added to every answer of the local web server, in ms. */
  readonly slow: number
  readonly endOfStream: EndOfStream
  /** Payload of one RECV_RESULT at most, in bytes; public clients use 8000. */
  readonly chunk: number
}

interface Session { readonly id: number, readonly answer: ByteQueue, readonly local: LocalConnection, wanted: number[], closed: boolean }

const LATE_MS = 5_000
const GARBAGE = Buffer.from('\x00\xff\x13\x37 this is no HTTP \r\r\n\n', 'latin1')
const UNASKED = Buffer.from('HTTP/1.1 200 OK\r\n\r\n')

export class Tunnels {
  readonly #host: TunnelHost
  readonly #sessions = new Map<number, Session>()
  /** Sessions this device ended by itself: the service's SHUTDOWN for them is an answer, not a request. */
  readonly #endedHere = new Set<number>()

  constructor(host: TunnelHost) { this.#host = host }

  /** Number of open sessions: what a device shows as "Up, X sessions" (wire-protocols 2.11 rule 8). */
  get count(): number { return this.#sessions.size }

  message(id: number, event: number, data: Buffer): void {
    switch (event) {
      case TUNNEL.send: return this.#onSend(id, data)
      case TUNNEL.recv: return this.#onRecv(id, data)
      case TUNNEL.shutdown: return this.#onShutdown(id)
      default: // results are never sent to a device
    }
  }

  /** The device connection is gone: all sessions are dead. */
  abandon(): void {
    for (const session of this.#sessions.values()) this.#drop(session)
    this.#endedHere.clear()
  }

  #onSend(id: number, data: Buffer): void {
    const session = this.#sessions.get(id) ?? this.#start(id)
    if (!session) return this.#host.send(tunnelMessage(id, TUNNEL.shutdown))
    if (this.#host.has('unasked-recv-result')) this.#host.send(tunnelMessage(id, TUNNEL.recvResult, UNASKED))
    this.#afterDelay(session, () => {
      session.local.receive(data)
      if (session.closed || this.#host.has('no-send-result')) return
      this.#host.send(tunnelMessage(id, TUNNEL.sendResult))
      if (this.#host.has('double-send-result')) this.#host.send(tunnelMessage(id, TUNNEL.sendResult))
    })
  }

  #start(id: number): Session | undefined {
    if (this.#sessions.size >= LIMITS.simulatedSessions.value) return undefined
    this.#endedHere.delete(id)
    const answer = new ByteQueue()
    const garbage = this.#host.has('garbage-http')
    const local = garbage ? { receive: () => answer.push(GARBAGE), close: () => {} } : this.#host.open(answer)
    const session: Session = { id, answer, local, wanted: [], closed: false }
    answer.changed = () => this.#serve(session)
    this.#sessions.set(id, session)
    return session
  }

  #onRecv(id: number, data: Buffer): void {
    const session = this.#sessions.get(id)
    if (!session) {
      // Crossed with our own SHUTDOWN: that one already says everything.
      if (!this.#endedHere.has(id)) this.#host.send(tunnelMessage(id, TUNNEL.shutdown))
      return
    }
    if (data.length < 4 || session.wanted.length >= LIMITS.simulatedReceives.value) return this.#end(session)
    if (this.#host.has('mute-recv')) return
    const wanted = data.readUInt32BE(0)
    const wait = () => { session.wanted.push(wanted); this.#serve(session) }
    if (this.#host.has('late-recv')) this.#host.later(LATE_MS, () => { if (!session.closed) wait() })
    else this.#afterDelay(session, wait)
  }

  /** Answers waiting RECVs with what is there: at least one byte, at most what was asked for; 0 means whatever there is. */
  #serve(session: Session): void {
    while (!session.closed && session.wanted.length > 0) {
      const wanted = session.wanted[0] as number
      const most = wanted === 0 ? this.#host.chunk : Math.min(wanted, this.#host.chunk)
      const bytes = session.answer.take(most)
      if (bytes.length > 0) {
        session.wanted.shift()
        if (this.#host.has('cut-response')) {
          this.#host.send(tunnelMessage(session.id, TUNNEL.recvResult, bytes.subarray(0, Math.ceil(bytes.length / 2))))
          return this.#host.cut()
        }
        this.#host.send(tunnelMessage(session.id, TUNNEL.recvResult, this.#spoiled(bytes, wanted)))
        continue
      }
      if (!session.answer.finished) return
      session.wanted = []
      if (this.#host.endOfStream === 'silence') return
      if (this.#host.endOfStream === 'empty-result') return this.#host.send(tunnelMessage(session.id, TUNNEL.recvResult))
      return this.#end(session)
    }
  }

  #spoiled(bytes: Buffer, wanted: number): Buffer {
    return this.#host.has('long-recv-result') && wanted > 0 ? Buffer.concat([bytes, Buffer.alloc(wanted, '!')]) : bytes
  }

  #onShutdown(id: number): void {
    const session = this.#sessions.get(id)
    if (session) this.#drop(session)
    else if (this.#endedHere.delete(id)) return
    if (!this.#host.has('mute-shutdown')) this.#host.send(tunnelMessage(id, TUNNEL.shutdown))
  }

  /** Ends a session from this side. */
  #end(session: Session): void {
    this.#drop(session)
    if (this.#endedHere.size >= LIMITS.simulatedSessions.value) this.#endedHere.clear()
    this.#endedHere.add(session.id)
    this.#host.send(tunnelMessage(session.id, TUNNEL.shutdown))
  }

  #drop(session: Session): void {
    session.closed = true
    session.answer.changed = () => {}
    this.#sessions.delete(session.id)
    session.local.close()
  }

  /** Slow devices answer late, in order: equal delays keep the order of the timers. */
  #afterDelay(session: Session, run: () => void): void {
    if (this.#host.slow <= 0) return run()
    this.#host.later(this.#host.slow, () => { if (!session.closed) run() })
  }
}
