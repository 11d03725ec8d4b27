/** Asks before a code that somebody may hold in the hand becomes worthless; what is over is taken away at once. */
import { useState } from 'preact/hooks'
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icons.tsx'
import { notify, reasonText } from '../parts/notices.tsx'
import { connection } from '../session/session.ts'
import { t } from '../text/text.ts'
import type { ProvisioningCode } from '../../app/protocol/provisioning-messages.ts'
import { grouped, shownCode } from './codes.ts'
import { w } from './words.ts'

/** @throws as the connection does */
export async function removeCode(code: ProvisioningCode): Promise<void> {
  await connection().request('DeleteProvisioningCode', { code: code.code })
  if (shownCode.value === code.code) shownCode.set(undefined)
}

export const CancelCode = ({ code, onClose }: { code: ProvisioningCode, onClose(): void }) => {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const cancel = async (): Promise<void> => {
    setBusy(true)
    try {
      await removeCode(code)
      notify('ok', w('cancel.done', grouped(code.code)))
      onClose()
    } catch (error) {
      setBusy(false)
      setProblem(reasonText(error))
    }
  }
  return (
    <Dialog title={w('cancel.title', grouped(code.code))} danger onClose={onClose} onSubmit={() => void cancel()} foot={
      <><button type="button" class="btn ghost" onClick={onClose}>{t('action.close')}</button><button type="submit" class="btn danger" disabled={busy}>{w('cancel')}</button></>
    }>
      {problem !== undefined && <p class="msg err" role="alert"><Icon name="err" /><span>{problem}</span></p>}
      <p>{w('cancel.about', code.sip || w('card.nobody'))}</p>
    </Dialog>
  )
}
