/** Sessions of logged-in apps: their keys for passthrough URLs and what must end with them. In memory only. */
import crypto from 'node:crypto'
import { LIMITS } from '../limits.ts'
import type { LoginViewer } from '../domains/login-viewer.ts'
import { decryptHex, encryptHex } from '../protocol/rc4.ts'
import { randomText } from '../store/secrets.ts'
import type { TunnelOwner } from '../passthrough/channel.ts'
import { hwKey } from '../devices/device-store.ts'

const SEED_LENGTH = 16

/** What a session keeps of its login. */
export interface ProvenLogin {
  /** AppWebsocket session key: encrypts secrets on this connection (wire-protocols 5.6). */
  readonly sessionKey: string
  /** By the password of a domain's entry; with a new one, the login cannot be resumed. */
  readonly byDomainPassword: boolean
}

export class Session implements TunnelOwner {
  /** GUID v4, lower case (wire-protocols 3.3). A credential: never logged. */
  readonly key = crypto.randomUUID()
  readonly viewer: LoginViewer
  readonly login: ProvenLogin
  /** Set by the connection: told when the session is ended from this side, such as with its domain. */
  onRevoked: (reason: string) => void = () => {}
  readonly #sessions: Sessions
  readonly #endings = new Set<() => void>()
  readonly #deviceKeys = new Map<string, string>()
  /** Devices that this session has been in since it began, or since its tunnels there were closed. */
  readonly #entered = new Set<string>()
  readonly #deviceEndings = new Map<string, Set<() => void>>()

  constructor(sessions: Sessions, viewer: LoginViewer, login: ProvenLogin) {
    this.#sessions = sessions
    this.viewer = viewer
    this.login = login
  }

  /** Encrypts a secret for this connection (wire-protocols 5.6). */
  encrypt(text: string): { seed: string, hex: string } {
    const seed = randomText(SEED_LENGTH)
    return { seed, hex: encryptHex(seed, this.login.sessionKey, text) }
  }

  /** Decrypts a secret that came on this connection; undefined when it was not encrypted with its key. */
  decrypt(seed: string, hex: string): string | undefined { return decryptHex(seed, this.login.sessionKey, hex) }

  /** Ends the session from this side. */
  revoke(reason: string): void {
    this.end()
    this.onRevoked(reason)
  }

  onEnd(callback: () => void): () => void {
    this.#endings.add(callback)
    return () => { this.#endings.delete(callback) }
  }

  deviceKey(hwId: string): string {
    const id = hwKey(hwId)
    let key = this.#deviceKeys.get(id)
    if (key === undefined) {
      key = crypto.randomUUID()
      this.#deviceKeys.set(id, key)
      this.#sessions.addDeviceKey(key, this, id)
    }
    return key
  }

  /** True at the first request into a device. */
  enters(hwId: string): boolean {
    if (this.#entered.has(hwId)) return false
    if (this.#entered.size >= LIMITS.devicesEntered.value) this.#entered.clear()
    this.#entered.add(hwId)
    return true
  }

  /** Devices in which this session has something going on or may have. */
  devices(only?: string): string[] {
    if (only !== undefined) return this.#deviceKeys.has(only) || this.#deviceEndings.has(only) ? [only] : []
    return [...new Set([...this.#deviceKeys.keys(), ...this.#deviceEndings.keys()])]
  }

  onDeviceEnd(hwId: string, callback: () => void): () => void {
    const id = hwKey(hwId)
    const set = this.#deviceEndings.get(id) ?? new Set()
    this.#deviceEndings.set(id, set.add(callback))
    return () => {
      set.delete(callback)
      if (set.size === 0 && this.#deviceEndings.get(id) === set) this.#deviceEndings.delete(id)
    }
  }

  /** Ends the tunnels of this session into one device and forgets its key. */
  endDevice(hwId: string): void {
    const id = hwKey(hwId)
    this.#entered.delete(id)
    const key = this.#deviceKeys.get(id)
    if (key !== undefined) {
      this.#deviceKeys.delete(id)
      this.#sessions.removeDeviceKey(key)
    }
    const endings = this.#deviceEndings.get(id)
    this.#deviceEndings.delete(id)
    for (const end of endings ?? []) end()
  }

  end(): void {
    this.#sessions.remove(this)
    for (const key of this.#deviceKeys.values()) this.#sessions.removeDeviceKey(key)
    for (const end of [...this.#endings]) end()
    this.#endings.clear()
  }
}

interface Resumable { readonly viewer: LoginViewer, readonly login: ProvenLogin, readonly until: number }

export class Sessions {
  readonly #byKey = new Map<string, Session>()
  readonly #byDeviceKey = new Map<string, { session: Session, hwId: string }>()
  readonly #resumable = new Map<string, Resumable>()
  readonly #now: () => number

  constructor(now: () => number) { this.#now = now }

  open(viewer: LoginViewer, login: ProvenLogin): Session {
    const session = new Session(this, viewer, login)
    this.#byKey.set(session.key, session)
    return session
  }

  /** The session of a key in a passthrough URL, and the only device it is good for (undefined: all that its viewer sees). */
  find(key: string): { session: Session, hwId: string | undefined } | undefined {
    const session = this.#byKey.get(key)
    return session ? { session, hwId: undefined } : this.#byDeviceKey.get(key)
  }

  addDeviceKey(key: string, session: Session, hwId: string): void { this.#byDeviceKey.set(key, { session, hwId }) }
  removeDeviceKey(key: string): void { this.#byDeviceKey.delete(key) }
  remove(session: Session): void { this.#byKey.delete(session.key) }
  get count(): number { return this.#byKey.size }

  /** A token with which the same browser tab can go on after a reload. */
  resumeToken(session: Session): string {
    const token = crypto.randomBytes(32).toString('base64url')
    if (this.#resumable.size >= LIMITS.resumeTokens.value) {
      const oldest = this.#resumable.keys().next()
      if (!oldest.done) this.#resumable.delete(oldest.value)
    }
    this.#resumable.set(token, { viewer: session.viewer, login: session.login, until: this.#now() + LIMITS.resumeWithin.value })
    return token
  }

  resume(token: string): { viewer: LoginViewer, login: ProvenLogin } | undefined {
    const known = this.#resumable.get(token)
    if (!known) return undefined
    if (known.until > this.#now()) return known
    this.#resumable.delete(token)
    return undefined
  }

  forget(token: string): void { this.#resumable.delete(token) }

  /** The password of a domain has changed: what it once proved cannot be resumed. Open sessions go on until they close. */
  forgetLogins(domainId: number): void {
    for (const [token, { viewer, login }] of this.#resumable) if (login.byDomainPassword && viewer.domainId === domainId) this.#resumable.delete(token)
  }

  /** The instance ends: nothing can be resumed, no key is good any more. */
  endAll(reason: string): void {
    this.#resumable.clear()
    for (const session of [...this.#byKey.values()]) session.revoke(reason)
  }

  /** A domain is gone, and its logins with it. */
  endDomain(domainId: number): void {
    for (const [token, { viewer }] of this.#resumable) if (viewer.domainId === domainId) this.#resumable.delete(token)
    for (const session of [...this.#byKey.values()]) if (session.viewer.domainId === domainId) session.revoke('the domain was deleted')
  }

  /** Rights have changed (or `only` that device has moved): ends what sessions have going on in devices that they may no longer enter. */
  recheck(mayEnter: (session: Session, hwId: string) => boolean, only?: string): void {
    for (const session of this.#byKey.values()) {
      for (const hwId of session.devices(only)) if (!mayEnter(session, hwId)) session.endDevice(hwId)
    }
  }
}
