/** Categories of devices (features 4): several standard ones, one for provisioning. Changes are part of the write of the caller. */
import type BetterSqlite3 from 'better-sqlite3'
import type { Domains } from '../domains/domains.ts'
import { RequestError } from '../errors.ts'
import type { Category, DeviceType } from '../protocol/types.ts'
import type { Store } from '../store/store.ts'
import { mayProvision, notForGateways, PHONE_CONFIGS } from './category-rules.ts'

export interface WantedCategories {
  /** Standard ones: all that the device is to have. Absent: unchanged. */
  readonly categories?: readonly number[] | undefined
  /** Null takes it away. Absent: unchanged. */
  readonly provisioningCategory?: number | null | undefined
}

export class DeviceCategories {
  readonly #store: Store
  readonly #domains: Domains
  readonly #phoneOnly: BetterSqlite3.Statement<[number]>
  readonly #phoneOnlyIn: BetterSqlite3.Statement<[number], { id: number }>
  readonly #standard: BetterSqlite3.Statement<[number], { id: number }>
  readonly #add: BetterSqlite3.Statement<[number, number]>
  readonly #remove: BetterSqlite3.Statement<[number, number]>
  readonly #clear: BetterSqlite3.Statement<[number]>
  readonly #provisioning: BetterSqlite3.Statement<[number | null, number]>

  constructor(store: Store, domains: Domains) {
    this.#store = store
    this.#domains = domains
    const { sqlite } = store
    this.#phoneOnly = sqlite.prepare(`SELECT 1 FROM device_config_categories dc JOIN device_configs c ON c.id = dc.config_id
      WHERE dc.category_id = ? AND c.type IN (${PHONE_CONFIGS.map(type => `'${type}'`).join(', ')}) LIMIT 1`)
    this.#phoneOnlyIn = sqlite.prepare(`SELECT DISTINCT dc.category_id AS id FROM device_configs c JOIN device_config_categories dc ON dc.config_id = c.id
      WHERE c.domain_id = ? AND c.type IN (${PHONE_CONFIGS.map(type => `'${type}'`).join(', ')})`)
    this.#standard = sqlite.prepare('SELECT category_id AS id FROM device_categories WHERE device_id = ? ORDER BY category_id')
    this.#add = sqlite.prepare('INSERT OR IGNORE INTO device_categories (device_id, category_id) VALUES (?, ?)')
    this.#remove = sqlite.prepare('DELETE FROM device_categories WHERE device_id = ? AND category_id = ?')
    this.#clear = sqlite.prepare('DELETE FROM device_categories WHERE device_id = ?')
    this.#provisioning = sqlite.prepare('UPDATE devices SET provisioning_category_id = ? WHERE id = ?')
  }

  /** Does a phone or analogue phone configuration use it? Then it cannot provision a gateway. */
  phoneOnly(categoryId: number): boolean { return this.#phoneOnly.get(categoryId) !== undefined }

  /** All such categories of a domain. */
  phoneOnlyIn(domainId: number): ReadonlySet<number> { return new Set(this.#phoneOnlyIn.all(domainId).map(row => row.id)) }

  /** A standard category of that domain; one of another domain does not exist here. */
  standard(domainId: number, id: number, field = 'categories'): Category { return this.#inDomain(domainId, id, false, field) }

  /** A provisioning category of that domain that may be given to a device of that type. */
  provisioning(domainId: number, id: number, type: DeviceType, field = 'provisioningCategory'): Category {
    const category = this.#inDomain(domainId, id, true, field)
    if (!mayProvision(type, this.phoneOnly(id))) throw notForGateways(category.name, field)
    return category
  }

  #inDomain(domainId: number, id: number, config: boolean, field: string): Category {
    const found = this.#domains.category(id)
    if (!found || found.domain.id !== domainId) throw new RequestError('notFound', 'There is no such category in the domain of the device.', field)
    if (found.category.config !== config) {
      throw new RequestError('badRequest', config ? 'This is a standard category, not one for provisioning.' : 'This is a provisioning category, not a standard one.', field)
    }
    return found.category
  }

  /** Checks what somebody wants for a device of that domain and type. */
  check(domainId: number, type: DeviceType, wanted: WantedCategories): void {
    for (const id of wanted.categories ?? []) this.standard(domainId, id)
    if (typeof wanted.provisioningCategory === 'number') this.provisioning(domainId, wanted.provisioningCategory, type)
  }

  /** Ids of the standard categories of a device. */
  of(deviceId: number): number[] { return this.#standard.all(deviceId).map(row => row.id) }

  /** Sets what was checked before. */
  set(deviceId: number, wanted: WantedCategories): void {
    this.#store.begin()
    if (wanted.categories) {
      this.#clear.run(deviceId)
      for (const id of wanted.categories) this.#add.run(deviceId, id)
    }
    if (wanted.provisioningCategory !== undefined) this.#provisioning.run(wanted.provisioningCategory, deviceId)
  }

  add(deviceId: number, categoryId: number): void {
    this.#store.begin()
    this.#add.run(deviceId, categoryId)
  }

  remove(deviceId: number, categoryId: number): void {
    this.#store.begin()
    this.#remove.run(deviceId, categoryId)
  }

  /** The device leaves its domain, and with it the categories there. */
  clear(deviceId: number): void { this.set(deviceId, { categories: [], provisioningCategory: null }) }
}
