/**
 * Thousands of devices in one process, as small as they can be: they prove their password, keep what is deployed, answer commands
 * through their tunnel and come back when the connection breaks. Written from wire-protocols chapter 2, on its own.
 */
import crypto from 'node:crypto'
import { filledDevice, filledPassword } from '../../test/fixtures/fill.ts'
import { rc4Text } from '../../test/fixtures/rc4.ts'
import { RawWebSocket } from './raw-websocket.ts'

/** Few per source address: with many, the kernel searches long for a free port. */
const PER_ADDRESS = 1_500
const CONNECTING = 200

const admin = (body: object): Buffer => Buffer.concat([Buffer.from([1, 0, 0]), Buffer.from(JSON.stringify(body))])
function tunnel(session: number, event: number, data: Buffer = Buffer.alloc(0)): Buffer {
  const out = Buffer.alloc(9 + data.length)
  out[0] = 2
  out.writeUInt32BE(session, 1)
  out.writeUInt32BE(event, 5)
  data.copy(out, 9)
  return out
}

export interface LightFleetOptions {
  readonly port: number
  readonly count: number
  /** Milliseconds a device takes to answer a ping or a command. */
  readonly answerAfter?: number
  /** Keeps the clear text of administrative passwords (default true). */
  readonly decrypts?: boolean
}

export class LightFleet {
  readonly count: number
  /** Administrative passwords deployed last, in clear. */
  readonly passwords: (string | undefined)[]
  /** Times (ms since 1970) at which the ping behind a password was answered last. */
  readonly confirmedAt: number[]
  /** Registration URLs that were written and activated. */
  readonly urls: (string | undefined)[]
  /** Devices that owe an answer right now, and the most at any time. */
  readonly owing = { pings: 0, commands: 0, mostPings: 0, mostCommands: 0 }
  online = 0
  readonly #options: LightFleetOptions
  readonly #devices: LightDevice[]
  readonly #waiting: LightDevice[] = []
  #connecting = 0
  stopped = false

  constructor(options: LightFleetOptions) {
    this.#options = options
    this.count = options.count
    this.passwords = new Array<string | undefined>(options.count)
    this.confirmedAt = new Array<number>(options.count).fill(0)
    this.urls = new Array<string | undefined>(options.count)
    this.#devices = Array.from({ length: options.count }, (_, n) => new LightDevice(this, n))
    for (const device of this.#devices) this.comeBack(device)
  }

  get options(): LightFleetOptions { return this.#options }

  /** Resolves when the condition holds; looked at ten times a second. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise(resolve => setTimeout(resolve, 20))
  }

  comeBack(device: LightDevice): void {
    if (this.stopped) return
    this.#waiting.push(device)
    this.#fill()
  }

  entered(): void {
    this.#connecting--
    this.#fill()
  }

  #fill(): void {
    while (this.#connecting < CONNECTING) {
      const device = this.#waiting.shift()
      if (!device) return
      this.#connecting++
      device.connect()
    }
  }

  stop(): void {
    this.stopped = true
    for (const device of this.#devices) device.end()
  }
}

class LightDevice {
  readonly #fleet: LightFleet
  readonly #n: number
  #socket: RawWebSocket | undefined
  #entering = false
  #in = false
  /** Answers of the web server by session, and sessions that were asked before there was one. */
  #answers: Map<number, Buffer> | undefined
  #asked: Set<number> | undefined
  #working: string | undefined
  #written: string | undefined
  #commanded = false
  #pinged = false

  constructor(fleet: LightFleet, n: number) {
    this.#fleet = fleet
    this.#n = n
  }

  connect(): void {
    const { port } = this.#fleet.options
    const identity = this.#identity()
    this.#entering = true
    this.#answers = this.#asked = undefined
    const socket = new RawWebSocket(
      { host: '127.0.0.1', port, path: '/example.com/devices/sysclients', localAddress: `127.0.1.${1 + Math.floor(this.#n / PER_ADDRESS)}`, tls: false },
      () => socket.send(admin(identity)), payload => this.#message(socket, payload), () => {})
    socket.onPing = payload => this.#ping(socket, payload)
    socket.socket.on('close', () => this.#closed())
    this.#socket = socket
  }

  #identity(): { id: string } {
    const { hwId, product, version, type, ip } = filledDevice(this.#n)
    return { id: hwId, product, version, platform: { type }, ethIfs: [{ if: 'ETH0', ipv4: ip }] } as { id: string }
  }

  end(): void { this.#socket?.socket.destroy() }

  #entered(): void {
    if (!this.#entering) return
    this.#entering = false
    this.#fleet.entered()
  }

  #closed(): void {
    if (this.#in) this.#fleet.online--
    this.#in = false
    this.#owe('pings', false)
    this.#owe('commands', false)
    this.#entered()
    setTimeout(() => this.#fleet.comeBack(this), 100 + Math.random() * 200)
  }

  #message(socket: RawWebSocket, payload: Buffer): void {
    if (payload[0] === 2) return this.#tunnel(socket, payload.readUInt32BE(1), payload.readUInt32BE(5), payload.subarray(9))
    if (payload[2] === 2) {
      const { hwId, product, version } = filledDevice(this.#n)
      const { challenge } = JSON.parse(payload.subarray(3).toString()) as { challenge: string }
      const digest = crypto.createHash('sha256').update(`${hwId}:${product}:${version}:${challenge}:${filledPassword(this.#n)}`).digest('hex')
      socket.send(admin({ ...this.#identity(), digest }))
      // Nothing confirms it; a domain that deploys nothing sends nothing more.
      this.#in = true
      this.#fleet.online++
      this.#entered()
    } else if (payload[2] === 3) {
      if (this.#fleet.options.decrypts === false) return
      const { seed, pwd } = JSON.parse(payload.subarray(3).toString()) as { seed: string, pwd: string }
      this.#fleet.passwords[this.#n] = rc4Text(`${seed}:${filledPassword(this.#n)}`, pwd)
    }
  }

  #owe(what: 'pings' | 'commands', now: boolean): void {
    const { owing } = this.#fleet
    const before = what === 'pings' ? this.#pinged : this.#commanded
    if (before === now) return
    if (what === 'pings') this.#pinged = now
    else this.#commanded = now
    owing[what] += now ? 1 : -1
    if (what === 'pings') owing.mostPings = Math.max(owing.mostPings, owing.pings)
    else owing.mostCommands = Math.max(owing.mostCommands, owing.commands)
  }

  #later(run: () => void): void {
    const { answerAfter = 0 } = this.#fleet.options
    if (answerAfter === 0) run()
    else setTimeout(run, answerAfter)
  }

  #ping(socket: RawWebSocket, payload: Buffer): void {
    this.#owe('pings', true)
    this.#later(() => {
      this.#fleet.confirmedAt[this.#n] = Date.now()
      this.#owe('pings', false)
      socket.pong(payload)
    })
  }

  #tunnel(socket: RawWebSocket, session: number, event: number, data: Buffer): void {
    if (event === 0) {
      const target = /^GET (\S+) HTTP\/1\.1\r\n/.exec(data.toString('latin1'))?.[1] ?? ''
      if (target.startsWith('/!config%20change')) this.#owe('commands', true)
      socket.send(tunnel(session, 3))
      this.#later(() => this.#answer(socket, session, this.#execute(target)))
    } else if (event === 1) {
      const answer = this.#answers?.get(session)
      if (answer) this.#send(socket, session, answer)
      else (this.#asked ??= new Set()).add(session)
    } else if (event === 4) {
      this.#answers?.delete(session)
      this.#asked?.delete(session)
      socket.send(tunnel(session, 4))
    }
  }

  #execute(target: string): string {
    const change = /^\/!config change SYSCLIENT \/sysadmin (\S+)$/.exec(decodeURIComponent(target))
    if (change) {
      this.#working = change[1]
      return 'ok\r\n'
    }
    if (target === '/!config%20write') this.#written = this.#working
    else if (target === '/cfg.txt') return `config change CMD0 /no-telnet\r\nconfig change SYSCLIENT /sysadmin ${this.#working}\r\nvars create UPDATE/POLL p 1\r\n`
    else if (target === '/!config%20activate') {
      this.#owe('commands', false)
      this.#fleet.urls[this.#n] = decodeURIComponent(this.#written ?? '')
    } else return '?\r\n'
    return 'ok\r\n'
  }

  #answer(socket: RawWebSocket, session: number, body: string): void {
    const answer = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    if (this.#asked?.delete(session)) this.#send(socket, session, answer)
    else (this.#answers ??= new Map()).set(session, answer)
  }

  #send(socket: RawWebSocket, session: number, answer: Buffer): void {
    this.#answers?.delete(session)
    socket.send(tunnel(session, 2, answer))
  }
}
