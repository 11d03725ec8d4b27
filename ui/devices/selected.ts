/** The selection of the list; it outlives a visit to a device page. */
import { NOTHING, select, type Selection } from '../grid/selection.ts'
import { serviceFilter, type DeviceList, type Query } from '../grid/device-list.ts'
import { connection } from '../session/session.ts'
import { needsDomain, stateOf } from '../parts/device-words.tsx'
import { Cell } from '../state/cell.ts'
import type { DeviceState } from '../route/route.ts'
import type { Device } from '../../app/protocol/types.ts'
import { manyOf, MOST_IDS, type Many } from './many.ts'

export const selection = new Cell<Selection>(NOTHING)

/** Selects what an address names (deep link, back button); devices that are gone are left out. */
export async function selectFromAddress(hwIds: readonly string[]): Promise<void> {
  const now = selection.value
  if (hwIds.length === 0 || now.kind === 'all' || hwIds.every(hwId => now.devices.has(hwId))) return
  const found = await Promise.all(hwIds.map(hwId => connection().request('GetDevice', { hwId }).then(reply => [reply.device], () => [])))
  if (found.flat().length > 0) selection.set(select(NOTHING, found.flat(), true))
}

export const isAssigned = (device: Device): boolean => stateOf(device) !== 'unassigned'

/** How many of the selected wait for a domain, and how many belong to one (a lost device does both). "All that match" is known by its filter only. */
export function countOf(selected: Selection, count: number, states: readonly DeviceState[]): { waiting: number, assigned: number } {
  if (selected.kind === 'all') {
    const only = (...some: DeviceState[]): boolean => states.length > 0 && states.every(state => some.includes(state))
    return { waiting: only('unassigned', 'lost') ? count : 0, assigned: only('unassigned') ? 0 : count }
  }
  const devices = [...selected.devices.values()]
  return { waiting: devices.filter(needsDomain).length, assigned: devices.filter(isAssigned).length }
}

/** Those of the selected devices that `fits`, as they are now; "all that match" goes to the service as the filter. */
export function selectedMany(selected: Selection, total: number, list: DeviceList, query: Query, fits: (device: Device) => boolean): Many {
  if (selected.kind === 'some') {
    return manyOf([...selected.devices.values()].map(device => {
      const at = list.find(device.hwId)
      return (at === undefined ? undefined : list.row(at)) ?? device
    }).filter(fits))
  }
  const except = [...selected.except.values()].map(device => device.id)
  return { selection: { filter: serviceFilter(query.filter), ...(except.length ? { except: except.slice(0, MOST_IDS) } : {}) }, count: total - except.length }
}
