/** Roles of App objects (feature table R19): kept in memory, asked at every request. */
import type { AuditLog } from '../audit/audit-log.ts'
import type { Viewer } from '../domains/viewer.ts'
import { RequestError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { ROLES, type Role } from '../protocol/domain-messages.ts'
import type { Store } from '../store/store.ts'

/** App objects are compared without regard to case, so that a restriction cannot be missed by writing it otherwise. */
const key = (appObject: string): string => appObject.toLowerCase()

export interface AppRole { readonly appObject: string, readonly role: Role }

export class AppRoles {
  readonly #store: Store
  readonly #audit: AuditLog
  readonly #changed: () => void
  #roles = new Map<string, AppRole>()

  /** `changed` is called after each change: open sessions may have lost rights. */
  constructor(store: Store, audit: AuditLog, changed: () => void) {
    this.#store = store
    this.#audit = audit
    this.#changed = changed
    this.reload()
  }

  /** Reads the table again: after the start, and when a commit failed. */
  reload(): void {
    const rows = this.#store.sqlite.prepare<[], { appObject: string, role: string }>('SELECT app_object AS appObject, role FROM app_roles').all()
    // A role this version does not know restricts: nobody gets more than was meant.
    this.#roles = new Map(rows.map(row => [key(row.appObject), { appObject: row.appObject, role: ROLES.find(role => role === row.role) ?? 'read' }]))
  }

  /** App objects without an entry, and logins without one, have full rights. */
  of(appObject: string): Role { return this.#roles.get(key(appObject))?.role ?? 'full' }

  list(): AppRole[] { return [...this.#roles.values()].sort((a, b) => a.appObject.localeCompare(b.appObject)) }

  /** Sets a role; null takes the entry away. Resolves when it is on disk. */
  async set(viewer: Viewer, appObject: string, role: Role | null): Promise<void> {
    const before = this.#roles.get(key(appObject))
    if (role !== null && !before && this.#roles.size >= LIMITS.appRoles.value) throw new RequestError('conflict', `At most ${LIMITS.appRoles.value} App objects can have a role.`)
    this.#store.write(() => {
      this.#store.sqlite.prepare('DELETE FROM app_roles WHERE app_object = ?').run(before?.appObject ?? appObject)
      if (role !== null) this.#store.sqlite.prepare('INSERT INTO app_roles (app_object, role) VALUES (?, ?)').run(appObject, role)
      this.#audit.record(viewer, { domainId: 0, action: 'role.changed', subject: appObject, before: before?.role ?? 'full', after: role ?? 'full' })
    })
    this.reload()
    this.#changed()
    await this.#store.committed()
  }
}
