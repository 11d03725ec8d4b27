/** Answers about tasks: work on many devices that goes on by itself. */
import type { Requests } from '../protocol/service-api.ts'
import type { TASK_REQUESTS } from '../protocol/task-messages.ts'
import type { DeviceStore } from '../devices/device-store.ts'
import type { Task } from '../jobs/task.ts'
import { seesTask, toWire } from '../jobs/task.ts'
import { taskDevicesPage } from '../jobs/task-devices.ts'
import type { SelectionTasks } from '../jobs/selection-tasks.ts'
import type { Tasks } from '../jobs/tasks.ts'
import type { UrlRollout } from '../registration/url-rollout.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Viewer } from '../domains/viewer.ts'
import type { ApiContext, HandlersOf } from './handler.ts'
import { firstThatFit, inParts } from './parts.ts'

export interface TaskHandlerDeps {
  readonly tasks: Tasks
  readonly devices: DeviceStore
  readonly audit: AuditLog
  readonly urls: UrlRollout
  readonly selections: SelectionTasks
}

export type TaskRequests = Pick<Requests, keyof typeof TASK_REQUESTS>

export function taskHandlers(deps: TaskHandlerDeps): HandlersOf<TaskRequests> {
  const { tasks } = deps
  const wire = (task: Task): ReturnType<typeof toWire> => toWire(task, tasks.running(task))
  const watched = new WeakMap<ApiContext['session'], () => void>()

  /** Replaces the subscription of this connection. */
  function watch({ session, subscriptions, src }: ApiContext): void {
    watched.get(session)?.()
    const seen = (task: Task): boolean => seesTask(session.viewer, task)
    const off = tasks.events.on({
      added: task => { if (seen(task)) subscriptions.indicate('TaskAdded', { task: wire(task) }, src) },
      changed: task => { if (seen(task)) subscriptions.indicate('TaskEdited', { task: wire(task) }, src) },
      removed: task => { if (seen(task)) subscriptions.indicate('TaskDeleted', { id: task.id }, src) },
    })
    const forget = session.onEnd(off)
    watched.set(session, () => {
      forget()
      off()
    })
  }

  const record = (viewer: Viewer, task: Task, action: string): void =>
    deps.audit.record(viewer, { domainId: task.domainId, action, subject: task.detail })

  return {
    GetTasks: function * (params, context) {
      if (params.recvUpdates) watch(context)
      const all = tasks.list(context.session.viewer).map(wire)
      for (const { items, last } of inParts([all])) yield { tasks: items, last }
    },

    GetTaskDevices: (params, { session }) => {
      const { devices, total } = taskDevicesPage(tasks, deps.devices, session.viewer, tasks.one(session.viewer, params.id), params)
      return { devices: firstThatFit(devices), total }
    },

    CancelTask: (params, { session }) => {
      const task = tasks.one(session.viewer, params.id)
      if (task.state === 'running') record(session.viewer, task, 'task.cancelled')
      tasks.cancel(task)
      return {}
    },

    RetryTask: (params, { session }) => {
      const task = tasks.one(session.viewer, params.id)
      const count = tasks.retry(task)
      if (count > 0) record(session.viewer, task, 'task.retried')
      return { count }
    },

    CountSelection: (params, { session }) => deps.selections.count(session.viewer, params.selection),
    StartEdit: async (params, { session }) => ({ task: (await deps.selections.edit(session.viewer, params)).id }),
    StartDelete: async (params, { session }) => ({ task: (await deps.selections.delete(session.viewer, params.selection)).id }),
    StartRestart: async (params, { session }) => ({ task: (await deps.selections.restart(session.viewer, params)).id }),
    StartUrlRollout: async (params, { session }) => ({ task: (await deps.urls.start(session.viewer, params)).id }),

    DeleteTask: (params, { session }) => {
      tasks.remove(tasks.one(session.viewer, params.id))
      return {}
    },
  }
}
