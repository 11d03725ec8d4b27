/** All tasks, or one with the result of each device. */
import { useState } from 'preact/hooks'
import { Empty } from '../devices/empty.tsx'
import { ManyActionDialog } from '../devices/many-actions.tsx'
import { Icon, type IconName } from '../parts/icons.tsx'
import { reasonText } from '../parts/notices.tsx'
import { go, linkTo, refine } from '../route/navigation.ts'
import { pageRoute, START, type PageRoute } from '../route/route.ts'
import { useWhyNot } from '../session/rights.ts'
import { domainName, domains } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { formatDateTime, formatNumber, t } from '../text/text.ts'
import type { Task } from '../../app/protocol/task-messages.ts'
import { FILTERS, TaskDevices } from './task-devices.tsx'
import { settled, tasks } from './task-list.ts'
import { TaskActions, TaskBar, TaskState } from './task-parts.tsx'
import { taskDetail, taskTitle, w } from './words.ts'

export const TasksPage = ({ route }: { route: PageRoute }) => {
  const all = useCell(tasks.items)
  const problem = useCell(tasks.problem)
  useCell(domains)
  const mayNot = useWhyNot('manage')
  const [rollingOut, setRollingOut] = useState(false)
  const wanted = route.args['task']
  if (!all) {
    return (
      <div class="page"><div class="head"><div><h1>{w('title')}</h1></div></div>
        {problem === undefined
          ? <div class="panel skeleton-panel" role="status" aria-busy="true" aria-label={w('loading')}><span class="sk w2" /><span class="sk w3" /><span class="sk w1" /></div>
          : <Empty icon="err" title={w('failed')} actions={<button type="button" class="btn" onClick={() => tasks.readAgain()}>{t('action.retry')}</button>}>{reasonText(problem)}</Empty>}
      </div>
    )
  }
  if (wanted !== undefined) return <OneTask task={all.find(task => String(task.id) === wanted)} route={route} />
  return (
    <div class="page">
      <div class="head"><div><h1>{w('title')}</h1><p class="sub"><span>{w('about')}</span></p></div>
        <div class="btns"><button type="button" class="btn" disabled={mayNot !== undefined} title={mayNot} onClick={() => setRollingOut(true)}><Icon name="external" />{w('rolloutAll')}</button></div></div>
      {rollingOut && <ManyActionDialog action="url" many={{ selection: { filter: {} }, count: 0 }} onClose={() => setRollingOut(false)} />}
      {all.length === 0 && <Empty icon="tasks" title={w('empty')} actions={<a class="btn" href={linkTo(START)}>{t('device.toList')}</a>}>{w('empty.about')}</Empty>}
      {all.length > 0 && <ul class="stack task-list">{all.map(task => <TaskItem key={task.id} task={task} />)}</ul>}
    </div>
  )
}

const where = (task: Task): string => task.domainId === 0 ? w('several') : domainName(task.domainId)
const Facts = ({ task }: { task: Task }) => (
  <p class="sub"><TaskState task={task} />{taskDetail(task) && <span class="anywhere">{taskDetail(task)}</span>}<span>{where(task)}</span><span>{w('started', task.by, formatDateTime(task.startedAt))}</span></p>
)

const TaskItem = ({ task }: { task: Task }) => {
  const link = linkTo(pageRoute('tasks', { task: String(task.id) }))
  return (
    <li class="panel task-item">
      <div class="head"><div><h2><a href={link}>{taskTitle(task)}</a></h2><Facts task={task} /></div>
        <div class="btns"><TaskActions task={task} small /></div></div>
      <a class="bar-link" href={link} tabIndex={-1}><TaskBar task={task} /></a>
      <p class="dim">{w('progress', settled(task), task.total, task.failed)}</p>
    </li>
  )
}

const FIGURES = [['done', 'ok', 'ok'], ['running', 'run', 'info'], ['failed', 'err', 'err'], ['skipped', 'skip', 'off'], ['waiting', 'wait', 'off']] as const satisfies readonly (readonly ['done' | 'running' | 'failed' | 'skipped' | 'waiting', IconName, string])[]

const OneTask = ({ task, route }: { task: Task | undefined, route: PageRoute }) => {
  const crumb = <p class="crumb"><a href={linkTo(pageRoute('tasks'))}>{w('title')}</a><Icon name="right" size="s" /><span class="clip">{task ? taskTitle(task) : ''}</span></p>
  if (!task) return <div class="page">{crumb}<Empty icon="search" title={w('gone')} actions={<a class="btn" href={linkTo(pageRoute('tasks'))}>{w('toList')}</a>}>{w('gone.about')}</Empty></div>
  const filter = FILTERS.find(state => state === route.args['state'])
  const show = (state: string | undefined): void => refine(pageRoute('tasks', { task: String(task.id), ...(state ? { state } : {}) }))
  return (
    <div class="page">
      {crumb}
      <div class="head"><div><h1>{taskTitle(task)}</h1><Facts task={task} /></div>
        <div class="btns"><TaskActions task={task} onRemoved={() => go(pageRoute('tasks'))} /></div></div>
      <section class="stack" aria-label={w('state.running')}>
        <TaskBar task={task} size="bar-xl" />
        <div class="figs">
          {FIGURES.map(([state, icon, look]) => (
            <button key={state} type="button" class={`fig${state === 'failed' && task.failed > 0 ? ' err' : ''}`} aria-pressed={filter === state} onClick={() => show(filter === state ? undefined : state)}>
              <b><span class={`ico-${look}`}><Icon name={icon} size="s" spin={state === 'running' && task.running > 0} /></span>{formatNumber(task[state])}{state === 'done' && <small>{w('fig.of', task.total)}</small>}</b>
              <span>{w(state === 'waiting' && task.kind === 'registrationUrl' ? 'fig.waitingUrl' : `fig.${state}`)}</span>
            </button>
          ))}
        </div>
      </section>
      <TaskDevices task={task} filter={filter} onFilter={show} />
    </div>
  )
}
