/** Sessions of logged-in apps: their keys for passthrough URLs and what must end with them. In memory only. */
import crypto from 'node:crypto'
import { LIMITS } from '../limits.ts'
import type { Viewer } from '../domains/viewer.ts'
import type { TunnelOwner } from '../passthrough/channel.ts'
import { hwKey } from '../devices/device-store.ts'

export class Session implements TunnelOwner {
  /** GUID v4, lower case (wire-protocols 3.3). A credential: never logged. */
  readonly key = crypto.randomUUID()
  readonly viewer: Viewer
  /** AppWebsocket session key: encrypts secrets on this connection (5.6). */
  readonly sessionKey: string
  readonly #sessions: Sessions
  readonly #endings = new Set<() => void>()
  readonly #deviceKeys = new Map<string, string>()
  readonly #deviceEndings = new Map<string, Set<() => void>>()

  constructor(sessions: Sessions, viewer: Viewer, sessionKey: string) {
    this.#sessions = sessions
    this.viewer = viewer
    this.sessionKey = sessionKey
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

interface Resumable { readonly viewer: Viewer, readonly sessionKey: string, readonly until: number }

export class Sessions {
  readonly #byKey = new Map<string, Session>()
  readonly #byDeviceKey = new Map<string, { session: Session, hwId: string }>()
  readonly #resumable = new Map<string, Resumable>()
  readonly #now: () => number

  constructor(now: () => number) { this.#now = now }

  open(viewer: Viewer, sessionKey: string): Session {
    const session = new Session(this, viewer, sessionKey)
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
    this.#resumable.set(token, { viewer: session.viewer, sessionKey: session.sessionKey, until: this.#now() + LIMITS.resumeWithin.value })
    return token
  }

  resume(token: string): { viewer: Viewer, sessionKey: string } | undefined {
    const known = this.#resumable.get(token)
    if (!known) return undefined
    if (known.until > this.#now()) return known
    this.#resumable.delete(token)
    return undefined
  }

  forget(token: string): void { this.#resumable.delete(token) }
}
