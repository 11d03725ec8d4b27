/** A service made from the document alone (wire-protocols chapter 2), small enough to be read: the other side of the simulator's tests. */
import { createHash, randomInt } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import type { IncomingMessage } from 'node:http'
import https from 'node:https'
import type { ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'

interface Frame { kind: number, type: number, session: number, event: number, data: Buffer }
interface Waiting { test: (frame: Frame) => boolean, done: (frame: Frame) => void }

/** The device's connection as the service sees it: frames are kept until somebody expects them. */
export class Link {
  readonly socket: WebSocket
  readonly url: string
  readonly closed: Promise<number>
  frames: Frame[] = []
  #waiting: Waiting[] = []
  #session = 1000

  constructor(socket: WebSocket, url: string) {
    this.socket = socket
    this.url = url
    this.closed = new Promise(resolve => socket.on('close', code => resolve(code)))
    socket.on('error', () => {})
    socket.on('message', raw => {
      const bytes = raw as Buffer
      const frame = { kind: bytes[0] ?? -1, type: bytes.length >= 3 ? bytes.readUInt16BE(1) : -1, session: -1, event: -1, data: bytes.subarray(3) }
      if (frame.kind === 2) Object.assign(frame, { type: -1, session: bytes.readUInt32BE(1), event: bytes.readUInt32BE(5), data: bytes.subarray(9) })
      const at = this.#waiting.findIndex(({ test }) => test(frame))
      const [waiting] = at < 0 ? [] : this.#waiting.splice(at, 1)
      if (waiting) waiting.done(frame)
      else this.frames.push(frame)
    })
  }

  expect(test: (frame: Frame) => boolean, what: string): Promise<Frame> {
    const at = this.frames.findIndex(test)
    const [kept] = at < 0 ? [] : this.frames.splice(at, 1)
    if (kept) return Promise.resolve(kept)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${what}; got ${this.frames.map(f => `${f.kind}/${f.type}/${f.event}`).join(' ')}`)), 20_000)
      this.#waiting.push({ test, done: frame => { clearTimeout(timer); resolve(frame) } })
    })
  }

  async admin(type: number): Promise<Record<string, unknown>> {
    const { data } = await this.expect(frame => frame.kind === 1 && frame.type === type, `admin message ${type}`)
    return JSON.parse(data.toString('utf8')) as Record<string, unknown>
  }
  identify(): Promise<Record<string, unknown>> { return this.admin(0) }

  sendAdmin(type: number, json: unknown): void {
    this.socket.send(Buffer.concat([Buffer.of(1, 0, type), Buffer.from(typeof json === 'string' ? json : JSON.stringify(json))]))
  }
  sendTunnel(session: number, event: number, data: Buffer | string = ''): void {
    const head = Buffer.alloc(9)
    head[0] = 2
    head.writeUInt32BE(session, 1)
    head.writeUInt32BE(event, 5)
    this.socket.send(Buffer.concat([head, Buffer.from(data)]))
  }
  recv(session: number, wanted: number): void {
    const dword = Buffer.alloc(4)
    dword.writeUInt32BE(wanted)
    this.sendTunnel(session, 1, dword)
  }
  tunnel(session: number, event: number): Promise<Frame> {
    return this.expect(frame => frame.kind === 2 && frame.session === session && frame.event === event, `event ${event} of session ${session}`)
  }
  newSession(): number { return ++this.#session }

  /** Challenges and checks the digest; the second Identify. */
  async challenge(password: string, first: Record<string, unknown>): Promise<{ ok: boolean, second: Record<string, unknown> }> {
    const challenge = String(randomInt(2 ** 31))
    this.sendAdmin(2, { challenge })
    const second = await this.identify()
    const digest = createHash('sha256').update(`${String(first['id'])}:${String(first['product'])}:${String(first['version'])}:${challenge}:${password}`).digest('hex')
    return { ok: digest === second['digest'], second }
  }

  /** One whole HTTP exchange through a new session: SENDs of at most 8192 bytes, RECVs of `wanted`, until the answer is complete. */
  async http(request: Buffer | string, wanted = 8192): Promise<Answer> {
    const session = this.newSession()
    const bytes = Buffer.from(request)
    for (let at = 0; at < bytes.length; at += 8192) {
      this.sendTunnel(session, 0, bytes.subarray(at, at + 8192))
      await this.tunnel(session, 3)
    }
    const pieces: Buffer[] = []
    const method = bytes.toString('latin1', 0, bytes.indexOf(' '))
    let parsed: Answer | undefined
    let size = 0
    let wholeSize = -1
    while (!parsed) {
      this.recv(session, wanted)
      const frame = await this.expect(f => f.kind === 2 && f.session === session && (f.event === 2 || f.event === 4), 'RECV_RESULT or SHUTDOWN')
      pieces.push(frame.data)
      size += frame.data.length
      const ended = frame.event === 4 || frame.data.length === 0
      if (wholeSize < 0 || size >= wholeSize || ended) {
        const got = parse(Buffer.concat(pieces), method, ended)
        if (typeof got === 'number') wholeSize = got
        else parsed = got
      }
      if (frame.event === 4) return parsed ?? parse(Buffer.concat(pieces), method, true) as Answer
    }
    this.sendTunnel(session, 4)
    await this.tunnel(session, 4)
    return parsed
  }
  get(target: string, headers = ''): Promise<Answer> { return this.http(`GET ${target} HTTP/1.1\r\nHost: device\r\n${headers}\r\n`) }
  async text(target: string): Promise<string> { return (await this.get(target)).body.toString('utf8') }
  post(target: string, body: string | Buffer, headers = 'Content-Type: application/x-www-form-urlencoded\r\n'): Promise<Answer> {
    const bytes = Buffer.from(body)
    return this.http(Buffer.concat([Buffer.from(`POST ${target} HTTP/1.1\r\nHost: device\r\n${headers}Content-Length: ${bytes.length}\r\n\r\n`), bytes]))
  }
}

export interface Answer { status: number, headers: Map<string, string[]>, body: Buffer }

/** A complete answer, or the size it will have at least (-1: not known yet). */
function parse(bytes: Buffer, method: string, ended: boolean): Answer | number {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return -1
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const headers = new Map<string, string[]>()
  for (const line of lines) {
    const name = line.slice(0, line.indexOf(':')).toLowerCase()
    headers.set(name, [...headers.get(name) ?? [], line.slice(line.indexOf(':') + 1).trim()])
  }
  const status = Number(first.split(' ')[1])
  const rest = bytes.subarray(end + 4)
  const length = headers.get('content-length')?.[0]
  if (method === 'HEAD' || status === 204 || status === 101) return { status, headers, body: Buffer.alloc(0) }
  if (length !== undefined) return rest.length >= Number(length) ? { status, headers, body: Buffer.from(rest) } : end + 4 + Number(length)
  if (headers.get('transfer-encoding')) {
    if (!bytes.subarray(-5).equals(Buffer.from('0\r\n\r\n'))) return -1
    const pieces: Buffer[] = []
    for (let at = 0; ;) {
      const line = rest.indexOf('\r\n', at)
      const size = parseInt(rest.toString('latin1', at, line), 16)
      if (size === 0) return { status, headers, body: Buffer.concat(pieces) }
      if (!(size > 0) || line + 2 + size > rest.length) return -1
      pieces.push(rest.subarray(line + 2, line + 2 + size))
      at = line + 2 + size + 2
    }
  }
  return ended ? { status, headers, body: Buffer.from(rest) } : -1
}

export interface DocumentService {
  url: string
  /** The next connection that nobody has taken yet. */
  link(): Promise<Link>
  links: Link[]
  stop(): Promise<void>
}

export async function documentService(port = 0, tls?: ServerOptions): Promise<DocumentService> {
  const listener = tls ? https.createServer(tls) : http.createServer()
  const server = new WebSocketServer({ server: listener, perMessageDeflate: false })
  listener.listen(port, '127.0.0.1')
  await once(listener, 'listening')
  const links: Link[] = []
  const fresh: Link[] = []
  const waiting: ((link: Link) => void)[] = []
  server.on('connection', (socket: WebSocket, request: IncomingMessage) => {
    const link = new Link(socket, request.url ?? '')
    links.push(link)
    const next = waiting.shift()
    if (next) next(link)
    else fresh.push(link)
  })
  return {
    url: `${tls ? 'wss' : 'ws'}://127.0.0.1:${(listener.address() as AddressInfo).port}/example.com/devices/sysclients`,
    links,
    link() {
      const link = fresh.shift()
      return link ? Promise.resolve(link) : new Promise(resolve => waiting.push(resolve))
    },
    async stop() {
      for (const client of server.clients) client.terminate()
      await new Promise(resolve => listener.close(resolve))
    },
  }
}
