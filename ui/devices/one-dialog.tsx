/** A dialog that does one thing to one device. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icons.tsx'
import { notify, reasonText } from '../parts/notices.tsx'
import { t } from '../text/text.ts'

interface OneDialogProps {
  readonly title: string
  readonly danger?: boolean
  readonly doIt: string
  readonly done: string
  readonly ready?: boolean
  act(): Promise<unknown>
  onClose(changed: boolean): void
  readonly children: ComponentChildren
}

export const OneDialog = ({ title, danger = false, doIt, done, ready = true, act, onClose, children }: OneDialogProps) => {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const submit = async (): Promise<void> => {
    if (busy || !ready) return
    setBusy(true)
    setProblem(undefined)
    try {
      await act()
      notify('ok', done)
      onClose(true)
    } catch (error) {
      setBusy(false)
      setProblem(reasonText(error))
    }
  }
  return (
    <Dialog title={title} danger={danger} onClose={() => onClose(false)} onSubmit={() => void submit()} foot={
      <>
        <button type="button" class="btn ghost" onClick={() => onClose(false)}>{t('action.cancel')}</button>
        <button type="submit" class={`btn ${danger ? 'danger' : 'primary'}`} disabled={busy || !ready}>{doIt}</button>
      </>
    }>
      {problem !== undefined && <p class="msg err" role="alert"><Icon name="err" /><span>{problem}</span></p>}
      {children}
    </Dialog>
  )
}
