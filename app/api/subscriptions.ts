/**
 * What one app connection watches, and the indications it gets (wire-protocols 3.4, 3.7). Changes are put together for a tenth of a second:
 * a thousand devices coming back cost one message per watched page, not a thousand.
 */
import type { Body } from '../protocol/message.ts'
import type { Indications } from '../protocol/service-api.ts'
import type { DeviceEvent } from '../devices/device-events.ts'
import type { DeviceLists } from '../devices/device-lists.ts'
import type { DeviceRow } from '../devices/device-row.ts'
import type { DeviceStore } from '../devices/device-store.ts'
import type { Where } from '../devices/device-query.ts'
import type { Domains } from '../domains/domains.ts'
import { maySee, type Viewer } from '../domains/viewer.ts'
import { inParts } from './parts.ts'

/** Shortest time between two pushes of one connection. */
const PUSH_EVERY = 100
/** More changed devices than this in one push: the rest follows in the next. */
const MOST_PER_PUSH = 500

export type Indicate = <N extends keyof Indications>(name: N, body: Body<Indications[N]>, src: string | undefined) => void

/** The condition is made anew for each push: what the viewer may see can change. `ids`: what the client knows to be in its list. */
interface Watched { readonly where: () => Where, /** The condition names categories. */ readonly byCategory: boolean, readonly src: string | undefined, readonly ids: Set<number> }

/** A device that the client may no longer see: that it is gone, and nothing of what it is now. */
const bare = (row: DeviceRow): DeviceRow => ({ ...row, domainId: 0, name: '', reportedName: '', product: '', version: '', ethIfs: '[]', pbxActive: 0, other: 0 })

export class Subscriptions {
  readonly #devices: DeviceStore
  readonly #lists: DeviceLists
  readonly #viewer: Viewer
  /** Sends one indication on this connection; nothing once it is closed. */
  readonly indicate: Indicate
  readonly #domains: Domains
  /** Subscription to domains. */
  #told: { src: string | undefined } | undefined
  /** Ids of the domains that the viewer saw last. */
  readonly #seen = new Set<number>()
  #ignoreDomains: (() => void) | undefined
  #list: Watched | undefined
  #page: { ids: Set<number>, src: string | undefined } | undefined
  /** Changed since the last push: id → what is known of the time before. */
  #changed = new Map<number, { before: DeviceRow | undefined, removed: boolean }>()
  /** Rights or categories changed: other devices may be in the list. */
  #relist = false
  #stale = false
  #touched = false
  #timer: NodeJS.Timeout | undefined
  #unsubscribe: (() => void) | undefined

  constructor(domains: Domains, devices: DeviceStore, lists: DeviceLists, viewer: Viewer, indicate: Indicate) {
    this.#domains = domains
    this.#devices = devices
    this.#lists = lists
    this.#viewer = viewer
    this.indicate = indicate
  }

  /** Subscribes to the domains that the viewer may see. */
  watchDomains(src: string | undefined): void {
    this.#told = { src }
    this.#heedDomains()
  }

  #heedDomains(): void {
    if (this.#ignoreDomains) return
    for (const { id } of this.#domains.list(this.#viewer)) this.#seen.add(id)
    this.#ignoreDomains = this.#domains.onChange(edited => this.#domainsChanged(edited))
  }

  /** What came into sight, went out of it, or was edited: grants count as much as the domains themselves. */
  #domainsChanged(edited: ReadonlySet<number>): void {
    const now = new Map(this.#domains.list(this.#viewer).map(entry => [entry.id, entry]))
    let concerned = false
    let relist = false
    for (const id of this.#seen) {
      if (now.has(id)) continue
      concerned = true
      relist = true
      this.#seen.delete(id)
      if (this.#told) this.indicate('DomainDeleted', { id }, this.#told.src)
    }
    for (const [id, entry] of now) {
      const isNew = !this.#seen.has(id)
      if (!isNew && !edited.has(id)) continue
      concerned = true
      relist ||= isNew ? this.#devices.counters.totalIn(id) > 0 : this.#list?.byCategory === true
      this.#seen.add(id)
      if (this.#told) this.indicate(isNew ? 'DomainAdded' : 'DomainEdited', { domain: this.#domains.toWire(entry) }, this.#told.src)
    }
    if (this.#list && relist) this.#relist = true
    if ((concerned && this.#page) || this.#relist) this.#changedSomehow()
  }

  /** The watched page may hold other rows, or other names in them. */
  #changedSomehow(): void {
    this.#touched = true
    this.#stale = true
    this.#timer ??= setTimeout(() => this.#push(), PUSH_EVERY)
  }

  /** Replaces the subscription of GetDevices. */
  watchDevices(where: (() => Where) | undefined, src: string | undefined, byCategory: boolean): void {
    this.#list = where && { where, byCategory, src, ids: this.#lists.ids(where()) }
    this.#listen()
  }

  /** Replaces the watched page of GetDevicesPage. */
  watchPage(ids: readonly number[], src: string | undefined): void {
    this.#page = { ids: new Set(ids), src }
    this.#stale = false
    this.#listen()
  }

  close(): void {
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
    this.#ignoreDomains?.()
    this.#ignoreDomains = undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#changed.clear()
  }

  #listen(): void {
    const needed = this.#list !== undefined || this.#page !== undefined
    if (needed) {
      this.#heedDomains()
      this.#unsubscribe ??= this.#devices.events.on(event => this.#note(event))
    } else {
      this.#unsubscribe?.()
      this.#unsubscribe = undefined
    }
  }

  #note(event: DeviceEvent): void {
    // Nothing of what happens elsewhere, not even that something did.
    if (!maySee(this.#viewer, event.domainId) && !(event.before && this.#lists.sees(this.#viewer, event.before))) return
    this.#touched = true
    if (event.kind !== 'changed' || event.before) this.#stale = true
    if (this.#list || this.#page?.ids.has(event.id)) {
      const known = this.#changed.get(event.id)
      if (known) {
        known.before ??= event.before
        known.removed ||= event.kind === 'removed'
      } else {
        this.#changed.set(event.id, { before: event.before, removed: event.kind === 'removed' })
      }
    }
    this.#timer ??= setTimeout(() => this.#push(), PUSH_EVERY)
  }

  /** Whatever has come into the list or gone out of it counts as changed. */
  #compare(list: Watched): void {
    const now = this.#lists.ids(list.where())
    const note = (id: number): void => { if (!this.#changed.has(id)) this.#changed.set(id, { before: undefined, removed: false }) }
    for (const id of now) if (!list.ids.has(id)) note(id)
    for (const id of list.ids) if (!now.has(id)) note(id)
  }

  #push(): void {
    this.#timer = undefined
    if (this.#relist && this.#list) this.#compare(this.#list)
    this.#relist = false
    const batch = [...this.#changed].slice(0, MOST_PER_PUSH)
    for (const [id] of batch) this.#changed.delete(id)
    if (this.#changed.size) this.#timer = setTimeout(() => this.#push(), PUSH_EVERY)
    const rows = new Map<number, DeviceRow>()
    for (const [id, change] of batch) {
      const row = change.removed ? undefined : this.#devices.row(id)
      if (row) rows.set(id, row)
    }
    if (this.#list) this.#pushList(this.#list, batch, rows)
    if (this.#page && this.#touched) this.#pushPage(this.#page, batch.map(([id]) => id), rows)
    this.#touched = false
  }

  #pushPage(page: { ids: Set<number>, src: string | undefined }, changed: readonly number[], rows: Map<number, DeviceRow>): void {
    const mine = changed.filter(id => page.ids.has(id)).flatMap(id => {
      const row = rows.get(id)
      return row && this.#lists.sees(this.#viewer, row) ? [row] : []
    })
    const counts = this.#devices.counters.of(this.#viewer)
    for (const { items } of inParts([this.#lists.toDevices(mine, true)])) this.indicate('DevicesPageUpdate', { devices: items, counts, stale: this.#stale }, page.src)
    this.#stale = false
  }

  #pushList(list: Watched, batch: readonly (readonly [number, { before: DeviceRow | undefined, removed: boolean }])[], rows: Map<number, DeviceRow>): void {
    this.#devices.settle()
    const where = list.where()
    for (const [id, change] of batch) {
      const row = rows.get(id)
      const seen = row && this.#lists.sees(this.#viewer, row) ? row : undefined
      const now = seen && this.#lists.matches(where, id) ? seen : undefined
      const beforeSeen = change.before && this.#lists.sees(this.#viewer, change.before) ? change.before : undefined
      const known = list.ids.has(id)
      if (now) list.ids.add(id)
      else list.ids.delete(id)
      // What was not in the list cannot leave it.
      const told = now ?? (known ? beforeSeen ?? seen ?? (row && bare(row)) : undefined)
      const [device] = this.#lists.toDevices(told ? [told] : [], false)
      if (!device) continue
      if (!now) this.indicate('DeviceRemoved', { device: { ...device, online: false } }, list.src)
      else if (!known || (change.before && (!beforeSeen || beforeSeen.domainId !== now.domainId))) this.indicate('DeviceAdded', { device }, list.src)
      else this.indicate('DeviceUpdate', { device }, list.src)
    }
  }
}
