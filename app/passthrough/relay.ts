import { InvariantError, ProtocolError } from '../errors.ts'
import type { Exchange, HeaderList } from '../hosts/exchange.ts'
import type { Audience } from './audience.ts'
import type { TunnelBounds } from './bounds.ts'
import { ChunkedBody } from './chunked-body.ts'
import type { DeviceTunnels } from './device-tunnels.ts'
import type { Place } from './location.ts'
import { scriptTag } from './own-pages.ts'
import { documentKind, PageRewrite } from './page-rewrite.ts'
import { REFUSALS, refuse } from './refusal.ts'
import { requestHead } from './request-head.ts'
import { framingOf, headEnd, HeadCollector, parseHead, type Framing, type ResponseHead } from './response-head.ts'
import { outerAnswer } from './response-headers.ts'
import type { Tunnel, TunnelFailure, TunnelUser } from './tunnel.ts'
import { Upload } from './upload.ts'
import type { Revocable, Visit } from './visits.ts'

/** What a relay works with; one object for all requests. */
export interface RelayWorld {
  readonly bounds: TunnelBounds
  now(): number
  /** Told to the operator; holds nothing secret. */
  trouble(hwId: string, what: string): void
}

export interface RelayTarget {
  readonly tunnels: DeviceTunnels
  readonly visit: Visit
  readonly place: Place
  /** Path and query inside the device, verbatim. */
  readonly target: string
  readonly audience: Audience
}

const NOTHING = new Uint8Array(0)
const asBuffer = (bytes: Uint8Array): Buffer => bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/**
 * One HTTP request through a tunnel (wire-protocols 4.2). Never waits for a device that owes nothing: the end of the answer is
 * known from its head, and no RECV is sent once it is there. A reader that is slow stops the RECVs of its own tunnel only.
 */
export class Relay implements TunnelUser, Revocable {
  readonly #world: RelayWorld
  readonly #exchange: Exchange
  readonly #to: RelayTarget
  #tunnel: Tunnel | undefined
  #upload: Upload | undefined
  // the answer
  #collector: HeadCollector | undefined
  #framing: Framing | undefined
  #started = false
  #status = 0
  #page: PageRewrite | undefined
  #left = 0
  #chunks: ChunkedBody | undefined
  #held = false
  #listening = false
  #over = false

  constructor(world: RelayWorld, exchange: Exchange, to: RelayTarget) {
    this.#world = world
    this.#exchange = exchange
    this.#to = to
  }

  start(): void {
    const exchange = this.#exchange
    const { bounds } = this.#world
    const head = this.#head(exchange.bodyLength)
    if (head.length > bounds.tunnelledHead) return refuse(exchange, REFUSALS.tooLong)
    const tunnel = this.#to.tunnels.open(this)
    if (!tunnel) return refuse(exchange, REFUSALS.busy)
    this.#tunnel = tunnel
    this.#to.visit.enter(this)
    exchange.onAborted(() => this.#end())
    this.#upload = new Upload(exchange, this.#to.tunnels, tunnel, bounds)
    this.#upload.start(head, length => this.#head(length), this.#pump)
  }

  #head(length: number | undefined): string {
    const { target, place, audience, visit } = this.#to
    return requestHead(this.#exchange, {
      target, place, audience, length, plain: audience === 'navigation', cookie: visit.jar?.header(target, this.#world.now()) ?? '',
    })
  }

  /** Sends on, and asks for the answer once the device has everything. */
  #pump = (): void => {
    const tunnel = this.#tunnel
    if (!tunnel || this.#over) return
    this.#upload?.pump()
    if (this.#over || !this.#upload?.taken) return
    if (!this.#framing && tunnel.patience === Infinity) tunnel.patience = this.#world.bounds.tunnelSilence
    if (!this.#held) tunnel.ask()
  }

  ready(): void { this.#pump() }

  // from the device

  received(data: Uint8Array): void {
    try {
      const at = this.#framing ? 0 : this.#answerHead(data)
      if (at >= 0) this.#answerBody(at === 0 ? data : data.subarray(at))
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause
      this.#break(cause.message)
      return
    }
    if (!this.#over && !this.#held) this.#tunnel?.ask()
  }

  /** Reads heads until the final one. Answers where the body begins in `data`, or -1 when there is more to come. */
  #answerHead(data: Uint8Array): number {
    for (let at = 0; at < data.length;) {
      const piece = asBuffer(at === 0 ? data : data.subarray(at))
      let text: string
      const end = this.#collector ? -1 : headEnd(piece)
      if (end >= 0 && end <= this.#world.bounds.tunnelHead) {
        text = piece.toString('latin1', 0, end)
        at += end
      } else {
        this.#collector ??= new HeadCollector(this.#world.bounds.tunnelHead)
        const whole = this.#collector.add(piece)
        if (!whole) return -1
        this.#collector = undefined
        text = whole.head
        at += whole.used
      }
      const head = parseHead(text)
      if (head.status === 101) throw new ProtocolError('bad-status', 'the device changed the protocol unasked')
      if (head.status >= 200) return this.#answer(head, data, at)
    }
    return -1
  }

  /** Answers where the body begins in `data`, or -1 when the answer is complete. */
  #answer(head: ResponseHead, data: Uint8Array, at: number): number {
    const framing = framingOf(head, this.#exchange.method)
    const { place, audience, visit, target } = this.#to
    const { headers, cookies } = outerAnswer(head, place, audience, this.#exchange.header('origin'))
    if (cookies.length > 0) visit.keep(cookies, target, this.#world.now())
    this.#framing = framing
    if (this.#tunnel) this.#tunnel.patience = this.#world.bounds.tunnelStall
    if (framing.by === 'none') {
      this.#start(head.status, headers, this.#exchange.method === 'HEAD' ? declaredLength(head) : 0)
      this.#finish(NOTHING)
      return -1
    }
    if (framing.by === 'chunks') this.#chunks = new ChunkedBody()
    const kind = audience === 'navigation' && head.status !== 206 ? documentKind(headers) : undefined
    if (kind) {
      if (framing.by === 'length') this.#left = framing.length
      this.#status = head.status
      this.#page = new PageRewrite(headers, kind, { storage: scriptTag(place.prefix, 'storage', target), stylesheet: scriptTag(place.prefix, 'stylesheet', target) }, place)
      if (framing.by === 'length' && framing.length === 0) this.#finish(NOTHING)
      return at
    }
    if (framing.by === 'length') {
      if (data.length - at >= framing.length) {
        this.#finishWith(head.status, headers, data.subarray(at, at + framing.length))
        return -1
      }
      this.#left = framing.length
      this.#start(head.status, headers, framing.length)
    } else this.#start(head.status, headers, undefined)
    return at
  }

  #start(status: number, headers: HeaderList, length: number | undefined): void {
    this.#started = true
    this.#exchange.start(status, headers, length)
  }

  #answerBody(data: Uint8Array): void {
    if (this.#over || data.length === 0) return
    if (this.#chunks) {
      this.#chunks.feed(data, this.#forward)
      if (this.#chunks.done) this.#finish(NOTHING)
    } else if (this.#framing?.by === 'length') {
      // What is longer than announced is dropped.
      const part = data.length > this.#left ? data.subarray(0, this.#left) : data
      this.#left -= part.length
      if (this.#left === 0) this.#finish(part)
      else this.#forward(part)
    } else this.#forward(data)
  }

  #forward = (part: Uint8Array): void => {
    if (this.#over) return
    const bytes = this.#page ? this.#altered(this.#page, part) : part
    if (bytes.length === 0 || this.#exchange.write(bytes)) return
    this.#held = true
    if (this.#listening) return
    this.#listening = true
    this.#exchange.onDrain(() => {
      if (this.#over) return
      this.#held = false
      this.#tunnel?.ask()
    })
  }

  /** What of a document can be sent. */
  #altered(page: PageRewrite, part: Uint8Array): Uint8Array {
    const bytes = page.feed(part, false)
    if (bytes && !this.#started) this.#start(this.#status, page.headers, undefined)
    return bytes ?? NOTHING
  }

  ended(): void {
    if (this.#framing?.by === 'close') this.#finish(NOTHING)
    else this.#break('the device closed before its answer was complete')
  }

  failed(why: TunnelFailure): void {
    this.#end()
    if (this.#exchange.finished) return
    if (this.#started) this.#exchange.abort()
    else refuse(this.#exchange, why === 'silent' ? REFUSALS.silent : why === 'revoked' ? REFUSALS.ended : REFUSALS.broken)
  }

  revoked(): void {
    if (!this.#tunnel) throw new InvariantError('a request without a tunnel was revoked')
    this.#tunnel.fail('revoked')
  }

  /** The answer is of no use. */
  #break(what: string): void {
    this.#world.trouble(this.#to.tunnels.channel.hwId, what)
    this.failed('protocol')
  }

  #finish(last: Uint8Array): void {
    const page = this.#page
    const bytes = page ? page.feed(last, true) ?? NOTHING : last
    if (page && !this.#started) return this.#finishWith(this.#status, page.headers, bytes)
    this.#end()
    if (this.#exchange.finished) return
    this.#upload?.drop()
    this.#exchange.end(bytes)
  }

  /** The whole answer is there: one write. */
  #finishWith(status: number, headers: HeaderList, body: Uint8Array): void {
    this.#end()
    if (this.#exchange.finished) return
    this.#upload?.drop()
    this.#exchange.respond(status, headers, body)
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    this.#upload?.stop()
    this.#tunnel?.close()
    this.#to.visit.leave(this)
  }
}

/** The length a `HEAD` answer tells. */
function declaredLength(head: ResponseHead): number | undefined {
  for (const [name, value] of head.headers) if (name === 'content-length') return Number(value)
  return undefined
}
