/** One HTTP request of uWebSockets.js as an `Exchange`. */
import type { HttpResponse } from 'uWebSockets.js'
import { InvariantError } from '../../errors.ts'
import type { Exchange, HeaderList } from '../exchange.ts'
import { BODILESS } from '../header-fields.ts'
import type { Origin } from './gate.ts'
import type { RequestHead } from './request-head.ts'
import { ResponseBody } from './response-body.ts'
import { wantsClose, writeHead } from './response-head.ts'

const EMPTY = new Uint8Array(0)
/** Bodies up to this size are given to uWS in one go. */
const AT_ONCE = 16 * 1024
/** First and longest wait, ms, before a response is tried again whose request body is paused. */
const NUDGE = { first: 10, longest: 1_000 } as const

/** What all exchanges of a host share. */
export interface ExchangeOwner {
  readonly secure: boolean
  /** Sweeps so far: the clock by which stalls are measured. */
  readonly sweeps: number
  /** Called once per exchange when it is over. */
  over(exchange: UwsExchange): void
  /** A callback of the service has thrown. */
  failed(cause: unknown): void
}

export class UwsExchange implements Exchange {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: HeaderList
  readonly bodyLength: number | undefined
  readonly origin: Origin
  finished = false
  readonly #res: HttpResponse
  readonly #owner: ExchangeOwner
  #body: ResponseBody | undefined
  /** Started, and not yet written. */
  #head: { readonly status: number, readonly headers: HeaderList } | undefined
  /** No body goes out, whatever is written: HEAD and some statuses. */
  #bodiless = false
  #ending = false
  /** The writer has been told to wait. */
  #toldToWait = false
  #length: number | undefined
  #onDrain: (() => void) | undefined
  #onAborted: (() => void) | undefined
  #writableAsked = false
  #receiving = false
  #paused = false
  #nudge: NodeJS.Timeout | undefined
  #nudgeWait: number = NUDGE.first
  #movedAt: number
  #movedSeen = 0

  /** Must be called before the handler of uWS returns. */
  constructor(res: HttpResponse, head: RequestHead, bodyLength: number | undefined, origin: Origin, owner: ExchangeOwner) {
    this.#res = res
    this.#owner = owner
    this.method = head.method
    this.path = head.path
    this.query = head.query
    this.headers = head.headers
    this.bodyLength = bodyLength
    this.origin = origin
    this.#movedAt = owner.sweeps
    res.onAborted(() => this.#gone())
  }

  get address(): string { return this.origin.address }
  get secure(): boolean { return this.#owner.secure }

  header(name: string): string | undefined {
    for (const [key, value] of this.headers) if (key === name) return value
    return undefined
  }

  // ---- request body

  readBody(onData: (chunk: Uint8Array, last: boolean) => void): void {
    if (this.finished) return
    if (this.bodyLength === 0) {
      queueMicrotask(() => { if (!this.finished) this.#call(() => onData(EMPTY, true)) })
      return
    }
    this.#receiving = true
    this.#res.onData((chunk, last) => {
      this.#movedAt = this.#owner.sweeps
      if (last) this.#receiving = false
      else if (chunk.byteLength === 0) return
      if (this.#alive) this.#call(() => onData(new Uint8Array(chunk), last))
    })
  }

  pauseBody(): void {
    if (this.#paused || !this.#alive) return
    this.#paused = true
    this.#settle()
  }

  resumeBody(): void {
    if (!this.#paused || !this.#alive) return
    this.#paused = false
    this.#movedAt = this.#owner.sweeps
    clearTimeout(this.#nudge)
    this.#nudge = undefined
    this.#res.resume()
  }

  // ---- response

  start(status: number, headers: HeaderList, length?: number): void {
    if (this.#body) throw new InvariantError('a response was started twice')
    this.#body = new ResponseBody(this.#res, length)
    this.#length = length
    this.#bodiless = this.method === 'HEAD' || BODILESS.has(status)
    if (this.finished) return
    this.#movedAt = this.#owner.sweeps
    this.#head = { status, headers }
    // The head goes out together with what is written in the same breath: one system call, and one packet for the client.
    queueMicrotask(() => { if (this.#head && this.#alive) this.#res.cork(() => this.#writeHead()) })
  }

  /** Must be called corked, before anything of the body. */
  #writeHead(): void {
    const head = this.#head
    if (!head) return
    this.#head = undefined
    writeHead(this.#res, head.status, head.headers)
    if (wantsClose(head.headers)) this.#res.writeHeader('connection', 'close')
  }

  write(chunk: Uint8Array | string): boolean {
    const body = this.#body
    if (!body) throw new InvariantError('a response was written to before it was started')
    if (this.finished || this.#bodiless || this.#ending) return true
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    if (bytes.length === 0 || body.complete) return true
    this.#liftPause(body.endsWith(bytes.length))
    this.#res.cork(() => {
      this.#writeHead()
      body.add(bytes)
    })
    this.#settle()
    if (!body.blocked) return true
    this.#toldToWait = true
    return false
  }

  end(chunk?: Uint8Array | string): void {
    if (this.finished || this.#ending) return
    if (chunk !== undefined) this.write(chunk)
    this.#ending = true
    this.#finish()
  }

  respond(status: number, headers: HeaderList, body: Uint8Array | string = EMPTY): void {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    if (this.finished) return
    if (bytes.length > AT_ONCE) {
      this.start(status, headers, bytes.length)
      return this.end(bytes)
    }
    if (this.#body) throw new InvariantError('a response was started twice')
    this.#liftPause(true)
    this.#res.cork(() => {
      writeHead(this.#res, status, headers)
      if (this.method !== 'HEAD' && !BODILESS.has(status)) return void this.#res.end(bytes, wantsClose(headers))
      if (wantsClose(headers)) this.#res.writeHeader('connection', 'close')
      this.#endWithoutBody(status === 204 ? undefined : bytes.length)
    })
    this.#over()
  }

  abort(): void {
    if (this.finished) return
    const alive = this.#alive
    if (alive && this.#head) this.#res.cork(() => this.#writeHead())
    this.#over()
    if (alive) this.#res.close()
  }

  /** After a failure of the service: says so if it still can. */
  fail(): void {
    if (this.finished) return
    if (this.#body) this.abort()
    else this.respond(500, [['content-type', 'text/plain; charset=utf-8']], 'internal error\n')
  }

  onDrain(callback: () => void): void { this.#onDrain = callback }

  onAborted(callback: () => void): void {
    const before = this.#onAborted
    this.#onAborted = before ? () => { before(); callback() } : callback
  }

  /**
   * Looks after an exchange that takes long; called every few seconds. uWS closes a connection after ten seconds without
   * progress in either direction; whether that is too long is for our own bounds to say, so its clock is set back.
   * Answers false when the exchange stands still for more than `upload` or `download` sweeps.
   */
  sweep(upload: number, download: number): boolean {
    if (!this.#alive) return true
    if (this.#paused) {
      this.#res.resume()
      this.#res.pause()
    } else {
      this.#res.pause()
      this.#res.resume()
    }
    if (this.#body && this.#body.moved !== this.#movedSeen) {
      this.#movedSeen = this.#body.moved
      this.#movedAt = this.#owner.sweeps
    }
    const still = this.#owner.sweeps - this.#movedAt
    if (this.#receiving && !this.#paused && still > upload) return false
    return !(this.#body?.blocked === true && still > download)
  }

  /** Ends an exchange that stands still: for the service it is a client that has gone. */
  breakOff(): void { if (this.#alive) this.#res.close() }

  /** uWS may be asked. */
  get #alive(): boolean { return !this.finished && this.#body?.complete !== true }

  #call(callback: () => void): void {
    try {
      callback()
    } catch (cause) {
      this.#owner.failed(cause)
      this.fail()
    }
  }

  #gone(): void {
    if (this.finished) return
    this.#over()
    const callback = this.#onAborted
    if (callback) this.#call(callback)
  }

  #over(): void {
    this.finished = true
    clearTimeout(this.#nudge)
    this.#owner.over(this)
  }

  /**
   * After a write or a pause. uWS forgets a pause when a write is refused, and a paused connection does not tell when it can
   * be written to: it is paused again, and tried again from time to time.
   */
  #settle(): void {
    if (!this.#alive) return
    const blocked = this.#body?.blocked === true
    if (blocked && !this.#writableAsked) {
      this.#writableAsked = true
      this.#res.onWritable(() => {
        this.#movedAt = this.#owner.sweeps
        this.#tryAgain()
        return true
      })
    }
    if (!this.#paused) return
    this.#res.pause()
    if (!blocked || this.#nudge) return
    this.#nudge = setTimeout(() => {
      this.#nudge = undefined
      this.#nudgeWait = Math.min(this.#nudgeWait * 2, NUDGE.longest)
      this.#tryAgain()
    }, this.#nudgeWait)
  }

  #tryAgain(): void {
    const body = this.#body
    if (!body || !this.#alive) return
    const before = body.moved
    this.#liftPause(body.whole)
    this.#res.cork(() => body.flush())
    this.#settle()
    if (body.moved !== before) this.#nudgeWait = NUDGE.first
    if (body.blocked) return
    if (this.#ending) return this.#finish()
    if (!this.#toldToWait) return
    this.#toldToWait = false
    const callback = this.#onDrain
    if (callback) this.#call(callback)
  }

  /** Ends the response as soon as all of its body has been taken. */
  #finish(): void {
    const body = this.#body
    if (!body) throw new InvariantError('a response was ended before it was started')
    if (body.complete) return this.#over()
    if (body.waiting) return
    // Fewer bytes than declared: the client must see that the response is incomplete.
    if (!this.#bodiless && !body.whole) return this.abort()
    this.#liftPause(true)
    this.#res.cork(() => {
      this.#writeHead()
      if (this.#bodiless) this.#endWithoutBody(this.#length)
      else this.#res.end()
    })
    this.#over()
  }

  /** Before what may end the response: the connection goes on with the next request and must not stay paused. `#settle` pauses again if it did not end. */
  #liftPause(mayEnd: boolean): void {
    if (mayEnd && this.#paused) this.#res.resume()
  }

  #endWithoutBody(length: number | undefined): void {
    if (length === undefined) this.#res.endWithoutBody()
    else this.#res.endWithoutBody(length)
  }
}
