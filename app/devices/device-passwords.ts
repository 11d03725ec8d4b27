/**
 * The sysclient password of each device (architecture, invariant 4): stored, committed, then sent; the former one stays valid
 * until the device has proven the new one. And the administrative password that goes with it (features 2.3).
 */
import type BetterSqlite3 from 'better-sqlite3'
import type { Domains } from '../domains/domains.ts'
import { isObserved } from '../domains/observed.ts'
import type { StoreError } from '../errors.ts'
import { encryptHex } from '../protocol/rc4.ts'
import { READABLE, randomText } from '../store/secrets.ts'
import type { Store } from '../store/store.ts'
import { adminPasswordContext, passwordContext, type AuthRow } from './device-store.ts'
import type { AddedHow } from './admin-password.ts'
import { adminPasswordKind } from './admin-password.ts'
import type { DeviceType } from '../protocol/types.ts'

/** Lengths that public clients insist on (wire-protocols 2.6, 2.8). */
const PASSWORD_LENGTH = 32
const SEED_LENGTH = 16
const ADMIN_PASSWORD_LENGTH = 16

type AdminPasswordRow = Pick<AuthRow, 'id' | 'adminPasswordKind' | 'adminPasswordSealed'>

export class DevicePasswords {
  readonly #store: Store
  readonly #domains: Domains
  readonly #setPending: BetterSqlite3.Statement<[Buffer, number]>
  readonly #setDelivered: BetterSqlite3.Statement<[number]>
  readonly #promote: BetterSqlite3.Statement<[Buffer, number]>
  readonly #setProven: BetterSqlite3.Statement<[Buffer, number]>
  readonly #pendingOf: BetterSqlite3.Statement<[number], { sealed: Buffer | null }>
  readonly #setAdmin: BetterSqlite3.Statement<[string, Buffer | null, number]>
  readonly #forgetRandom: BetterSqlite3.Statement<[number, number, number]>
  readonly #instance: { readonly observer: boolean }

  /** `instance.observer`: the instance is the second registration of its devices and deploys nothing (features 13). */
  constructor(store: Store, domains: Domains, instance: { readonly observer: boolean }) {
    this.#store = store
    this.#domains = domains
    this.#instance = instance
    this.#setPending = store.sqlite.prepare('UPDATE devices SET pending_sealed = ?, pending_delivered = 0 WHERE id = ?')
    this.#setDelivered = store.sqlite.prepare('UPDATE devices SET pending_delivered = 1 WHERE id = ?')
    this.#promote = store.sqlite.prepare('UPDATE devices SET password_sealed = ?, pending_sealed = NULL, pending_delivered = 0 WHERE id = ?')
    this.#setProven = store.sqlite.prepare('UPDATE devices SET password_sealed = ? WHERE id = ?')
    this.#pendingOf = store.sqlite.prepare<[number], { sealed: Buffer | null }>('SELECT pending_sealed AS sealed FROM devices WHERE id = ?')
    this.#setAdmin = store.sqlite.prepare('UPDATE devices SET admin_password_kind = ?, admin_password_sealed = ? WHERE id = ?')
    this.#forgetRandom = store.sqlite.prepare("UPDATE devices SET admin_password_sealed = NULL WHERE id > ? AND id <= ? AND domain_id = ? AND admin_password_kind = 'random'")
  }

  /** The passwords of a row, opened. */
  opened(row: AuthRow): { password: string | undefined, pending: string | undefined, pendingDelivered: boolean } {
    const open = (sealed: Buffer | null): string | undefined => sealed ? this.#store.secrets.open(sealed, passwordContext(row.id)) : undefined
    return { password: open(row.passwordSealed), pending: open(row.pendingSealed), pendingDelivered: row.pendingDelivered === 1 }
  }

  /** Makes and stores a new password inside the current write; returns it. It may be sent after the commit only. */
  renew(deviceId: number): string {
    const password = randomText(PASSWORD_LENGTH)
    this.#store.begin()
    this.#setPending.run(this.#store.secrets.seal(password, passwordContext(deviceId)), deviceId)
    return password
  }

  /** Makes a new password and calls back when it is on disk (or with the error). */
  issue(deviceId: number, done: (password: string, error: StoreError | undefined) => void): void {
    const password = this.renew(deviceId)
    this.#store.afterCommit(error => done(password, error))
  }

  /** The device has received this password. Says nothing about a newer one that was made meanwhile. */
  delivered(deviceId: number, password: string): void {
    if (this.#pending(deviceId) !== password) return
    this.#store.begin()
    this.#setDelivered.run(deviceId)
  }

  /** The device has proven this password: it replaces the former one. A newer one that was made meanwhile stays pending. */
  promote(deviceId: number, password: string): void {
    const sealed = this.#store.secrets.seal(password, passwordContext(deviceId))
    const newer = this.#pending(deviceId) !== password
    this.#store.begin()
    if (newer) this.#setProven.run(sealed, deviceId)
    else this.#promote.run(sealed, deviceId)
  }

  #pending(deviceId: number): string | undefined {
    const sealed = this.#pendingOf.get(deviceId)?.sealed
    return sealed ? this.#store.secrets.open(sealed, passwordContext(deviceId)) : undefined
  }

  /** Decides and stores which administrative password a device gets that enters a domain this way. */
  decideAdminPassword(deviceId: number, how: AddedHow, type: DeviceType): void {
    const kind = adminPasswordKind(how, type)
    this.#store.begin()
    if (kind === 'random') this.#makeRandom(deviceId)
    else this.#setAdmin.run(kind, null, deviceId)
  }

  #makeRandom(deviceId: number): string {
    const clear = randomText(ADMIN_PASSWORD_LENGTH, READABLE)
    this.#store.begin()
    this.#setAdmin.run('random', this.#store.secrets.seal(clear, adminPasswordContext(deviceId)), deviceId)
    return clear
  }

  /** Forgets the random passwords of a domain's devices with ids above `after` up to `until`: each gets a new one when it is sent next. */
  forgetRandom(domainId: number, after: number, until: number): void {
    this.#store.begin()
    this.#forgetRandom.run(after, until, domainId)
  }

  /** May devices of this domain be configured at all? Not where the instance or the domain only observes them (features 13). */
  configures(domainId: number): boolean {
    return this.#domains.get(domainId) !== undefined && !isObserved({ instance: this.#instance, domains: this.#domains }, domainId)
  }

  /** Does this domain give administrative passwords to its devices? */
  deploys(domainId: number): boolean { return this.configures(domainId) && this.#domains.get(domainId)?.deployAdminPasswords === true }

  /**
   * The body of message 0x0003 for a connected device (wire-protocols 2.8): encrypted with `password`, its sysclient password.
   * Undefined when its domain deploys none.
   */
  adminPasswordFrame(row: AdminPasswordRow & { readonly domainId: number }, password: string): { seed: string, pwd: string } | undefined {
    if (!this.deploys(row.domainId)) return undefined
    const clear = row.adminPasswordKind === 'random' ? this.randomOf(row) ?? this.#makeRandom(row.id) : this.#domains.get(row.domainId)?.password
    if (!clear) return undefined
    const seed = randomText(SEED_LENGTH)
    return { seed, pwd: encryptHex(seed, password, clear) }
  }

  /** The random password of a device in clear text; undefined when it has the domain's, or gets a new one when it comes. */
  randomOf(row: AdminPasswordRow): string | undefined {
    return row.adminPasswordKind === 'random' && row.adminPasswordSealed ? this.#store.secrets.open(row.adminPasswordSealed, adminPasswordContext(row.id)) : undefined
  }
}
