/** Adding many devices at once, such as from a pasted list (feature table R01): each line is judged by itself, all good ones go into one write. */
import type { AuditLog } from '../audit/audit-log.ts'
import type { DeviceCategories } from '../categories/device-categories.ts'
import { categoryByName, mayProvision } from '../categories/category-rules.ts'
import { typedHwId } from '../devices/device-commands.ts'
import type { DeviceLists } from '../devices/device-lists.ts'
import type { DeviceStore } from '../devices/device-store.ts'
import type { DomainEntry, Domains } from '../domains/domains.ts'
import { maySee, type Viewer } from '../domains/viewer.ts'
import { RequestError } from '../errors.ts'
import type { DeviceRow } from '../devices/device-row.ts'
import type { DeviceType } from '../protocol/types.ts'
import type { Store } from '../store/store.ts'
import { Status } from '../store/schema.ts'
import { typeOf, type Assigned, type Assignment } from './assignment.ts'

export interface GivenDevice { readonly hwId: string, readonly name?: string | undefined, readonly type?: DeviceType | undefined, readonly provisioningCategory?: string | undefined }
export interface AddResult { readonly hwId: string, readonly ok: boolean, readonly id?: number, readonly errorText?: string }

interface Deps {
  readonly store: Store, readonly devices: DeviceStore, readonly lists: DeviceLists, readonly domains: Domains, readonly assignment: Assignment
  readonly categories: DeviceCategories, readonly audit: AuditLog
  /** Hands out the password of a device, if it is connected. */
  readonly assigned: (device: { id: number, hwId: string, domainId: number }, password: string) => void
}

interface Line { readonly given: GivenDevice, readonly hwId: string, readonly error: string | undefined, readonly known: DeviceRow | undefined, readonly categoryId: number | undefined }

export class AddDevices {
  readonly #deps: Deps
  constructor(deps: Deps) { this.#deps = deps }

  /** A result for each, in order. `check`: nothing is changed. Resolves when all is on disk. */
  async add(viewer: Viewer, params: { domainId: number, devices: readonly GivenDevice[], check?: boolean | undefined }): Promise<AddResult[]> {
    const domain = maySee(viewer, params.domainId) ? this.#deps.domains.get(params.domainId) : undefined
    if (!domain) throw new RequestError('notFound', 'There is no such domain.', 'domainId')
    const phoneOnly = this.#deps.categories.phoneOnlyIn(domain.id)
    const seen = new Set<string>()
    const lines = params.devices.map(given => this.#judge(viewer, given, domain, phoneOnly, seen))
    if (params.check) return lines.map(({ hwId, error }) => error === undefined ? { hwId, ok: true } : { hwId, ok: false, errorText: error })
    const { store, devices } = this.#deps
    const served: Assigned[] = []
    const results = store.write(() => lines.map((line): AddResult => {
      if (line.error !== undefined) return { hwId: line.hwId, ok: false, errorText: line.error }
      return { hwId: line.hwId, ok: true, id: this.#one(viewer, line, domain, served) }
    }))
    await store.committed()
    for (const device of served) {
      this.#deps.assigned(device, device.password)
      devices.events.emit({ kind: 'changed', id: device.id, hwId: device.hwId, domainId: device.domainId, before: device.before })
    }
    return results
  }

  #judge(viewer: Viewer, given: GivenDevice, domain: DomainEntry, phoneOnly: ReadonlySet<number>, seen: Set<string>): Line {
    const hwId = typedHwId(given.hwId)
    const known = /^[\x21-\x7e]+$/.test(hwId) ? this.#known(hwId) : undefined
    const category = given.provisioningCategory ? categoryByName(domain.categories, given.provisioningCategory, true) : undefined
    const type = known?.type === undefined ? given.type ?? 'PHONE' : typeOf(known.type)
    const error = (): string | undefined => {
      if (!/^[\x21-\x7e]+$/.test(hwId)) return 'A hardware id has visible ASCII characters without blanks; normally the 12 hex digits of the MAC address.'
      if (seen.has(hwId)) return 'This device is in the list twice.'
      // Foreign devices and connected ones that only administrators see are told alike.
      if (known && !this.#deps.lists.sees(viewer, known)) return 'This device cannot be added here.'
      if (known && known.status === Status.expected) return 'This device is already expected.'
      if (known && known.status !== Status.unassigned && known.status !== Status.lost) return 'This device is already in a domain.'
      if (given.provisioningCategory && !category) return 'There is no such provisioning category in this domain.'
      if (category && !mayProvision(type, phoneOnly.has(category.id))) return 'The provisioning category is used by a phone configuration; it cannot provision a gateway.'
      return undefined
    }
    const line: Line = { given, hwId, error: error(), known, categoryId: category?.id }
    seen.add(hwId)
    return line
  }

  #known(hwId: string): DeviceRow | undefined {
    const auth = this.#deps.devices.auth(hwId)
    return auth && this.#deps.devices.row(auth.id)
  }

  #one(viewer: Viewer, { given, hwId, known, categoryId }: Line, domain: DomainEntry, served: Assigned[]): number {
    const { assignment, audit } = this.#deps
    const target = { domainId: domain.id, categoryId, name: given.name ?? '', how: 'manual' } as const
    const subject = given.name ? `${hwId} (${given.name})` : hwId
    if (known && known.domainId !== 0 && known.domainId !== domain.id) {
      audit.record(viewer, { domainId: known.domainId, action: 'device.movedOut', subject, before: this.#deps.domains.get(known.domainId)?.name })
    }
    audit.record(viewer, { domainId: domain.id, action: 'device.added', subject, after: domain.name })
    if (!known) return assignment.expect(hwId, given.type ?? 'PHONE', target)
    const assigned = assignment.admit(known, undefined, target)
    served.push(assigned)
    return assigned.id
  }
}
