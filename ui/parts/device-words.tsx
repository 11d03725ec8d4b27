/** How a device is named and shown everywhere: name, state, kind, MAC. */
import type { Device, DeviceType } from '../../app/protocol/types.ts'
import { formatAge, t, type TextId } from '../text/text.ts'
import type { DeviceState } from '../route/route.ts'
import { Icon, type IconName } from './icons.tsx'

/** As the service sorts it: the name, or the hardware id of a device without one. */
export const deviceName = (device: Device): string => device.name || device.hwId

export const stateOf = (device: Device): DeviceState => device.state ?? (device.domainId === 0 ? 'unassigned' : device.online ? 'online' : 'offline')
/** A device that waits for somebody to put it into a domain (again). */
export const needsDomain = (device: Device): boolean => stateOf(device) === 'unassigned' || stateOf(device) === 'lost'

const LOOKS: Record<DeviceState, { icon: IconName, look: string, label: TextId }> = {
  online: { icon: 'ok', look: 'ok', label: 'state.online' },
  offline: { icon: 'off', look: 'off', label: 'state.offline' },
  unassigned: { icon: 'unassigned', look: 'info', label: 'state.unassigned' },
  expected: { icon: 'wait', look: 'off', label: 'state.expected' },
  lost: { icon: 'warn', look: 'warn', label: 'state.lost' },
}
export const stateLabel = (state: DeviceState): string => t(LOOKS[state].label)

/** Icon, word and colour, always in this order. `now`: ms since 1970, for the time a device has been away. */
export const Status = ({ device, now }: { device: Device, now?: number }) => {
  const state = stateOf(device)
  const { icon, look, label } = LOOKS[state]
  const age = state === 'offline' && now !== undefined && device.lastSeen ? formatAge(now - device.lastSeen) : undefined
  return <span class={`st ${look}`}><Icon name={icon} /><span class="clip">{t(label)}{age && <> <small>{age}</small></>}</span></span>
}

const TYPES: Record<DeviceType, { icon: IconName, label: TextId }> = {
  PHONE: { icon: 'phone', label: 'type.phone' }, GW: { icon: 'gateway', label: 'type.gateway' }, DECT: { icon: 'dect', label: 'type.dect' },
  VA: { icon: 'va', label: 'type.va' }, APP_PLATFORM: { icon: 'platform', label: 'type.platform' },
}
export const typeLabel = (type: DeviceType): string => t(TYPES[type].label)
export const typeIcon = (type: DeviceType): IconName => TYPES[type].icon

/** The twelve digits of a MAC with the vendor's part dimmed; other hardware ids as they are. Copying gives the plain digits. */
export const Mac = ({ hwId }: { hwId: string }) =>
  /^[0-9a-f]{12}$/i.test(hwId) ? <span class="mac"><i>{hwId.slice(0, 6)}</i>{hwId.slice(6)}</span> : <span class="mac">{hwId}</span>

/** Addresses of all interfaces, without the empty ones. */
export const addresses = (device: Device, kind: 'ipv4' | 'ipv6'): string[] =>
  [...new Set((device.ethIfs ?? []).map(ethIf => ethIf[kind] ?? '').filter(Boolean))]

/** `14r1 sr3 [1410520/1410520/1300]` as name and numbers. */
export function versionParts(version: string): { name: string, builds: string } {
  const at = version.indexOf(' [')
  return at < 0 ? { name: version, builds: '' } : { name: version.slice(0, at), builds: version.slice(at + 1) }
}
