/** One row of the devices table as queries return it, and the device object made of it. */
import type { Category, Device, DeviceType, EthIf } from '../protocol/types.ts'
import { DEVICE_TYPES } from '../protocol/types.ts'
import type { Identify } from '../protocol/sysclient-messages.ts'
import { Status } from '../store/schema.ts'
import { naturalKey, searchable } from './device-search.ts'

/** Columns a device object needs. */
export const DEVICE_COLUMNS = `id, hw_id AS hwId, domain_id AS domainId, name, reported_name AS reportedName, product, version, type,
  pbx_active AS pbxActive, other, mini, fxs, fw_build AS fwBuild, bc_build AS bcBuild, major, eth_ifs AS ethIfs, status, last_seen AS lastSeen,
  provisioning_category_id AS provisioningCategoryId, has_lease_licenses AS hasLeaseLicenses, rented, rental_want AS rentalWant, rental_started AS rentalStarted`

export interface DeviceRow {
  readonly id: number, readonly hwId: string, readonly domainId: number, readonly name: string, readonly reportedName: string
  readonly product: string, readonly version: string, readonly type: string
  readonly pbxActive: number, readonly other: number, readonly mini: number, readonly fxs: number
  readonly fwBuild: string, readonly bcBuild: string, readonly major: string, readonly ethIfs: string
  readonly status: Status, readonly lastSeen: number, readonly provisioningCategoryId: number | null
  readonly hasLeaseLicenses: number, readonly rented: number, readonly rentalWant: number, readonly rentalStarted: number
}

const STATE_NAMES = { [Status.lost]: 'lost', [Status.unassigned]: 'unassigned', [Status.offline]: 'offline', [Status.expected]: 'expected', [Status.online]: 'online' } as const
export const stateName = (status: Status): (typeof STATE_NAMES)[Status] => STATE_NAMES[status]
export const STATUS_OF = { lost: Status.lost, unassigned: Status.unassigned, offline: Status.offline, expected: Status.expected, online: Status.online } as const

const typeOf = (text: string): DeviceType => DEVICE_TYPES.find(type => type === text) ?? 'PHONE'
// The column is written by this program only, from validated interfaces.
const interfaces = (json: string): EthIf[] => json === '[]' ? [] : JSON.parse(json) as EthIf[]

/**
 * The device object (wire-protocols 3.6). Unassigned devices have id 0 and domain 0, as the documents show, but are online;
 * our own pages need the row's id, so `ownId` keeps it.
 */
export function toDevice(row: DeviceRow, categories: { standard: readonly Category[], provisioning: Category | null }, ownId = false): Device {
  const unassigned = row.status === Status.unassigned
  const device: Device = {
    id: unassigned && !ownId ? 0 : row.id, hwId: row.hwId, domainId: row.domainId, product: row.product, version: row.version, type: typeOf(row.type),
    pbxActive: row.pbxActive === 1, online: row.status === Status.online || unassigned,
    state: stateName(row.status), lastSeen: row.lastSeen,
  }
  const name = row.name || row.reportedName
  if (name) device.name = name
  if (row.other) device.other = true
  if (row.mini) device.mini = true
  if (row.fxs) device.fxs = true
  if (row.fwBuild) device.fwBuild = row.fwBuild
  if (row.bcBuild) device.bcBuild = row.bcBuild
  if (row.major) device.major = row.major
  const ethIfs = interfaces(row.ethIfs)
  if (ethIfs.length) device.ethIfs = ethIfs
  if (row.hasLeaseLicenses) device.hasLeaseLicenses = true
  if (row.rented) device.rented = true
  if (row.rentalWant) device.rentalWant = true
  if (row.rentalStarted) device.rentalStarted = true
  if (categories.standard.length) device.categories = [...categories.standard]
  if (categories.provisioning) device.provisioningCategory = categories.provisioning
  return device
}

/** What a device tells about itself, as columns. */
export interface ReportedColumns {
  readonly reportedName: string, readonly product: string, readonly version: string, readonly type: string
  readonly pbxActive: number, readonly other: number, readonly mini: number, readonly fxs: number
  readonly fwBuild: string, readonly bcBuild: string, readonly major: string, readonly fw: string, readonly bc: string
  readonly webRoot: string, readonly ethIfs: string
}

const bit = (value: boolean | undefined): number => value ? 1 : 0

export const reported = (i: Identify): ReportedColumns => ({
  reportedName: i.name ?? '', product: i.product, version: i.version, type: i.platform.type,
  pbxActive: bit(i.pbxActive), other: bit(i.other), mini: bit(i.mini), fxs: bit(i.platform.fxs),
  fwBuild: i.fwBuild ?? '', bcBuild: i.bcBuild ?? '', major: i.major ?? '', fw: i.fw ?? '', bc: i.bc ?? '',
  webRoot: i.webserverRootPage ?? '', ethIfs: i.ethIfs?.length ? JSON.stringify(i.ethIfs) : '[]',
})

/** Sorts IPv4 addresses as numbers: four two-digit hex bytes; other text sorts behind them. */
const sortableIp = (address: string): string =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(address) ? address.split('.').map(part => Number(part).toString(16).padStart(2, '0')).join('') : `~${address}`

/** Derived columns: label (sort key of what people read first), sort key of the first IPv4 address, and the text that search looks in. */
export function derived(device: { hwId: string, name: string, reportedName: string, product: string, type: string, ethIfs: string }): { label: string, ipSort: string, search: string } {
  const ifs = interfaces(device.ethIfs)
  const first = ifs.find(i => i.ipv4)?.ipv4 ?? ifs.find(i => i.ipv6)?.ipv6
  const label = searchable(device.name || device.reportedName || device.hwId)
  const addresses = ifs.flatMap(i => [i.ipv4 ?? '', i.ipv6 ?? '']).filter(Boolean)
  return { label: naturalKey(label), ipSort: first ? sortableIp(first) : '', search: searchable([label, device.hwId, device.product, device.type, ...addresses].join('\n')) }
}
