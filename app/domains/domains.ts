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
  #byId = new Map<number, DomainEntry>()
  #byName = new Map<string, DomainEntry>()

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

  /** Reads everything again: after the start, after each change, and when a commit failed. Entries that did not change are replaced, too. */
  reload(): void {
    const granted = new Map<number, Set<number>>()
    for (const row of this.#store.orm.select().from(domainAccess).all()) {
      let set = granted.get(row.domainId)
      if (!set) granted.set(row.domainId, set = new Set())
      set.add(row.grantedId)
    }
    const byDomain = new Map<number, Category[]>()
    for (const row of this.#store.orm.select().from(categories).all()) {
      let list = byDomain.get(row.domainId)
      if (!list) byDomain.set(row.domainId, list = [])
      list.push({ id: row.id, name: row.name, config: row.config })
    }
    this.#byId = new Map()
    this.#byName = new Map()
    for (const row of this.#store.orm.select().from(domains).all()) {
      const entry: DomainEntry = {
        id: row.id, name: row.name, deployAdminPasswords: row.deployAdminPasswords, observer: row.observer,
        password: row.passwordSealed ? this.#store.secrets.open(row.passwordSealed, domainPasswordContext(row.id)) : '',
        provisioningToken: row.provisioningTokenSealed ? this.#store.secrets.open(row.provisioningTokenSealed, provisioningTokenContext(row.id)) : '',
        emails: texts(row.emails), invoiceReference: row.invoiceReference,
        isInstanceDomain: row.nameKey === nameKey(this.#instanceDomain),
        granted: granted.get(row.id) ?? new Set(), categories: byDomain.get(row.id) ?? [],
      }
      this.#byId.set(row.id, entry)
      this.#byName.set(row.nameKey, entry)
    }
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
