/** Adding, renaming and deleting categories of domains (features 4). */
import type { AuditLog } from '../audit/audit-log.ts'
import type { DomainEntry, Domains } from '../domains/domains.ts'
import { maySee, type Viewer } from '../domains/viewer.ts'
import { RequestError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import type { categoryUse } from '../protocol/domain-messages.ts'
import type { Category } from '../protocol/types.ts'
import type { Store } from '../store/store.ts'
import type { z } from 'zod'
import { categoryName, sameCategoryName } from './category-rules.ts'
import type { DeviceCategories } from './device-categories.ts'

export type CategoryUse = z.infer<typeof categoryUse>

/** Devices that lose a deleted category in one transaction: others get their turn in between. */
const SLICE = 1000

export interface CategoriesDeps {
  readonly store: Store, readonly domains: Domains, readonly audit: AuditLog, readonly ofDevices: DeviceCategories, readonly now: () => number
}

export class Categories {
  readonly #deps: CategoriesDeps

  constructor(deps: CategoriesDeps) { this.#deps = deps }

  #find(viewer: Viewer, id: number): { domain: DomainEntry, category: Category } {
    const found = this.#deps.domains.category(id)
    if (!found || !maySee(viewer, found.domain.id)) throw new RequestError('notFound', 'There is no such category.', 'id')
    return found
  }

  /** The name as it is kept, if the domain has room for it and no other category of that name. */
  #unused(domain: DomainEntry, given: string, except?: number): string {
    const name = categoryName(given)
    const others = domain.categories.filter(other => other.id !== except)
    if (others.some(other => sameCategoryName(other.name, name))) {
      throw new RequestError('conflict', 'The domain has a category of that name.', 'name')
    }
    if (Buffer.byteLength(JSON.stringify([...others, { id: Number.MAX_SAFE_INTEGER, name, config: false }])) > LIMITS.categoryBytesPerDomain.value) {
      throw new RequestError('conflict', 'The categories of a domain have to fit one message: delete some, or give them shorter names.')
    }
    return name
  }

  /** What renaming or deleting the category hits. */
  use(viewer: Viewer, id: number): CategoryUse {
    const { domain, category } = this.#find(viewer, id)
    const { sqlite } = this.#deps.store
    const count = (sql: string, ...values: (string | number)[]): number => sqlite.prepare<(string | number)[], { n: number }>(`SELECT count(*) AS n FROM ${sql}`).get(...values)?.n ?? 0
    return {
      devices: category.config ? count('devices WHERE provisioning_category_id = ?', id) : count('device_categories WHERE category_id = ?', id),
      configs: count('device_config_categories WHERE category_id = ?', id),
      codes: count('provisioning_codes WHERE domain_id = ? AND category_id = ? AND used_at IS NULL AND valid_until > ?', domain.id, id, this.#deps.now()),
      jobs: count("jobs WHERE domain_id = ? AND EXISTS (SELECT 1 FROM json_each(jobs.settings, '$.categories') WHERE value = ?)", domain.id, id),
      phoneOnly: this.#deps.ofDevices.phoneOnly(id),
    }
  }

  /** Adds a category; resolves with its id when it is on disk. */
  async add(viewer: Viewer, params: { domainId: number, name: string, config?: boolean | undefined }): Promise<number> {
    const { store, domains, audit } = this.#deps
    const domain = maySee(viewer, params.domainId) ? domains.get(params.domainId) : undefined
    if (!domain) throw new RequestError('notFound', 'There is no such domain.', 'domainId')
    const name = this.#unused(domain, params.name)
    if (domain.categories.length >= LIMITS.categoriesPerDomain.value) {
      throw new RequestError('conflict', `A domain has at most ${LIMITS.categoriesPerDomain.value} categories.`)
    }
    const id = store.write(() => {
      const { lastInsertRowid } = store.sqlite.prepare('INSERT INTO categories (domain_id, name, config) VALUES (?, ?, ?)').run(domain.id, name, params.config ? 1 : 0)
      audit.record(viewer, { domainId: domain.id, action: 'category.added', subject: name, after: params.config ? 'provisioning category' : 'standard category' })
      return Number(lastInsertRowid)
    })
    domains.reloadOne(domain.id)
    await store.committed()
    domains.changed(domain.id)
    return id
  }

  /** Renames a category. Devices, configurations and codes keep it. */
  async rename(viewer: Viewer, params: { id: number, name: string }): Promise<void> {
    const { store, domains, audit } = this.#deps
    const { domain, category } = this.#find(viewer, params.id)
    const name = this.#unused(domain, params.name, category.id)
    if (name === category.name) return
    store.write(() => {
      store.sqlite.prepare('UPDATE categories SET name = ? WHERE id = ?').run(name, category.id)
      audit.record(viewer, { domainId: domain.id, action: 'category.edited', subject: name, before: category.name, after: name })
    })
    domains.reloadOne(domain.id)
    await store.committed()
    domains.changed(domain.id)
  }

  /**
   * Deletes a category and takes it from everything that uses it; `conflict` with the number of devices if anything does, unless
   * `force`. A configuration without categories is valid for all devices (wire-protocols 3.8), so none may lose its last one.
   */
  async remove(viewer: Viewer, params: { id: number, force?: boolean | undefined }): Promise<void> {
    const { store, domains, audit } = this.#deps
    const { domain, category } = this.#find(viewer, params.id)
    const use = this.use(viewer, category.id)
    if (!params.force && use.devices + use.configs + use.codes + use.jobs > 0) {
      throw new RequestError('conflict', `The category is in use: ${use.devices} devices, ${use.configs} configurations, ${use.codes} codes, ${use.jobs} jobs.`, undefined, use.devices)
    }
    const { sqlite } = store
    const only = sqlite.prepare<[number], { n: number }>(`SELECT count(*) AS n FROM device_config_categories dc WHERE category_id = ?
      AND (SELECT count(*) FROM device_config_categories other WHERE other.config_id = dc.config_id) = 1`).get(category.id)?.n ?? 0
    if (only > 0) throw new RequestError('conflict', `${only} configurations are for this category only. Without it they would be valid for all devices: change or delete them first.`, undefined, use.devices)
    const fromDevices = category.config
      ? sqlite.prepare(`UPDATE devices SET provisioning_category_id = NULL WHERE id IN (SELECT id FROM devices WHERE provisioning_category_id = @id LIMIT ${SLICE})`)
      : sqlite.prepare(`DELETE FROM device_categories WHERE category_id = @id AND device_id IN (SELECT device_id FROM device_categories WHERE category_id = @id LIMIT ${SLICE})`)
    for (let left = true; left;) {
      store.begin()
      left = fromDevices.run({ id: category.id }).changes === SLICE
      if (left) await store.committed()
    }
    this.#find(viewer, category.id) // somebody else may have been faster
    store.write(() => {
      for (const table of ['provisioning_codes', 'device_interfaces']) sqlite.prepare(`UPDATE ${table} SET category_id = NULL WHERE category_id = ?`).run(category.id)
      sqlite.prepare('DELETE FROM categories WHERE id = ?').run(category.id)
      audit.record(viewer, { domainId: domain.id, action: 'category.deleted', subject: category.name, before: `${use.devices} devices, ${use.configs} configurations` })
    })
    domains.reloadOne(domain.id)
    await store.committed()
    domains.changed(domain.id)
  }
}
