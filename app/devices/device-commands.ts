/**
 * Adding, editing and deleting devices (features 3.5). Every command takes the viewer; what it may not see does not exist for it.
 * `addNow`, `editNow` and `removeNow` do their part inside the current write and return what is left to do after the commit, so that
 * work on many devices shares transactions.
 */
import type BetterSqlite3 from 'better-sqlite3'
import type { AuditLog } from '../audit/audit-log.ts'
import type { DeviceCategories, WantedCategories } from '../categories/device-categories.ts'
import { RequestError } from '../errors.ts'
import { maySee, type Viewer } from '../domains/viewer.ts'
import type { DomainEntry, Domains } from '../domains/domains.ts'
import { DEVICE_TYPES, type DeviceType } from '../protocol/types.ts'
import type { SysclientChannel } from '../sysclients/channel.ts'
import type { Store } from '../store/store.ts'
import { Status } from '../store/schema.ts'
import { derived, type DeviceRow } from './device-row.ts'
import { hwKey, type DeviceStore } from './device-store.ts'
import type { DeviceLists } from './device-lists.ts'
import type { DevicePasswords } from './device-passwords.ts'

export interface AddParams { readonly hwId: string, readonly domainId: number, readonly name?: string | undefined, readonly type?: DeviceType | undefined }

export interface EditParams extends WantedCategories { readonly id: number, readonly name?: string | undefined, readonly domainId?: number | undefined }

export interface DeviceCommandsDeps {
  readonly store: Store, readonly devices: DeviceStore, readonly lists: DeviceLists, readonly passwords: DevicePasswords, readonly domains: Domains
  readonly categories: DeviceCategories, readonly audit: AuditLog, readonly channel: SysclientChannel, readonly now: () => number
  /** A device has left its domain: whoever may no longer enter it must be out of it. */
  readonly moved: (hwId: string) => void
}

/** Twelve hex digits may be typed with separators: `00-90-33-…`, `00:90:33:…`. Other hardware ids stay as they are. */
export function typedHwId(text: string): string {
  const digits = text.trim().replace(/[-:. ]/g, '')
  return hwKey(/^[0-9a-fA-F]{12}$/.test(digits) ? digits : text.trim())
}

const typeOf = (text: string): DeviceType => DEVICE_TYPES.find(type => type === text) ?? 'PHONE'

export class DeviceCommands {
  readonly #store: Store
  readonly #devices: DeviceStore
  readonly #lists: DeviceLists
  readonly #passwords: DevicePasswords
  readonly #domains: Domains
  readonly #categories: DeviceCategories
  readonly #audit: AuditLog
  readonly #channel: SysclientChannel
  readonly #now: () => number
  readonly #moved: (hwId: string) => void
  readonly #place: BetterSqlite3.Statement

  constructor(deps: DeviceCommandsDeps) {
    this.#store = deps.store
    this.#devices = deps.devices
    this.#lists = deps.lists
    this.#passwords = deps.passwords
    this.#domains = deps.domains
    this.#categories = deps.categories
    this.#audit = deps.audit
    this.#channel = deps.channel
    this.#now = deps.now
    this.#moved = deps.moved
    this.#place = deps.store.sqlite.prepare(`UPDATE devices SET domain_id = @domainId, name = @name, label = @label, search = @search, ip_sort = @ipSort,
      added_at = CASE WHEN @added THEN @now ELSE added_at END, added_how = CASE WHEN @added THEN 'manual' ELSE added_how END WHERE id = @id`)
  }

  /**
   * Adds a device to a domain; resolves when that is on disk and, if the device is connected, its password is on its way.
   * Known but without its password (long reset): it gets a new one.
   */
  async add(viewer: Viewer, params: AddParams): Promise<DeviceRow> {
    const domain = this.#domainFor(viewer, params.domainId)
    const hwId = typedHwId(params.hwId)
    if (!/^[\x21-\x7e]+$/.test(hwId)) throw new RequestError('badRequest', 'A hardware id has visible ASCII characters without blanks; normally the 12 hex digits of the MAC address.', 'hwId')
    const known = this.#devices.auth(hwId)
    const before = known && this.#devices.row(known.id)
    if (before && !this.#lists.sees(viewer, before)) throw new RequestError('notFound', 'This device cannot be added here.')
    if (before && !this.#mayBeAdded(before)) {
      throw new RequestError('conflict', before.status === Status.expected ? 'This device is already expected.' : 'This device is already in a domain.', 'hwId')
    }
    if (!before) return this.#expect(viewer, params, hwId, domain)
    const done = this.#store.write(() => this.addNow(viewer, before, domain.id, params.name))
    await this.#store.committed()
    done()
    return this.#lists.one(viewer, { id: before.id })
  }

  /** Belongs to nobody, has lost its password, or is about to be found without it: nobody waits for the silence of a challenge. */
  #mayBeAdded({ hwId, status }: DeviceRow): boolean {
    return status === Status.unassigned || status === Status.lost || (status !== Status.online && this.#channel.challenged(hwId))
  }

  /** Inside the current write: adds a device that is connected without a domain, or that lost its password; it gets a new one. */
  addNow(viewer: Viewer, before: DeviceRow, domainId: number, name = before.name): () => void {
    const domain = this.#domainFor(viewer, domainId)
    const { id, hwId } = before
    this.#move(before, domainId, name, true)
    this.#passwords.decideAdminPassword(id, 'manual', typeOf(before.type))
    if (before.domainId !== 0 && before.domainId !== domain.id) {
      this.#audit.record(viewer, { domainId: before.domainId, action: 'device.movedOut', subject: subjectOf(before), before: this.#domains.get(before.domainId)?.name })
    }
    this.#audit.record(viewer, { domainId: domain.id, action: 'device.added', subject: subjectOf(before, name), after: domain.name })
    const password = this.#passwords.renew(id)
    // Online is what the channel makes of it when the password is sent.
    this.#devices.setStatus({ id, hwId, domainId }, before.status, Status.offline, this.#now())
    return () => {
      this.#channel.assigned({ id, hwId, domainId }, password)
      this.#devices.events.emit({ kind: 'changed', id, hwId, domainId, before })
    }
  }

  /** A device that has not come yet: it is served at its first Identify. */
  async #expect(viewer: Viewer, params: AddParams, hwId: string, domain: DomainEntry): Promise<DeviceRow> {
    const type = params.type ?? 'PHONE'
    const id = this.#store.write(() => {
      const made = this.#devices.insert({ hwId, domainId: params.domainId, name: params.name ?? '', type, status: Status.expected, addedHow: 'manual', now: this.#now(), identify: undefined })
      this.#passwords.decideAdminPassword(made, 'manual', type)
      this.#audit.record(viewer, { domainId: domain.id, action: 'device.added', subject: subjectOf({ hwId, name: params.name ?? '', reportedName: '' }), after: domain.name })
      return made
    })
    await this.#store.committed()
    const row = this.#devices.row(id)
    if (!row) throw new RequestError('failed', 'The device was removed meanwhile.')
    return row
  }

  /** Changes the given fields; resolves when that is on disk. */
  async edit(viewer: Viewer, params: EditParams): Promise<DeviceRow> {
    const done = this.#store.write(() => this.editNow(viewer, params))
    await this.#store.committed()
    done()
    return this.#lists.one(viewer, { id: params.id })
  }

  /**
   * Inside the current write. Moving a device keeps its password: it is the same device of the same instance. Its categories
   * are those of the former domain: they go.
   */
  editNow(viewer: Viewer, params: EditParams): () => void {
    const before = this.#lists.one(viewer, { id: params.id })
    if (before.status === Status.unassigned) throw new RequestError('conflict', 'This device belongs to no domain. Add it to one first.', 'id')
    const domain = this.#domainFor(viewer, params.domainId ?? before.domainId)
    const moves = domain.id !== before.domainId
    this.#categories.check(domain.id, typeOf(before.type), params)
    this.#record(viewer, before, domain, params)
    this.#move(before, domain.id, params.name ?? before.name, false)
    this.#categories.set(before.id, params)
    return () => {
      if (moves) this.#moved(before.hwId)
      this.#devices.events.emit({ kind: 'changed', id: before.id, hwId: before.hwId, domainId: domain.id, before })
    }
  }

  /** What changes, in words. A move is told in both domains, and neither hears of the other. */
  #record(viewer: Viewer, before: DeviceRow, domain: DomainEntry, params: EditParams): void {
    const subject = subjectOf(before, params.name)
    const changes: [what: string, before: string, after: string][] = []
    const note = (what: string, was: string, is: string): void => { if (was !== is) changes.push([what, was, is]) }
    const names = (ids: readonly number[]): string => ids.map(id => this.#domains.category(id)?.category.name ?? '').sort().join(', ')
    if (params.name !== undefined) note('name', before.name, params.name)
    if (params.categories) note('categories', names(this.#categories.of(before.id)), names(params.categories))
    if (params.provisioningCategory !== undefined) {
      note('provisioning category', names(before.provisioningCategoryId === null ? [] : [before.provisioningCategoryId]), names(params.provisioningCategory === null ? [] : [params.provisioningCategory]))
    }
    if (domain.id !== before.domainId) {
      this.#audit.record(viewer, { domainId: before.domainId, action: 'device.movedOut', subject, before: this.#domains.get(before.domainId)?.name })
      this.#audit.record(viewer, { domainId: domain.id, action: 'device.movedIn', subject, after: domain.name })
    }
    if (changes.length === 0) return
    this.#audit.record(viewer, {
      domainId: domain.id, action: 'device.edited', subject,
      before: changes.map(([what, was]) => `${what}: ${was}`).join('; '), after: changes.map(([what, , is]) => `${what}: ${is}`).join('; '),
    })
  }

  /** Forgets the device and its password. While connected, it identifies anew and appears as unassigned. */
  async remove(viewer: Viewer, id: number): Promise<void> {
    const done = this.#store.write(() => this.removeNow(viewer, id))
    await this.#store.committed()
    done()
  }

  /** Inside the current write. */
  removeNow(viewer: Viewer, id: number): () => void {
    const row = this.#lists.one(viewer, { id })
    if (row.status === Status.unassigned) throw new RequestError('conflict', 'This device belongs to no domain; it goes when it disconnects.', 'id')
    this.#audit.record(viewer, { domainId: row.domainId, action: 'device.deleted', subject: subjectOf(row) })
    this.#devices.remove(row)
    return () => this.#channel.dismiss(row.hwId, 'removed from its domain', row.id)
  }

  #move(row: DeviceRow, domainId: number, name: string, added: boolean): void {
    this.#devices.settle()
    const columns = derived({ hwId: row.hwId, name, reportedName: row.reportedName, product: row.product, type: row.type, ethIfs: row.ethIfs })
    this.#place.run({ id: row.id, domainId, name, ...columns, added: added ? 1 : 0, now: this.#now() })
    if (domainId === row.domainId) return
    this.#categories.clear(row.id)
    this.#devices.counters.add(row.domainId, row.status, -1)
    this.#devices.counters.add(domainId, row.status, 1)
  }

  #domainFor(viewer: Viewer, domainId: number): DomainEntry {
    const domain = maySee(viewer, domainId) ? this.#domains.get(domainId) : undefined
    if (!domain) throw new RequestError('notFound', 'There is no such domain.', 'domainId')
    return domain
  }
}

/** A device in the words of the audit log: what people call it, and its hardware id. */
export const subjectOf = (device: { hwId: string, name: string, reportedName: string }, name?: string): string => {
  const called = name ?? (device.name || device.reportedName)
  return called ? `${called} (${device.hwId})` : device.hwId
}
