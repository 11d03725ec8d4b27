/** In the navigation: how far the running tasks are, or that some have failed. */
import { useCell } from '../state/cell.ts'
import { formatNumber, plural, t } from '../text/text.ts'
import { failedDevices, settled, tasks } from './task-list.ts'

const RADIUS = 7
const ROUND = 2 * Math.PI * RADIUS

export const TaskCount = () => {
  const all = useCell(tasks.items) ?? []
  const running = all.filter(task => task.state === 'running')
  const failed = failedDevices(all)
  if (running.length > 0) {
    const total = running.reduce((sum, task) => sum + task.total, 0)
    const share = total === 0 ? 0 : running.reduce((sum, task) => sum + settled(task), 0) / total
    const label = t('nav.tasksRunning', plural('nav.taskCount', running.length), formatNumber(Math.floor(100 * share)))
    return (
      <span class="count progress" title={label}>
        <svg viewBox="0 0 20 20" aria-hidden="true"><circle class="bg" cx="10" cy="10" r={RADIUS} /><circle class="fg" cx="10" cy="10" r={RADIUS} stroke-dasharray={`${share * ROUND} ${ROUND}`} /></svg>
        <span class="sr">{label}</span>
      </span>
    )
  }
  return failed > 0 ? <span class="count err" title={plural('nav.tasksFailed', failed)}>{formatNumber(failed)}<span class="sr"> {plural('nav.tasksFailed', failed)}</span></span> : null
}
