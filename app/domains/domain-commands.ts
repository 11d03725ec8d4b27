/**
 * Adding, editing and deleting domains (features 2.1, 2.2). Who may do what is in the message table; the parts of it that hang on
 * fields and on the domain at hand are decided here.
 */
import type BetterSqlite3 from 'better-sqlite3'
import { MASKED, type AuditLog } from '../audit/audit-log.ts'
import type { DeviceStore } from '../devices/device-store.ts'
import { RequestError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import type { DomainSettings } from '../protocol/domain-messages.ts'
import { Status } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import { domainName } from './domain-rules.ts'
import { domainPasswordContext, nameKey, provisioningTokenContext, type DomainEntry, type Domains } from './domains.ts'
import { maySee, type Viewer } from './viewer.ts'

/** Fields to set; absent ones stay. Secrets in clear. */
export interface DomainEdit {
  readonly name?: string | undefined
  readonly deployAdminPasswords?: boolean | undefined
  readonly observer?: boolean | undefined
  readonly access?: readonly number[] | undefined
  readonly emails?: readonly string[] | undefined
  readonly invoiceReference?: string | undefined
  readonly password?: string | undefined
  readonly provisioningToken?: string | undefined
}

/** What an edit means for the administrative passwords of devices (features 2.3). */
export interface DeploymentChange {
  /** The domain has another password. */
  readonly password: boolean
  /** The checkmark "deploy" was set. */
  readonly turnedOn: boolean
}

export interface DomainCommandsDeps {
  readonly store: Store, readonly domains: Domains, readonly devices: DeviceStore, readonly audit: AuditLog
  /** Called inside the write of the change, so that the work it starts is on disk with it; answers the id of a task, if it started one. */
  readonly deployment: (viewer: Viewer, domain: DomainEntry, change: DeploymentChange) => number | undefined
  /** Grants have changed: whoever may no longer enter a device must be out of it. */
  readonly rightsChanged: () => void
  /** The password of a domain has changed. */
  readonly passwordChanged: (domainId: number) => void
  /** A domain is gone: its sessions end. */
  readonly ended: (domainId: number) => void
  /** Devices of a deleted domain that may be connected. */
  readonly dismiss: (devices: readonly { readonly id: number, readonly hwId: string }[]) => void
}

/** Rows removed in one transaction: others get their turn in between. */
const SLICE = 250

const ADMIN_FIELDS = ['name', 'access', 'observer'] as const
const OWN_FIELDS = ['password', 'provisioningToken'] as const

export class DomainCommands {
  readonly #deps: DomainCommandsDeps
  readonly #grant: BetterSqlite3.Statement<[number, number]>
  readonly #passwordDevices: BetterSqlite3.Statement<[number, number], { n: number }>

  constructor(deps: DomainCommandsDeps) {
    this.#deps = deps
    this.#grant = deps.store.sqlite.prepare('INSERT INTO domain_access (domain_id, granted_id) VALUES (?, ?)')
    this.#passwordDevices = deps.store.sqlite.prepare("SELECT count(*) AS n FROM devices WHERE domain_id = ? AND status = ? AND admin_password_kind = 'domain'")
  }

  /** A domain the viewer may see; `notFound` otherwise, whether it exists or not. */
  one(viewer: Viewer, id: number): DomainEntry {
    const domain = maySee(viewer, id) ? this.#deps.domains.get(id) : undefined
    if (!domain) throw new RequestError('notFound', 'There is no such domain.', 'id')
    return domain
  }

  /** Settings of a domain, without secrets, and the number of connected devices that get its password when it changes. */
  settings(viewer: Viewer, id: number): { settings: DomainSettings, passwordDevices: number } {
    const domain = this.one(viewer, id)
    this.#deps.devices.settle()
    const passwordDevices = this.#passwordDevices.get(id, Status.online)?.n ?? 0
    return { settings: this.#settings(viewer, domain), passwordDevices }
  }

  /** Those of all domains the viewer may see. */
  allSettings(viewer: Viewer): DomainSettings[] { return this.#deps.domains.list(viewer).map(domain => this.#settings(viewer, domain)) }

  #settings(viewer: Viewer, domain: DomainEntry): DomainSettings {
    const { counters } = this.#deps.devices
    return {
      id: domain.id, name: domain.name, isInstanceDomain: domain.isInstanceDomain, deployAdminPasswords: domain.deployAdminPasswords, observer: domain.observer,
      // Which domains the viewer does not see is none of its business.
      access: [...domain.granted].filter(granted => maySee(viewer, granted)),
      hasPassword: domain.password !== '', hasProvisioningToken: domain.provisioningToken !== '', emails: [...domain.emails], invoiceReference: domain.invoiceReference,
      devices: counters.totalIn(domain.id), connected: counters.in(domain.id, Status.online),
    }
  }

  /** The token of automatic provisioning in clear; written to the audit log. */
  revealToken(viewer: Viewer, id: number): { domain: DomainEntry, token: string } {
    const domain = this.one(viewer, id)
    this.#mayHandleSecrets(viewer, domain)
    this.#deps.audit.record(viewer, { domainId: id, action: 'token.revealed', subject: domain.name })
    return { domain, token: domain.provisioningToken }
  }

  #mayHandleSecrets(viewer: Viewer, domain: DomainEntry): void {
    if (!viewer.admin && viewer.domainId !== domain.id) {
      throw new RequestError('noAccess', 'Only administrators and logins of this very domain may do this; access to a domain is not enough.')
    }
  }

  /** Adds a domain; resolves with its id when it is on disk. */
  async add(viewer: Viewer, edit: DomainEdit & { readonly name: string }): Promise<number> {
    const { store, domains, audit } = this.#deps
    const name = this.#unused(edit.name)
    if (domains.count >= LIMITS.domains.value) throw new RequestError('conflict', `There are ${LIMITS.domains.value} domains; more are not possible.`)
    const access = this.#existing(edit.access ?? [])
    const id = store.write(() => {
      const { lastInsertRowid } = store.sqlite.prepare('INSERT INTO domains (name, name_key) VALUES (?, ?)').run(name, nameKey(name))
      const made = Number(lastInsertRowid)
      this.#put(made, { ...edit, name, access })
      audit.record(viewer, { domainId: made, action: 'domain.added', subject: name, after: this.#words({ ...edit, name: undefined }) })
      return made
    })
    domains.reloadOne(id)
    await store.committed()
    domains.changed(id)
    return id
  }

  /** Changes the given fields; resolves with the id of the task that carries it to devices, if there is one. */
  async edit(viewer: Viewer, id: number, edit: DomainEdit): Promise<number | undefined> {
    const { store, domains, audit, deployment } = this.#deps
    const before = this.one(viewer, id)
    this.#mayEdit(viewer, before, edit)
    const wanted = this.#differing(before, edit)
    if (Object.keys(wanted).length === 0) return undefined
    let task: number | undefined
    try {
      store.write(() => {
        this.#put(id, wanted)
        audit.record(viewer, { domainId: id, action: 'domain.edited', subject: before.name, before: this.#words(wanted, before), after: this.#words(wanted) })
        const after = domains.reloadOne(id) ?? before
        task = deployment(viewer, after, { password: wanted.password !== undefined, turnedOn: wanted.deployAdminPasswords === true })
      })
    } catch (cause) {
      domains.reloadOne(id)
      throw cause
    }
    if (wanted.access) this.#deps.rightsChanged()
    if (wanted.password !== undefined) this.#deps.passwordChanged(id)
    await store.committed()
    domains.changed(id)
    return task
  }

  #mayEdit(viewer: Viewer, domain: DomainEntry, edit: DomainEdit): void {
    const field = ADMIN_FIELDS.find(name => edit[name] !== undefined)
    if (field && !viewer.admin) throw new RequestError('noAccess', 'Only administrators may change name, access and observer.', field)
    if (OWN_FIELDS.some(name => edit[name] !== undefined)) this.#mayHandleSecrets(viewer, domain)
    if (edit.name !== undefined && domain.isInstanceDomain && edit.name !== domain.name) {
      throw new RequestError('badRequest', 'The domain of the instance keeps its name.', 'name')
    }
  }

  /** The fields that differ from what is, checked. */
  #differing(before: DomainEntry, edit: DomainEdit): DomainEdit {
    const name = edit.name !== undefined && edit.name !== before.name ? this.#unused(edit.name, before.id) : before.name
    const access = edit.access && this.#existing(edit.access.filter(granted => granted !== before.id))
    const sameAccess = access?.length === before.granted.size && access.every(granted => before.granted.has(granted))
    const all: DomainEdit = {
      name: name === before.name ? undefined : name,
      deployAdminPasswords: edit.deployAdminPasswords === before.deployAdminPasswords ? undefined : edit.deployAdminPasswords,
      observer: edit.observer === before.observer ? undefined : edit.observer,
      access: sameAccess ? undefined : access,
      emails: JSON.stringify(edit.emails) === JSON.stringify(before.emails) ? undefined : edit.emails,
      invoiceReference: edit.invoiceReference === before.invoiceReference ? undefined : edit.invoiceReference,
      password: edit.password === before.password ? undefined : edit.password,
      provisioningToken: edit.provisioningToken === before.provisioningToken ? undefined : edit.provisioningToken,
    }
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  }

  #unused(given: string, except?: number): string {
    const name = domainName(given)
    const other = this.#deps.store.sqlite.prepare<[string], { id: number }>('SELECT id FROM domains WHERE name_key = ?').get(nameKey(name))
    if (other && other.id !== except) throw new RequestError('conflict', 'There is a domain of that name.', 'name')
    return name
  }

  #existing(ids: readonly number[]): number[] {
    const unique = [...new Set(ids)]
    if (unique.some(id => !this.#deps.domains.get(id))) throw new RequestError('notFound', 'There is no such domain.', 'access')
    return unique
  }

  #put(id: number, edit: DomainEdit): void {
    const { sqlite, secrets } = this.#deps.store
    const set = (column: string, value: string | number | Buffer | null): void => { sqlite.prepare(`UPDATE domains SET ${column} = ? WHERE id = ?`).run(value, id) }
    if (edit.name !== undefined) {
      set('name', edit.name)
      set('name_key', nameKey(edit.name))
    }
    if (edit.deployAdminPasswords !== undefined) set('deploy_admin_passwords', edit.deployAdminPasswords ? 1 : 0)
    if (edit.observer !== undefined) set('observer', edit.observer ? 1 : 0)
    if (edit.emails) set('emails', JSON.stringify(edit.emails))
    if (edit.invoiceReference !== undefined) set('invoice_reference', edit.invoiceReference)
    if (edit.password !== undefined) set('password_sealed', edit.password ? secrets.seal(edit.password, domainPasswordContext(id)) : null)
    if (edit.provisioningToken !== undefined) set('provisioning_token_sealed', edit.provisioningToken ? secrets.seal(edit.provisioningToken, provisioningTokenContext(id)) : null)
    if (edit.access) {
      sqlite.prepare('DELETE FROM domain_access WHERE domain_id = ?').run(id)
      for (const granted of edit.access) this.#grant.run(id, granted)
    }
  }

  /** Values in words for the audit log: those of `of` for the fields of `fields`; secrets masked. */
  #words(fields: DomainEdit, of: DomainEntry | DomainEdit = fields): string {
    const access = 'granted' in of ? [...of.granted] : of.access ?? []
    const values: Record<keyof DomainEdit, string> = {
      name: of.name ?? '', deployAdminPasswords: String(of.deployAdminPasswords ?? false), observer: String(of.observer ?? false),
      access: access.map(id => this.#deps.domains.get(id)?.name ?? '').sort().join(' '), emails: (of.emails ?? []).join(' '), invoiceReference: of.invoiceReference ?? '',
      password: of.password ? MASKED : '', provisioningToken: of.provisioningToken ? MASKED : '',
    }
    const names = Object.keys(values) as (keyof DomainEdit)[]
    return names.filter(name => fields[name] !== undefined).map(name => `${name}: ${values[name]}`).join('; ')
  }

  /**
   * Deletes a domain with its categories, codes and configurations; its devices belong to none. Resolves with their number when
   * all is on disk. A process that ends in the middle leaves the domain with fewer devices: it can be deleted again.
   */
  async remove(viewer: Viewer, id: number, force: boolean): Promise<number> {
    const { store, domains, devices, audit } = this.#deps
    const domain = this.one(viewer, id)
    if (domain.isInstanceDomain) throw new RequestError('conflict', 'The domain of the instance cannot be deleted.', 'id')
    const count = devices.counters.totalIn(id)
    if (count > 0 && !force) throw new RequestError('conflict', `${count} devices belong to this domain; they would belong to none.`, undefined, count)
    domains.hide(id)
    this.#deps.ended(id)
    domains.changed()
    // Nothing comes in any more; the rest goes with the domain itself.
    store.write(() => store.sqlite.prepare('DELETE FROM provisioning_codes WHERE domain_id = ?').run(id))
    const gone: { id: number, hwId: string }[] = []
    const some = store.sqlite.prepare<[number], { id: number, hwId: string }>(`SELECT id, hw_id AS hwId FROM devices WHERE domain_id = ? LIMIT ${SLICE}`)
    for (let rows = some.all(id); rows.length > 0; rows = some.all(id)) {
      store.write(() => {
        for (const one of rows) {
          const row = devices.row(one.id)
          if (row) devices.remove(row)
        }
      })
      gone.push(...rows)
      await store.committed()
    }
    store.write(() => {
      store.sqlite.prepare('DELETE FROM domains WHERE id = ?').run(id)
      audit.record(viewer, { domainId: id, action: 'domain.deleted', subject: domain.name, before: `${gone.length} devices` })
    })
    // Entries of other domains that had access to this one.
    domains.reload()
    this.#deps.rightsChanged()
    await store.committed()
    domains.changed()
    this.#deps.dismiss(gone)
    return gone.length
  }
}
