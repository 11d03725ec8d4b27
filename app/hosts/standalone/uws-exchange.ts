/** One HTTP request of uWebSockets.js as an `Exchange`. */
import type { HttpRequest, HttpResponse } from 'uWebSockets.js'
import { STATUS_CODES } from 'node:http'
import { InvariantError } from '../../errors.ts'
import type { Exchange, HeaderList } from '../exchange.ts'

/** Statuses that never have a body. */
const BODILESS = new Set([204, 205, 304])
const EMPTY = new Uint8Array(0)
/** Milliseconds between two looks at a blocked response whose request body is paused. */
const NUDGE = 10

/** The raw query; uWS gives undefined when there is none, whatever its declarations say. */
export const queryOf = (req: HttpRequest): string => (req.getQuery() as string | undefined) ?? ''

export class UwsExchange implements Exchange {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: HeaderList
  readonly address: string
  readonly secure: boolean
  readonly bodyLength: number | undefined
  finished = false
  readonly #res: HttpResponse
  readonly #done: () => void
  readonly #aborted: (() => void)[] = []
  #drain: (() => void) | undefined
  /** Exact body length, when the head declared one. */
  #length: number | undefined
  #started = false
  #bodyless = false
  #corked = true
  /** A piece that was taken only in part, and the offset of the stream it begins at. */
  #rest: Uint8Array | undefined
  #restAt = 0
  #ending = false
  #reading = false
  #paused = false
  /** The client does not take more at the moment. */
  #blocked = false
  #nudging: NodeJS.Timeout | undefined

  /** `done` is called once when the exchange is over. */
  constructor(res: HttpResponse, req: HttpRequest, address: string, secure: boolean, done: () => void) {
    this.#res = res
    this.#done = done
    this.address = address
    this.secure = secure
    this.method = req.getCaseSensitiveMethod().toUpperCase()
    this.path = req.getUrl()
    this.query = queryOf(req)
    const headers: [string, string][] = []
    req.forEach((name, value) => { headers.push([name, value]) })
    this.headers = headers
    const length = req.getHeader('content-length')
    this.bodyLength = req.getHeader('transfer-encoding') ? undefined : length ? Number(length) : 0
    res.onAborted(() => {
      if (this.finished) return
      this.finished = true
      this.#rest = undefined
      clearTimeout(this.#nudging)
      done()
      for (const callback of this.#aborted) callback()
    })
  }

  header(name: string): string | undefined {
    for (const [key, value] of this.headers) if (key === name) return value
    return undefined
  }

  /** uWS corks the response by itself until the handler has returned. */
  handlerReturned(): void {
    this.#corked = false
    if (!this.#reading && !this.finished) this.#res.onData(() => {}) // a body nobody wants must not wait in the socket
  }

  readBody(onData: (chunk: Uint8Array, last: boolean) => void): void {
    this.#reading = true
    if (this.bodyLength === 0) {
      queueMicrotask(() => { if (!this.finished || this.#ending) onData(EMPTY, true) })
      return
    }
    this.#res.onData((chunk, last) => {
      this.#corked = true
      onData(new Uint8Array(chunk), last)
      this.#corked = false
    })
  }

  pauseBody(): void {
    if (this.finished || this.#paused) return
    this.#paused = true
    this.#res.pause()
    this.#nudge()
  }

  resumeBody(): void {
    if (this.finished || !this.#paused) return
    this.#paused = false
    this.#res.resume()
  }

  /**
   * A paused socket of uWS does not tell when it can be written to. While the response waits for the client and the body is
   * paused, this looks by itself.
   */
  #nudge(): void {
    if (this.#nudging || !this.#paused || !this.#blocked || this.finished) return
    this.#nudging = setTimeout(() => {
      this.#nudging = undefined
      if (!this.#paused || !this.#blocked || this.finished) return
      if (this.#rest && this.#length !== undefined) {
        this.#inCork(() => { this.#again(this.#res.getWriteOffset(), this.#length ?? 0) })
      } else {
        // uWS holds the rest of a chunked response; for one turn of the loop it may look at the socket.
        this.#res.resume()
        setImmediate(() => { if (this.#paused && !this.finished) this.#res.pause() })
      }
      this.#nudge()
    }, NUDGE)
  }

  #inCork(work: () => void): void {
    if (this.#corked) return work()
    this.#corked = true
    this.#res.cork(work)
    this.#corked = false
  }

  start(status: number, headers: HeaderList, length?: number): void {
    if (this.#started) throw new InvariantError('a response was started twice')
    if (this.finished) return
    this.#started = true
    this.#bodyless = this.method === 'HEAD' || BODILESS.has(status)
    this.#length = length
    this.#inCork(() => {
      this.#res.writeStatus(`${status} ${STATUS_CODES[status] ?? 'Status'}`)
      for (const [name, value] of headers) this.#res.writeHeader(name, value)
    })
  }

  write(chunk: Uint8Array | string): boolean {
    if (this.finished || this.#bodyless) return true
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    if (bytes.length === 0) return true
    if (this.#rest) {
      // Pieces that were on their way when the writer was told to wait.
      this.#rest = Buffer.concat([this.#rest, bytes])
      return false
    }
    let free = true
    this.#inCork(() => { free = this.#length === undefined ? this.#writeChunk(bytes) : this.#writeKnown(bytes, this.#length) })
    return free
  }

  #writeChunk(bytes: Uint8Array): boolean {
    if (this.#res.write(bytes)) return true
    this.#block()
    this.#res.onWritable(() => {
      this.#drained()
      return true
    })
    return false
  }

  /** With a declared length uWS takes as much as the socket does; the rest is kept and given again. */
  #writeKnown(bytes: Uint8Array, length: number): boolean {
    const at = this.#res.getWriteOffset()
    const [taken, over] = this.#res.tryEnd(bytes, length)
    if (over) {
      this.#over()
      return true
    }
    if (taken) return true
    this.#restAt = at
    this.#rest = Uint8Array.from(bytes)
    this.#block()
    this.#res.onWritable(offset => this.#again(offset, length))
    return false
  }

  #again(offset: number, length: number): boolean {
    if (!this.#rest || this.finished) return true
    const left = this.#rest.subarray(offset - this.#restAt)
    const [taken, over] = this.#res.tryEnd(left, length)
    if (over) {
      this.#rest = undefined
      this.#over()
      this.#drain?.()
      return true
    }
    if (taken) {
      this.#rest = undefined
      this.#drained()
    }
    return taken
  }

  #block(): void {
    this.#blocked = true
    this.#nudge()
  }

  #drained(): void {
    this.#blocked = false
    this.#corked = true
    this.#drain?.()
    this.#corked = false
    if (this.#ending && !this.finished) this.end()
  }

  end(chunk?: Uint8Array | string): void {
    if (this.finished) return
    if (chunk !== undefined && chunk.length && !this.#bodyless && !this.write(chunk)) this.#ending = true
    if (this.finished) return
    if (this.#rest) {
      this.#ending = true
      return
    }
    this.#inCork(() => {
      if (this.#bodyless) this.#res.endWithoutBody(this.method === 'HEAD' ? this.#length : undefined)
      else if (this.#length === undefined) this.#res.end()
      else if (this.#length === 0) this.#res.endWithoutBody(0)
      else this.#res.close() // fewer bytes than declared: the client must see that it is incomplete
    })
    this.#over()
  }

  respond(status: number, headers: HeaderList, body: Uint8Array | string = EMPTY): void {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    this.#inCork(() => {
      this.start(status, headers, bytes.length)
      this.end(bytes)
    })
  }

  abort(): void {
    if (this.finished) return
    this.#over()
    this.#res.close()
  }

  #over(): void {
    if (this.finished) return
    this.finished = true
    this.#rest = undefined
    clearTimeout(this.#nudging)
    this.#done()
  }

  onDrain(callback: () => void): void { this.#drain = callback }
  onAborted(callback: () => void): void { this.#aborted.push(callback) }
}
