/** Adding, editing and deleting devices (features 3.5). Every command takes the viewer; what it may not see does not exist for it. */
import type BetterSqlite3 from 'better-sqlite3'
import { RequestError } from '../errors.ts'
import { maySee, type Viewer } from '../domains/viewer.ts'
import type { Domains } from '../domains/domains.ts'
import { DEVICE_TYPES, type DeviceType } from '../protocol/types.ts'
import type { SysclientChannel } from '../sysclients/channel.ts'
import type { Store } from '../store/store.ts'
import { Status } from '../store/schema.ts'
import { derived, type DeviceRow } from './device-row.ts'
import { hwKey, type DeviceStore } from './device-store.ts'
import type { DeviceLists } from './device-lists.ts'
import type { DevicePasswords } from './device-passwords.ts'

export interface AddParams { readonly hwId: string, readonly domainId: number, readonly name?: string | undefined, readonly type?: DeviceType | undefined }

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
  readonly #channel: SysclientChannel
  readonly #now: () => number
  readonly #place: BetterSqlite3.Statement

  constructor(deps: { store: Store, devices: DeviceStore, lists: DeviceLists, passwords: DevicePasswords, domains: Domains, channel: SysclientChannel, now: () => number }) {
    this.#store = deps.store
    this.#devices = deps.devices
    this.#lists = deps.lists
    this.#passwords = deps.passwords
    this.#domains = deps.domains
    this.#channel = deps.channel
    this.#now = deps.now
    this.#place = deps.store.sqlite.prepare(`UPDATE devices SET domain_id = @domainId, name = @name, label = @label, search = @search, ip_sort = @ipSort,
      added_at = CASE WHEN @added THEN @now ELSE added_at END, added_how = CASE WHEN @added THEN 'manual' ELSE added_how END WHERE id = @id`)
  }

  /**
   * Adds a device to a domain; resolves when that is on disk and, if the device is connected, its password is on its way.
   * Known but without its password (long reset): it gets a new one.
   */
  async add(viewer: Viewer, params: AddParams): Promise<DeviceRow> {
    this.#domainFor(viewer, params.domainId)
    const hwId = typedHwId(params.hwId)
    if (!/^[\x21-\x7e]+$/.test(hwId)) throw new RequestError('badRequest', 'A hardware id has visible ASCII characters without blanks; normally the 12 hex digits of the MAC address.', 'hwId')
    const known = this.#devices.auth(hwId)
    const before = known && this.#devices.row(known.id)
    if (before && !this.#lists.sees(viewer, before)) throw new RequestError('notFound', 'This device cannot be added here.')
    if (before && before.status !== Status.unassigned && before.status !== Status.lost) {
      throw new RequestError('conflict', before.status === Status.expected ? 'This device is already expected.' : 'This device is already in a domain.', 'hwId')
    }
    if (!before) return this.#expect(params, hwId)
    const password = this.#store.write(() => {
      this.#move(before, params.domainId, params.name ?? before.name, true)
      this.#passwords.decideAdminPassword(before.id, 'manual', typeOf(before.type))
      return this.#passwords.renew(before.id)
    })
    const status = Status.offline // online is what the channel makes of it when the password is sent
    this.#devices.setStatus({ id: before.id, hwId, domainId: params.domainId }, before.status, status, this.#now())
    await this.#store.committed()
    this.#channel.assigned({ id: before.id, hwId, domainId: params.domainId }, password)
    this.#devices.events.emit({ kind: 'changed', id: before.id, hwId, before })
    return this.#lists.one(viewer, { id: before.id })
  }

  /** A device that has not come yet: it is served at its first Identify. */
  async #expect(params: AddParams, hwId: string): Promise<DeviceRow> {
    const type = params.type ?? 'PHONE'
    const id = this.#store.write(() => {
      const made = this.#devices.insert({ hwId, domainId: params.domainId, name: params.name ?? '', type, status: Status.expected, addedHow: 'manual', now: this.#now(), identify: undefined })
      this.#passwords.decideAdminPassword(made, 'manual', type)
      return made
    })
    await this.#store.committed()
    const row = this.#devices.row(id)
    if (!row) throw new RequestError('failed', 'The device was removed meanwhile.')
    return row
  }

  /** Changes name or domain. Moving a device keeps its password: it is the same device of the same instance. */
  async edit(viewer: Viewer, params: { id: number, name?: string | undefined, domainId?: number | undefined }): Promise<DeviceRow> {
    const before = this.#lists.one(viewer, { id: params.id })
    if (before.status === Status.unassigned) throw new RequestError('conflict', 'This device belongs to no domain. Add it to one first.', 'id')
    const domainId = params.domainId ?? before.domainId
    this.#domainFor(viewer, domainId)
    this.#store.write(() => this.#move(before, domainId, params.name ?? before.name, false))
    if (domainId !== before.domainId) {
      this.#devices.counters.add(before.domainId, before.status, -1)
      this.#devices.counters.add(domainId, before.status, 1)
    }
    await this.#store.committed()
    this.#devices.events.emit({ kind: 'changed', id: before.id, hwId: before.hwId, before })
    return this.#lists.one(viewer, { id: before.id })
  }

  /** Forgets the device and its password. While connected, it identifies anew and appears as unassigned. */
  async remove(viewer: Viewer, id: number): Promise<void> {
    const row = this.#lists.one(viewer, { id })
    if (row.status === Status.unassigned) throw new RequestError('conflict', 'This device belongs to no domain; it goes when it disconnects.', 'id')
    this.#devices.remove(row)
    await this.#store.committed()
    this.#channel.dismiss(row.hwId, 'removed from its domain')
  }

  #move(row: DeviceRow, domainId: number, name: string, added: boolean): void {
    this.#devices.settle()
    const columns = derived({ hwId: row.hwId, name, reportedName: row.reportedName, product: row.product, type: row.type, ethIfs: row.ethIfs })
    this.#place.run({ id: row.id, domainId, name, ...columns, added: added ? 1 : 0, now: this.#now() })
    if (added) {
      this.#devices.counters.add(row.domainId, row.status, -1)
      this.#devices.counters.add(domainId, row.status, 1)
    }
  }

  #domainFor(viewer: Viewer, domainId: number): void {
    if (!maySee(viewer, domainId) || !this.#domains.get(domainId)) throw new RequestError('notFound', 'There is no such domain.', 'domainId')
  }
}
