/** The passthrough room behind the real stand-alone host, with test devices on real websockets and a stand-in for the sessions of apps. */
import { once } from 'node:events'
import http from 'node:http'
import WebSocket from 'ws'
import { accept, type Peer } from '../../app/hosts/exchange.ts'
import { startStandalone } from '../../app/hosts/standalone/host.ts'
import type { TunnelBounds } from '../../app/passthrough/bounds.ts'
import type { DeviceChannel, TunnelAccess, TunnelEnds, TunnelOwner } from '../../app/passthrough/channel.ts'
import { createPassthrough } from '../../app/passthrough/passthrough.ts'
import { decodeFrame } from '../../app/protocol/sysclient-frames.ts'
import { TunnelDevice } from './tunnel-device.ts'

export class Owner implements TunnelOwner {
  readonly keys = new Map<string, string>()
  readonly #ends = new Set<() => void>()
  readonly #deviceEnds = new Map<string, Set<() => void>>()

  onEnd(callback: () => void): () => void {
    this.#ends.add(callback)
    return () => { this.#ends.delete(callback) }
  }

  deviceKey(hwId: string): string {
    const key = this.keys.get(hwId) ?? `device-key-${hwId}-${this.keys.size}`
    this.keys.set(hwId, key)
    return key
  }

  onDeviceEnd(hwId: string, callback: () => void): () => void {
    const set = this.#deviceEnds.get(hwId) ?? new Set()
    this.#deviceEnds.set(hwId, set.add(callback))
    return () => { set.delete(callback) }
  }

  get watching(): number { return [...this.#deviceEnds.values()].reduce((sum, set) => sum + set.size, 0) }
  end(): void { for (const callback of [...this.#ends]) callback() }
  endDevice(hwId: string): void { for (const callback of [...this.#deviceEnds.get(hwId) ?? []]) callback() }
}

export const SESSION_KEY = 'session-key-1'

class Line implements DeviceChannel {
  readonly hwId: string
  tunnels: TunnelEnds | undefined
  peer: Peer<Line> | undefined
  constructor(hwId: string) { this.hwId = hwId }
  sendFrame(frame: Uint8Array): 'sent' | 'queued' | 'full' | 'closed' { return this.peer?.send(frame) ?? 'closed' }
  cork(callback: () => void): void { this.peer?.cork(callback) }
  get buffered(): number { return this.peer?.buffered ?? 0 }
}

export async function startBed(limits: Partial<TunnelBounds> = {}) {
  const owner = new Owner()
  const lines = new Map<string, Line>()
  const logged: string[] = []
  const counts = new Map<string, number>()
  const access: TunnelAccess = {
    reach(hwId, key) {
      const scope = key === SESSION_KEY ? 'session' as const : [...owner.keys].some(([id, known]) => known === key && id === hwId) ? 'device' as const : undefined
      if (!scope) return { status: 403, text: 'The address is no longer valid.' }
      if (hwId === 'nobody') return { status: 404, text: 'There is no such device.' }
      const channel = lines.get(hwId)
      return channel ? { channel, owner, scope, addresses: () => ['172.16.14.35', 'fe80::290:33ff:fe41:80be'] } : { status: 503, text: 'The device is not connected.' }
    },
  }
  const passthrough = createPassthrough({
    access, clock: { now: Date.now }, limits, log: (_level, text) => { logged.push(text) },
    count: (name, n = 1) => { counts.set(name, (counts.get(name) ?? 0) + n) },
  })
  const handler = {
    opened: (peer: Peer<Line>) => {
      peer.context.peer = peer
      lines.set(peer.context.hwId, peer.context)
    },
    message: (peer: Peer<Line>, data: string | Uint8Array) => {
      if (typeof data === 'string') return
      const frame = decodeFrame(data)
      if (frame.kind === 'tunnel') (peer.context.tunnels ??= passthrough.attach(peer.context)).frame(frame.session, frame.event, frame.data)
    },
    drained: (peer: Peer<Line>) => peer.context.tunnels?.drained(),
    closed: (peer: Peer<Line>) => {
      lines.delete(peer.context.hwId)
      peer.context.peer = undefined
      peer.context.tunnels?.closed()
    },
  }
  const pages = new Map<string, { type: string, body: string }>()
  const host = await startStandalone({
    listen: { host: '127.0.0.1', port: 0 }, log: (_level, text) => { logged.push(text) },
    router: {
      request: exchange => {
        const found = passthrough.parse(exchange.path.replace(/^\/i/, '') + (exchange.query ? `?${exchange.query}` : ''))
        const page = pages.get(exchange.path)
        if (page) exchange.respond(200, [['content-type', page.type], ['set-cookie', 'platform=secret; path=/']], page.body)
        else if (found) passthrough.request(exchange, found.hwId, found.key, found.rest)
        else exchange.respond(404, [], 'nothing here')
      },
      upgrade: request => {
        if (request.path.startsWith('/sysclients/')) return accept(handler, new Line(request.path.slice(12)), { maxMessage: 65_535 })
        const found = passthrough.parse(request.path.replace(/^\/i/, '') + (request.query ? `?${request.query}` : ''))
        return found ? passthrough.upgrade(request, found.hwId, found.key, found.rest) : { status: 404, text: 'nothing here' }
      },
    },
  })
  const sockets: WebSocket[] = []
  const bed = {
    owner, passthrough, logged, counts, pages, host, lines,
    url: `http://127.0.0.1:${host.port}`,
    port: host.port,
    /** `/i/passthrough/<hwId>/<key>` */
    prefix: (hwId: string, key = SESSION_KEY): string => `/i/passthrough/${hwId}/${key}`,
    async device(hwId: string): Promise<TunnelDevice & { socket: WebSocket }> {
      const socket = new WebSocket(`ws://127.0.0.1:${host.port}/sysclients/${hwId}`, { perMessageDeflate: false })
      sockets.push(socket)
      const device = Object.assign(new TunnelDevice(frame => { if (socket.readyState === WebSocket.OPEN) socket.send(frame) }), { socket })
      socket.on('message', (data: Buffer) => device.receive(data))
      socket.on('error', () => {})
      await once(socket, 'open')
      return device
    },
    get: (path: string, options: AskOptions = {}): Promise<Answer> => ask(host.port, path, options),
    async stop(): Promise<void> {
      for (const socket of sockets) socket.terminate()
      await host.stop()
    },
  }
  return bed
}
export type Bed = Awaited<ReturnType<typeof startBed>>

export interface AskOptions { method?: string, headers?: Record<string, string>, body?: string | Uint8Array | AsyncIterable<Uint8Array> }
export interface Answer { readonly status: number, readonly headers: http.IncomingHttpHeaders, readonly raw: string[], readonly body: Buffer, readonly text: string, readonly complete: boolean }

/** A plain HTTP request; resolves also when the answer breaks off (`complete` false). */
export async function ask(port: number, path: string, { method = 'GET', headers = {}, body }: AskOptions = {}): Promise<Answer> {
  const request = http.request({ host: '127.0.0.1', port, path, method, headers, agent: false })
  const answered = once(request, 'response') as Promise<[http.IncomingMessage]>
  request.on('error', () => {})
  request.setMaxListeners(0)
  const closed = once(request, 'close').catch(() => {})
  void (async () => {
    if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return void request.end(body)
    for await (const piece of body) if (!request.write(piece)) await Promise.race([once(request, 'drain'), closed])
    request.end()
  })()
  const [response] = await answered
  const parts: Buffer[] = []
  let complete = true
  try {
    for await (const part of response) parts.push(part as Buffer)
  } catch {
    complete = false
  }
  const whole = Buffer.concat(parts)
  return { status: response.statusCode ?? 0, headers: response.headers, raw: response.rawHeaders, body: whole, text: whole.toString(), complete: complete && response.complete }
}
