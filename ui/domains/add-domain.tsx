/** A new domain: its name and the password with which its people sign in. Everything else has its place on the page that follows. */
import { useState } from 'preact/hooks'
import { RequestRefused } from '../connection/errors.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Check, TextField } from '../parts/fields.tsx'
import { Icon } from '../parts/icons.tsx'
import { notify } from '../parts/notices.tsx'
import { SecretField } from '../parts/secret-field.tsx'
import { seal } from '../session/secrets.ts'
import { connection, domains } from '../session/session.ts'
import { t } from '../text/text.ts'
import { wrongName } from './domain-form.ts'
import { w, whyRefused } from './words.ts'

/** @param onClose with the name when the domain has been added */
export const AddDomain = ({ onClose }: { onClose(name: string | undefined): void }) => {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [deploy, setDeploy] = useState(true)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<{ field: 'name' | undefined, text: string }>()
  const fail = (field: 'name' | undefined, text: string): void => {
    setBusy(false)
    setError({ field, text })
    if (field) document.getElementById('domain-name')?.focus()
  }
  const add = async (): Promise<void> => {
    if (busy) return
    const wanted = name.trim()
    const wrong = wrongName(wanted)
    if (wrong) return fail('name', w(`wrong.${wrong}`, 128))
    if (domains.value.some(domain => domain.name.toLowerCase() === wanted.toLowerCase())) return fail('name', w('refused.nameTaken'))
    setBusy(true)
    setError(undefined)
    try {
      const secret = password ? seal(password) : undefined
      await connection().request('AddDomain', { name: wanted, deployAdminPasswords: deploy, ...(secret ? { seed: secret.seed, password: secret.text } : {}) })
      notify('ok', w('domains.added', wanted))
      onClose(wanted)
    } catch (cause) {
      fail(cause instanceof RequestRefused && cause.field === 'name' ? 'name' : undefined, cause instanceof RequestRefused && cause.code === 'badRequest' ? cause.message : whyRefused(cause))
    }
  }
  return (
    <Dialog title={w('domains.addTitle')} onClose={() => onClose(undefined)} onSubmit={() => void add()} foot={
      <>
        <button type="button" class="btn ghost" onClick={() => onClose(undefined)}>{t('action.cancel')}</button>
        <button type="submit" class="btn primary" disabled={busy}>{w('domains.add')}</button>
      </>
    }>
      {error && !error.field && <p class="msg err" role="alert"><Icon name="err" /><span>{error.text}</span></p>}
      <TextField id="domain-name" label={w('domains.name')} value={name} maxLength={128} code hint={w('domains.nameHint')} error={error?.field ? error.text : undefined} onInput={setName} />
      <SecretField id="domain-password" label={w('form.password')} value={password} hint={w('domains.passwordHint')} onInput={setPassword} />
      <Check id="domain-deploy" label={w('form.deployAdminPasswords')} hint={w('form.deployHint')} checked={deploy} onChange={setDeploy} />
    </Dialog>
  )
}
