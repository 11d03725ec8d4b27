/** Filters, search and sorting of devices as SQL (ours: GetDevicesPage; wire-protocols 3.7 for the public filters). */
import type { z } from 'zod'
import { visible, maySee, type Viewer } from '../domains/viewer.ts'
import { GetDevicesPage, type DEVICE_SORTS } from '../protocol/service-api.ts'
import { Status } from '../store/schema.ts'
import { STATUS_OF } from './device-row.ts'
import { containsAll, searchWords, type Words } from './device-search.ts'

export type PageParams = z.infer<typeof GetDevicesPage.params>
export interface Where { readonly sql: string, readonly values: readonly (string | number)[] }

/** One variable, however long the list is: the number of variables of a statement is bounded. */
const inJson = (column: string): string => `${column} IN (SELECT value FROM json_each(?))`
const inList = (column: string, values: readonly (string | number)[]): string => `${column} IN (${values.map(() => '?').join(',')})`

/** The condition of a page's filter, taken apart: domains, the other columns, words. All three must hold. */
export interface PageWhere { readonly scope: Where, readonly rest: Where, readonly words: Words }

const joined = (parts: readonly Where[]): Where => ({ sql: parts.map(part => part.sql).join(' AND ') || '1', values: parts.flatMap(part => part.values) })

/** Parts of the condition of a page's filter, within what the viewer may see. */
export function pageParts(viewer: Viewer, filter: Omit<PageParams, 'offset' | 'limit'>): PageWhere {
  const scope: Where[] = []
  const rest: Where[] = []
  const where = (sql: string, ...values: (string | number)[]): Where => ({ sql, values })
  // A device that lost its password shows up as unassigned, too (features 3.2): it waits to be added again.
  const states = filter.states && [...new Set(filter.states.flatMap(state => state === 'unassigned' ? [Status.unassigned, Status.lost] : [STATUS_OF[state]]))]
  if (filter.domainIds) scope.push(where(inJson('domain_id'), JSON.stringify(filter.domainIds.filter(id => maySee(viewer, id)))))
  else if (!viewer.admin) scope.push(where(visible(viewer, 'domain_id')))
  // Unassigned devices have their own place; they are in a list only when asked for.
  scope.push(where(states ? 'domain_id >= 0' : 'domain_id > 0'))
  if (states) rest.push(where(inList('status', states), ...states))
  if (filter.categoryIds) {
    const ids = JSON.stringify(filter.categoryIds)
    rest.push(where(`id IN (SELECT device_id FROM device_categories WHERE ${inJson('category_id')} UNION ALL SELECT id FROM devices WHERE ${inJson('provisioning_category_id')})`, ids, ids))
  }
  if (filter.types?.length) rest.push(where(inList('type', filter.types), ...filter.types))
  if (filter.product) rest.push(where('product = ?', filter.product))
  if (filter.version) rest.push(where('version = ?', filter.version))
  return { scope: joined(scope), rest: joined(rest), words: searchWords(filter.search ?? '') }
}

export const wordsWhere = (words: Words): Where => words.length ? { sql: containsAll(words), values: words.flat() } : { sql: '1', values: [] }

/** Condition of a page's filter, within what the viewer may see. */
export function pageWhere(viewer: Viewer, filter: Omit<PageParams, 'offset' | 'limit'>): Where {
  const { scope, rest, words } = pageParts(viewer, filter)
  return joined([scope, rest, wordsWhere(words)].filter(part => part.sql !== '1'))
}

/** True when the filter leaves nothing out: the total is then known without counting. */
export const isUnfiltered = (filter: Omit<PageParams, 'offset' | 'limit'>): boolean =>
  !filter.states && !filter.types?.length && !filter.product && !filter.version && !filter.domainIds && !filter.categoryIds && !(filter.search ?? '').trim()

const SORT_COLUMNS: Record<typeof DEVICE_SORTS[number], readonly string[]> = {
  status: ['status', 'label', 'id'], name: ['label', 'id'], product: ['product', 'id'], mac: ['hw_id'], ip: ['ip_sort', 'id'],
  version: ['version', 'id'], type: ['type', 'id'], lastSeen: ['last_seen', 'id'],
  domain: ['(SELECT name FROM domains WHERE domains.id = devices.domain_id)', 'label', 'id'],
}

/** Orders that an index has ready. */
export const INDEXED_SORTS: ReadonlySet<typeof DEVICE_SORTS[number]> = new Set(['status', 'name', 'product', 'mac', 'ip', 'version'])

/** Stable order: ties are broken by id in the same direction, so that the index is read straight. */
export function orderBy(sort: typeof DEVICE_SORTS[number], descending: boolean): string {
  return SORT_COLUMNS[sort].map(column => `${column}${descending ? ' DESC' : ''}`).join(', ')
}

const commaIds = (text: string | undefined): number[] | undefined => {
  const parts = (text ?? '').split(',').map(part => part.trim()).filter(Boolean)
  return parts.length ? parts.map(Number).filter(Number.isSafeInteger) : undefined
}
export const commaNames = (text: string | undefined): string[] | undefined => {
  const parts = (text ?? '').split(',').map(part => part.trim()).filter(Boolean)
  return parts.length ? parts : undefined
}

export interface PublicFilter { readonly unassigned?: boolean | undefined, readonly domainIds?: string | undefined, readonly categories?: string | undefined, readonly subcategories?: string | undefined }

/**
 * Condition of GetDevices (wire-protocols 3.7): no filter at all means everything visible; `unassigned` alone means only
 * those; both mean both. Empty strings mean "not set".
 */
export function publicWhere(viewer: Viewer, filter: PublicFilter): Where {
  const ids = commaIds(filter.domainIds)
  const names = commaNames(filter.categories)
  const subNames = commaNames(filter.subcategories)
  const values: (string | number)[] = []
  const inCategory = (list: readonly string[]): string => {
    values.push(JSON.stringify(list), JSON.stringify(list))
    // Device by device: the list is read in short parts, and each of them would gather all devices of the categories again.
    const named = `IN (SELECT id FROM categories WHERE ${inJson('name')})`
    return `(EXISTS (SELECT 1 FROM device_categories dc WHERE dc.device_id = devices.id AND dc.category_id ${named}) OR provisioning_category_id ${named})`
  }
  const assigned: string[] = ['domain_id <> 0', visible(viewer, 'domain_id')]
  if (ids) {
    assigned.push(inJson('domain_id'))
    values.push(JSON.stringify(ids.filter(id => id !== 0 && maySee(viewer, id))))
  }
  if (names) assigned.push(inCategory(names))
  if (subNames) assigned.push(inCategory(subNames))
  const unassigned = `(status = ${Status.lost} AND ${visible(viewer, 'domain_id')}${viewer.admin ? ` OR status = ${Status.unassigned}` : ''})`
  const filtered = ids !== undefined || names !== undefined || subNames !== undefined
  if (filter.unassigned && !filtered) return { sql: unassigned, values: [] }
  const sql = `(${assigned.join(' AND ')})`
  return { sql: filter.unassigned || !filtered ? `(${sql} OR ${unassigned})` : sql, values }
}
