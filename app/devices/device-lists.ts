/** Reading devices for a viewer: pages, parts of lists, single ones. Categories are read once per list, not per device. */
import { RequestError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import type { Category, Device } from '../protocol/types.ts'
import { maySee, type Viewer } from '../domains/viewer.ts'
import type { Store } from '../store/store.ts'
import { Status } from '../store/schema.ts'
import { INDEXED_SORTS, isUnfiltered, orderBy, pageParts, pageWhere, type PageParams, type Where } from './device-query.ts'
import { DEVICE_COLUMNS, toDevice, type DeviceRow } from './device-row.ts'
import { hwKey, type DeviceStore } from './device-store.ts'
import { FoundPages } from './found-pages.ts'
import { KeptStatements } from './kept-statements.ts'

export class DeviceLists {
  readonly #store: Store
  readonly #devices: DeviceStore
  readonly #statements: KeptStatements
  readonly #search: FoundPages

  constructor(store: Store, devices: DeviceStore) {
    this.#store = store
    this.#devices = devices
    this.#statements = new KeptStatements(store.sqlite)
    this.#search = new FoundPages(store.sqlite)
  }

  #all<T>(sql: string, values: readonly (string | number)[]): T[] {
    return this.#statements.of(sql).all(...values) as T[]
  }

  /** One page: rows in order and the number of all matches. */
  page(viewer: Viewer, params: PageParams): { rows: DeviceRow[], total: number } {
    this.#devices.settle()
    const parts = pageParts(viewer, params)
    const limit = Math.min(params.limit, LIMITS.pageRows.value)
    const sort = params.sort ?? 'status'
    const order = orderBy(sort, params.descending === true)
    if (parts.words.length) {
      const found = this.#search.page(parts, { order, indexed: INDEXED_SORTS.has(sort), limit, offset: params.offset })
      const rows = this.#all<DeviceRow>(`SELECT ${DEVICE_COLUMNS} FROM devices WHERE id IN (SELECT value FROM json_each(?)) ORDER BY ${order}`, [JSON.stringify(found.ids)])
      return { rows, total: found.total }
    }
    const where = pageWhere(viewer, params)
    // Ids first: with an index on the order, a deep offset then reads the index only.
    const rows = this.#all<DeviceRow>(
      `SELECT ${DEVICE_COLUMNS} FROM devices WHERE id IN (SELECT id FROM devices WHERE ${where.sql} ORDER BY ${order} LIMIT ? OFFSET ?) ORDER BY ${order}`,
      [...where.values, limit, params.offset])
    const total = isUnfiltered(params) ? this.#devices.counters.of(viewer).total : this.#count(where)
    return { rows, total }
  }

  #count(where: Where): number {
    return this.#all<{ n: number }>(`SELECT count(*) AS n FROM devices WHERE ${where.sql}`, where.values)[0]?.n ?? 0
  }

  /** The next part of a list, by ascending id after `afterId`. */
  part(where: Where, afterId: number, limit: number): DeviceRow[] {
    this.#devices.settle()
    return this.#all<DeviceRow>(`SELECT ${DEVICE_COLUMNS} FROM devices WHERE ${where.sql} AND id > ? ORDER BY id LIMIT ?`, [...where.values, afterId, limit])
  }

  /** All that match now, by id. For subscriptions. */
  ids(where: Where): Set<number> {
    this.#devices.settle()
    return new Set(this.#all<{ id: number }>(`SELECT id FROM devices WHERE ${where.sql}`, where.values).map(row => row.id))
  }

  /** Does the device still match? For subscriptions. */
  matches(where: Where, id: number): boolean {
    return this.#all(`SELECT 1 FROM devices WHERE id = ? AND ${where.sql}`, [id, ...where.values]).length > 0
  }

  /** One device the viewer may see; `notFound` otherwise, whether it exists or not. */
  one(viewer: Viewer, key: { id?: number | undefined, hwId?: string | undefined }): DeviceRow {
    const id = key.id ?? (key.hwId === undefined ? undefined : this.#devices.auth(key.hwId)?.id)
    const row = id === undefined ? undefined : this.#devices.row(id)
    if (!row || (key.hwId !== undefined && row.hwId !== hwKey(key.hwId)) || !this.sees(viewer, row)) throw new RequestError('notFound', 'There is no such device.')
    return row
  }

  sees(viewer: Viewer, row: DeviceRow): boolean {
    return row.status === Status.unassigned ? viewer.admin : maySee(viewer, row.domainId)
  }

  /** Device objects of rows. `ownId`: unassigned ones keep their row id (our own messages). */
  toDevices(rows: readonly DeviceRow[], ownId: boolean): Device[] {
    if (rows.length === 0) return []
    const ids = rows.map(row => row.id).join(',')
    const standard = new Map<number, Category[]>()
    for (const row of this.#store.sqlite.prepare<[], { deviceId: number, id: number, name: string }>(
      `SELECT dc.device_id AS deviceId, c.id, c.name FROM device_categories dc JOIN categories c ON c.id = dc.category_id WHERE dc.device_id IN (${ids}) ORDER BY c.name`).all()) {
      const list = standard.get(row.deviceId) ?? []
      list.push({ id: row.id, name: row.name, config: false })
      standard.set(row.deviceId, list)
    }
    const provisioningIds = [...new Set(rows.flatMap(row => row.provisioningCategoryId ?? []))]
    const provisioning = new Map<number, Category>()
    if (provisioningIds.length) {
      for (const row of this.#store.sqlite.prepare<[], { id: number, name: string }>(`SELECT id, name FROM categories WHERE id IN (${provisioningIds.join(',')})`).all()) {
        provisioning.set(row.id, { id: row.id, name: row.name, config: true })
      }
    }
    return rows.map(row => toDevice(row, {
      standard: standard.get(row.id) ?? [], provisioning: row.provisioningCategoryId === null ? null : provisioning.get(row.provisioningCategoryId) ?? null,
    }, ownId))
  }
}
