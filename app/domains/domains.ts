/**
 * The domains of an instance. Few enough (hundreds) to be kept in memory with their passwords opened: each login and each
 * connecting device needs them.
 */
import { eq } from 'drizzle-orm'
import type { Store } from '../store/store.ts'
import { categories, domainAccess, domains } from '../store/schema.ts'
import type { Category, Domain } from '../protocol/types.ts'
import { maySee, type Viewer } from './viewer.ts'

export interface DomainEntry {
  readonly id: number
  readonly name: string
  /** Empty: nobody can log in with it, and nothing is deployed. */
  readonly password: string
  /** Security token of automatic provisioning; empty: off (features 5.4). */
  readonly provisioningToken: string
  readonly emails: readonly string[]
  readonly invoiceReference: string
  readonly deployAdminPasswords: boolean
  readonly observer: boolean
  readonly isInstanceDomain: boolean
  /** Domains that logins of this one may also see. */
  readonly granted: ReadonlySet<number>
  readonly categories: readonly Category[]
}

/** Domain names are compared without regard to case. */
export const nameKey = (name: string): string => name.normalize('NFC').toLowerCase()

export const domainPasswordContext = (id: number): string => `domain:${id}:password`
export const provisioningTokenContext = (id: number): string => `domain:${id}:provisioning-token`

// The column is written by this program only, from validated addresses.
const texts = (json: string): string[] => JSON.parse(json) as string[]

export class Domains {
  readonly #store: Store
  readonly #instanceDomain: string
  readonly #byId = new Map<number, DomainEntry>()
  readonly #byName = new Map<string, DomainEntry>()
  /** Category id → its domain. */
  readonly #byCategory = new Map<number, DomainEntry>()
  readonly #listeners = new Set<(edited: ReadonlySet<number>) => void>()

  constructor(store: Store, instanceDomain: string) {
    this.#store = store
    this.#instanceDomain = instanceDomain
    this.reload()
  }

  /**
   * The instance's own domain exists from the first start; its password is the instance password and it is deployed on
   * devices (features 2.1, "Install").
   */
  ensureInstanceDomain(instancePassword: string): DomainEntry {
    const known = this.#byName.get(nameKey(this.#instanceDomain))
    if (known) return known
    this.#store.write(() => {
      const { id } = this.#store.orm.insert(domains).values({ name: this.#instanceDomain, nameKey: nameKey(this.#instanceDomain), deployAdminPasswords: true })
        .returning({ id: domains.id }).get()
      this.#store.orm.update(domains).set({ passwordSealed: this.#store.secrets.seal(instancePassword, domainPasswordContext(id)) }).where(eq(domains.id, id)).run()
    })
    this.reload()
    return this.ensureInstanceDomain(instancePassword)
  }

  /** Reads everything again: after the start, when a domain went, and when a commit failed. */
  reload(): void {
    const granted = new Map<number, Set<number>>()
    for (const row of this.#store.orm.select().from(domainAccess).all()) {
      const set = granted.get(row.domainId) ?? new Set()
      granted.set(row.domainId, set.add(row.grantedId))
    }
    const byDomain = new Map<number, Category[]>()
    for (const row of this.#store.orm.select().from(categories).orderBy(categories.name).all()) {
      const list = byDomain.get(row.domainId) ?? []
      list.push({ id: row.id, name: row.name, config: row.config })
      byDomain.set(row.domainId, list)
    }
    this.#byId.clear()
    this.#byName.clear()
    this.#byCategory.clear()
    for (const row of this.#store.orm.select().from(domains).all()) this.#keep(row, granted.get(row.id) ?? new Set(), byDomain.get(row.id) ?? [])
  }

  /** Reads one domain again after a change of it, of its grants or of its categories; also inside the write that changes it. */
  reloadOne(id: number): DomainEntry | undefined {
    const former = this.#byId.get(id)
    if (former) {
      this.#byId.delete(id)
      this.#byName.delete(nameKey(former.name))
      for (const category of former.categories) this.#byCategory.delete(category.id)
    }
    const { orm } = this.#store
    const row = orm.select().from(domains).where(eq(domains.id, id)).get()
    if (!row) return undefined
    const granted = orm.select({ id: domainAccess.grantedId }).from(domainAccess).where(eq(domainAccess.domainId, id)).all()
    const own = orm.select({ id: categories.id, name: categories.name, config: categories.config }).from(categories)
      .where(eq(categories.domainId, id)).orderBy(categories.name).all()
    return this.#keep(row, new Set(granted.map(grant => grant.id)), own)
  }

  #keep(row: typeof domains.$inferSelect, granted: ReadonlySet<number>, own: readonly Category[]): DomainEntry {
    const { secrets } = this.#store
    const entry: DomainEntry = {
      id: row.id, name: row.name, deployAdminPasswords: row.deployAdminPasswords, observer: row.observer,
      password: row.passwordSealed ? secrets.open(row.passwordSealed, domainPasswordContext(row.id)) : '',
      provisioningToken: row.provisioningTokenSealed ? secrets.open(row.provisioningTokenSealed, provisioningTokenContext(row.id)) : '',
      emails: texts(row.emails), invoiceReference: row.invoiceReference,
      isInstanceDomain: row.nameKey === nameKey(this.#instanceDomain), granted, categories: own,
    }
    this.#byId.set(row.id, entry)
    this.#byName.set(row.nameKey, entry)
    for (const category of own) this.#byCategory.set(category.id, entry)
    return entry
  }

  /** A domain that is being deleted is gone for everybody before its devices are. */
  hide(id: number): void {
    const entry = this.#byId.get(id)
    if (!entry) return
    this.#byId.delete(id)
    this.#byName.delete(nameKey(entry.name))
    for (const category of entry.categories) this.#byCategory.delete(category.id)
  }

  /** Calls back with the ids of domains whose object on the wire has changed; none when who sees which has changed. Returns a function that cancels. */
  onChange(listener: (edited: ReadonlySet<number>) => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  /** Tells those who watch, after the commit. */
  changed(...edited: number[]): void {
    const ids = new Set(edited)
    for (const listener of this.#listeners) listener(ids)
  }

  get count(): number { return this.#byId.size }
  /** The category of that id and its domain. */
  category(id: number): { domain: DomainEntry, category: Category } | undefined {
    const domain = this.#byCategory.get(id)
    const category = domain?.categories.find(one => one.id === id)
    return domain && category && { domain, category }
  }
  get(id: number): DomainEntry | undefined { return this.#byId.get(id) }
  byName(name: string): DomainEntry | undefined { return this.#byName.get(nameKey(name)) }
  /** Domains the viewer may see, by name. */
  list(viewer: Viewer): DomainEntry[] {
    return [...this.#byId.values()].filter(entry => maySee(viewer, entry.id)).sort((a, b) => a.name.localeCompare(b.name))
  }

  /** The domain object of the wire (wire-protocols 3.4). */
  toWire(entry: DomainEntry): Domain {
    return {
      id: entry.id, name: entry.name, hasRentalProducts: false, deployAdminPasswords: entry.deployAdminPasswords,
      isInstanceDomain: entry.isInstanceDomain, categories: [...entry.categories],
    }
  }
}
