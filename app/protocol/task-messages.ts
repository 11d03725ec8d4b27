/** Work on many devices that goes on by itself: password changes, a new registration URL, bulk edits, restarts. */
import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { deviceFilter } from './device-filter.ts'
import { flag, id, text } from './types.ts'
import { indication, request } from './message.ts'

const empty = z.object({})
const last = z.boolean().optional()

export const TASK_KINDS = ['adminPasswords', 'registrationUrl', 'edit', 'delete', 'restart'] as const
export const TASK_DEVICE_STATES = ['waiting', 'running', 'done', 'failed', 'skipped'] as const
export const task = z.object({
  id, kind: z.enum(TASK_KINDS), domainId: id.describe('0: devices of several domains'), by: z.string(), detail: z.string().describe('what was changed to what, without secrets'),
  state: z.enum(['running', 'done', 'cancelled']), startedAt: z.number(), finishedAt: z.number().optional(),
  total: z.number().int(), done: z.number().int(), failed: z.number().int(), skipped: z.number().int(), running: z.number().int(), waiting: z.number().int(),
})
export type Task = z.infer<typeof task>
export const GetTasks = request('GetTasks', {
  needs: 'read', params: z.object({ recvUpdates: flag }), reply: z.object({ tasks: z.array(task), last }), source: 'ours',
  doc: 'Tasks that run or ended in the last 7 days, newest first. `recvUpdates` subscribes to TaskAdded, TaskEdited (at most five a second) and TaskDeleted.',
})
export const TaskAdded = indication('TaskAdded', z.object({ task }), 'A task has started.', 'ours')
export const TaskEdited = indication('TaskEdited', z.object({ task }), 'A task went on or ended.', 'ours')
export const TaskDeleted = indication('TaskDeleted', z.object({ id }), 'A task was taken from the list.', 'ours')

export const taskDevice = z.object({
  id: id.describe('of the device; it may be deleted by now'), hwId: z.string(), name: z.string(), state: z.enum(TASK_DEVICE_STATES), errorText: z.string(), attempts: z.number().int(), changedAt: z.number(),
})
export const GetTaskDevices = request('GetTaskDevices', {
  needs: 'read', source: 'ours', reply: z.object({ devices: z.array(taskDevice), total: z.number().int() }),
  params: z.object({ id, states: z.array(z.enum(TASK_DEVICE_STATES)).optional(), offset: z.number().int().nonnegative().max(10_000_000), limit: z.number().int().positive() }),
  doc: 'Result per device of a task, failed ones first.',
})
export const CancelTask = request('CancelTask', { needs: 'operate', params: z.object({ id }), reply: empty, source: 'ours', doc: 'Devices that wait are skipped; those in work come to their end.' })
export const RetryTask = request('RetryTask', { needs: 'operate', params: z.object({ id }), reply: z.object({ count: z.number().int() }), source: 'ours', doc: 'Tries the failed and skipped devices again.' })
export const DeleteTask = request('DeleteTask', { needs: 'operate', params: z.object({ id }), reply: empty, source: 'ours', doc: 'Takes a task that has ended from the list.' })

/** Which devices: ids, or all that match a filter, less some. */
export const selection = z.object({
  ids: z.array(id).max(LIMITS.pageRows.value * 20).optional(), filter: z.object(deviceFilter).optional(), except: z.array(id).max(LIMITS.pageRows.value * 20).optional(),
}).refine(value => (value.ids === undefined) !== (value.filter === undefined), 'Give either ids or a filter.')
export const CountSelection = request('CountSelection', {
  needs: 'read', params: z.object({ selection }), reply: z.object({ count: z.number().int(), online: z.number().int(), unassigned: z.number().int(), restartable: z.number().int() }), source: 'ours',
  doc: 'How many devices an action would hit. `restartable`: those that StartRestart would reach now.',
})
export const StartEdit = request('StartEdit', {
  needs: 'operate', source: 'ours; feature table R16', reply: z.object({ task: id }),
  params: z.object({
    selection, domainId: id.optional(), addCategories: z.array(id).max(100).optional(), removeCategories: z.array(id).max(100).optional(),
    provisioningCategory: id.nullable().optional(),
  }),
  doc: 'Changes all selected devices as a task: moves them (unassigned ones are added), adds and removes standard categories, sets the provisioning category.',
})
export const StartDelete = request('StartDelete', { needs: 'operate', source: 'ours', params: z.object({ selection }), reply: z.object({ task: id }), doc: 'Deletes all selected devices as a task.' })
export const StartRestart = request('StartRestart', {
  needs: 'operate', source: 'ours; feature table R11', params: z.object({ selection, whenIdle: flag }), reply: z.object({ task: id }),
  doc: 'Restarts the selected devices as a task, through their tunnel: at once, calls end; with `whenIdle` each device waits by itself until it has no call; that cannot be taken back. Left out, with the reason in the result of the device: those that are not connected, not added to a domain, of third parties or of an observer, and App Platforms.',
})
export const StartUrlRollout = request('StartUrlRollout', {
  needs: 'manage', source: 'features 13', params: z.object({ selection: selection.optional(), url: text(1024).optional() }), reply: z.object({ task: id }),
  doc: 'Sends the registration URL (or the given `wss://` one) to the selected devices (default: all visible) through their tunnel: `config change SYSCLIENT /sysadmin`, `config write`, `config activate`. Devices that are not connected get it when they come within 30 days. Never devices of an observer or of third parties.',
})

export const TASK_REQUESTS = { GetTasks, GetTaskDevices, CancelTask, RetryTask, DeleteTask, CountSelection, StartEdit, StartDelete, StartRestart, StartUrlRollout } as const
export const TASK_INDICATIONS = { TaskAdded, TaskEdited, TaskDeleted } as const
