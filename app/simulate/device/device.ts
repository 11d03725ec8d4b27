/** One simulated device: registers, keeps its password, answers tunnels (wire-protocols chapter 2). */
import { LIMITS } from '../../limits.ts'
import type { Random } from '../random.ts'
import { Box } from '../web/box.ts'
import type { Alarm, BoxHost, Call } from '../web/box.ts'
import type { HostileTarget } from '../web/hostile-page.ts'
import { HttpConnection } from '../web/http.ts'
import type { WebHandler } from '../web/web-types.ts'
import { deviceWeb } from '../web/routes.ts'
import type { HostileReport } from '../web/routes.ts'
import { Connection } from './connection.ts'
import { ADMIN, adminMessage, readMessage } from './frames.ts'
import type { ServiceMessage } from './frames.ts'
import type { DeviceKind, Identity } from './identity.ts'
import type { Oddity } from './oddities.ts'
import { Polling } from './polling.ts'
import { register } from './registration.ts'
import type { Registration, RegistrationEffect, Warning } from './registration.ts'
import type { DeviceEvent, DeviceSettings, TunnelledRequest } from './settings.ts'
import { Tunnels } from './tunnels.ts'
import type { TunnelHost } from './tunnels.ts'
import { Waiters } from './waiters.ts'

export class SimulatedDevice {
  readonly kind: DeviceKind
  readonly #settings: DeviceSettings
  readonly #random: Random
  readonly #connection: Connection
  readonly #homeUrl: string
  #code: string | undefined
  readonly #waiters = new Waiters()
  readonly #polling: Polling
  #identity: Identity
  #url: string
  #state: Registration
  /** Messages that wait until a password is durable. */
  #held: Buffer[] | undefined
  #oddities: Set<Oddity> | undefined
  #tunnels: Tunnels | undefined
  #web: WebHandler | undefined
  #box: Box | undefined
  #restarting: NodeJS.Timeout | undefined
  #provisioning: ((error: string | undefined) => void)[] = []
  /** The requests that came through tunnels, newest last. */
  readonly requests: TunnelledRequest[] = []
  /** The administrative password deployed last, in clear text. */
  adminPassword: string | undefined
  /** Configuration items got as messages (only for `other: true`), secrets in clear. */
  readonly configurations: Readonly<Record<string, unknown>>[] = []
  /** What hostile pages of this device achieved. */
  readonly hostileReports: HostileReport[] = []
  /** Added to every answer in tunnels, in ms. */
  slow = 0
  /** Set: the device serves hostile pages, aimed at this. */
  hostile: HostileTarget | undefined
  warnings = 0

  constructor(kind: DeviceKind, identity: Identity, url: string, code: string | undefined, localAddress: string | undefined, settings: DeviceSettings, random: Random) {
    this.kind = kind
    this.#identity = identity
    this.#homeUrl = url
    this.#url = url
    this.#code = code
    this.#settings = settings
    this.#random = random
    this.#state = { phase: 'disconnected', password: settings.passwords.password(identity.id) }
    this.#polling = new Polling(settings.pollEvery, () => this.box, text => this.#event({ kind: 'failed', text }))
    this.#connection = new Connection(settings, {
      opened: () => { this.#admin({ kind: 'connected' }); this.#event({ kind: 'connected' }) },
      message: data => this.#receive(data),
      closed: code => this.#closed(code),
      failed: text => this.#event({ kind: 'failed', text }),
    }, random, localAddress)
  }

  get id(): string { return this.#identity.id }
  get identity(): Identity { return this.#identity }
  get connected(): boolean { return this.#connection.open }
  /** A password was got or a challenge answered on this connection; the protocol confirms neither. */
  get authenticated(): boolean { return this.#state.phase === 'proven' && this.connected }
  get phase(): Registration['phase'] { return this.#state.phase }
  get password(): string | undefined { return this.#state.password }
  get sessions(): number { return this.#tunnels?.count ?? 0 }
  /** The inside of the device: configuration, log, calls, alarms. */
  get box(): Box { return this.#box ??= new Box(this.#boxHost()) }

  connect(): void {
    if (this.#url !== '') return this.#connection.start(this.#url)
    this.#polling.start()
  }
  /** Closes the connection and stays away until `connect`. */
  disconnect(): void {
    clearTimeout(this.#restarting)
    this.#polling.stop()
    this.#connection.stop(this.#has('bad-close-frame') ? 'bad-close-frame' : 'close')
  }
  /** Breaks the connection without a word and stays away until `connect`. */
  vanish(): void {
    clearTimeout(this.#restarting)
    this.#polling.stop()
    this.#connection.stop('cut')
  }
  /** Breaks the connection; it comes back by itself. */
  drop(): void { this.#connection.cut() }

  /** Goes down and comes up again after `restartMs`. */
  reboot(): void {
    this.disconnect()
    this.#box?.restarted()
    this.#event({ kind: 'rebooted' })
    this.#restarting = setTimeout(() => this.connect(), this.#settings.restartMs)
  }

  /** Back to factory settings: the password is forgotten, durably, then the device restarts. */
  async longReset(): Promise<void> {
    await this.setPassword(undefined)
    this.adminPassword = undefined
    this.#box = undefined
    this.#web = undefined
    this.#url = this.#homeUrl
    this.reboot()
  }

  /** Keeps another sysclient password, or none; used with the next challenge. */
  async setPassword(password: string | undefined): Promise<void> {
    await (password === undefined ? this.#settings.passwords.forget(this.id) : this.#settings.passwords.keep(this.id, password))
    this.#state = { ...this.#state, password }
  }

  /** Switches one odd behaviour on or off. */
  setFaulty(oddity: Oddity, on = true): void {
    this.#oddities ??= new Set()
    if (on) this.#oddities.add(oddity)
    else this.#oddities.delete(oddity)
  }

  /** Changes what the device says about itself; identifies again when connected. */
  identify(changes: Partial<Identity> = {}): void {
    this.#identity = { ...this.#identity, ...changes }
    if (this.connected) this.#sendIdentify(undefined, this.#state.password === undefined)
  }

  /** Somebody types a provisioning code: it is sent whenever the device identifies without a password. */
  enterCode(code: string): void {
    this.#code = code
    this.identify()
  }

  /** Provisions an FXS interface (wire-protocols 2.9); the error text of the service, undefined on success. */
  provision(id: string, code: string): Promise<string | undefined> {
    this.#connection.send(adminMessage(ADMIN.provision, { id, code }))
    return new Promise(resolve => this.#provisioning.push(resolve))
  }

  /** Sends any websocket message: text as text, bytes as binary. */
  sendRaw(message: Buffer | string): void { this.#connection.send(message) }
  setCalls(calls: readonly Call[]): void { this.box.setCalls(calls) }
  raiseAlarm(alarm: Alarm): void { this.box.alarms.push(alarm) }

  /** Resolves once the condition holds; checked after every event of this device. Rejects after `ms` with the text `what`. */
  until(condition: () => boolean, what: string, ms = 20_000): Promise<void> { return this.#waiters.until(condition, `${this.id}: ${what}`, ms) }
  untilConnected(): Promise<void> { return this.until(() => this.connected, 'connected') }
  untilDisconnected(): Promise<void> { return this.until(() => !this.connected, 'disconnected') }
  untilAuthenticated(): Promise<void> { return this.until(() => this.authenticated, 'authenticated') }
  async untilPassword(): Promise<string> {
    await this.until(() => this.#state.password !== undefined, 'a password')
    return this.#state.password ?? ''
  }
  async untilAdminPassword(): Promise<string> {
    await this.until(() => this.adminPassword !== undefined, 'an administrative password')
    return this.adminPassword ?? ''
  }

  #has(oddity: Oddity): boolean { return this.#oddities?.has(oddity) ?? false }

  #event(event: DeviceEvent): void {
    this.#settings.onEvent?.(this, event)
    this.#waiters.check()
  }

  #receive(data: Buffer): void {
    if (this.#held) {
      if (this.#held.push(data) > LIMITS.simulatedHeld.value) this.drop()
      return
    }
    const message: ServiceMessage = readMessage(data)
    if (this.#has('garbage-frames') && this.#random() < 0.2) this.#connection.send(Buffer.from(Array.from({ length: 12 }, () => Math.floor(this.#random() * 256))))
    if (message.kind === 'tunnel') {
      this.#tunnels ??= new Tunnels(this.#tunnelHost())
      this.#tunnels.message(message.session, message.event, message.data)
    } else if (message.kind === 'admin') this.#admin(message)
    else this.#warn('frame')
  }

  #admin(input: Parameters<typeof register>[1]): void {
    const { state, effects } = register(this.#state, input, this.#identity)
    const keep = effects.find(effect => effect.do === 'keepPassword')
    if (keep) return this.#keepFirst(keep.password)
    this.#state = state
    for (const effect of effects) this.#run(effect)
  }

  /** Nothing further of the connection is looked at before the password is durable (wire-protocols 2.6). */
  #keepFirst(password: string): void {
    const held: Buffer[] = []
    this.#held = held
    this.#settings.passwords.keep(this.id, password).then(() => {
      // The connection may have ended meanwhile; the password counts all the same.
      const current = this.#held === held
      this.#state = { phase: current ? 'proven' : this.#state.phase, password }
      this.#event({ kind: 'password' })
      if (!current) return
      this.#held = undefined
      this.#event({ kind: 'authenticated' })
      if (this.#has('reidentify')) this.identify()
      for (const data of held) this.#receive(data)
    }, (cause: unknown) => {
      this.#held = undefined
      this.#event({ kind: 'failed', text: `password not kept: ${cause instanceof Error ? cause.message : String(cause)}` })
      this.drop()
    })
  }

  #run(effect: RegistrationEffect): void {
    switch (effect.do) {
      case 'identify':
        if (effect.digest !== undefined && this.#has('mute-challenge')) return
        this.#sendIdentify(effect.digest, effect.withCode)
        if (effect.digest !== undefined) this.#event({ kind: 'authenticated' })
        return
      case 'adminPassword':
        this.adminPassword = effect.password
        return this.#event({ kind: 'admin-password' })
      case 'configuration':
        if (effect.config && this.configurations.length < LIMITS.simulatedRecords.value) this.configurations.push(effect.config)
        return this.#event({ kind: 'configuration' })
      case 'provisionResult': {
        this.#provisioning.shift()?.(effect.error)
        return
      }
      case 'staySilent': return this.#event({ kind: 'challenged-without-password' })
      case 'warn': return this.#warn(effect.code)
      case 'keepPassword': return // runs first, see above
    }
  }

  #warn(code: Warning | 'frame'): void {
    this.warnings++
    this.#event({ kind: 'warning', code })
  }

  #sendIdentify(digest: string | undefined, withCode: boolean): void {
    const wrong = this.#has('wrong-digest') ? '0'.repeat(64) : digest
    this.#connection.send(adminMessage(ADMIN.identify, {
      ...this.#identity,
      ...(withCode && this.#code !== undefined ? { provisioningCode: this.#code } : {}),
      ...(digest === undefined ? {} : { digest: wrong }),
    }, { trailingZero: this.#has('trailing-zero'), escapedSlashes: this.#has('escaped-slashes') }))
  }

  #closed(code: number): void {
    this.#tunnels?.abandon()
    this.#tunnels = undefined
    this.#held = undefined
    for (const resolve of this.#provisioning.splice(0)) resolve('connection lost')
    this.#admin({ kind: 'disconnected' })
    this.#event({ kind: 'disconnected', code })
  }

  #later(ms: number, callback: () => void): void { setTimeout(callback, ms).unref() }

  #tunnelHost(): TunnelHost {
    const device = this
    return {
      send: message => device.#connection.send(message),
      open: answer => new HttpConnection(device.#handler(), answer),
      cut: () => device.drop(),
      later: (ms, callback) => device.#later(ms, callback),
      has: oddity => device.#has(oddity),
      get slow() { return device.slow },
      endOfStream: device.#settings.endOfStream,
      chunk: device.#settings.chunk,
    }
  }

  #handler(): WebHandler {
    return this.#web ??= deviceWeb({
      box: () => this.box,
      later: (ms, callback) => this.#later(ms, callback),
      hostile: () => this.hostile,
      report: report => { if (this.hostileReports.length < LIMITS.simulatedRecords.value) this.hostileReports.push(report); this.#waiters.check() },
      seen: ({ method, target, headers }, answer) => {
        const record: TunnelledRequest = { method, target, headers, status: 0 }
        answer.onStatus = status => { record.status = status }
        this.requests.push(record)
        if (this.requests.length > this.#settings.records) this.requests.shift()
        this.#event({ kind: 'request' })
      },
    })
  }

  #boxHost(): BoxHost {
    const device = this
    return {
      kind: this.kind,
      get identity() { return device.#identity },
      get url() { return device.#url },
      random: this.#random,
      configChange: this.#settings.configChange,
      identify: changes => device.identify(changes),
      updateUrl: this.#settings.initUrl,
      register: url => {
        const factoryNew = device.#url === ''
        device.#url = url
        if (!factoryNew) return device.#connection.move(url)
        if (device.#polling.stop()) device.connect()
      },
      reboot: () => device.reboot(),
      now: () => this.#settings.now(),
      later: (ms, callback) => device.#later(ms, callback),
    }
  }
}
