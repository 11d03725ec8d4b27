/** The socket to the webserver: carries out what the connection machine wants (app-platform-local 3.3, 3.6). */
import net from 'node:net'
import { LIMITS } from '../../limits.ts'
import type { Log } from '../../observe/log.ts'
import { APART, next, type Effect, type Input, type Registration, type State } from './connection-machine.ts'
import { FrameReader, Outbox, type OnMessage } from './frames.ts'
import { encodeItems } from './items.ts'
import { CONTROL, Type, VERSION } from './message-types.ts'

export interface LinkOptions {
  readonly socketPath: string
  readonly webPath: string
  readonly registrations: readonly Registration[]
  readonly log: Log
  /** A message of a request or websocket. */
  readonly onMessage: OnMessage
  /** All requests and websockets are dead. */
  readonly onDrop: () => void
  /** All is registered; or the connection was lost, or the path refused, with the reason. */
  readonly onState?: ((trouble: string | undefined) => void) | undefined
}

/** Read at once, bytes. */
const READ = 256 * 1024
/** In place of a user's name: the webserver asks per request (3.3). */
const ASK = '<dynamic authentication activated>'

export class WebserverLink {
  readonly outbox = new Outbox(bytes => this.#send(bytes))
  readonly #options: LinkOptions
  readonly #reader = new FrameReader()
  readonly #buffer = Buffer.allocUnsafeSlow(READ)
  #state: State = APART
  #socket: net.Socket | undefined
  #timer: NodeJS.Timeout | undefined
  #why = ''

  constructor(options: LinkOptions) { this.#options = options }

  /** The protocol version of the webserver; 0 until it has said one. */
  get version(): number { return this.#state.at === 'joined' ? Math.min(this.#state.version, VERSION) : 0 }
  get joined(): boolean { return this.#state.at === 'joined' }

  start(): void { this.#input({ kind: 'start' }) }

  stop(): void {
    clearTimeout(this.#timer)
    this.outbox.flush()
    this.#input({ kind: 'stop' })
  }

  #input(input: Input): void {
    const { state, effects } = next(this.#state, input, this.#options.registrations.length)
    this.#state = state
    for (const effect of effects) this.#carryOut(effect)
  }

  #carryOut(effect: Effect): void {
    const { log, registrations, onState } = this.#options
    switch (effect.do) {
      case 'connect': return this.#connect()
      case 'greet': return this.#greet()
      case 'registered':
        log('info', `registered at the webserver, protocol version ${this.version}`)
        return onState?.(undefined)
      case 'refused':
        this.#why = `the webserver refused ${registrations[effect.registration]?.path ?? ''}: ${effect.why}`
        return
      case 'drop': return this.#options.onDrop()
      case 'disconnect': return this.#disconnect()
      case 'wait':
        log('warn', `${this.#why || 'the webserver closed its socket'}; next attempt in ${effect.ms / 1000} s`)
        onState?.(this.#why || 'the connection to the webserver was lost')
        this.#timer = setTimeout(() => this.#input({ kind: 'timer' }), effect.ms)
        return
    }
  }

  #connect(): void {
    this.#why = ''
    this.#reader.reset()
    const { socketPath } = this.#options
    const socket = net.connect({
      path: socketPath,
      // One buffer for all that is read: what a message brings is valid only while it is handled.
      onread: { buffer: this.#buffer, callback: (bytes, buffer) => {
        if (socket === this.#socket) this.outbox.hold(() => this.#reader.read(Buffer.from(buffer.buffer, buffer.byteOffset, bytes), this.#message))
        return true
      } },
    })
    this.#socket = socket
    socket.once('connect', () => { if (socket === this.#socket) this.#input({ kind: 'connected' }) })
    socket.on('error', cause => { if (socket === this.#socket) this.#why = `the webserver's socket ${socketPath}: ${cause.message}` })
    socket.once('close', () => {
      if (socket !== this.#socket) return
      this.#disconnect()
      this.#input({ kind: 'lost' })
    })
  }

  #greet(): void {
    const { webPath, registrations } = this.#options
    this.outbox.put(CONTROL, Type.WebRoot, VERSION, Buffer.from(`${webPath}\0`))
    for (const { type, path, protected: asks } of registrations) {
      const payload = encodeItems({ pathToRegister: path, ...(asks ? { user: ASK, dynamicAuthentication: true as const } : {}) }, VERSION)
      this.outbox.put(CONTROL, type, 0, payload)
    }
    this.outbox.flush()
  }

  #disconnect(): void {
    const socket = this.#socket
    this.#socket = undefined
    this.outbox.clear()
    // What was written before still goes out; a webserver that does not read must not hold us.
    socket?.destroySoon()
    if (socket && socket.writableLength > 0) setTimeout(() => socket.destroy(), LIMITS.drainOnStop.value).unref()
  }

  #send(bytes: Buffer): void {
    const socket = this.#socket
    if (!socket) return
    socket.write(bytes)
    if (socket.writableLength <= LIMITS.webserverBacklog.value) return
    this.#why = 'the webserver does not read'
    socket.destroy()
  }

  readonly #message: OnMessage = (cid, type, purpose, data, from, to) => {
    if (this.#state.at !== 'joined') return
    if (cid !== CONTROL) return this.#options.onMessage(cid, type, purpose, data, from, to)
    if (type === Type.RegisterResult) this.#input({ kind: 'result', code: purpose })
    else if (type === Type.WebRootResult) this.#input({ kind: 'version', version: purpose })
  }
}
