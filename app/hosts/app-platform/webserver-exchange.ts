/** One HTTP request of the webserver's socket as an `Exchange`. */
import { InvariantError } from '../../errors.ts'
import type { Exchange, HeaderList } from '../exchange.ts'
import { BODILESS } from '../header-fields.ts'
import type { Outbox } from './frames.ts'
import { MOST, REDIRECT, Reject, Type, type RejectCode } from './message-types.ts'
import type { RequestHead } from './request-head.ts'
import { next, START, type Effect, type Input, type State } from './request-machine.ts'
import { answerOf } from './response-head.ts'

/** What all requests and websockets of one connection share. */
export interface ConnectionOwner {
  readonly outbox: Outbox
  /** The protocol version of the webserver. */
  readonly version: number
  /** Sweeps so far: the clock by which stalls are measured. */
  readonly sweeps: number
  /** The webserver knows the connection no more. */
  forget(cid: number): void
  /** The service has answered: the request does not hold up a stop any longer. */
  answered(): void
  /** A callback of the service has thrown. */
  failed(cause: unknown): void
}

/** What the webserver's messages for one connection go to. */
export interface Conversation {
  message(type: number, purpose: number, data: Buffer, from: number, to: number): void
  /** The client has gone, or the socket of the webserver. */
  gone(): void
}

const EMPTY = new Uint8Array(0)
/** A writer is told to wait while more than this waits, bytes. */
const HIGH = 64 * 1024

export class WebserverExchange implements Exchange, Conversation {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: HeaderList
  readonly address: string
  readonly secure: boolean
  readonly bodyLength: number | undefined
  finished = false
  readonly #cid: number
  readonly #head: RequestHead
  readonly #owner: ConnectionOwner
  #state: State = START
  #onData: ((chunk: Uint8Array, last: boolean) => void) | undefined
  #received = 0
  #paused = false
  /** Waits for the SEND_RESULT in front of it. */
  #queue: Uint8Array[] = []
  #queued = 0
  #length: number | undefined
  #accepted = 0
  #bodiless = false
  #ending = false
  #toldToWait = false
  #onDrain: (() => void) | undefined
  #onAborted: (() => void) | undefined
  #movedAt: number

  constructor(cid: number, head: RequestHead, owner: ConnectionOwner) {
    this.#cid = cid
    this.#head = head
    this.#owner = owner
    this.method = head.method
    this.path = head.path
    this.query = head.query
    this.headers = head.headers
    this.address = head.address
    this.secure = head.secure
    this.bodyLength = head.bodyLength
    this.#movedAt = owner.sweeps
  }

  header(name: string): string | undefined { return this.#head.header(name) }

  // ---- messages of the webserver

  message(type: number, _purpose: number, data: Buffer, from: number, to: number): void {
    this.#movedAt = this.#owner.sweeps
    if (type === Type.SendResult) this.#step('sent')
    else if (type === Type.ShutdownComplete) this.gone()
    else if (type === Type.ReceiveResult) this.#body(data.subarray(from, to))
  }

  gone(): void { this.#step('gone') }

  // ---- request body

  readBody(onData: (chunk: Uint8Array, last: boolean) => void): void {
    if (this.finished) return
    this.#onData = onData
    if (this.bodyLength === 0) queueMicrotask(() => { if (!this.finished) this.#call(() => onData(EMPTY, true)) })
    else this.#want()
  }

  pauseBody(): void { this.#paused = true }

  resumeBody(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#movedAt = this.#owner.sweeps
    this.#want()
  }

  #want(): void { if (this.#onData && !this.#paused && this.bodyLength !== 0 && !this.finished) this.#step('want') }

  /** An empty piece ends the body; a declared length ends it too. */
  #body(piece: Uint8Array): void {
    const left = this.bodyLength === undefined ? piece.length : this.bodyLength - this.#received
    const chunk = piece.length > left ? piece.subarray(0, left) : piece
    this.#received += chunk.length
    const last = piece.length === 0 || this.#received === this.bodyLength
    const { effects, state } = next(this.#state, last ? 'last' : 'data')
    this.#state = state
    const onData = this.#onData
    if (effects.length === 0 || !onData) return
    // Shorter than declared: the client has broken off, and the webserver will say so.
    if (last && this.bodyLength !== undefined && this.#received < this.bodyLength) return
    this.#call(() => onData(chunk, last))
    this.#want()
  }

  // ---- response

  start(status: number, headers: HeaderList, length?: number): void {
    if (this.#state.answer !== 'none' && !this.finished) throw new InvariantError('a response was started twice')
    if (this.finished) return
    this.#bodiless = this.method === 'HEAD' || BODILESS.has(status)
    this.#length = length
    this.#movedAt = this.#owner.sweeps
    const answer = answerOf(this.#owner.version, status, headers, length, this.#head)
    if (answer.is === 'reject') return this.#refuse(answer.code)
    if (answer.is === 'redirect') return this.#refuse(REDIRECT, answer.payload)
    this.#step('head')
    this.#owner.outbox.put(this.#cid, Type.MetaData, 0, answer.payload)
  }

  write(chunk: Uint8Array | string): boolean {
    if (this.finished || this.#ending) return true
    if (this.#state.answer === 'none') throw new InvariantError('a response was written to before it was started')
    if (this.#bodiless) return true
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    const room = this.#length === undefined ? bytes.length : this.#length - this.#accepted
    const piece = bytes.length > room ? bytes.subarray(0, room) : bytes
    if (piece.length === 0) return true
    this.#accepted += piece.length
    if (this.#state.answer === 'idle' && this.#queued === 0 && piece.length <= MOST) {
      this.#step('piece')
      this.#owner.outbox.put(this.#cid, Type.Send, 0, piece)
    } else {
      this.#queue.push(new Uint8Array(piece)) // a copy: the caller may use its memory again (`slice` of a Buffer copies nothing)
      this.#queued += piece.length
      this.#pump()
    }
    if (this.#queued <= HIGH) return true
    this.#toldToWait = true
    return false
  }

  end(chunk?: Uint8Array | string): void {
    if (this.finished || this.#ending) return
    if (chunk !== undefined) this.write(chunk)
    this.#ending = true
    this.#pump()
  }

  respond(status: number, headers: HeaderList, body: Uint8Array | string = EMPTY): void {
    if (this.finished) return
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    this.start(status, headers, bytes.length)
    this.end(bytes)
  }

  /** Ends early. The protocol knows no other way: a response with a length is seen to be incomplete, a chunked one is not. */
  abort(): void {
    if (this.finished) return
    if (this.#state.answer === 'none') return this.#refuse(Reject.stream)
    this.#queue = []
    this.#queued = 0
    this.#ending = true
    this.#pump()
    this.#over()
  }

  /** After a failure of the service: says so if it still can. */
  fail(): void {
    if (this.#state.answer === 'none') this.respond(500, [['content-type', 'text/plain; charset=utf-8']], 'internal error\n')
    else this.abort()
  }

  onDrain(callback: () => void): void { this.#onDrain = callback }

  onAborted(callback: () => void): void {
    const before = this.#onAborted
    this.#onAborted = before ? () => { before(); callback() } : callback
  }

  /** False when the client has stood still for more sweeps than that while something was wanted of it. */
  sweep(upload: number, download: number): boolean {
    if (this.finished) return true // the rest is between webserver and client
    const still = this.#owner.sweeps - this.#movedAt
    if (this.#state.answer === 'sending') return still <= download
    return !(this.#state.body === 'asked' && still > upload)
  }

  /** Ends an exchange that stands still: for the service it is a client that has gone. */
  breakOff(): void {
    if (this.finished) return
    this.abort()
    const callback = this.#onAborted
    if (callback) this.#call(callback)
  }

  /** Sends what waits, as much as fits into one message; ends when all is out. */
  #pump(): void {
    if (this.#state.answer !== 'idle') return
    if (this.#queued > 0) {
      const parts: Uint8Array[] = []
      let bytes = 0
      while (bytes < MOST) {
        const first = this.#queue[0]
        if (!first) break
        const part = first.subarray(0, MOST - bytes)
        if (part.length === first.length) this.#queue.shift()
        else this.#queue[0] = first.subarray(part.length)
        parts.push(part)
        bytes += part.length
      }
      this.#queued -= bytes
      this.#step('piece')
      this.#owner.outbox.putParts(this.#cid, Type.Send, 0, parts, bytes)
    } else if (this.#ending) this.#step('end')
  }

  #refuse(code: RejectCode | typeof REDIRECT, payload?: Uint8Array): void {
    this.#owner.outbox.put(this.#cid, Type.MetaData, code, payload)
    this.#step('refuse')
    this.#over()
  }

  #step(input: Input): void {
    const { state, effects } = next(this.#state, input)
    this.#state = state
    for (const effect of effects) this.#carryOut(effect)
  }

  #carryOut(effect: Effect): void {
    const { outbox } = this.#owner
    switch (effect) {
      case 'receive': return outbox.put(this.#cid, Type.Receive, MOST)
      case 'moved': return this.#moved()
      case 'end':
        outbox.put(this.#cid, Type.HandlerClosed, 0)
        return this.#over()
      case 'confirm': return outbox.put(this.#cid, Type.HandlerClosed, 0)
      case 'forget': return this.#owner.forget(this.#cid)
      case 'abandon': {
        const told = this.finished
        this.#over()
        const callback = this.#onAborted
        if (callback && !told) this.#call(callback)
        return
      }
      // Written by the caller of the step, which has the bytes.
      case 'head': case 'refuse': case 'send': case 'deliver':
    }
  }

  #moved(): void {
    this.#pump()
    if (!this.#toldToWait || this.#queued > HIGH / 2 || this.finished) return
    this.#toldToWait = false
    const callback = this.#onDrain
    if (callback) this.#call(callback)
  }

  #over(): void {
    if (this.finished) return
    this.finished = true
    this.#queue = []
    this.#queued = 0
    this.#owner.answered()
  }

  #call(callback: () => void): void {
    try {
      callback()
    } catch (cause) {
      this.#owner.failed(cause)
      this.fail()
    }
  }
}
