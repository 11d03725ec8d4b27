/** The tasks of the service that this sign-in may see, live from the start: the navigation counts them. */
import { isNumber } from '../connection/shape.ts'
import { isTask } from '../connection/task-replies.ts'
import { connection, onIndication } from '../session/session.ts'
import { LiveList } from '../state/live-list.ts'
import type { Task } from '../../app/protocol/task-messages.ts'

export const tasks = new LiveList<Task, number>(() => ({
  state: connection().state, onIndication,
  read: onPart => connection().requestParts('GetTasks', { recvUpdates: true }, part => onPart(part.tasks)),
  keyOf: task => task.id,
  put: ['TaskAdded', 'TaskEdited'], itemIn: ({ task }) => isTask(task) ? task : undefined,
  gone: 'TaskDeleted', keyIn: ({ id }) => isNumber(id) ? id : undefined,
  // What runs stands first, then the newest.
  compare: (a, b) => Number(b.state === 'running') - Number(a.state === 'running') || b.startedAt - a.startedAt || b.id - a.id,
}))

/** Devices that have their result. */
export const settled = (task: Task): number => task.done + task.failed + task.skipped

/** Devices of all these tasks that have failed: the number in the navigation, and on the app's icon in the client. */
export const failedDevices = (all: readonly Task[]): number => all.reduce((sum, task) => sum + task.failed, 0)
