/** What can be done with one device of the list. */
import { copyAndTell } from '../parts/copy-button.tsx'
import { needsDomain, stateOf } from '../parts/device-words.tsx'
import type { MenuItem } from '../parts/menu.tsx'
import { go } from '../route/navigation.ts'
import { pageRoute } from '../route/route.ts'
import { whyNot } from '../session/rights.ts'
import { t } from '../text/text.ts'
import type { Device } from '../../app/protocol/types.ts'

export interface DeviceActions { add(device: Device): void, edit(device: Device): void, restart(device: Device): void, remove(device: Device): void }

/** There is a command for it (`RESTARTABLE` in the service). */
export const canRestart = (device: Device): boolean => !needsDomain(device) && device.other !== true && device.type !== 'APP_PLATFORM'

export function deviceMenu(device: Device, actions: DeviceActions): MenuItem[] {
  const assigned = stateOf(device) !== 'unassigned'
  const title = whyNot('operate')
  const not = title !== undefined
  return [
    { label: t('action.open'), run: () => go({ view: 'device', hwId: device.hwId, tab: 'overview' }) },
    ...(device.other || !assigned ? [] : [{ label: t('device.openAdmin'), disabled: !device.online || not, title, run: () => go({ view: 'device', hwId: device.hwId, tab: 'admin' }) }]),
    ...(needsDomain(device) ? [{ label: t('assign.menu'), disabled: not, title, run: () => actions.add(device) }] : []),
    ...(assigned ? [{ label: t('edit.menu'), disabled: not, title, run: () => actions.edit(device) }] : []),
    ...(canRestart(device) ? [{ label: t('restart.menu'), disabled: !device.online || not, title: title ?? (device.online ? undefined : t('frame.offline')), run: () => actions.restart(device) }] : []),
    { label: t('device.copyMac'), apart: true, run: () => void copyAndTell(device.hwId) },
    { label: t('device.history'), run: () => go(pageRoute('audit', { q: device.hwId })) },
    ...(assigned ? [{ label: t('delete.menu'), disabled: not, title, danger: true, apart: true, run: () => actions.remove(device) }] : []),
  ]
}
