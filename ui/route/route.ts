/**
 * What the page shows, as one value that is written into the address (hash), into the client's arguments (wire-protocols 6.4,
 * SetArgs) and read from the `?hwId=…` deep link (3.11).
 */
import type { DEVICE_STATES } from '../../app/protocol/device-filter.ts'
import type { DEVICE_SORTS } from '../../app/protocol/service-api.ts'
import type { DeviceType } from '../../app/protocol/types.ts'

export type DeviceSort = typeof DEVICE_SORTS[number]
export type DeviceState = typeof DEVICE_STATES[number]

export const SORTS = ['status', 'name', 'product', 'mac', 'ip', 'version', 'domain', 'type', 'lastSeen'] as const satisfies readonly DeviceSort[]
export const STATES = ['online', 'offline', 'unassigned', 'expected', 'lost'] as const satisfies readonly DeviceState[]
export const TYPES = ['GW', 'VA', 'PHONE', 'DECT', 'APP_PLATFORM'] as const satisfies readonly DeviceType[]
export const TABS = ['overview', 'admin'] as const
export type DeviceTab = typeof TABS[number]

/** What is looked for. Lists are alternatives, members narrow. `domains` are names: ids mean nothing in a bookmark of another installation. */
export interface Filter {
  readonly words: string
  readonly types: readonly DeviceType[]
  readonly states: readonly DeviceState[]
  readonly domains: readonly string[]
  /** Names of categories: standard or provisioning, of any domain. */
  readonly categories: readonly string[]
  readonly product: string | undefined
  readonly version: string | undefined
}
export interface ListRoute {
  readonly view: 'devices'
  readonly filter: Filter
  readonly sort: DeviceSort
  readonly descending: boolean
  /** Hardware ids selected one by one. A deep link may carry a few. */
  readonly selected: readonly string[]
}
export interface DeviceRoute { readonly view: 'device', readonly hwId: string, readonly tab: DeviceTab }
/** The pages beside the devices. Each reads its own `args`: what it shows of itself. */
export const PAGES = ['provisioning', 'tasks', 'domains', 'domain', 'audit'] as const
export type PageName = typeof PAGES[number]
export interface PageRoute { readonly view: 'page', readonly page: PageName, readonly args: Readonly<Record<string, string>> }
export type Route = ListRoute | DeviceRoute | PageRoute

export const NO_FILTER: Filter = { words: '', types: [], states: [], domains: [], categories: [], product: undefined, version: undefined }
export const START: ListRoute = { view: 'devices', filter: NO_FILTER, sort: 'status', descending: false, selected: [] }
/** More selected devices than this are not written into the address. */
export const SELECTED_IN_ADDRESS = 20

const known = <T extends string>(all: readonly T[], values: readonly string[]): T[] => all.filter(item => values.includes(item))
const MAX_TEXT = 200
const MAX_ARGS = 16

/** Reads what it knows and ignores the rest: an address may come from anywhere. */
export function readRoute(params: URLSearchParams): Route {
  const hwId = params.get('hwId')
  if (hwId) return { view: 'device', hwId: hwId.slice(0, 64), tab: known(TABS, params.getAll('tab'))[0] ?? 'overview' }
  const page = known(PAGES, params.getAll('page'))[0]
  if (page) {
    const args = [...params].filter(([name, value]) => name !== 'page' && value !== '').slice(0, MAX_ARGS)
    return { view: 'page', page, args: Object.fromEntries(args.map(([name, value]) => [name.slice(0, 32), value.slice(0, MAX_TEXT)])) }
  }
  const text = (name: string): string | undefined => params.get(name)?.slice(0, MAX_TEXT) || undefined
  return {
    view: 'devices',
    filter: {
      words: text('q') ?? '', types: known(TYPES, params.getAll('type')), states: known(STATES, params.getAll('state')),
      domains: params.getAll('domain').slice(0, 50).map(name => name.slice(0, 128)), 
      categories: params.getAll('category').slice(0, 20).map(name => name.slice(0, 128)), product: text('product'), version: text('version'),
    },
    sort: known(SORTS, params.getAll('sort'))[0] ?? 'status', descending: params.get('desc') === '1',
    selected: params.getAll('selected').slice(0, SELECTED_IN_ADDRESS).map(id => id.slice(0, 64)),
  }
}

export function writeRoute(route: Route): URLSearchParams {
  const params = new URLSearchParams()
  if (route.view === 'device') {
    params.set('hwId', route.hwId)
    if (route.tab !== 'overview') params.set('tab', route.tab)
    return params
  }
  if (route.view === 'page') {
    params.set('page', route.page)
    for (const [name, value] of Object.entries(route.args)) if (value) params.set(name, value)
    return params
  }
  const { filter } = route
  if (filter.words) params.set('q', filter.words)
  for (const type of filter.types) params.append('type', type)
  for (const state of filter.states) params.append('state', state)
  for (const domain of filter.domains) params.append('domain', domain)
  for (const name of filter.categories) params.append('category', name)
  if (filter.product) params.set('product', filter.product)
  if (filter.version) params.set('version', filter.version)
  if (route.sort !== START.sort) params.set('sort', route.sort)
  if (route.descending) params.set('desc', '1')
  if (route.selected.length <= SELECTED_IN_ADDRESS) for (const hwId of route.selected) params.append('selected', hwId)
  return params
}

export const pageRoute = (page: PageName, args: Readonly<Record<string, string>> = {}): PageRoute => ({ view: 'page', page, args })
export const isFiltered = (filter: Filter): boolean => writeRoute({ ...START, filter }).size > 0
export const sameFilter = (a: Filter, b: Filter): boolean =>
  writeRoute({ ...START, filter: a }).toString() === writeRoute({ ...START, filter: b }).toString()
