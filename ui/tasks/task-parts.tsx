/** How a task is shown everywhere: state, bar, the buttons that go with its state. */
import { useState } from 'preact/hooks'
import { Dialog } from '../parts/dialog.tsx'
import { Icon, type IconName } from '../parts/icons.tsx'
import { notify, reasonText } from '../parts/notices.tsx'
import { useWhyNot } from '../session/rights.ts'
import { connection } from '../session/session.ts'
import { t } from '../text/text.ts'
import type { Task } from '../../app/protocol/task-messages.ts'
import { settled } from './task-list.ts'
import { w, ws } from './words.ts'

export const TaskState = ({ task }: { task: Task }) => {
  const [icon, look, label]: readonly [IconName, string, string] = task.state === 'running' ? ['run', 'info', w('state.running')]
    : task.state === 'cancelled' ? ['skip', 'off', w('state.cancelled')]
    : task.failed > 0 ? ['err', 'err', w('state.doneFailed')] : ['ok', 'ok', w('state.done')]
  return <span class={`st ${look}`}><Icon name={icon} spin={task.state === 'running'} /><span class="clip">{label}</span></span>
}

/** Done, in work, failed, left out; the rest of the bar waits. */
export const TaskBar = ({ task, size = '' }: { task: Task, size?: '' | 'bar-xl' }) => {
  const parts = [['f-ok', task.done], ['f-run', task.running], ['f-err', task.failed], ['f-skip', task.skipped]] as const
  let at = 0
  return (
    <svg class={`bar ${size}`} role="img" aria-label={w('progress', settled(task), task.total, task.failed)} preserveAspectRatio="none">
      {parts.map(([look, count]) => {
        const x = at
        const width = task.total === 0 ? 0 : 100 * count / task.total
        at += width
        return <rect key={look} class={look} x={`${x}%`} width={`${width}%`} height="100%" />
      })}
    </svg>
  )
}

export const TaskActions = ({ task, small, onRemoved }: { task: Task, small?: boolean, onRemoved?: () => void }) => {
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const refused = useWhyNot('operate')
  const running = task.state === 'running'
  const again = task.failed + task.skipped
  const act = async (work: () => Promise<string>): Promise<void> => {
    setBusy(true)
    try {
      notify('ok', await work())
    } catch (error) {
      notify('err', reasonText(error))
    } finally {
      setBusy(false)
      setAsking(false)
    }
  }
  const look = small ? 'btn small' : 'btn'
  return (
    <>
      {!running && again > 0 && <button type="button" class={look} disabled={busy || refused !== undefined} title={refused} onClick={() => void act(async () => ws('retried', (await connection().request('RetryTask', { id: task.id })).count))}><Icon name="restart" />{w('retry', again)}</button>}
      {running && task.waiting > 0 && <button type="button" class={`${look} danger`} disabled={busy || refused !== undefined} title={refused} onClick={() => setAsking(true)}><Icon name="stop" />{w('cancel')}</button>}
      {!running && <button type="button" class={`${look} ${small ? 'ghost' : ''}`} disabled={busy || refused !== undefined} title={refused} onClick={() => void act(async () => {
        await connection().request('DeleteTask', { id: task.id })
        onRemoved?.()
        return w('removed')
      })}><Icon name="close" />{w('remove')}</button>}
      {asking && (
        <Dialog title={ws('cancel.title', task.waiting)} danger onClose={() => setAsking(false)} foot={
          <>
            <button type="button" class="btn ghost" onClick={() => setAsking(false)}>{t('action.close')}</button>
            <button type="button" class="btn danger" disabled={busy} onClick={() => void act(async () => {
              await connection().request('CancelTask', { id: task.id })
              return w('cancel.done')
            })}>{w('cancel.do')}</button>
          </>
        }><p>{w('cancel.about')}</p></Dialog>
      )}
    </>
  )
}
