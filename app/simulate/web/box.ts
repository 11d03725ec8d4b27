/** The inside of a simulated device as its own web server and commands see it. Made at the first request, so that an idle device costs nothing. */
import { LIMITS } from '../../limits.ts'
import type { DeviceKind, Identity } from '../device/identity.ts'
import { versionText } from '../device/identity.ts'
import type { Random } from '../random.ts'
import { decoded, encoded } from './commands.ts'
import type { ResetKind } from './commands.ts'
import { Configuration } from './configuration.ts'
import type { ChangeMeaning } from './configuration.ts'
import { initialLines, initialVariables } from './factory-settings.ts'

/** What the web server asks of the device around it. */
export interface BoxHost {
  readonly kind: DeviceKind
  readonly identity: Identity
  /** The address the device registers at. */
  readonly url: string
  /** Update URL of the factory settings, if it is not the vendor's. */
  readonly updateUrl: string | undefined
  readonly random: Random
  /** How `config change` treats options that are not named. */
  readonly configChange: ChangeMeaning
  /** Changes what the device says about itself and identifies again. */
  identify(changes: Partial<Identity>): void
  /** Registers at another address from now on. */
  register(url: string): void
  /** Goes down and comes up again. */
  reboot(): void
  /** Unix time in ms. */
  now(): number
  later(ms: number, callback: () => void): void
}

export interface Call { readonly id: number, readonly state: 'calling' | 'alerting' | 'connected', readonly number: string }
export interface Alarm { readonly severity: 0 | 1 | 2, readonly code: string, readonly text: string, readonly time: number }
export interface Variable { readonly flags: string, readonly value: string }

/** Long enough for the answer of the command to reach its sender. */
const ANSWERED_MS = 300

export class Box {
  readonly host: BoxHost
  readonly configuration: Configuration
  readonly variables: Map<string, Variable>
  readonly #log: string[] = []
  #calls: readonly Call[] = []
  readonly alarms: Alarm[] = []
  /** Firmware and boot code that are loaded and take effect with the next restart. */
  readonly loaded: { firmware?: string, bootcode?: string } = {}
  bootedAt: number
  /** Counts cfg.txt dumps: lines that change by themselves differ in each. */
  dumps = 0
  #resetNeeded = false
  #resetWhenIdle = false
  #trustedLogins = new Set<string>()

  constructor(host: BoxHost) {
    this.host = host
    this.configuration = new Configuration(initialLines(host.kind, host.identity, host.url, host.updateUrl), host.configChange)
    this.variables = new Map(initialVariables(host.random))
    this.bootedAt = host.now()
    this.log('BOOT cold start')
  }

  /** Appends a line `MM-DD HH:MM:SS.mmm <text>` to the log. */
  log(text: string): void {
    this.#log.push(`${new Date(this.host.now()).toISOString().slice(5, 23).replace('T', ' ')} ${text}`)
    if (this.#log.length > LIMITS.simulatedLogLines.value) this.#log.shift()
  }
  get logText(): string { return this.#log.map(line => `${line}\r\n`).join('') }

  /** The Administration checkmark of the logging page: edits of the device's own pages are logged as commands (device-commands 4.1). */
  get administrationLog(): boolean { return this.configuration.has('LOG0', 'admin') }

  /** Shown as `reset-required` in box_info.xml (device-commands chapter 3). */
  get resetRequired(): boolean { return this.#resetNeeded }
  needReset(): void { this.#resetNeeded = true }

  get calls(): readonly Call[] { return this.#calls }
  setCalls(calls: readonly Call[]): void {
    this.#calls = calls
    if (calls.length === 0 && this.#resetWhenIdle) this.reset('reset')
  }

  /** `reset` at once, `ireset` when idle; with `n` only if one is needed (features 6.4). */
  reset(how: ResetKind): void {
    if (how.endsWith('n') && !this.#resetNeeded) return
    if (how.startsWith('i') && this.#calls.length > 0) {
      this.#resetWhenIdle = true
      return
    }
    this.#resetWhenIdle = false
    this.host.later(ANSWERED_MS, () => this.host.reboot())
  }

  /** Puts the working configuration into effect: a new registration address is used as soon as this is answered, a new name is identified. */
  activate(): void {
    this.configuration.activate()
    this.#applyName()
    this.host.later(ANSWERED_MS, () => this.#applyUrl())
  }

  /** What a restart does: unwritten configuration is lost, loaded firmware runs, history begins anew. */
  restarted(): void {
    this.configuration.restart()
    this.#resetNeeded = false
    this.#resetWhenIdle = false
    this.#calls = []
    this.#log.length = 0
    this.#trustedLogins.clear()
    this.bootedAt = this.host.now()
    this.log('BOOT warm start')
    const identity = this.host.identity
    const { firmware, bootcode } = this.loaded
    delete this.loaded.firmware
    delete this.loaded.bootcode
    if (firmware !== undefined || bootcode !== undefined) {
      const fwBuild = firmware ?? identity.fwBuild ?? '0'
      const bcBuild = bootcode ?? identity.bcBuild ?? '0'
      const [label = ''] = identity.version.split(' [')
      const hardware = /\/([^/\]]*)\]$/.exec(identity.version)?.[1] ?? '0'
      this.host.identify({ fwBuild, bcBuild, version: versionText(label, fwBuild, bcBuild, hardware), ...(firmware !== undefined ? { mini: false } : {}) })
    }
    this.#applyUrl()
    this.#applyName()
  }

  #applyUrl(): void {
    const url = this.configuration.active('SYSCLIENT', 'sysadmin')
    if (url !== undefined && decoded(url) !== this.host.url) this.host.register(decoded(url))
  }

  #applyName(): void {
    const name = decoded(this.configuration.active('CMD0', 'name') ?? '')
    if (name !== (this.host.identity.name ?? '')) this.host.identify({ name })
  }

  /** Sets an option and puts it into effect, as the device's own page does. */
  setNow(line: string, option: string, value: string): boolean {
    if (!this.configuration.edit('add', line, [[option, encoded(value)]])) return false
    this.configuration.write()
    this.activate()
    return true
  }

  /** Replaces the placeholders of device URLs: `#h` hardware id, `#m` MAC, `#t` type, `#i` address (features 9.2). */
  expand(url: string): string {
    const { id, product, ethIfs } = this.host.identity
    const octets = id.match(/../g) ?? [id]
    return url.replaceAll('#h', `${product}-${octets.slice(3).join('-')}`).replaceAll('#m', octets.join('-')).replaceAll('#t', product)
      .replaceAll('#i', ethIfs?.[0]?.ipv4 ?? '')
  }

  /** Cookies of the device's own login page. */
  newLogin(): string {
    const token = Array.from({ length: 4 }, () => Math.floor(this.host.random() * 2 ** 32).toString(16).padStart(8, '0')).join('')
    if (this.#trustedLogins.size >= LIMITS.simulatedRecords.value) this.#trustedLogins.clear()
    this.#trustedLogins.add(token)
    return token
  }
  knowsLogin(token: string): boolean { return this.#trustedLogins.has(token) }
  endLogin(token: string): void { this.#trustedLogins.delete(token) }
}
