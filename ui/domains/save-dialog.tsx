/** Before settings that reach devices or rights are saved: whom they hit, and what changes. */
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icons.tsx'
import { formatNumber, t } from '../text/text.ts'
import type { Field } from './domain-form.ts'
import { fieldValue } from './field-value.ts'
import type { FormState } from './live-form.ts'
import { w, ws } from './words.ts'

const ASKED: readonly Field[] = ['password', 'deployAdminPasswords', 'observer', 'access', 'name']
export const needsConfirmation = (changed: readonly Field[]): boolean => changed.some(field => ASKED.includes(field))

interface SaveDialogProps { readonly state: FormState, readonly changed: readonly Field[], readonly busy: boolean, onClose(): void, onSave(): void }
export const SaveDialog = ({ state, changed, busy, onClose, onSave }: SaveDialogProps) => {
  const { settings, draft, base } = state
  const deploys = draft.deployAdminPasswords && !draft.observer
  const password = changed.includes('password')
  const hit = deploys && password ? state.passwordDevices : 0
  const renewed = deploys && changed.includes('deployAdminPasswords')
  return (
    <Dialog title={hit > 0 ? ws('save.titleDevices', hit) : w('save.title', base.name)} onClose={onClose} onSubmit={onSave} foot={
      <>
        <button type="button" class="btn ghost" onClick={onClose}>{t('action.cancel')}</button>
        <button type="submit" class="btn primary" disabled={busy}>{busy && <Icon name="run" spin />}{hit > 0 ? ws('save.doDevices', hit) : t('action.save')}</button>
      </>
    }>
      {password && deploys && (
        <div class="blast">
          <div><b>{formatNumber(hit)}</b>{w('save.now')}</div>
          <div><b>{formatNumber(settings.devices - settings.connected)}</b>{w('save.reconnect')}</div>
          <div><b>{formatNumber(settings.connected - hit)}</b>{w('save.leftOut')}</div>
        </div>
      )}
      {password && <p>{w(deploys ? 'save.password' : 'save.passwordOnly')}</p>}
      {renewed && <p>{ws('save.renewed', settings.connected)}</p>}
      {changed.includes('deployAdminPasswords') && !draft.deployAdminPasswords && <p>{w('save.stops')}</p>}
      {changed.includes('name') && <p class="msg warn"><Icon name="warn" /><span>{w('form.name.renamed')}</span></p>}
      {changed.includes('access') && <p>{w('save.access')}</p>}
      <table class="diff">
        <thead><tr><th scope="col">{w('save.field')}</th><th scope="col">{w('save.from')}</th><th scope="col">{w('save.to')}</th></tr></thead>
        <tbody>{changed.map(field => <tr key={field}><td>{w(`form.${field}`)}</td><td class="was">{field === 'password' ? (settings.hasPassword ? '•••' : w('value.empty')) : fieldValue(field, base)}</td><td><strong>{fieldValue(field, draft)}</strong></td></tr>)}</tbody>
      </table>
    </Dialog>
  )
}
