/** The socket to the manager: carries out what its machine wants (app-platform-local 2). */
import net from 'node:net'
import { LIMITS } from '../limits.ts'
import type { Log } from '../observe/log.ts'
import { encodeManagerMessage, ManagerReader } from './manager-frames.ts'
import { next, START, type Effect, type Input, type State } from './manager-machine.ts'
import { readManagerMessage, TO_MANAGER, type Alarm, type Control, type InstanceArguments, type ManagerMessage, type ServiceMessage } from './manager-messages.ts'

export interface ManagerLinkOptions {
  readonly socketPath: string
  readonly serviceId: string
  readonly version: { readonly id: string, readonly build: string, readonly label: string }
  /** Plugins of the PBX Manager that an instance brings. */
  readonly controls: (given: InstanceArguments) => readonly Control[]
  readonly log: Log
  readonly start: (given: InstanceArguments) => void
  /** Must lead to `stopped`. */
  readonly stop: (key: string) => void
  readonly apply: (message: ManagerMessage) => void
  readonly exit: () => void
}

/** How many times the bound of one instance all of them may take to stop, with the removal of what only connections kept. */
const LATE = 5

export class ManagerLink {
  readonly #options: ManagerLinkOptions
  readonly #socket: net.Socket
  readonly #reader = new ManagerReader()
  #state: State = START
  #limit: NodeJS.Timeout | undefined

  constructor(options: ManagerLinkOptions) {
    this.#options = options
    this.#socket = net.connect(options.socketPath)
    this.#socket.once('connect', () => this.#input({ kind: 'connected' }))
    this.#socket.on('error', cause => options.log('warn', `the manager's socket: ${cause.message}`))
    this.#socket.on('data', piece => this.#read(piece))
    this.#socket.once('end', () => this.#input({ kind: 'closed' }))
    this.#socket.once('close', () => this.#input({ kind: this.#state.at === 'connecting' ? 'unreachable' : 'closed' }))
  }

  /** SIGTERM and its like. */
  signal(): void { this.#input({ kind: 'signal' }) }
  stopped(key: string): void { this.#input({ kind: 'stopped', key }) }
  alarm(alarm: Alarm): void { this.#send(TO_MANAGER.AppAlarm(this.#options.serviceId, alarm)) }

  #read(piece: Buffer): void {
    try {
      for (const json of this.#reader.read(piece)) this.#message(json)
    } catch (cause) {
      this.#options.log('error', `the manager's socket cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`)
      this.#socket.destroy()
    }
  }

  #message(json: string): void {
    let message: ManagerMessage | undefined
    try {
      message = readManagerMessage(json)
    } catch (cause) {
      return this.#options.log('warn', `a message of the manager was ignored: ${cause instanceof Error ? cause.message : String(cause)}`)
    }
    if (message) this.#input({ kind: 'message', message })
  }

  #input(input: Input): void {
    const { state, effects } = next(this.#state, input)
    this.#state = state
    for (const effect of effects) this.#carryOut(effect)
  }

  #carryOut(effect: Effect): void {
    const { serviceId, version, controls, start, stop, apply, exit } = this.#options
    switch (effect.do) {
      case 'introduce': return this.#send(TO_MANAGER.AppServiceInitConnection(serviceId, version))
      case 'complete': return this.#send(TO_MANAGER.AppServiceCloseComplete(serviceId))
      case 'status': return this.#send(TO_MANAGER.AppStatusUpdate(effect.given.appName, effect.given.appDomain, effect.up, controls(effect.given)))
      case 'start': return start(effect.given)
      case 'stop': return stop(effect.key)
      case 'apply': return apply(effect.message)
      case 'limit':
        clearTimeout(this.#limit)
        // Each instance has its own bound for its stop; this one is for what hangs beyond it.
        this.#limit = setTimeout(() => this.#input({ kind: 'late' }), LIMITS.drainOnStop.value * LATE)
        return
      case 'exit':
        clearTimeout(this.#limit)
        this.#socket.destroy()
        return exit()
    }
  }

  #send(message: ServiceMessage): void { if (this.#socket.writable) this.#socket.write(encodeManagerMessage(message)) }
}
