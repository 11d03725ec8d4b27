/** Results of a task per device, page by page: failed ones first, then those in work, those that wait, the rest. */
import type { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { maySee, type Viewer } from '../domains/viewer.ts'
import type { DeviceStore } from '../devices/device-store.ts'
import type { TASK_DEVICE_STATES, taskDevice } from '../protocol/task-messages.ts'
import type { TaskDevice } from './kinds.ts'
import type { Task } from './task.ts'
import type { Tasks } from './tasks.ts'

type State = typeof TASK_DEVICE_STATES[number]
type WireDevice = z.infer<typeof taskDevice>

const ORDER: readonly State[] = ['failed', 'running', 'waiting', 'skipped', 'done']

export interface PageOf { readonly states?: readonly State[] | undefined, readonly offset: number, readonly limit: number }

export function taskDevicesPage(tasks: Tasks, devices: DeviceStore, viewer: Viewer, task: Task, page: PageOf): { devices: WireDevice[], total: number } {
  const working = tasks.working(task)
  const sizes: Record<State, number> = { ...task.counts, waiting: task.counts.waiting - working.length, running: working.length }
  const wanted = ORDER.filter(state => !page.states || page.states.includes(state))
  const rows: WireDevice[] = []
  let { offset } = page
  let left = Math.min(page.limit, LIMITS.pageRows.value)
  for (const state of wanted) {
    if (left > 0 && offset < sizes[state]) {
      const group = groupOf(tasks, task, state, working, offset, left)
      left -= group.length
      for (const device of group) rows.push(toWire(devices, viewer, device, state))
    }
    offset = Math.max(0, offset - sizes[state])
  }
  return { devices: rows, total: wanted.reduce((sum, state) => sum + sizes[state], 0) }
}

function groupOf(tasks: Tasks, task: Task, state: State, working: readonly number[], offset: number, limit: number): TaskDevice[] {
  if (state === 'running') return tasks.rows.group(task.id, ['waiting', 'begun'], { only: working }, offset, limit)
  return tasks.rows.group(task.id, [state], state === 'waiting' ? { except: working } : {}, offset, limit)
}

/** The name only while the viewer may see the device: it may have moved since. */
function toWire(devices: DeviceStore, viewer: Viewer, device: TaskDevice, state: State): WireDevice {
  const row = devices.row(device.deviceId)
  const name = row && maySee(viewer, row.domainId) ? row.name || row.reportedName : ''
  // What is written down for the case of an interruption has not happened yet.
  const errorText = device.state === 'begun' ? '' : device.text
  return { id: device.deviceId, hwId: device.hwId, name, state, errorText, attempts: device.attempts, changedAt: device.changedAt }
}
