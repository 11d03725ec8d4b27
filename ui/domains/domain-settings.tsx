/** Settings of a domain. What reaches devices is said before it is saved. */
import { useEffect, useState } from 'preact/hooks'
import { RequestRefused } from '../connection/errors.ts'
import { Check, TextField } from '../parts/fields.tsx'
import { Icon } from '../parts/icons.tsx'
import { announce, notify } from '../parts/notices.tsx'
import { SecretField } from '../parts/secret-field.tsx'
import { LeaveGuard } from '../route/leave.tsx'
import type { Route } from '../route/route.ts'
import { seal } from '../session/secrets.ts'
import { useWhyNot, user } from '../session/rights.ts'
import { connection } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { t } from '../text/text.ts'
import type { Domain } from '../../app/protocol/types.ts'
import { AccessField } from './access-field.tsx'
import { Conflicts } from './conflicts.tsx'
import { changedFields, emailList, wrongFields, type Field } from './domain-form.ts'
import { decide, discard, edit, useLiveForm, type FormState } from './live-form.ts'
import { ProvisioningToken } from './provisioning-token.tsx'
import { needsConfirmation, SaveDialog } from './save-dialog.tsx'
import { TaskProgress } from './task-progress.tsx'
import { isLost, w, whyRefused, ws } from './words.ts'

/** Shorter passwords are warned about. */
const SHORT = 8
const idOf = (field: Field): string => `domain-${field}`

/** The fields of EditDomain that were changed. */
function changesFor(state: FormState): object {
  const { draft } = state
  const secret = draft.password ? seal(draft.password) : undefined
  const values: Record<Field, object> = {
    name: { name: draft.name.trim() }, deployAdminPasswords: { deployAdminPasswords: draft.deployAdminPasswords }, observer: { observer: draft.observer },
    access: { access: [...draft.access] }, emails: { emails: emailList(draft.emails) }, invoiceReference: { invoiceReference: draft.invoiceReference.trim() },
    password: secret ? { seed: secret.seed, password: secret.text } : {},
  }
  return Object.assign({}, ...changedFields(state.base, draft).map(field => values[field]))
}

/** @param shown false: another tab of the page is in front, what was typed stays */
export const DomainSettingsForm = ({ domain, shown }: { domain: Domain, shown: boolean }) => {
  const form = useLiveForm(domain.id)
  const { state } = form
  const by = useCell(user)
  const notAdmin = useWhyNot('admin')
  const [busy, setBusy] = useState(false)
  const [asking, setAsking] = useState(false)
  const [error, setError] = useState<string>()
  const [wrong, setWrong] = useState<Partial<Record<Field, string>>>({})
  const [task, setTask] = useState<number>()
  const taken = state?.taken.join() ?? ''
  const conflicts = state?.conflicts.join() ?? ''
  useEffect(() => { if (conflicts) announce(w('conflict.title')) }, [conflicts])
  useEffect(() => { if (taken) announce(w('conflict.taken', taken.split(',').map(field => w(`form.${field as Field}`)).join(', '))) }, [taken])
  if (!state) {
    if (!shown) return null
    return form.error === undefined
      ? <div class="panel skeleton-panel" role="status" aria-busy="true" aria-label={w('settings.loading')}><span class="sk w2" /><span class="sk w3" /><span class="sk w1" /><span class="sk w2" /></div>
      : <p class="msg err box" role="alert"><Icon name="err" /><span>{whyRefused(form.error)}</span></p>
  }
  const { draft, settings } = state
  const changed = changedFields(state.base, draft)
  const change = (values: Partial<typeof draft>): void => {
    setError(undefined)
    setWrong(now => Object.fromEntries(Object.entries(now).filter(([field]) => !(field in values))))
    form.set(now => edit(now, values))
  }
  // Secrets of a domain belong to administrators and to its own people (features 2.1); the instance domain's to administrators.
  const ownSecrets = by.admin || (by.domainId === domain.id && !domain.isInstanceDomain) ? undefined : w('form.password.foreign')

  const check = (): boolean => {
    const found = Object.entries(wrongFields(draft)).map(([field, { why, what }]) => [field as Field, w(`wrong.${why}`, what)] as const)
    setWrong(Object.fromEntries(found))
    const [first] = found
    if (first) document.getElementById(idOf(first[0]))?.focus()
    return !first
  }
  const save = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      // Somebody may have saved in this very moment: what both changed is decided by a person, never by who was last.
      const fresh = await form.read()
      if (fresh.conflicts.length > 0) return setAsking(false)
      const { task: started } = await connection().request('EditDomain', { id: domain.id, ...changesFor(fresh) })
      form.set(now => ({ ...now, base: { ...now.draft, password: '' }, draft: { ...now.draft, password: '' }, taken: [], conflicts: [] }))
      setAsking(false)
      setTask(started)
      notify('ok', w('settings.saved', draft.name.trim()))
      await form.read().catch(() => undefined)
    } catch (cause) {
      setAsking(false)
      const field = cause instanceof RequestRefused ? changed.find(one => one === cause.field?.split('.')[0]) : undefined
      const text = cause instanceof RequestRefused && cause.code === 'badRequest' && field ? cause.message : whyRefused(cause)
      if (field) {
        setWrong({ [field]: text })
        document.getElementById(idOf(field))?.focus()
      } else setError(isLost(cause) ? whyRefused(cause) : text)
    } finally {
      setBusy(false)
    }
  }
  const submit = async (): Promise<void> => {
    if (changed.length === 0 || busy || !check()) return
    if (!needsConfirmation(changed)) return save()
    setBusy(true)
    try {
      // Devices come and go: the number that is confirmed is that of now.
      if ((await form.read()).conflicts.length === 0) setAsking(true)
    } catch (cause) {
      setError(whyRefused(cause))
    }
    setBusy(false)
  }
  const stays = (to: Route): boolean => to.view === 'page' && to.page === 'domain' && to.args['name'] === domain.name
  return (
    <form class="settings" hidden={!shown} noValidate onSubmit={event => {
      event.preventDefault()
      void submit()
    }}>
      {state.conflicts.length > 0 && <Conflicts state={state} onDecide={(field, mine) => form.set(now => decide(now, field, mine))} />}
      {state.taken.length > 0 && <p class="msg box"><Icon name="info" /><span>{w('conflict.taken', state.taken.map(field => w(`form.${field}`)).join(', '))}</span></p>}
      {task !== undefined && <TaskProgress id={task} onClose={() => setTask(undefined)} />}
      <div class="cols">
        <section class="panel" aria-labelledby="domain-access-head">
          <div class="panel-head"><h2 id="domain-access-head">{w('panel.password')}</h2></div>
          <div class="panel-body stack">
            {!settings.hasPassword && <p class="msg warn"><Icon name="warn" /><span>{w('form.password.none')}</span></p>}
            <SecretField id={idOf('password')} label={w('form.password')} value={draft.password} disabled={ownSecrets} error={wrong.password}
              warning={draft.password !== '' && draft.password.length < SHORT ? w('form.password.short', SHORT) : undefined}
              hint={ownSecrets ?? (draft.password === '' ? w(settings.hasPassword ? 'form.password.set' : 'form.password.first') : ws('form.password.hits', state.passwordDevices))}
              onInput={password => {
                // How many devices it hits is said as soon as there is something to hit them with.
                if (draft.password === '') form.read().catch(() => undefined)
                change({ password })
              }} />
            <Check id={idOf('deployAdminPasswords')} label={w('form.deployAdminPasswords')} checked={draft.deployAdminPasswords} onChange={deployAdminPasswords => change({ deployAdminPasswords })}
              hint={draft.deployAdminPasswords === state.base.deployAdminPasswords ? w('form.deployHint') : w(draft.deployAdminPasswords ? 'form.deployOn' : 'form.deployOff')} />
            <Check id={idOf('observer')} label={w('form.observer')} checked={draft.observer} disabled={notAdmin} onChange={observer => change({ observer })} hint={w('form.observerHint')} />
          </div>
        </section>
        <section class="panel" aria-labelledby="domain-general-head">
          <div class="panel-head"><h2 id="domain-general-head">{w('panel.general')}</h2></div>
          <div class="panel-body stack">
            <TextField id={idOf('name')} label={w('form.name')} value={draft.name} maxLength={128} code disabled={settings.isInstanceDomain ? w('form.name.instance') : notAdmin} error={wrong.name}
              hint={settings.isInstanceDomain ? w('form.name.instance') : draft.name.trim() !== state.base.name ? w('form.name.renamed') : undefined} onInput={name => change({ name })} />
            <TextField id={idOf('emails')} label={w('form.emails')} value={draft.emails} maxLength={5000} hint={w('form.emailsHint')} error={wrong.emails} onInput={emails => change({ emails })} />
            <TextField id={idOf('invoiceReference')} label={w('form.invoiceReference')} value={draft.invoiceReference} maxLength={128} hint={w('form.invoiceHint')} error={wrong.invoiceReference} onInput={invoiceReference => change({ invoiceReference })} />
          </div>
        </section>
        <section class="panel" aria-labelledby="domain-sees-head">
          <div class="panel-head"><h2 id="domain-sees-head">{w('form.access')}</h2></div>
          <div class="panel-body stack">
            {settings.isInstanceDomain ? <p class="dim">{w('access.instance')}</p> : <AccessField own={domain.id} value={draft.access} disabled={notAdmin} onChange={access => change({ access })} />}
          </div>
        </section>
        <ProvisioningToken domain={domain} active={settings.hasProvisioningToken} disabled={ownSecrets} onChanged={() => void form.read().catch(() => undefined)} />
      </div>
      {(changed.length > 0 || error !== undefined) && (
        <div class="savebar" role="region" aria-label={w('save.bar')}>
          <strong>{ws('save.changes', changed.length)}</strong>
          {error !== undefined && <span class="msg err" role="alert"><Icon name="err" /><span>{error}</span></span>}
          {state.conflicts.length > 0 && <span class="msg warn"><Icon name="warn" /><span>{w('conflict.decide')}</span></span>}
          <div class="btns">
            <button type="button" class="btn ghost" disabled={busy} onClick={() => {
              setError(undefined)
              setWrong({})
              form.set(discard)
            }}>{w('save.discard')}</button>
            <button type="submit" class="btn primary" disabled={busy || changed.length === 0 || state.conflicts.length > 0}>{busy && <Icon name="run" spin />}{needsConfirmation(changed) ? w('save.ask') : t('action.save')}</button>
          </div>
        </div>
      )}
      {asking && <SaveDialog state={state} changed={changed} busy={busy} onClose={() => setAsking(false)} onSave={() => void save()} />}
      <LeaveGuard dirty={changed.length > 0} stays={stays} />
    </form>
  )
}
