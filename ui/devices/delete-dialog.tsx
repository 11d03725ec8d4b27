/** Removing devices: says before what will happen to them. */
import { deviceName, stateOf } from '../parts/device-words.tsx'
import { connection } from '../session/session.ts'
import { plural, t } from '../text/text.ts'
import { BulkDialog, type Targets } from './bulk-dialog.tsx'

export const DeleteDialog = ({ targets, onClose }: { targets: Targets, onClose(changed: boolean): void }) => {
  const only = Array.isArray(targets) && targets.length === 1 ? targets[0] : undefined
  return (
    <BulkDialog danger targets={targets} ready onClose={onClose} title={count => only ? t('delete.titleOne', deviceName(only)) : plural('delete.title', count)}
      doIt={count => only ? t('delete.doOne') : plural('delete.do', count)} done={count => plural('delete.done', count)}
      action={device => connection().request('DeleteDevice', { id: device.id })}>
      {devices => {
        const online = devices.filter(device => stateOf(device) === 'online').length
        return (
          <>
            <p>{t('delete.what')}</p>
            {online > 0 && <p><strong>{plural('delete.online', online)}</strong></p>}
          </>
        )
      }}
    </BulkDialog>
  )
}
