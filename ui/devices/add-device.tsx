/** Adding one device by its MAC, before or after it connects. */
import { useState } from 'preact/hooks'
import { RequestRefused } from '../connection/errors.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icons.tsx'
import { Select, TextField } from '../parts/fields.tsx'
import { notify, reasonText } from '../parts/notices.tsx'
import { typeLabel } from '../parts/device-words.tsx'
import { TYPES } from '../route/route.ts'
import { connection } from '../session/session.ts'
import { t } from '../text/text.ts'
import { DomainSelect, likelyDomain, NAME_LENGTH } from './domain-dialogs.tsx'
import { readHardwareId } from './hardware-id.ts'

export const AddDevice = ({ onClose, onMany }: { onClose(added: boolean): void, /** Somebody has a whole list. */ onMany?(): void }) => {
  const [mac, setMac] = useState('')
  const [name, setName] = useState('')
  const [domain, setDomain] = useState(likelyDomain)
  const [type, setType] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<{ field: 'mac' | 'name' | undefined, text: string }>()
  const fail = (field: 'mac' | 'name' | undefined, text: string): void => {
    setError({ field, text })
    if (field) document.getElementById(`add-${field}`)?.focus()
  }
  const add = async (): Promise<void> => {
    const hwId = readHardwareId(mac)
    if (hwId === undefined) return fail('mac', t(mac.trim() ? 'add.macWrong' : 'add.macMissing'))
    setBusy(true)
    setError(undefined)
    const chosen = TYPES.find(one => one === type)
    try {
      await connection().request('AddDevice', { hwId, domainId: domain || likelyDomain(), ...(name.trim() ? { name: name.trim() } : {}), ...(chosen ? { type: chosen } : {}) })
      notify('ok', t('add.done', name.trim() || hwId))
      onClose(true)
    } catch (cause) {
      setBusy(false)
      if (cause instanceof RequestRefused && cause.code === 'conflict') return fail('mac', t('add.conflict'))
      fail(cause instanceof RequestRefused && cause.field === 'name' ? 'name' : cause instanceof RequestRefused && cause.field === 'hwId' ? 'mac' : undefined, reasonText(cause))
    }
  }
  return (
    <Dialog title={t('add.title')} onClose={() => onClose(false)} onSubmit={() => void add()} foot={
      <>
        <button type="button" class="btn ghost" onClick={() => onClose(false)}>{t('action.cancel')}</button>
        <button type="submit" class="btn primary" disabled={busy}>{t('devices.add')}</button>
      </>
    }>
      <p class="dim">{t('add.hint')} {onMany && <button type="button" class="link" onClick={onMany}>{t('add.many')}</button>}</p>
      {error && !error.field && <p class="msg err" role="alert"><Icon name="err" /><span>{error.text}</span></p>}
      <TextField id="add-mac" label={t('column.mac')} value={mac} maxLength={64} code hint={t('add.macHint')} error={error?.field === 'mac' ? error.text : undefined} onInput={setMac} />
      <DomainSelect id="add-domain" value={domain || likelyDomain()} onChange={setDomain} />
      <TextField id="add-name" label={t('column.name')} value={name} maxLength={NAME_LENGTH} hint={t('field.nameHint')} error={error?.field === 'name' ? error.text : undefined} onInput={setName} />
      <Select id="add-type" label={t('column.type')} value={type} onChange={setType} options={[{ value: '', label: t('add.typeUnknown') }, ...TYPES.map(one => ({ value: one, label: typeLabel(one) }))]} />
    </Dialog>
  )
}
