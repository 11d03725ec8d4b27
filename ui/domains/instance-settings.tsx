/** Settings of the whole instance, and its backup. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { RequestRefused } from '../connection/errors.ts'
import { BackupPanel } from '../backup/backup-panel.tsx'
import { replacements } from '../backup/restore-dialog.tsx'
import { Empty } from '../devices/empty.tsx'
import { Check, TextField } from '../parts/fields.tsx'
import { Icon } from '../parts/icons.tsx'
import { notify } from '../parts/notices.tsx'
import { LeaveGuard } from '../route/leave.tsx'
import { connection } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { t } from '../text/text.ts'
import type { InstanceSettings } from '../../app/protocol/domain-messages.ts'
import { isLost, w, whyRefused, ws } from './words.ts'

const SWITCHES = ['offlineProvisioning', 'rollOutRegistrationUrl', 'observer'] as const
const MOST_DAYS = 3650
const FORM = 'instance-form'

export const InstanceSettingsForm = ({ tabs }: { tabs: ComponentChildren }) => {
  const link = useCell(connection().state)
  const replaced = useCell(replacements)
  const [saved, setSaved] = useState<InstanceSettings>()
  const [changes, setChanges] = useState<Partial<InstanceSettings>>({})
  const [days, setDays] = useState('')
  const [problem, setProblem] = useState<string>()
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const online = link.at === 'online'
  const take = (settings: InstanceSettings): void => {
    setSaved(settings)
    setChanges({})
    setDays(String(settings.auditDays))
  }
  const read = (): void => void connection().request('GetInstanceSettings', {}).then(({ settings }) => {
    setProblem(undefined)
    // What is being changed here is not overwritten by a reconnect.
    setSaved(now => now ?? settings)
    setDays(now => now || String(settings.auditDays))
  }, cause => { if (!isLost(cause)) setProblem(whyRefused(cause)) })
  useEffect(() => {
    if (replaced === 0) return
    // They are read when the page is connected again: until then the former instance might answer.
    setSaved(undefined)
    setChanges({})
    setDays('')
  }, [replaced])
  useEffect(() => { if (online) read() }, [online])
  const number = Number(days)
  const validDays = /^\d+$/.test(days.trim()) && number >= 1 && number <= MOST_DAYS
  const changed = saved === undefined ? 0 : SWITCHES.filter(one => changes[one] !== undefined && changes[one] !== saved[one]).length + (days.trim() === String(saved.auditDays) ? 0 : 1)
  const save = async (): Promise<void> => {
    if (busy || changed === 0 || !saved) return
    if (!validDays) {
      setError(w('instance.daysWrong', MOST_DAYS))
      document.getElementById('instance-days')?.focus()
      return
    }
    setBusy(true)
    setError(undefined)
    try {
      const different = Object.fromEntries(Object.entries(changes).filter(([name, value]) => value !== saved[name as keyof InstanceSettings]))
      const { settings } = await connection().request('EditInstanceSettings', { ...different, ...(number === saved.auditDays ? {} : { auditDays: number }) })
      take(settings)
      notify('ok', w('instance.saved'))
    } catch (cause) {
      setError(cause instanceof RequestRefused && cause.code === 'badRequest' ? cause.message : whyRefused(cause))
    }
    setBusy(false)
  }
  return (
    <div class="page page-full">
      <div class="head"><div><h1>{w('instance.title')}</h1><p class="sub">{w('instance.about')}</p></div></div>
      {tabs}
      <form id={FORM} noValidate onSubmit={event => {
        event.preventDefault()
        void save()
      }}>
        {problem !== undefined ? <Empty icon="err" title={w('settings.failed')} actions={<button type="button" class="btn" onClick={read}>{t('action.retry')}</button>}>{problem}</Empty>
          : !saved ? <div class="panel skeleton-panel" role="status" aria-busy="true" aria-label={w('settings.loading')}><span class="sk w2" /><span class="sk w3" /></div>
            : (
              <section class="panel readable" aria-label={w('instance.title')}>
                <div class="panel-body lead stack">
                  {SWITCHES.map(one => <Check key={one} id={`instance-${one}`} label={w(`instance.${one}`)} hint={w(`instance.${one}About`)} checked={changes[one] ?? saved[one]} onChange={value => setChanges(now => ({ ...now, [one]: value }))} />)}
                  {(changes.observer ?? saved.observer) && <p class="msg warn"><Icon name="warn" /><span>{w('instance.observerWarn')}</span></p>}
                  <div class="short"><TextField id="instance-days" label={w('instance.auditDays')} value={days} maxLength={4} hint={w('instance.daysHint')} error={error} onInput={text => {
                    setDays(text)
                    setError(undefined)
                  }} /></div>
                </div>
              </section>
            )}
      </form>
      <BackupPanel />
      {changed > 0 && saved && (
        <div class="savebar" role="region" aria-label={w('save.bar')}>
          <strong>{ws('save.changes', changed)}</strong>
          <div class="btns">
            <button type="button" class="btn ghost" disabled={busy} onClick={() => {
              setError(undefined)
              take(saved)
            }}>{w('save.discard')}</button>
            <button type="submit" form={FORM} class="btn primary" disabled={busy}>{t('action.save')}</button>
          </div>
        </div>
      )}
      <LeaveGuard dirty={changed > 0} stays={to => to.view === 'page' && to.page === 'domains' && to.args['tab'] === 'instance'} />
    </div>
  )
}
