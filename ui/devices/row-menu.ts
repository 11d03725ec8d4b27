/** What can be done with one device of the list. */
import { copyAndTell } from '../parts/copy-button.tsx'
import { needsDomain, stateOf } from '../parts/device-words.tsx'
import type { MenuItem } from '../parts/menu.tsx'
import { go } from '../route/navigation.ts'
import { t } from '../text/text.ts'
import type { Device } from '../../app/protocol/types.ts'

export interface DeviceActions { add(device: Device): void, edit(device: Device): void, remove(device: Device): void }

export function deviceMenu(device: Device, actions: DeviceActions): MenuItem[] {
  const assigned = stateOf(device) !== 'unassigned'
  return [
    { label: t('action.open'), run: () => go({ view: 'device', hwId: device.hwId, tab: 'overview' }) },
    ...(device.other || !assigned ? [] : [{ label: t('device.openAdmin'), disabled: !device.online, run: () => go({ view: 'device', hwId: device.hwId, tab: 'admin' }) }]),
    ...(needsDomain(device) ? [{ label: t('assign.menu'), run: () => actions.add(device) }] : []),
    ...(assigned ? [{ label: t('edit.menu'), run: () => actions.edit(device) }] : []),
    { label: t('device.copyMac'), apart: true, run: () => void copyAndTell(device.hwId) },
    ...(assigned ? [{ label: t('delete.menu'), danger: true, apart: true, run: () => actions.remove(device) }] : []),
  ]
}
