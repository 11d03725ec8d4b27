/** Name, domain and categories of a device. */
import { useState } from 'preact/hooks'
import { RequestRefused } from '../connection/errors.ts'
import { DomainSelect, NAME_LENGTH } from '../devices/domain-dialogs.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { deviceName } from '../parts/device-words.tsx'
import { Select, TextField } from '../parts/fields.tsx'
import { Icon } from '../parts/icons.tsx'
import { notify, reasonText } from '../parts/notices.tsx'
import { Picker } from '../parts/picker.tsx'
import { connection, domains } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { t } from '../text/text.ts'
import type { Category, Device } from '../../app/protocol/types.ts'

type Field = 'name' | 'provisioningCategory'
const byName = (a: Category, b: Category): number => a.name.localeCompare(b.name)
const sameIds = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every(id => b.includes(id))

export const EditDevice = ({ device, onClose }: { device: Device, onClose(changed: boolean): void }) => {
  const all = useCell(domains)
  const [name, setName] = useState(device.name ?? '')
  const [domain, setDomain] = useState(device.domainId)
  const [provisioning, setProvisioning] = useState<number | null>(device.provisioningCategory?.id ?? null)
  const [standard, setStandard] = useState<readonly number[]>((device.categories ?? []).map(category => category.id))
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<{ field: Field | undefined, text: string }>()
  const moved = domain !== device.domainId
  const categories = [...all.find(one => one.id === domain)?.categories ?? []].sort(byName)
  const changes = {
    ...(name.trim() === (device.name ?? '') ? {} : { name: name.trim() }),
    ...(moved ? { domainId: domain } : {}),
    // A device that moves has left its categories behind.
    ...(provisioning === (moved ? null : device.provisioningCategory?.id ?? null) ? {} : { provisioningCategory: provisioning }),
    ...(sameIds(standard, moved ? [] : (device.categories ?? []).map(category => category.id)) ? {} : { categories: [...standard] }),
  }
  const changed = Object.keys(changes).length > 0
  const move = (id: number): void => {
    setDomain(id)
    const back = id === device.domainId
    setProvisioning(back ? device.provisioningCategory?.id ?? null : null)
    setStandard(back ? (device.categories ?? []).map(category => category.id) : [])
  }
  const save = async (): Promise<void> => {
    if (!changed || busy) return
    setBusy(true)
    setError(undefined)
    try {
      const { device: after } = await connection().request('EditDevice', { id: device.id, ...changes })
      notify('ok', t('edit.done', deviceName(after)))
      onClose(true)
    } catch (cause) {
      setBusy(false)
      const field = cause instanceof RequestRefused && (cause.field === 'name' || cause.field === 'provisioningCategory') ? cause.field : undefined
      setError({ field, text: field === 'provisioningCategory' ? t('edit.notForGateways') : reasonText(cause) })
      if (field) document.getElementById(`edit-${field}`)?.focus()
    }
  }
  const chosen = categories.filter(category => standard.includes(category.id))
  return (
    <Dialog title={t('edit.title', deviceName(device))} onClose={() => onClose(false)} onSubmit={() => void save()} foot={
      <>
        <button type="button" class="btn ghost" onClick={() => onClose(false)}>{t('action.cancel')}</button>
        <button type="submit" class="btn primary" disabled={!changed || busy}>{t('action.save')}</button>
      </>
    }>
      {error && !error.field && <p class="msg err" role="alert"><Icon name="err" /><span>{error.text}</span></p>}
      <TextField id="edit-name" label={t('column.name')} value={name} maxLength={NAME_LENGTH} hint={t('field.nameHint')} error={error?.field === 'name' ? error.text : undefined} onInput={setName} />
      <DomainSelect id="edit-domain" value={domain} onChange={move} />
      {moved && <p class="msg warn"><Icon name="warn" /><span>{t('move.hint')}</span></p>}
      <Select id="edit-provisioningCategory" label={t('device.provisionedAs')} value={String(provisioning ?? '')} onChange={value => setProvisioning(value ? Number(value) : null)}
        error={error?.field === 'provisioningCategory' ? error.text : undefined}
        options={[{ value: '', label: t('category.none') }, ...categories.filter(category => category.config).map(category => ({ value: String(category.id), label: category.name }))]} />
      <div class="field">
        <span class="label" id="edit-categories">{t('column.categories')}</span>
        <div class="chips" role="group" aria-labelledby="edit-categories">
          {chosen.map(category => <span key={category.id} class="token"><span>{category.name}</span><button type="button" aria-label={t('category.take', category.name)} title={t('category.take', category.name)} onClick={() => setStandard(standard.filter(id => id !== category.id))}><Icon name="close" size="s" /></button></span>)}
          {categories.some(category => !category.config)
            ? <Picker class="btn small" label={t('category.choose')} several searchLabel={t('category.find')} nothing={t('category.nothing')}
                choices={categories.filter(category => !category.config).map(category => ({ id: String(category.id), label: category.name, chosen: standard.includes(category.id) }))}
                onChoose={id => setStandard(standard.includes(Number(id)) ? standard.filter(one => one !== Number(id)) : [...standard, Number(id)])}><Icon name="plus" />{t('category.choose')}</Picker>
            : <span class="dim">{t('category.noneYet')}</span>}
        </div>
      </div>
    </Dialog>
  )
}
