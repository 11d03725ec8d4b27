/** Answers of tasks (types: app/protocol/task-messages.ts). */
import type { z } from 'zod'
import type { Reply } from '../../app/protocol/message.ts'
import type { Task, taskDevice } from '../../app/protocol/task-messages.ts'
import { isBoolean, isNumber, isString, listOf, oneOf, optional, shape, type Guard } from './shape.ts'
import type { TaskRequests } from './table.ts'

export type TaskDevice = z.infer<typeof taskDevice>
export const isTask = shape<Task>({
  id: isNumber, kind: oneOf('adminPasswords', 'registrationUrl', 'edit', 'delete', 'restart'), domainId: isNumber, by: isString, detail: isString, state: oneOf('running', 'done', 'cancelled'),
  startedAt: isNumber, finishedAt: optional(isNumber), total: isNumber, done: isNumber, failed: isNumber, skipped: isNumber, running: isNumber, waiting: isNumber,
})
const isTaskDevice = shape<TaskDevice>({
  id: isNumber, hwId: isString, name: isString, state: oneOf('waiting', 'running', 'done', 'failed', 'skipped'), errorText: isString, attempts: isNumber, changedAt: isNumber,
})
const started = shape<{ task: number }>({ task: isNumber })

export const TASK_REPLIES: { readonly [K in keyof TaskRequests]: Guard<Reply<TaskRequests[K]>> } = {
  GetTasks: shape({ tasks: listOf(isTask), last: optional(isBoolean) }),
  GetTaskDevices: shape({ devices: listOf(isTaskDevice), total: isNumber }),
  CancelTask: shape({}),
  RetryTask: shape({ count: isNumber }),
  DeleteTask: shape({}),
  CountSelection: shape({ count: isNumber, online: isNumber, unassigned: isNumber, restartable: isNumber }),
  StartEdit: started, StartDelete: started, StartRestart: started, StartUrlRollout: started,
}
