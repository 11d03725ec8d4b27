/** The form for one new code. */
import { useRef, useState } from 'preact/hooks'
import { RequestRefused } from '../connection/errors.ts'
import { NAME_LENGTH } from '../devices/domain-dialogs.tsx'
import { TextField } from '../parts/fields.tsx'
import { Icon } from '../parts/icons.tsx'
import { announce, reasonText } from '../parts/notices.tsx'
import { connection } from '../session/session.ts'
import { useMedia } from '../state/media.ts'
import { codes, grouped, learnClock, registrationUrl, shownCode } from './codes.ts'
import { CodeOptions, useCodeOptions } from './code-options.tsx'
import { w } from './words.ts'

/** Why a code was not made, in words that say what to do. */
export const codeReason = (error: unknown): string =>
  error instanceof RequestRefused && error.code === 'busy' ? w('refused.tooMany') : error instanceof RequestRefused && error.field === 'category' ? w('refused.category') : reasonText(error)

export const NewCode = () => {
  const options = useCodeOptions()
  const [name, setName] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  // Below the form, the code would be out of sight.
  const stacked = useMedia('(max-width: 1020px)')
  const form = useRef<HTMLFormElement>(null)
  const create = async (): Promise<void> => {
    const { in: domain, category, rollout, administrative } = options
    if (busy || !domain || !category) return
    setBusy(true)
    setProblem(undefined)
    try {
      const reply = await connection().request('GetProvisioningCode', { domainId: domain.id, category, rollout, administrative, ...(name.trim() ? { sip: name.trim() } : {}) })
      learnClock(reply.validUntil, rollout)
      registrationUrl.set(reply.url)
      const now = Date.now()
      // Shown at once; the indication with all of it is on its way.
      if (!codes.get(reply.code)) codes.put({ code: reply.code, domainId: domain.id, category, categoryId: null, sip: name.trim(), rollout, administrative, by: '', createdAt: now, validUntil: reply.validUntil, state: 'open' })
      shownCode.set(reply.code)
      announce(w('created', grouped(reply.code)))
      setName('')
      if (stacked) requestAnimationFrame(() => document.getElementById('code-head')?.scrollIntoView({ block: 'start' }))
      else form.current?.querySelector<HTMLElement>('#code-name')?.focus()
    } catch (error) {
      setProblem(codeReason(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <section class="panel" aria-labelledby="new-code">
      <div class="panel-head"><h2 id="new-code">{w('new')}</h2></div>
      <form ref={form} class="panel-body stack" noValidate onSubmit={event => {
        event.preventDefault()
        void create()
      }}>
        <CodeOptions options={options} prefix="code" time />
        <TextField id="code-name" label={w('name')} value={name} maxLength={NAME_LENGTH} hint={w('name.hint')} onInput={setName} />
        {problem !== undefined && <p class="msg err" role="alert"><Icon name="err" /><span>{problem}</span></p>}
        <div class="btns"><button type="submit" class="btn primary" disabled={busy || !options.category}><Icon name="key" />{w('create')}</button></div>
      </form>
    </section>
  )
}
