/** Removing one device: says before what will happen to it. */
import { deviceName, stateOf } from '../parts/device-words.tsx'
import { connection } from '../session/session.ts'
import { plural, t } from '../text/text.ts'
import type { Device } from '../../app/protocol/types.ts'
import { OneDialog } from './one-dialog.tsx'

export const DeleteDialog = ({ device, onClose }: { device: Device, onClose(changed: boolean): void }) => (
  <OneDialog danger title={t('delete.titleOne', deviceName(device))} doIt={t('delete.doOne')} done={plural('delete.done', 1)} onClose={onClose} act={() => connection().request('DeleteDevice', { id: device.id })}>
    <p>{t('delete.what')}</p>
    {stateOf(device) === 'online' && <p><strong>{plural('delete.online', 1)}</strong></p>}
  </OneDialog>
)
