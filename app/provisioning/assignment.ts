/** Puts devices into domains: by code, by token, from a list. Everything of one device is in one write; its password is sent after the commit. */
import type BetterSqlite3 from 'better-sqlite3'
import { mayProvision } from '../categories/category-rules.ts'
import type { DeviceCategories } from '../categories/device-categories.ts'
import type { AddedHow } from '../devices/admin-password.ts'
import type { DevicePasswords } from '../devices/device-passwords.ts'
import { derived, type DeviceRow } from '../devices/device-row.ts'
import type { DeviceStore } from '../devices/device-store.ts'
import { DEVICE_TYPES, type DeviceType } from '../protocol/types.ts'
import type { Identify } from '../protocol/sysclient-messages.ts'
import type { Store } from '../store/store.ts'
import { Status } from '../store/schema.ts'

/** Where a device goes, and how it got there. */
export interface Target { readonly domainId: number, /** Undefined: it keeps its provisioning category, if the domain stays the same. */ readonly categoryId: number | undefined, /** Empty: it keeps its name. */ readonly name: string, readonly how: AddedHow }

export interface Assigned { readonly id: number, readonly hwId: string, readonly domainId: number, readonly password: string, readonly before: DeviceRow | undefined }

export const typeOf = (text: string): DeviceType => DEVICE_TYPES.find(type => type === text) ?? 'PHONE'

export class Assignment {
  readonly #store: Store
  readonly #devices: DeviceStore
  readonly #passwords: DevicePasswords
  readonly #categories: DeviceCategories
  readonly #now: () => number
  readonly #move: BetterSqlite3.Statement

  constructor(deps: { store: Store, devices: DeviceStore, passwords: DevicePasswords, categories: DeviceCategories, now: () => number }) {
    this.#store = deps.store
    this.#devices = deps.devices
    this.#passwords = deps.passwords
    this.#categories = deps.categories
    this.#now = deps.now
    this.#move = deps.store.sqlite.prepare(`UPDATE devices SET domain_id = @domainId, name = @name, label = @label, search = @search, ip_sort = @ipSort,
      added_at = @now, added_how = @how WHERE id = @id`)
  }

  /** A device nobody knew, which is connected. To be called inside a write. */
  enter(identify: Identify, hwId: string, target: Target): Assigned {
    const { type } = identify.platform
    const id = this.#devices.insert({ hwId, domainId: target.domainId, name: target.name, type, status: Status.offline, addedHow: target.how, now: this.#now(), identify })
    this.#categories.set(id, { provisioningCategory: target.categoryId })
    this.#passwords.decideAdminPassword(id, target.how, type)
    return { id, hwId, domainId: target.domainId, password: this.#passwords.renew(id), before: undefined }
  }

  /** A device with a row: unassigned, or of that domain and in need of a new password. To be called inside a write. */
  admit(row: DeviceRow, identify: Identify | undefined, target: Target): Assigned {
    if (identify) {
      const known = this.#devices.auth(row.hwId)
      if (known) this.#devices.report(known, identify)
    }
    const before = this.#devices.row(row.id) ?? row
    const { domainId } = target
    const name = target.name || before.name
    this.#devices.settle()
    const columns = derived({ hwId: before.hwId, name, reportedName: before.reportedName, product: before.product, type: before.type, ethIfs: before.ethIfs })
    this.#store.begin()
    this.#move.run({ id: row.id, domainId, name, ...columns, how: target.how, now: this.#now() })
    if (before.domainId !== domainId) this.#categories.clear(row.id)
    this.#categories.set(row.id, { provisioningCategory: target.categoryId })
    this.#devices.counters.add(before.domainId, before.status, -1)
    this.#devices.counters.add(domainId, before.status, 1)
    this.#passwords.decideAdminPassword(row.id, target.how, typeOf(before.type))
    // Online is what the channel makes of it when the password is sent. Another connection of it that is online stays so until then.
    if (before.status !== Status.online) this.#devices.setStatus({ id: row.id, hwId: row.hwId, domainId }, before.status, Status.offline, this.#now())
    return { id: row.id, hwId: row.hwId, domainId, password: this.#passwords.renew(row.id), before }
  }

  /**
   * An expected device says for the first time what it is: the administrative password and the provisioning category follow from
   * that, not from what was supposed. To be called inside a write. Returns the category that it loses, if any.
   */
  arrived(row: DeviceRow, type: DeviceType): number | undefined {
    this.#passwords.decideAdminPassword(row.id, 'manual', type)
    const category = row.provisioningCategoryId
    if (category === null || mayProvision(type, this.#categories.phoneOnly(category))) return undefined
    this.#categories.set(row.id, { provisioningCategory: null })
    return category
  }

  /** A device that has not come yet: it is served at its first Identify. To be called inside a write. Returns its id. */
  expect(hwId: string, type: DeviceType, target: Target): number {
    const id = this.#devices.insert({ hwId, domainId: target.domainId, name: target.name, type, status: Status.expected, addedHow: target.how, now: this.#now(), identify: undefined })
    this.#categories.set(id, { provisioningCategory: target.categoryId })
    this.#passwords.decideAdminPassword(id, target.how, type)
    return id
  }
}
