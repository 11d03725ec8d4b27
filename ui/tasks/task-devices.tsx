/** The result of each device of a task, failed ones first. Read page by page as one scrolls, and again while the task goes on. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { NotConnected } from '../connection/errors.ts'
import type { TaskDevice } from '../connection/task-replies.ts'
import { Mac } from '../parts/device-words.tsx'
import { Icon, type IconName } from '../parts/icons.tsx'
import { reasonText } from '../parts/notices.tsx'
import { ScrollEnd } from '../parts/scroll-end.tsx'
import { linkTo } from '../route/navigation.ts'
import { connection } from '../session/session.ts'
import { formatNumber, formatTime } from '../text/text.ts'
import type { Task } from '../../app/protocol/task-messages.ts'
import { w } from './words.ts'

const PAGE = 100
/** A running task changes all the time: its results are read again at most this often, in ms. */
const EVERY = 1_000

type State = TaskDevice['state']
const LOOKS: Record<State, readonly [IconName, string]> = { waiting: ['wait', 'off'], running: ['run', 'info'], done: ['ok', 'ok'], failed: ['err', 'err'], skipped: ['skip', 'off'] }
export const FILTERS: readonly State[] = ['failed', 'running', 'waiting', 'skipped', 'done']

export const TaskDevices = ({ task, filter, onFilter }: { task: Task, filter: State | undefined, onFilter(filter: State | undefined): void }) => {
  const [pages, setPages] = useState(1)
  const [found, setFound] = useState<{ readonly devices: readonly TaskDevice[], readonly total: number }>()
  const [error, setError] = useState<unknown>()
  const lastRead = useRef(0)
  useEffect(() => {
    setPages(1)
    setFound(undefined)
  }, [task.id, filter])
  useEffect(() => {
    let gone = false
    const read = async (): Promise<void> => {
      lastRead.current = performance.now()
      try {
        const devices: TaskDevice[] = []
        let total = 0
        // A long message has fewer rows than asked for.
        while (devices.length < pages * PAGE) {
          const reply = await connection().request('GetTaskDevices', { id: task.id, ...(filter ? { states: [filter] } : {}), offset: devices.length, limit: Math.min(PAGE, pages * PAGE - devices.length) })
          devices.push(...reply.devices)
          total = reply.total
          if (devices.length >= total || reply.devices.length === 0) break
        }
        if (gone) return
        setFound({ devices, total })
        setError(undefined)
      } catch (cause) {
        if (!gone && !(cause instanceof NotConnected)) setError(cause)
      }
    }
    const timer = setTimeout(() => void read(), Math.max(0, lastRead.current + EVERY - performance.now()))
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [task, filter, pages])
  useEffect(() => { lastRead.current = 0 }, [task.id, filter, pages])
  const counts: Record<State, number> = { done: task.done, failed: task.failed, skipped: task.skipped, running: task.running, waiting: task.waiting }
  return (
    <section class="panel" aria-label={w('devices')}>
      <div class="panel-head wraps">
        <div class="chips" role="group" aria-label={w('filter')}>
          <button type="button" class="chip" aria-pressed={filter === undefined} onClick={() => onFilter(undefined)}>{w('filter.all')} {formatNumber(task.total)}</button>
          {FILTERS.filter(state => counts[state] > 0 || state === filter).map(state => <button key={state} type="button" class="chip" aria-pressed={filter === state} onClick={() => onFilter(state)}>{w(`device.${state}`)} {formatNumber(counts[state])}</button>)}
        </div>
      </div>
      {error !== undefined && <p class="msg err inset" role="alert"><Icon name="err" /><span>{w('devices.failed')} {reasonText(error)}</span></p>}
      <div class="rows g-task" role="table" aria-label={w('devices')} aria-busy={!found} aria-rowcount={found ? found.total + 1 : undefined}>
        <div class="rows-head" role="row">{(['state', 'device', 'mac', 'result', 'changed'] as const).map(column => <div key={column} role="columnheader" class={`c-${column}`}>{w(`column.${column}`)}</div>)}</div>
        {!found && error === undefined && [1, 2, 3, 4].map(line => <div key={line} class="rows-row" role="row"><div role="cell"><span class="sk w3" /></div><div role="cell"><span class="sk w2" /></div><div role="cell"><span class="sk w2" /></div><div role="cell"><span class="sk w3" /></div></div>)}
        {found?.devices.map(device => {
          const [icon, look] = LOOKS[device.state]
          return (
            <div key={device.hwId + device.id} class="rows-row" role="row">
              <div role="cell" class="c-state"><span class={`st ${look}`}><Icon name={icon} spin={device.state === 'running'} /><span class="clip">{w(`device.${device.state}`)}</span></span></div>
              <div role="cell" class="c-device">{task.kind === 'delete' && device.state === 'done' ? device.name || device.hwId : <a href={linkTo({ view: 'device', hwId: device.hwId, tab: 'overview' })}>{device.name || device.hwId}</a>}</div>
              <div role="cell" class="c-mac"><Mac hwId={device.hwId} /></div>
              <div role="cell" class="c-result" title={device.errorText}>{device.errorText || (device.state === 'waiting' && task.kind === 'registrationUrl' && task.running === 0 ? <span class="dim">{w('waits')}</span> : '')}</div>
              <div role="cell" class="c-changed dim">{device.state === 'waiting' ? '' : formatTime(device.changedAt)}{device.attempts > 1 && <> · {w('column.attempts')} {device.attempts}</>}</div>
            </div>
          )
        })}
      </div>
      {found?.total === 0 && <p class="dim inset">{w('devices.none')}</p>}
      {found && found.devices.length < found.total && <ScrollEnd label={w('devices.more')} rest={found.total - found.devices.length} onMore={() => setPages(count => count + 1)} />}
    </section>
  )
}
