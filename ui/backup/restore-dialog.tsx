/** Before a backup takes the place of the whole instance: what that does, to how many; then the transfer and what comes of it. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { Dialog } from '../parts/dialog.tsx'
import { TextField } from '../parts/fields.tsx'
import { Icon } from '../parts/icons.tsx'
import { announce, notify, reasonText } from '../parts/notices.tsx'
import { connection, domains } from '../session/session.ts'
import { Cell, useCell } from '../state/cell.ts'
import { formatDateTime, formatNumber, t } from '../text/text.ts'
import { restoredDevices, whyNotRestored } from './reasons.ts'
import { sendBackup, UploadCancelled, type Upload } from './upload.ts'
import { formatBytes, w, ws } from './words.ts'

/** How often the instance was replaced from this page: what was read before belongs to another one. */
export const replacements = new Cell(0)

export const RestoreDialog = ({ file, onClose }: { file: File, onClose(): void }) => {
  const [hit, setHit] = useState<{ total: number, online: number }>()
  const [typed, setTyped] = useState('')
  /** Bytes; undefined: nothing is under way. */
  const [sent, setSent] = useState<number>()
  const [problem, setProblem] = useState<string>()
  const upload = useRef<Upload>(undefined)
  const cancel = useRef<HTMLButtonElement>(null)
  const name = useCell(domains).find(domain => domain.isInstanceDomain)?.name
  const checking = sent !== undefined && sent >= file.size
  const count = (): Promise<void> => connection().request('GetDevicesPage', { offset: 0, limit: 1 }).then(({ counts }) => setHit(counts))
  useEffect(() => {
    count().catch(error => setProblem(reasonText(error)))
    // What is still being sent when somebody leaves was not meant any more.
    return () => upload.current?.cancel()
  }, [])
  useEffect(() => { if (checking) announce(w('restore.checking')) }, [checking])
  const sure = hit !== undefined && name !== undefined && typed.trim() === name
  const restore = async (): Promise<void> => {
    if (!sure || sent !== undefined) return
    setProblem(undefined)
    setSent(0)
    // The button that was pressed goes away.
    cancel.current?.focus()
    let arrived = false
    try {
      const sending = upload.current = sendBackup(file, bytes => {
        arrived = bytes >= file.size
        setSent(bytes)
      })
      const answer = await sending.answer
      const devices = restoredDevices(answer)
      if (devices !== undefined) {
        // It stays while the page connects or signs in again.
        notify('ok', ws('restore.done', devices), true)
        replacements.update(now => now + 1)
        return onClose()
      }
      setProblem(answer.status === 0 ? w(arrived ? 'why.lost' : 'why.cut') : whyNotRestored(answer, file.name))
    } catch (error) {
      if (error instanceof UploadCancelled) {
        notify('ok', w('restore.cancelled'))
        return onClose()
      }
      setProblem(reasonText(error))
    }
    setSent(undefined)
    await count().catch(() => undefined)
  }
  const close = (): void => {
    if (sent === undefined) onClose()
    else upload.current?.cancel()
  }
  return (
    <Dialog title={w('restore.title')} danger onClose={close} onSubmit={() => void restore()} foot={
      <>
        <button ref={cancel} type="button" class="btn ghost" aria-disabled={checking} onClick={close}>{sent === undefined ? t('action.cancel') : w('restore.stop')}</button>
        {sent === undefined && <button type="submit" class="btn danger" disabled={!sure}>{hit ? ws('restore.do', hit.total) : w('restore.do')}</button>}
      </>
    }>
      <p class="anywhere"><strong>{w('restore.file', file.name, formatBytes(file.size), formatDateTime(file.lastModified))}</strong></p>
      {problem !== undefined && <p class="msg err anywhere" role="alert"><Icon name="err" /><span>{problem}</span></p>}
      {sent === undefined
        ? <>
            {!hit && problem === undefined && <p role="status" class="dim">{w('restore.counting')}</p>}
            {hit && (
              <div class="blast">
                <div><b>{formatNumber(hit.total)}</b>{w('restore.now')}</div>
                <div><b>{formatNumber(hit.online)}</b>{w('restore.connected')}</div>
              </div>
            )}
            <p>{w('restore.what')}</p>
            <p>{w('restore.again')}</p>
            <p class="dim">{w('restore.kept')}</p>
            {name !== undefined && <TextField id="restore-name" label={w('restore.type', name)} value={typed} maxLength={128} code onInput={setTyped} />}
          </>
        : <>
            <svg class="bar" role="progressbar" aria-label={w('restore.bar')} aria-valuemin={0} aria-valuemax={file.size} aria-valuenow={sent}>
              <rect class="f-ok" width={`${100 * sent / file.size}%`} height="100%" /></svg>
            <p class="st info wraps"><Icon name={checking ? 'run' : 'upload'} spin={checking} /><span>{checking ? w('restore.checking') : w('restore.sent', formatBytes(sent), formatBytes(file.size))}</span></p>
          </>}
    </Dialog>
  )
}
