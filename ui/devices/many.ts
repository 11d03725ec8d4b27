/** Which devices an action is for, as the service takes it: some by their ids, or all that match a filter less some. */
import type { RequestParams } from '../connection/table.ts'
import type { Device } from '../../app/protocol/types.ts'

export type ServiceSelection = RequestParams<'StartDelete'>['selection']
export interface Many {
  readonly selection: ServiceSelection
  /** Number of devices as the page knows it; the service says it again before anything is done. */
  readonly count: number
  /** The devices, when they were chosen one by one. */
  readonly devices?: readonly Device[]
}
/** As many ids as one request takes (service limit). */
export const MOST_IDS = 10_000

export const manyOf = (devices: readonly Device[]): Many =>
  ({ selection: { ids: devices.slice(0, MOST_IDS).map(device => device.id) }, count: Math.min(devices.length, MOST_IDS), devices: devices.slice(0, MOST_IDS) })

/** Those of them that belong to one domain. */
export function within(many: Many, domainId: number): Many {
  const { selection, devices } = many
  if (devices) return manyOf(devices.filter(device => device.domainId === domainId))
  return { ...many, selection: { ...selection, filter: { ...selection.filter, domainIds: [domainId] } } }
}
