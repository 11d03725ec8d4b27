/**
 * HTTP requests that the service itself makes of a device, through its tunnel (wire-protocols 2.11, 2.13): one tunnel session each,
 * bounded in time and size. The device takes the sysclient connection for proof enough; nothing of a browser is in them.
 */
import { AppError, ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { ByteQueue } from './byte-queue.ts'
import type { DeviceChannel } from './channel.ts'
import { ChunkedBody } from './chunked-body.ts'
import type { DeviceTunnels } from './device-tunnels.ts'
import { isTarget } from './request-head.ts'
import { framingOf, HeadCollector, parseHead, type Framing } from './response-head.ts'
import type { Tunnel, TunnelFailure, TunnelUser } from './tunnel.ts'

export interface DeviceAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: Buffer
}

/**
 * `gone`: the device is not connected, or its connection broke. `busy`: as many tunnels as possible are in use. `silent`: no answer in time.
 * `protocol`: the answer is no HTTP, or broke off. `too-long`: the answer is longer than asked for.
 */
export class DeviceHttpError extends AppError {
  readonly code: 'gone' | 'busy' | 'silent' | 'protocol' | 'too-long'
  constructor(code: DeviceHttpError['code']) {
    super(TEXTS[code])
    this.code = code
  }
}

const TEXTS = {
  'gone': 'The connection to the device broke.', 'busy': 'The device is busy with other requests.', 'silent': 'The device did not answer in time.',
  'protocol': 'The answer of the device could not be understood.', 'too-long': 'The answer of the device is too long.',
} as const
const CODES: Record<TunnelFailure, DeviceHttpError['code']> = { gone: 'gone', protocol: 'protocol', silent: 'silent', revoked: 'gone' }

export interface GetOptions {
  /** Longest body in bytes. */
  readonly most?: number
  /** Time for the whole answer in ms. */
  readonly within?: number
}

export class DeviceHttp {
  readonly #tunnelsOf: (channel: DeviceChannel) => DeviceTunnels
  readonly #channelOf: (hwId: string) => DeviceChannel | undefined

  constructor(tunnelsOf: (channel: DeviceChannel) => DeviceTunnels, channelOf: (hwId: string) => DeviceChannel | undefined) {
    this.#tunnelsOf = tunnelsOf
    this.#channelOf = channelOf
  }

  /** GET of path and query, percent-encoded by the caller. Rejects with `DeviceHttpError`. Any status is an answer. */
  get(hwId: string, target: string, options: GetOptions = {}): Promise<DeviceAnswer> {
    const channel = this.#channelOf(hwId)
    if (!channel) return Promise.reject(new DeviceHttpError('gone'))
    if (!isTarget(target)) return Promise.reject(new DeviceHttpError('protocol'))
    return new Promise((resolve, reject) => {
      new OneGet(this.#tunnelsOf(channel), target, options.most ?? LIMITS.deviceAnswer.value, options.within ?? LIMITS.deviceAnswerWithin.value, resolve, reject).start()
    })
  }
}

class OneGet implements TunnelUser {
  readonly #tunnels: DeviceTunnels
  readonly #target: string
  readonly #most: number
  readonly #resolve: (answer: DeviceAnswer) => void
  readonly #reject: (error: DeviceHttpError) => void
  readonly #queue = new ByteQueue()
  readonly #collector = new HeadCollector(LIMITS.tunnelHead.value)
  readonly #timer: NodeJS.Timeout
  #tunnel: Tunnel | undefined
  #begun = false
  #head: { status: number, headers: DeviceAnswer['headers'], framing: Framing } | undefined
  #chunks: ChunkedBody | undefined
  #body: Buffer[] = []
  #size = 0
  #over = false

  constructor(tunnels: DeviceTunnels, target: string, most: number, within: number, resolve: (answer: DeviceAnswer) => void, reject: (error: DeviceHttpError) => void) {
    this.#tunnels = tunnels
    this.#target = target
    this.#most = most
    this.#resolve = resolve
    this.#reject = reject
    this.#timer = setTimeout(() => this.#fail('silent'), within)
  }

  start(): void {
    this.#tunnel = this.#tunnels.open(this)
    if (!this.#tunnel) return this.#fail('busy')
    // The device's web server gets a name that means itself.
    this.#queue.push(Buffer.from(`GET ${this.#target} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nConnection: close\r\n\r\n`, 'latin1'))
    this.ready()
  }

  ready(): void {
    const tunnel = this.#tunnel
    if (!tunnel || this.#over) return
    if (this.#queue.size > 0) {
      if (!tunnel.maySend()) return
      if (this.#begun) tunnel.send(this.#queue)
      else {
        this.#begun = true
        this.#tunnels.begin(tunnel, this.#queue)
      }
    }
    if (this.#queue.size > 0 || tunnel.sending) return
    if (tunnel.patience === Infinity) tunnel.patience = LIMITS.tunnelSilence.value
    tunnel.ask()
  }

  received(data: Uint8Array): void {
    try {
      this.#read(data)
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause
      return this.#fail('protocol')
    }
    if (!this.#over) this.#tunnel?.ask()
  }

  #read(data: Uint8Array): void {
    let rest = data
    while (!this.#head) {
      const whole = this.#collector.add(rest)
      if (!whole) return
      rest = rest.subarray(whole.used)
      const head = parseHead(whole.head)
      // 100 and its like announce the real head.
      if (head.status >= 200) this.#head = { ...head, framing: framingOf(head, 'GET') }
      else if (rest.length === 0) return
    }
    const { framing } = this.#head
    if (framing.by === 'none') return this.#finish()
    if (framing.by === 'chunks') {
      this.#chunks ??= new ChunkedBody()
      this.#chunks.feed(rest, part => this.#keep(part))
      if (this.#chunks.done) this.#finish()
    } else if (framing.by === 'length') {
      this.#keep(rest.subarray(0, framing.length - this.#size))
      if (this.#size === framing.length) this.#finish()
    } else this.#keep(rest)
  }

  #keep(part: Uint8Array): void {
    if (this.#over || part.length === 0) return
    if (this.#size + part.length > this.#most) return this.#fail('too-long')
    this.#size += part.length
    this.#body.push(Buffer.from(part))
  }

  ended(): void {
    if (this.#head?.framing.by === 'close') this.#finish()
    else this.#fail('protocol')
  }

  failed(why: TunnelFailure): void { this.#fail(CODES[why]) }

  #finish(): void {
    const head = this.#head
    if (this.#over || !head) return
    this.#end()
    this.#resolve({ status: head.status, headers: head.headers, body: Buffer.concat(this.#body) })
  }

  #fail(code: DeviceHttpError['code']): void {
    if (this.#over) return
    this.#end()
    this.#reject(new DeviceHttpError(code))
  }

  #end(): void {
    this.#over = true
    clearTimeout(this.#timer)
    this.#queue.clear()
    this.#tunnel?.close()
  }
}
