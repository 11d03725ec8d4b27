/**
 * The edge of the sysclient protocol: websocket frames in, effects of the machine out. Everything the machine decides is
 * carried out here: store, registry, tunnels, passwords.
 */
import crypto from 'node:crypto'
import type { Peer, PeerHandler, UpgradeAnswer, UpgradeRequest } from '../hosts/exchange.ts'
import { accept } from '../hosts/exchange.ts'
import { LIMITS } from '../limits.ts'
import { shown, type Log } from '../observe/log.ts'
import type { CounterName } from '../observe/metrics.ts'
import type { TunnelEnds } from '../passthrough/channel.ts'
import { AdminType, decodeFrame, encodeAdmin } from '../protocol/sysclient-frames.ts'
import { digestText, identify as identifySchema, parseAdmin, provision as provisionSchema, type Identify } from '../protocol/sysclient-messages.ts'
import { hwKey, type AuthRow, type DeviceStore } from '../devices/device-store.ts'
import { Status } from '../store/schema.ts'
import { DIGITS, randomText } from '../store/secrets.ts'
import type { DevicePasswords } from '../devices/device-passwords.ts'
import type { Admission } from './admission.ts'
import { Confirmations } from './confirmations.ts'
import { Entrance } from './entrance.ts'
import { Link } from './link.ts'
import { next, START, type Effect, type Input, type Known, type Means } from './machine.ts'
import type { Registry } from './registry.ts'
import { Overdue } from './overdue.ts'
import { Storm } from './storm.ts'

export interface ChannelDeps {
  readonly devices: DeviceStore
  readonly passwords: DevicePasswords
  readonly registry: Registry
  readonly admission: Admission
  readonly attachTunnels: (link: Link) => TunnelEnds
  readonly now: () => number
  readonly log: Log
  readonly count: (name: CounterName) => void
  /** A device is online: what waits for it may go on. */
  readonly cameOnline: (deviceId: number) => void
  /** Is this a host name under which devices reached the service before its address changed? */
  readonly isFormerHost: (host: string | undefined) => boolean
  /** A device that came by such a name is online. */
  readonly cameByFormerHost: (device: { readonly id: number, readonly hwId: string }) => void
  /** So many devices arrive at once that some must come later; false: no more. */
  readonly storm?: ((active: boolean) => void) | undefined
  /** For tests: other bounds and waiting times than `LIMITS`. */
  readonly bounds?: { readonly arriving?: number | undefined } | undefined
  readonly waits?: { readonly identify?: number | undefined, readonly challenge?: number | undefined } | undefined
}

const MINUTE = 60_000
const CHALLENGE_LENGTH = 16
/** Devices come back by themselves, after a pause of their own; this is for those that ask. */
const LATER = [['retry-after', '10']] as const

export class SysclientChannel {
  readonly #deps: ChannelDeps
  readonly #overdue: Overdue
  readonly #entrance: Entrance
  readonly #confirmations = new Confirmations()
  readonly #storm: Storm
  readonly #handler: PeerHandler<Link>
  readonly #means: Means = {
    // Digits, as observed of the original; longer than its 31 bits against replay (2.7).
    challenge: () => randomText(CHALLENGE_LENGTH, DIGITS),
    digest: (identify, challenge, password) => crypto.hash('sha256', digestText(identify, challenge, password), 'hex'),
  }

  constructor(deps: ChannelDeps) {
    this.#deps = deps
    this.#entrance = new Entrance({
      admission: deps.admission, auth: hwId => deps.devices.auth(hwId), input: (link, input) => this.#input(link, input),
      refuse: (link, reason) => this.#refuse(link, 1008, reason), displaceWaiting: (hwId, link) => this.#displaceWaiting(hwId, link),
    })
    this.#overdue = new Overdue(deps.now, link => this.#input(link, { kind: 'silence' }), {
      new: deps.waits?.identify ?? LIMITS.identifyWithin.value, challenged: deps.waits?.challenge ?? LIMITS.challengeSilence.value,
    })
    this.#storm = new Storm(() => performance.now(), deps.bounds?.arriving ?? LIMITS.devicesArriving.value, deps.storm)
    this.#handler = {
      opened: peer => this.#opened(peer),
      message: (peer, data) => this.#message(peer.context, data),
      drained: peer => peer.context.tunnels?.drained(),
      pong: peer => this.#arrived(peer.context),
      closed: peer => this.#closed(peer.context),
    }
  }

  /** Answer to an upgrade of `…/sysclients`. The query is kept for automatic provisioning (features 5.4). */
  upgrade(request: UpgradeRequest): UpgradeAnswer {
    if (!this.#storm.admits(this.#overdue.count)) {
      this.#deps.count('sysclient_deferred')
      return { status: 503, text: 'too many devices arrive at once', headers: LATER }
    }
    const link = new Link(request.query.slice(0, 1024))
    link.byFormerHost = this.#deps.isFormerHost(request.header('host'))
    return accept(this.#handler, link, { maxMessage: LIMITS.sysclientFrame.value })
  }

  /** Looks for connections that are silent for too long; called once a second. */
  tick(): void {
    this.#overdue.sweep()
    this.#storm.tick()
  }

  /** The instance ends or begins again: so do all connections, whatever host they came by. Devices come back by themselves. */
  endAll(reason: string): void {
    const { registry } = this.#deps
    for (const link of [...registry.links(), ...registry.waitingLinks(), ...this.#overdue.links()]) link.peer?.end(1001, reason)
  }

  /** True while the device owes the proof of its password: it may have lost it, and then it may be added again. */
  challenged(hwId: string): boolean { return this.#overdue.challenged(hwId) !== undefined }

  /** An administrator gave the device its password (on disk already): hand it out if the device is connected. */
  assigned(device: { id: number, hwId: string, domainId: number }, password: string): void {
    const { registry } = this.#deps
    const link = registry.online(device.hwId) ?? this.#overdue.challenged(device.hwId) ?? registry.waiting(device.hwId)
    if (link) this.#input(link, { kind: 'assigned', deviceId: device.id, hwId: device.hwId, password })
  }

  /** The device was removed or moved out: its connection ends, and it will identify anew. A connection that has come since as another row stays. */
  dismiss(hwId: string, reason: string, deviceId?: number): void {
    for (const link of [this.#deps.registry.any(hwId), this.#overdue.challenged(hwId)]) {
      if (link && (deviceId === undefined || link.deviceId === deviceId)) this.#input(link, { kind: 'dismissed', reason })
    }
  }

  /**
   * Sends the administrative password of a connected device once more and calls back when it has arrived; `none`: its domain
   * deploys none. Returns a function that stops waiting.
   */
  deploy(hwId: string, done: (result: 'confirmed' | 'gone' | 'none') => void): () => void {
    const link = this.#deps.registry.online(hwId)
    const row = link?.state.at === 'online' ? this.#deps.devices.auth(hwId) : undefined
    // A password that is still unproven was handed out on this very connection: the device keeps it by now.
    const { password, pending } = row ? this.#deps.passwords.opened(row) : {}
    const current = pending ?? password
    let stop = (): void => {}
    if (!link || !row || current === undefined) done('gone')
    else {
      link.cork(() => {
        if (this.#deployAdminPassword(link, row, current)) stop = this.#confirmations.expect(link, done)
        else done('none')
      })
    }
    return () => stop()
  }

  /** Sends the administrative password, if the domain of the device deploys one (2.8). */
  #deployAdminPassword(link: Link, row: AuthRow, password: string): boolean {
    const frame = this.#deps.passwords.adminPasswordFrame(row, password)
    if (!frame) return false
    this.#deps.count('sysclient_admin_passwords_sent')
    link.sendFrame(encodeAdmin(AdminType.AdminPassword, frame))
    return true
  }

  #opened(peer: Peer<Link>): void {
    peer.context.peer = peer
    this.#deps.count('sysclient_connections')
    this.#overdue.watch(peer.context)
  }

  #closed(link: Link): void {
    const { deviceId, hwId, tunnels } = link
    link.state = { at: 'closed' }
    link.peer = undefined
    link.tunnels = undefined
    this.#overdue.forget(link)
    tunnels?.closed()
    this.#confirmations.closed(link)
    if (hwId) this.#gone(link, deviceId, hwId)
  }

  #gone(link: Link, deviceId: number, hwId: string): void {
    const { registry, devices } = this.#deps
    const was = registry.remove(hwId, link)
    const place = was.online || was.waiting ? devices.place(deviceId) : undefined
    if (!place) return
    const row = place.domainId === 0 ? devices.row(deviceId) : undefined
    if (row) devices.remove(row)
    else devices.setStatus(place, place.status, registry.online(hwId) ? Status.online : Status.offline, this.#deps.now())
  }

  #message(link: Link, data: string | Uint8Array): void {
    if (link.state.at === 'closed') return
    if (typeof data === 'string') return this.#violation(link, 'text frame')
    const frame = decodeFrame(data)
    if (frame.kind === 'tunnel') {
      if (link.state.at === 'online') (link.tunnels ??= this.#deps.attachTunnels(link)).frame(frame.session, frame.event, frame.data)
      else this.#violation(link, 'tunnel frame before authentication')
      return
    }
    if (!this.#withinRate(link)) return
    if (frame.kind === 'bad') return this.#violation(link, `bad frame: ${frame.why}`)
    this.#admin(link, frame.type, frame.json)
  }

  #withinRate(link: Link): boolean {
    const minute = Math.floor(this.#deps.now() / MINUTE) & 0xffff
    if (minute !== link.minute) { link.minute = minute; link.frames = 0 }
    if (++link.frames <= LIMITS.identifyPerMinute.value) return true
    this.#refuse(link, 1008, 'too many messages')
    return false
  }

  #admin(link: Link, type: number, json: Uint8Array): void {
    if (type === AdminType.Identify) {
      const parsed = parseAdmin(json, identifySchema)
      if (!parsed.ok) {
        this.#deps.log('warn', `device at ${link.address}: identify refused, ${shown(parsed.why)}`)
        this.#deps.count('sysclient_bad_frames')
        return this.#refuse(link, 1008, 'identify not understood')
      }
      return this.#identify(link, parsed.value)
    }
    if (type === AdminType.Provision && link.state.at === 'online') {
      const parsed = parseAdmin(json, provisionSchema)
      if (!this.#entrance.provision(link, parsed.ok ? parsed.value : { id: '', code: '' })) this.#violation(link, 'too many interfaces at once')
      return
    }
    // It waits for an answer (2.9), also while it belongs to no domain.
    if (type === AdminType.Provision && link.state.at !== 'new') return void link.sendFrame(encodeAdmin(AdminType.ProvisionResult, { error: 'this gateway belongs to no domain yet' }))
    // Anything else first, or of a later version: ignored, counted (2.14).
    this.#deps.count('sysclient_bad_frames')
    this.#deps.log('info', `device at ${link.address}: admin message ${type} ignored`)
  }

  #identify(link: Link, identify: Identify): void {
    const proof = link.state.at === 'challenged' && identify.digest !== undefined
    const row = proof ? undefined : this.#deps.devices.auth(identify.id)
    if (!proof) {
      link.row = row
      link.rowVersion = this.#deps.devices.version
      if ((identify.provisioningCode !== undefined || link.query !== '') && link.state.at !== 'online' && this.#entrance.admit(link, identify, row)) return
    }
    if (link.state.at === 'new' && !row && !this.#mayWait(link)) return
    this.#input(link, { kind: 'identify', identify, known: row && this.#known(row) })
  }

  /** Unknown devices are bounded, in all and per address: a flood of invented ids must not fill the database. */
  #mayWait(link: Link): boolean {
    const { registry } = this.#deps
    if (registry.waitingCount < LIMITS.unassignedDevices.value && (link.address === '' || registry.waitingAt(link.address) < LIMITS.unassignedPerAddress.value)) return true
    this.#refuse(link, 1013, 'too many unassigned devices')
    return false
  }

  #known(row: AuthRow): Known {
    return { deviceId: row.id, domainId: row.domainId, ...this.#deps.passwords.opened(row) }
  }

  #input(link: Link, input: Input): void {
    const before = link.state
    const step = next(before, input, this.#means)
    link.state = step.state
    if (step.state.at === 'challenged') this.#overdue.watch(link)
    else if (before.at === 'new' || before.at === 'challenged') this.#overdue.forget(link)
    for (const effect of step.effects) this.#carryOut(link, effect, before)
  }

  #carryOut(link: Link, effect: Effect, before: Link['state']): void {
    const { count, devices, passwords } = this.#deps
    switch (effect.do) {
      case 'challenge':
        count('sysclient_challenges')
        link.sendFrame(encodeAdmin(AdminType.Challenge, { challenge: effect.challenge }))
        return
      case 'deliver':
        count('sysclient_passwords_sent')
        link.delivering = { deviceId: link.deviceId, password: effect.password }
        link.sendFrame(encodeAdmin(AdminType.SysclientPassword, { password: effect.password }))
        link.peer?.ping()
        return
      case 'promote': return passwords.promote(effect.deviceId, effect.password)
      case 'issue': return this.#issue(link, effect.deviceId, effect.identify)
      case 'online': return this.#online(link, effect)
      case 'refresh': return this.#refresh(effect.identify)
      case 'unassigned': return this.#unassigned(link, effect.identify)
      case 'lost': return this.#lost(link, effect)
      case 'unexpected':
        count('sysclient_refused')
        this.#deps.log('warn', `device at ${link.address}: ${effect.text}`)
        return
      case 'close': {
        // The state is closed already, so the place in the registry is given up with the state before.
        const { hwId, deviceId } = { hwId: 'hwId' in before ? before.hwId : '', deviceId: 'deviceId' in before ? before.deviceId : 0 }
        if (hwId) this.#gone(link, deviceId, hwId)
        link.tunnels?.closed()
        link.tunnels = undefined
        link.peer?.end(effect.code, effect.reason)
        return
      }
      default: return void (effect satisfies never, devices)
    }
  }

  #refuse(link: Link, code: number, reason: string): void {
    this.#deps.count('sysclient_refused')
    this.#deps.log('warn', `device at ${link.address} closed: ${reason}`)
    link.peer?.end(code, reason)
  }

  #violation(link: Link, text: string): void {
    this.#deps.count('sysclient_bad_frames')
    if (++link.violations === 1) this.#deps.log('info', `device at ${link.address}: ${text}`)
    if (link.violations > LIMITS.violations.value) this.#refuse(link, 1008, 'too many bad frames')
  }

  #arrived(link: Link): void {
    this.#confirmations.pong(link)
    // Taken by a webserver is not yet arrived: then it is proven only by the device's next digest.
    if (!link.delivering || link.peer?.pongsProve !== true) return
    this.#deps.passwords.delivered(link.delivering.deviceId, link.delivering.password)
    link.delivering = undefined
  }

  /** A device that was added before it came, or whose password is to be made anew: store first, then send (invariant 4). */
  #issue(link: Link, deviceId: number, identify: Identify): void {
    const hwId = hwKey(identify.id)
    this.#displaceWaiting(hwId, link)
    this.#deps.admission.arrived({ deviceId, type: identify.platform.type, address: link.address })
    link.row = undefined // its password, and perhaps the administrative one, become others
    this.#deps.passwords.issue(deviceId, (password, error) => {
      if (error) return this.#input(link, { kind: 'notStored' })
      if (link.state.at !== 'storing') return
      const row = this.#deps.devices.auth(hwId)
      if (row) this.#deps.devices.report(row, identify)
      this.#input(link, { kind: 'assigned', deviceId, hwId, password })
    })
  }

  #online(link: Link, effect: Extract<Effect, { do: 'online' }>): void {
    const { registry, devices, now } = this.#deps
    const { hwId } = effect
    this.#deps.count('sysclient_authenticated')
    link.query = ''
    registry.remove(hwId, link)
    const former = registry.setOnline(hwId, link)
    if (former) {
      // Its place is taken: closing it must not set the device offline.
      this.#deps.count('sysclient_displaced')
      this.#input(former, { kind: 'dismissed', reason: 'another connection of this device' })
    }
    this.#displaceWaiting(hwId, link)
    // The row read at its Identify, a moment ago, unless something has happened since that may concern it.
    const row = link.row?.id === effect.deviceId && link.rowVersion === devices.version ? link.row : devices.auth(hwId)
    link.row = undefined
    if (row?.id !== effect.deviceId) return this.#input(link, { kind: 'dismissed', reason: 'no longer known' })
    if (effect.identify) devices.report(row, effect.identify)
    devices.setStatus(row, devices.status(row), Status.online, now())
    this.#deployAdminPassword(link, row, effect.password)
    // Third-party clients wait for the end of their configuration (2.10); there are no items yet.
    if ((effect.identify?.other ?? row.other === 1) && this.#deps.passwords.configures(row.domainId)) link.sendFrame(encodeAdmin(AdminType.Configuration, { last: true }))
    this.#deps.cameOnline(effect.deviceId)
    if (link.byFormerHost) this.#deps.cameByFormerHost(row)
  }

  #refresh(identify: Identify): void {
    const row = this.#deps.devices.auth(identify.id)
    if (row && this.#deps.devices.report(row, identify)) this.#deps.devices.events.emit({ kind: 'changed', id: row.id, hwId: row.hwId, domainId: row.domainId })
  }

  #unassigned(link: Link, identify: Identify): void {
    const { registry, devices, now } = this.#deps
    const hwId = hwKey(identify.id)
    this.#displaceWaiting(hwId, link)
    const { row } = link
    link.row = undefined
    if (row) devices.report(row, identify)
    const id = row?.id ?? devices.insert({ hwId, domainId: 0, name: '', type: identify.platform.type, status: Status.unassigned, addedHow: '', now: now(), identify })
    link.state = { at: 'unassigned', deviceId: id, hwId }
    registry.setWaiting(hwId, link)
  }

  #lost(link: Link, effect: Extract<Effect, { do: 'lost' }>): void {
    const { registry, devices, now } = this.#deps
    link.row = undefined
    const row = devices.place(effect.deviceId)
    this.#deps.count(effect.why === 'silent' ? 'sysclient_silent' : 'sysclient_wrong_digest')
    if (!row) return
    // A newcomer without proof never displaces the device that has proven itself (2.14).
    if (registry.online(effect.hwId)) {
      this.#deps.log('warn', `device ${shown(effect.hwId)}: a second connection from ${link.address} cannot prove the password`)
      return
    }
    this.#deps.log('warn', `device ${shown(effect.hwId)} cannot prove its password (${effect.why}); add it to its domain again if it was reset`)
    this.#displaceWaiting(effect.hwId, link)
    registry.setWaiting(effect.hwId, link)
    devices.setStatus(row, row.status, Status.lost, now())
    if (link.query !== '') this.#entrance.admit(link, effect.identify, devices.auth(effect.hwId), effect.why)
  }

  #displaceWaiting(hwId: string, link: Link): void {
    const former = this.#deps.registry.waiting(hwId)
    if (!former || former === link) return
    // Give up its place first: the row stays, it is the same device.
    this.#deps.registry.remove(hwId, former)
    former.state = START
    this.#input(former, { kind: 'dismissed', reason: 'another connection of this device' })
  }
}
