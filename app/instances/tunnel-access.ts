/** May this key reach this device? Decided anew for every request: rights may have changed since the key was given out. */
import type { Sessions } from '../appwebsocket/sessions.ts'
import type { DeviceLists } from '../devices/device-lists.ts'
import { hwKey, type DeviceStore } from '../devices/device-store.ts'
import type { Reached, Refused, TunnelAccess } from '../passthrough/channel.ts'
import type { Registry } from '../sysclients/registry.ts'

/** Public clients write MAC addresses with dashes (wire-protocols 4.1). */
const urlHwId = (text: string): string => hwKey(/^[0-9a-fA-F]{2}(-[0-9a-fA-F]{2}){5}$/.test(text) ? text.replaceAll('-', '') : text)

export function createTunnelAccess(deps: { sessions: Sessions, devices: DeviceStore, lists: DeviceLists, registry: Registry }): TunnelAccess {
  return {
    reach(rawHwId: string, key: string): Reached | Refused {
      const found = deps.sessions.find(key)
      if (!found) return { status: 403, text: 'The address is no longer valid: the session that opened it has ended.' }
      const hwId = urlHwId(rawHwId)
      if (found.hwId !== undefined && found.hwId !== hwId) return { status: 403, text: 'This address is valid for another device only.' }
      const known = deps.devices.auth(hwId)
      const row = known && deps.devices.row(known.id)
      if (!row || row.domainId === 0 || !deps.lists.sees(found.session.viewer, row)) return { status: 404, text: 'There is no such device.' }
      const channel = deps.registry.online(hwId)
      if (!channel) return { status: 503, text: 'The device is not connected.' }
      return { channel, owner: found.session, scope: found.hwId === undefined ? 'session' : 'device' }
    },
  }
}
