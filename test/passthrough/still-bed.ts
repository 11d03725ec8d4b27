/** The passthrough room without sockets: time, the device connection and the client are in the hands of the test. */
import type { Exchange, HeaderList } from '../../app/hosts/exchange.ts'
import type { TunnelBounds } from '../../app/passthrough/bounds.ts'
import type { DeviceChannel, TunnelEnds } from '../../app/passthrough/channel.ts'
import { createPassthrough } from '../../app/passthrough/passthrough.ts'
import { Owner } from './bed.ts'
import { TunnelDevice } from './tunnel-device.ts'

/** One request as a host would hand it over. */
export class StillExchange implements Exchange {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: HeaderList
  readonly address = '127.0.0.1'
  readonly secure = false
  readonly bodyLength: number | undefined
  status = 0
  sent: HeaderList = []
  length: number | undefined
  parts: Buffer[] = []
  finished = false
  aborted = false
  paused = false
  /** What `write` answers. */
  takes = true
  onData: ((chunk: Uint8Array, last: boolean) => void) | undefined
  drain: () => void = () => {}
  gone: () => void = () => {}

  constructor(method: string, url: string, headers: Record<string, string> = {}, bodyLength: number | undefined = 0) {
    this.method = method
    const [path = '', query = ''] = url.split('?')
    this.path = path
    this.query = query
    this.headers = Object.entries({ host: 'devices.example', ...headers })
    this.bodyLength = bodyLength
  }

  header(name: string): string | undefined { return this.headers.find(([key]) => key === name)?.[1] }
  readBody(onData: (chunk: Uint8Array, last: boolean) => void): void { this.onData = onData }
  pauseBody(): void { this.paused = true }
  resumeBody(): void { this.paused = false }
  start(status: number, headers: HeaderList, length?: number): void {
    if (this.status !== 0) throw new Error('started twice')
    this.status = status
    this.sent = headers
    this.length = length
  }
  write(chunk: Uint8Array | string): boolean {
    if (this.finished) throw new Error('written after the end')
    this.parts.push(Buffer.from(chunk))
    return this.takes
  }
  end(chunk?: Uint8Array | string): void {
    if (chunk !== undefined) this.write(chunk)
    this.finished = true
  }
  respond(status: number, headers: HeaderList, body: Uint8Array | string = ''): void {
    this.start(status, headers, body.length)
    this.end(body)
  }
  abort(): void {
    this.finished = true
    this.aborted = true
  }
  onDrain(callback: () => void): void { this.drain = callback }
  onAborted(callback: () => void): void { this.gone = callback }

  get text(): string { return Buffer.concat(this.parts).toString('latin1') }
  field(name: string): string[] { return this.sent.filter(([key]) => key === name).map(([, value]) => value) }
  leave(): void {
    this.finished = true
    this.gone()
  }
}

/** `defer`: how work gets behind the current round of the event loop; at once unless a test wants to see it. */
export function stillBed(limits: Partial<TunnelBounds> = {}, defer: (run: () => void) => void = run => run(), hwId = 'd') {
  const owner = new Owner()
  let timer: (() => void) | undefined
  let now = 1_000_000
  const logged: string[] = []
  const frames: Buffer[] = []
  const state: { result: 'sent' | 'queued' | 'full' | 'closed', corks: number } = { result: 'sent', corks: 0 }
  const device = new TunnelDevice(frame => { channel.tunnels?.frame(frame.readUInt32BE(1), frame.readUInt32BE(5), frame.subarray(9)) })
  const channel: DeviceChannel & { tunnels: TunnelEnds | undefined } = {
    hwId, tunnels: undefined, buffered: 0,
    sendFrame: frame => {
      frames.push(Buffer.from(frame))
      if (state.result === 'sent' || state.result === 'queued') device.receive(Buffer.from(frame))
      return state.result
    },
    cork: callback => {
      state.corks++
      callback()
    },
  }
  const passthrough = createPassthrough({
    access: { reach: (_hwId, key) => key === 'bad' ? { status: 403, text: 'Not valid.' } : { channel, owner, scope: key === 'session' ? 'session' : 'device', addresses: () => [] } },
    defer,
    clock: { now: () => now, every: (_ms, callback) => { timer = callback; return () => { timer = undefined } } },
    log: (_level, text) => { logged.push(text) }, count: () => {}, limits,
  })
  return {
    owner, device, channel, passthrough, frames, state, logged,
    /** Lets `seconds` pass. */
    pass(seconds: number): void {
      for (let n = 0; n < seconds; n++) {
        now += 1000
        timer?.()
      }
    },
    get ticking(): boolean { return timer !== undefined },
    request(method: string, rest: string, headers: Record<string, string> = {}, bodyLength: number | undefined = 0, key = 'device'): StillExchange {
      const exchange = new StillExchange(method, `/i/passthrough/${hwId}/${key}${rest}`, headers, bodyLength)
      passthrough.request(exchange, hwId, key, rest)
      return exchange
    },
  }
}
