/** May this key reach this device? Decided anew for every request: rights may have changed since the key was given out. */
import { refusal } from '../appwebsocket/rights.ts'
import type { Sessions } from '../appwebsocket/sessions.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import { subjectOf } from '../devices/device-commands.ts'
import { toDevice } from '../devices/device-row.ts'
import { hwKey, type DeviceStore } from '../devices/device-store.ts'
import { maySee, type Viewer } from '../domains/viewer.ts'
import type { Reached, Refused, TunnelAccess } from '../passthrough/channel.ts'
import type { Registry } from '../sysclients/registry.ts'

/** Public clients write MAC addresses with dashes (wire-protocols 4.1). */
const urlHwId = (text: string): string => hwKey(/^[0-9a-fA-F]{2}(-[0-9a-fA-F]{2}){5}$/.test(text) ? text.replaceAll('-', '') : text)

/** May this login be in this device at all? */
export function mayEnter(devices: DeviceStore, viewer: Viewer, hwId: string): boolean {
  const known = devices.auth(hwId)
  return known !== undefined && known.domainId !== 0 && maySee(viewer, known.domainId) && refusal(viewer, 'operate') === undefined
}

export function createTunnelAccess(deps: { sessions: Sessions, devices: DeviceStore, registry: Registry, audit: AuditLog }): TunnelAccess {
  const { devices } = deps

  /** Addresses that the device reported of its Ethernet interfaces. */
  const addressesOf = (id: number): string[] => {
    const row = devices.row(id)
    return row ? (toDevice(row, { standard: [], provisioning: null }).ethIfs ?? []).flatMap(({ ipv4, ipv6 }) => [ipv4 ?? '', ipv6 ?? '']).filter(Boolean) : []
  }

  return {
    reach(rawHwId: string, key: string): Reached | Refused {
      const found = deps.sessions.find(key)
      if (!found) return { status: 403, text: 'The address is no longer valid: the session that opened it has ended.' }
      const { viewer } = found.session
      const refused = refusal(viewer, 'operate')
      if (refused) return { status: 403, text: refused.message }
      const hwId = urlHwId(rawHwId)
      if (found.hwId !== undefined && found.hwId !== hwId) return { status: 403, text: 'This address is valid for another device only.' }
      const channel = deps.registry.online(hwId)
      const connected = channel && devices.place(channel.deviceId)
      const known = connected?.hwId === hwId ? connected : devices.auth(hwId)
      if (!known || known.domainId === 0 || !maySee(viewer, known.domainId)) return { status: 404, text: 'There is no such device.' }
      if (!channel) return { status: 503, text: 'The device is not connected.' }
      if (found.session.enters(known.hwId)) {
        const row = devices.row(known.id)
        deps.audit.record(viewer, { domainId: known.domainId, action: 'tunnel.opened', subject: row ? subjectOf(row) : known.hwId })
      }
      return { channel, owner: found.session, scope: found.hwId === undefined ? 'session' : 'device', addresses: () => addressesOf(known.id) }
    },
  }
}
