/** An action on many devices: says how many are hit and how, then starts a task of the service and shows how it goes on. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { RequestRefused } from '../connection/errors.ts'
import type { TaskDevice } from '../connection/task-replies.ts'
import type { RequestReply } from '../connection/table.ts'
import { Dialog } from '../parts/dialog.tsx'
import { deviceName, Mac } from '../parts/device-words.tsx'
import { Icon } from '../parts/icons.tsx'
import { announce, notify, reasonText } from '../parts/notices.tsx'
import { linkTo } from '../route/navigation.ts'
import { pageRoute } from '../route/route.ts'
import { connection } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { formatNumber, t } from '../text/text.ts'
import { settled, tasks } from '../tasks/task-list.ts'
import { TaskBar } from '../tasks/task-parts.tsx'
import { w, ws } from '../tasks/words.ts'
import type { Device } from '../../app/protocol/types.ts'
import type { Many } from './many.ts'

export type Count = RequestReply<'CountSelection'>
interface ManyDialogProps {
  readonly many: Many
  readonly danger?: boolean
  /** How many of them it is done to, when not to all. */
  hits?(count: Count): number
  title(count: number): string
  /** Label of the button that does it, with the number of devices. */
  doIt(count: number): string
  /** What is said when everything worked. */
  done(count: number): string
  readonly ready?: boolean
  /** @returns id of the task */
  start(): Promise<{ readonly task: number }>
  onClose(changed: boolean): void
  readonly children: (count: Count) => ComponentChildren
}

/** Longer lists are cut. */
const LISTED = 50

export const ManyDialog = ({ many, danger = false, hits, title, doIt, done, ready = true, start, onClose, children }: ManyDialogProps) => {
  const [count, setCount] = useState<Count>()
  const [taskId, setTaskId] = useState<number>()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const all = useCell(tasks.items)
  const task = taskId === undefined ? undefined : (all ?? []).find(one => one.id === taskId)
  const over = task !== undefined && task.state !== 'running'
  const key = JSON.stringify(many.selection)
  const read = (): void => {
    connection().request('CountSelection', { selection: many.selection }).then(reply => {
      setCount(reply)
      setProblem(undefined)
    }, error => setProblem(reasonText(error)))
  }
  useEffect(() => {
    setCount(undefined)
    if (taskId === undefined) read()
  }, [key])
  useEffect(() => {
    if (!over || !task) return
    if (task.failed === 0) {
      notify('ok', task.skipped > 0 ? `${done(task.done)} ${ws('skippedCount', task.skipped)}` : done(task.done))
      return onClose(true)
    }
    announce(ws('failedCount', task.failed))
  }, [over, task?.failed])
  const submit = async (): Promise<void> => {
    if (busy || !ready) return
    setProblem(undefined)
    setBusy(true)
    try {
      if (taskId === undefined) setTaskId((await start()).task)
      else await connection().request('RetryTask', { id: taskId })
    } catch (error) {
      // What is not there is the domain or the category: the devices are found by the task itself.
      setProblem(error instanceof RequestRefused && error.code === 'notFound' ? w('gone.target') : reasonText(error))
    } finally {
      setBusy(false)
    }
  }
  const close = (): void => {
    if (taskId !== undefined && !over) notify('ok', <>{w('goesOn')} <a href={linkTo(pageRoute('tasks', { task: String(taskId) }))}>{w('show')}</a></>)
    onClose(taskId !== undefined)
  }
  const number = count ? hits?.(count) ?? count.count : many.count
  return (
    <Dialog title={title(number)} danger={danger} onClose={close} onSubmit={() => void submit()} foot={
      <>
        <button type="button" class="btn ghost" onClick={close}>{taskId === undefined ? t('action.cancel') : over ? t('action.close') : w('background')}</button>
        {taskId === undefined && <button type="submit" class={`btn ${danger ? 'danger' : 'primary'}`} disabled={!ready || busy || !count || number === 0}>{doIt(number)}</button>}
        {over && task.failed > 0 && <button type="submit" class="btn" disabled={busy}>{w('retry', task.failed + task.skipped)}</button>}
      </>
    }>
      {problem !== undefined && <p class="msg err" role="alert"><Icon name="err" /><span>{problem}</span>{!count && taskId === undefined && <button type="button" class="link" onClick={read}>{t('action.retry')}</button>}</p>}
      {taskId === undefined
        ? <>
            <div class="blast" aria-busy={!count}>
              <div><b>{count ? formatNumber(count.online) : '–'}</b>{w('blast.online')}</div>
              <div><b>{count ? formatNumber(count.count - count.online - count.unassigned) : '–'}</b>{w('blast.offline')}</div>
              <div><b>{count ? formatNumber(count.unassigned) : '–'}</b>{w('blast.unassigned')}</div>
            </div>
            {children(count ?? { count: many.count, online: 0, unassigned: 0, restartable: 0 })}
            <Targeted many={many} count={count?.count ?? many.count} />
          </>
        : <>
            <p role="status"><strong>{task ? w('devicesDone', settled(task), task.total) : w('starting')}</strong>{task && task.failed > 0 && <> {ws('failedCount', task.failed)}</>}{task && task.skipped > 0 && <> {ws('skippedCount', task.skipped)}</>}</p>
            {task && <TaskBar task={task} />}
            {task?.kind === 'registrationUrl' && !over && task.running === 0 && task.waiting > 0 && <p class="dim">{ws('waitCount', task.waiting)}</p>}
            {task && task.failed > 0 && <Failures id={task.id} failed={task.failed} />}
          </>}
    </Dialog>
  )
}

/** Those that are hit, the first of them by name. */
const Targeted = ({ many, count }: { many: Many, count: number }) => {
  const [first, setFirst] = useState<readonly Device[]>([])
  const { devices, selection: { filter, except } } = many
  useEffect(() => {
    if (devices) return
    let gone = false
    connection().request('GetDevicesPage', { offset: 0, limit: LISTED, sort: 'name', ...filter })
      .then(page => { if (!gone) setFirst(page.devices.filter(device => !except?.includes(device.id))) }, () => undefined)
    return () => { gone = true }
  }, [JSON.stringify(many.selection)])
  const shown = (devices ?? first).slice(0, LISTED)
  if (shown.length === 0) return null
  return (
    <ul class="list targets" tabIndex={0} aria-label={t('bulk.targets')}>
      {shown.map(device => <li key={device.hwId}><span class="ico-off"><Icon name="right" /></span><span>{deviceName(device)} <span class="d">{device.product}{device.name && <> · <Mac hwId={device.hwId} /></>}</span></span></li>)}
      {count > shown.length && <li><span /><span class="d">{t('bulk.more', count - shown.length)}</span></li>}
    </ul>
  )
}

/** The devices that failed, each with its reason. */
const Failures = ({ id, failed }: { id: number, failed: number }) => {
  const [devices, setDevices] = useState<readonly TaskDevice[]>([])
  useEffect(() => {
    let gone = false
    connection().request('GetTaskDevices', { id, states: ['failed'], offset: 0, limit: LISTED }).then(reply => { if (!gone) setDevices(reply.devices) }, () => undefined)
    return () => { gone = true }
  }, [id, failed])
  return (
    <ul class="list targets" tabIndex={0} aria-label={w('device.failed')}>
      {devices.map(device => <li key={device.id}><span class="ico-err"><Icon name="err" /></span><span>{device.name || device.hwId} <span class="d">{device.name && <><Mac hwId={device.hwId} />{' '}</>}{device.errorText}</span></span></li>)}
      {failed > devices.length && devices.length > 0 && <li><span /><span class="d">{t('bulk.more', failed - devices.length)} <a href={linkTo(pageRoute('tasks', { task: String(id), state: 'failed' }))}>{w('show')}</a></span></li>}
    </ul>
  )
}
