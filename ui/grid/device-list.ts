/**
 * The devices that match a query, as a long list of which only the part in sight is known (GetDevicesPage). Live: rows change at
 * their places, once per frame; their order changes only while nobody points at them.
 */
import { NotConnected, RequestRefused } from '../connection/errors.ts'
import { isDevicesPageUpdate } from '../connection/messages.ts'
import { connection, domains, onIndication } from '../session/session.ts'
import { Cell } from '../state/cell.ts'
import type { Filter, ListRoute } from '../route/route.ts'
import type { RequestParams, RequestReply } from '../connection/table.ts'
import type { Counts } from '../../app/protocol/service-api.ts'
import type { Device } from '../../app/protocol/types.ts'
import { PageCache } from './page-cache.ts'
import { firstBlocks, holds, sameRange, type Range } from './window.ts'

export type Query = Pick<ListRoute, 'filter' | 'sort' | 'descending'>
type PageParams = RequestParams<'GetDevicesPage'>
export type ListProblem = 'noAccess' | 'failed'

/** Order changes are fetched at most this often, in ms. */
const REORDER_EVERY = 1_000
const NO_DOMAIN = 0
const NO_CATEGORY = 0
/** The service takes so many. */
const MOST_CATEGORIES = 100
const ROWS_PER_REQUEST = 100

/** Categories of these names in all visible domains. An id that no category has: nothing matches. */
function idsOf(names: readonly string[]): number[] {
  const ids = domains.value.flatMap(domain => domain.categories.filter(category => names.includes(category.name)).map(category => category.id))
  return ids.length ? ids.slice(0, MOST_CATEGORIES) : [NO_CATEGORY]
}

/** The filter as the service takes it. A domain name that is not known matches nothing. */
export function serviceFilter(filter: Filter): Omit<PageParams, 'offset' | 'limit'> {
  const known = domains.value.filter(domain => filter.domains.includes(domain.name)).map(domain => domain.id)
  return {
    ...(filter.words ? { search: filter.words } : {}),
    ...(filter.types.length ? { types: [...filter.types] } : {}),
    ...(filter.states.length ? { states: [...filter.states] } : {}),
    ...(filter.domains.length ? { domainIds: known.length ? known : [NO_DOMAIN] } : {}),
    ...(filter.categories.length ? { categoryIds: idsOf(filter.categories) } : {}),
    ...(filter.product === undefined ? {} : { product: filter.product }),
    ...(filter.version === undefined ? {} : { version: filter.version }),
  }
}

/** Devices that go and come move in such a list, also from outside the watched page. */
const followsState = ({ sort, filter }: Query): boolean => sort === 'status' || sort === 'lastSeen' || filter.states.length > 0

const pageParams = (query: Query, offset: number, limit: number): PageParams =>
  ({ offset, limit, sort: query.sort, ...(query.descending ? { descending: true } : {}), ...serviceFilter(query.filter) })

export class DeviceList {
  /** Counts up whenever something is to be drawn again. */
  readonly drawn = new Cell(0)
  /** Number of devices that match; undefined until the first answer. */
  readonly total = new Cell<number | undefined>(undefined)
  readonly counts = new Cell<Counts | undefined>(undefined)
  /** The query that `total` and the rows belong to: the one before, until the answer to a new one is here. */
  readonly shown = new Cell<Query | undefined>(undefined)
  readonly problem = new Cell<ListProblem | undefined>(undefined)
  /** The order on the page is no longer that of the service. */
  readonly outOfOrder = new Cell(false)
  readonly #cache = new PageCache()
  #query: Query | undefined
  #range: Range = { first: 0, end: firstBlocks(innerHeight) }
  #watched: Range | undefined
  #busy = false
  #again = false
  /** Cached rows belong to an earlier query; they stay in sight until the answer is here. */
  #outdated = false
  #updates = new Map<string, Device>()
  #latestCounts: Counts | undefined
  #frame = 0
  #reorder: ReturnType<typeof setTimeout> | undefined
  #lastOrder = 0
  #pointedAt = false
  #stop: (() => void)[] = []

  start(): void {
    this.#stop = [
      onIndication('DevicesPageUpdate', message => this.#updated(message)),
      connection().state.subscribe(() => { if (connection().state.value.at === 'online') this.refresh() }),
      // Names of domains stand in the query, their ids come later.
      domains.subscribe(() => { if (this.#query?.filter.domains.length || this.#query?.filter.categories.length) this.refresh() }),
    ]
    this.refresh()
  }

  stop(): void {
    for (const end of this.#stop) end()
    this.#stop = []
    clearTimeout(this.#reorder)
    cancelAnimationFrame(this.#frame)
    this.#reorder = undefined
    this.#frame = 0
    this.#watched = undefined
  }

  row(index: number): Device | undefined { return this.#cache.get(index) }
  find(hwId: string): number | undefined { return this.#cache.find(hwId) }
  get query(): Query | undefined { return this.#query }

  /** Rows of the last query stay until those of this one are here. */
  setQuery(query: Query): void {
    this.#query = query
    this.#outdated = true
    this.#range = { first: 0, end: Math.max(this.#range.end - this.#range.first, firstBlocks(innerHeight)) }
    this.refresh()
  }

  /** The blocks in sight. */
  setRange(range: Range): void {
    if (sameRange(range, this.#range)) return
    this.#range = range
    void this.#fetch()
  }

  /** The devices at these places, from the service where they are not known. */
  async rowsBetween(first: number, end: number): Promise<Device[]> {
    const query = this.#query
    const devices: Device[] = []
    for (let at = first; at < end && query;) {
      const known = this.#cache.get(at)
      if (known) {
        devices.push(known)
        at++
        continue
      }
      const page = await connection().request('GetDevicesPage', pageParams(query, at, Math.min(ROWS_PER_REQUEST, end - at)))
      if (page.devices.length === 0) break
      devices.push(...page.devices)
      at += page.devices.length
    }
    return devices
  }

  /** While a pointer or the focus is in the rows, they keep their places. */
  setPointedAt(pointedAt: boolean): void {
    this.#pointedAt = pointedAt
    if (!pointedAt && this.outOfOrder.value) this.#scheduleOrder()
  }

  /** Asks for the rows in sight again, in the order of now. */
  refresh(): void {
    this.#watched = undefined
    void this.#fetch()
  }

  /** A range of rows. What is too long for one message is asked for in a further one; the service watches the range of the first. */
  async #read(query: Query, { first, end }: Range, recvUpdates: boolean): Promise<RequestReply<'GetDevicesPage'>> {
    const page = await connection().request('GetDevicesPage', { ...pageParams(query, first, end - first), ...(recvUpdates ? { recvUpdates } : {}) })
    const rest = Math.min(end, page.total) - first - page.devices.length
    if (rest <= 0 || page.devices.length === 0) return page
    const after = await this.#read(query, { first: first + page.devices.length, end }, false)
    return { ...page, devices: [...page.devices, ...after.devices] }
  }

  async #fetch(): Promise<void> {
    if (this.#busy) {
      this.#again = true
      return
    }
    const query = this.#query
    if (!query || this.#stop.length === 0 || (this.#watched && holds(this.#watched, this.#range, this.total.value ?? Infinity))) return
    const range = this.#range
    this.#busy = true
    try {
      const page = await this.#read(query, range, true)
      if (query === this.#query) {
        if (this.#outdated || page.total !== this.total.value) this.#cache.clear()
        this.#outdated = false
        this.#cache.put(page.offset, page.devices)
        this.#watched = range
        this.#lastOrder = performance.now()
        this.outOfOrder.set(false)
        this.problem.set(undefined)
        this.counts.set(page.counts)
        this.total.set(page.total)
        this.shown.set(query)
        this.#redraw()
      }
    } catch (error) {
      // A lost connection asks again when it is back; the banner says so meanwhile.
      if (!(error instanceof NotConnected)) this.problem.set(error instanceof RequestRefused && error.code === 'noAccess' ? 'noAccess' : 'failed')
    } finally {
      this.#busy = false
      if (this.#again) {
        this.#again = false
        void this.#fetch()
      }
    }
  }

  #updated(message: Record<string, unknown>): void {
    if (!isDevicesPageUpdate(message)) return
    for (const device of message.devices) this.#updates.set(device.hwId, device)
    this.#latestCounts = message.counts
    if (message.stale || (this.#query && followsState(this.#query))) this.#scheduleOrder()
    this.#frame ||= requestAnimationFrame(() => this.#flush())
  }

  #flush(): void {
    this.#frame = 0
    const changed = this.#cache.merge(this.#updates.values())
    this.#updates.clear()
    if (this.#latestCounts) this.counts.set(this.#latestCounts)
    this.#latestCounts = undefined
    if (changed) this.#redraw()
  }

  /** Something may stand elsewhere now. Rows nobody points at are put in order; others keep their places, and the page says so. */
  #scheduleOrder(): void {
    const wait = Math.max(0, this.#lastOrder + REORDER_EVERY - performance.now())
    this.#reorder ??= setTimeout(() => {
      this.#reorder = undefined
      if (this.#pointedAt) return void this.#compare()
      this.#cache.keepOnly(this.#range.first, this.#range.end)
      this.refresh()
    }, wait)
  }

  /** Is the order on the page still that of the service? The watched page stays the one on the screen. */
  async #compare(): Promise<void> {
    const query = this.#query
    const range = this.#range
    this.#lastOrder = performance.now()
    if (!query || this.#outdated) return
    const page = await this.#read(query, range, false).catch(() => undefined)
    if (!page || query !== this.#query || !sameRange(range, this.#range)) return
    const moved = page.total !== this.total.value || page.devices.some((device, at) => this.#cache.get(page.offset + at)?.hwId !== device.hwId)
    this.outOfOrder.set(moved)
  }

  #redraw(): void { this.drawn.update(count => count + 1) }
}
