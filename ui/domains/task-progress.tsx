/** A task of the service that this page has started: how far it is. */
import { useEffect } from 'preact/hooks'
import { Icon } from '../parts/icons.tsx'
import { announce } from '../parts/notices.tsx'
import { linkTo } from '../route/navigation.ts'
import { pageRoute } from '../route/route.ts'
import { useCell } from '../state/cell.ts'
import { settled, tasks } from '../tasks/task-list.ts'
import { t } from '../text/text.ts'
import { w, ws } from './words.ts'

export const TaskProgress = ({ id, onClose }: { id: number, onClose(): void }) => {
  useEffect(() => tasks.start(), [])
  const task = useCell(tasks.items)?.find(one => one.id === id)
  const ended = task ? settled(task) : 0
  const over = task !== undefined && task.state !== 'running'
  useEffect(() => { if (over && task) announce(ws('task.done', task.done)) }, [over])
  const part = (count: number): string => `${task?.total ? 100 * count / task.total : 0}%`
  return (
    <section class="panel task" aria-labelledby="task-head">
      <div class="panel-head"><Icon name={over ? task.failed > 0 ? 'err' : 'ok' : 'run'} spin={!over} /><h2 id="task-head">{w(over ? 'task.over' : 'task.title')}</h2>
        <div class="end"><a class="btn small ghost" href={linkTo(pageRoute('tasks'))}>{w('task.all')}</a><button type="button" class="btn small icon ghost" aria-label={t('action.dismiss')} onClick={onClose}><Icon name="close" /></button></div></div>
      <div class="panel-body stack">
        <svg class="bar" role="progressbar" aria-label={w('task.title')} aria-valuemin={0} aria-valuemax={task?.total ?? 0} aria-valuenow={ended}>
          <rect class="f-ok" width={part(ended)} height="100%" /><rect class="f-err" width={part(task?.failed ?? 0)} height="100%" /></svg>
        {task && <p class="sub">{over ? ws('task.done', task.done) : w('task.progress', ended, task.total)}{task.failed > 0 && <> · {ws('task.failed', task.failed)}</>}{task.skipped > 0 && <> · {ws('task.skipped', task.skipped)}</>}</p>}
      </div>
    </section>
  )
}
