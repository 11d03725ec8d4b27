/** Putting one device into a domain; the choice of a domain. */
import { useState } from 'preact/hooks'
import { Select } from '../parts/fields.tsx'
import { deviceName, Mac, stateOf } from '../parts/device-words.tsx'
import { connection, domainName, domains } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { plural, t } from '../text/text.ts'
import type { Device } from '../../app/protocol/types.ts'
import { OneDialog } from './one-dialog.tsx'

/** Longest device name in characters (service limit). */
export const NAME_LENGTH = 128

/** The domain somebody most likely means: the instance's own, else the first. */
export const likelyDomain = (): number => (domains.value.find(domain => domain.isInstanceDomain) ?? domains.value[0])?.id ?? 0

export const DomainSelect = ({ value, onChange, id }: { value: number, onChange(id: number): void, id: string }) => (
  <Select id={id} label={t('column.domain')} value={String(value)} onChange={text => onChange(Number(text))}
    options={useCell(domains).map(domain => ({ value: String(domain.id), label: domain.name }))} />
)

/** An unassigned device, or one that lost its password. */
export const AddToDomain = ({ device, onClose }: { device: Device, onClose(changed: boolean): void }) => {
  const all = useCell(domains)
  const [chosen, setDomain] = useState(device.domainId || likelyDomain())
  const domain = all.some(one => one.id === chosen) ? chosen : likelyDomain()
  const [name, setName] = useState(device.name ?? '')
  return (
    <OneDialog title={t('assign.titleOne', deviceName(device))} doIt={t('assign.doOne')} done={plural('assign.done', 1, domainName(domain))} ready={domain !== 0} onClose={onClose}
      act={() => connection().request('AddDevice', { hwId: device.hwId, domainId: domain, ...(name.trim() ? { name: name.trim() } : {}) })}>
      <p class="dim">{device.product} · <Mac hwId={device.hwId} /></p>
      <p>{stateOf(device) === 'lost' ? t('assign.lostHint') : plural('assign.hint', 1)}</p>
      <DomainSelect id="assign-domain" value={domain} onChange={setDomain} />
      <div class="field"><label for="assign-name">{t('column.name')}</label>
        <input id="assign-name" class="in" value={name} maxLength={NAME_LENGTH} autocomplete="off" onInput={event => setName(event.currentTarget.value)} aria-describedby="assign-name-hint" />
        <span class="hint" id="assign-name-hint">{t('field.nameHint')}</span></div>
    </OneDialog>
  )
}
