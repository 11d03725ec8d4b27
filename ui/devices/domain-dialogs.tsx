/** Dialogs that put devices into a domain: unassigned and lost ones are added, others are moved. */
import { useState } from 'preact/hooks'
import { Select } from '../parts/fields.tsx'
import { deviceName, Mac, needsDomain, stateOf } from '../parts/device-words.tsx'
import { connection, domainName, domains } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { plural, t } from '../text/text.ts'
import { BulkDialog, type Targets } from './bulk-dialog.tsx'

/** Longest device name in characters (service limit). */
export const NAME_LENGTH = 128

/** The domain somebody most likely means: the instance's own, else the first. */
export const likelyDomain = (): number => (domains.value.find(domain => domain.isInstanceDomain) ?? domains.value[0])?.id ?? 0

export const DomainSelect = ({ value, onChange, id }: { value: number, onChange(id: number): void, id: string }) => (
  <Select id={id} label={t('column.domain')} value={String(value)} onChange={text => onChange(Number(text))}
    options={useCell(domains).map(domain => ({ value: String(domain.id), label: domain.name }))} />
)

interface DialogProps { readonly targets: Targets, onClose(changed: boolean): void }

export const AddToDomain = ({ targets, onClose }: DialogProps) => {
  const all = useCell(domains)
  const only = Array.isArray(targets) && targets.length === 1 ? targets[0] : undefined
  const [chosen, setDomain] = useState(only?.domainId || likelyDomain())
  const domain = all.some(one => one.id === chosen) ? chosen : likelyDomain()
  const [name, setName] = useState(only?.name ?? '')
  return (
    <BulkDialog targets={targets} ready={domain !== 0} onClose={onClose}
      title={count => only ? t('assign.titleOne', deviceName(only)) : plural('assign.title', count)}
      doIt={count => only ? t('assign.doOne') : plural('assign.do', count)} done={count => plural('assign.done', count, domainName(domain))}
      action={device => connection().request('AddDevice', { hwId: device.hwId, domainId: domain, ...(only && name.trim() ? { name: name.trim() } : {}) })}>
      {devices => (
        <>
          {only && <p class="dim">{only.product} · <Mac hwId={only.hwId} /></p>}
          <p>{devices.some(device => stateOf(device) === 'lost') ? t('assign.lostHint') : plural('assign.hint', devices.length)}</p>
          <DomainSelect id="assign-domain" value={domain} onChange={setDomain} />
          {only && <div class="field"><label for="assign-name">{t('column.name')}</label>
            <input id="assign-name" class="in" value={name} maxLength={NAME_LENGTH} autocomplete="off" onInput={event => setName(event.currentTarget.value)} aria-describedby="assign-name-hint" />
            <span class="hint" id="assign-name-hint">{t('field.nameHint')}</span></div>}
        </>
      )}
    </BulkDialog>
  )
}

export const MoveToDomain = ({ targets, onClose }: DialogProps) => {
  const all = useCell(domains)
  const [chosen, setDomain] = useState(likelyDomain)
  const domain = all.some(one => one.id === chosen) ? chosen : likelyDomain()
  return (
    <BulkDialog targets={targets} ready={domain !== 0} onClose={onClose} title={count => plural('move.title', count)} doIt={count => plural('move.do', count)}
      done={count => plural('move.done', count, domainName(domain))}
      action={device => needsDomain(device)
        ? connection().request('AddDevice', { hwId: device.hwId, domainId: domain })
        : connection().request('EditDevice', { id: device.id, domainId: domain })}>
      {() => <><p>{t('move.hint')}</p><DomainSelect id="move-domain" value={domain} onChange={setDomain} /></>}
    </BulkDialog>
  )
}
