/** Name and domain of a device. */
import { useState } from 'preact/hooks'
import { RequestRefused } from '../connection/errors.ts'
import { DomainSelect, NAME_LENGTH } from '../devices/domain-dialogs.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { deviceName } from '../parts/device-words.tsx'
import { TextField } from '../parts/fields.tsx'
import { Icon } from '../parts/icons.tsx'
import { notify, reasonText } from '../parts/notices.tsx'
import { connection } from '../session/session.ts'
import { t } from '../text/text.ts'
import type { Device } from '../../app/protocol/types.ts'

export const EditDevice = ({ device, onClose }: { device: Device, onClose(changed: boolean): void }) => {
  const [name, setName] = useState(device.name ?? '')
  const [domain, setDomain] = useState(device.domainId)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<{ inName: boolean, text: string }>()
  const changed = name.trim() !== (device.name ?? '') || domain !== device.domainId
  const save = async (): Promise<void> => {
    if (!changed || busy) return
    setBusy(true)
    setError(undefined)
    try {
      const { device: after } = await connection().request('EditDevice', {
        id: device.id, ...(name.trim() === (device.name ?? '') ? {} : { name: name.trim() }), ...(domain === device.domainId ? {} : { domainId: domain }),
      })
      notify('ok', t('edit.done', deviceName(after)))
      onClose(true)
    } catch (cause) {
      setBusy(false)
      const inName = cause instanceof RequestRefused && cause.field === 'name'
      setError({ inName, text: reasonText(cause) })
      if (inName) document.getElementById('edit-name')?.focus()
    }
  }
  return (
    <Dialog title={t('edit.title', deviceName(device))} onClose={() => onClose(false)} onSubmit={() => void save()} foot={
      <>
        <button type="button" class="btn ghost" onClick={() => onClose(false)}>{t('action.cancel')}</button>
        <button type="submit" class="btn primary" disabled={!changed || busy}>{t('action.save')}</button>
      </>
    }>
      {error && !error.inName && <p class="msg err" role="alert"><Icon name="err" /><span>{error.text}</span></p>}
      <TextField id="edit-name" label={t('column.name')} value={name} maxLength={NAME_LENGTH} hint={t('field.nameHint')} error={error?.inName ? error.text : undefined} onInput={setName} />
      <DomainSelect id="edit-domain" value={domain} onChange={setDomain} />
      {domain !== device.domainId && <p class="msg warn"><Icon name="warn" /><span>{t('move.hint')}</span></p>}
    </Dialog>
  )
}
