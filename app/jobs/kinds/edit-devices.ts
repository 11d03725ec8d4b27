/** Changes or deletes the devices of a selection; each of them by the rules for a single one, with the rights the task was started with. */
import { z } from 'zod'
import { RequestError } from '../../errors.ts'
import type { DeviceCategories } from '../../categories/device-categories.ts'
import type { DeviceCommands } from '../../devices/device-commands.ts'
import type { DeviceRow } from '../../devices/device-row.ts'
import type { DeviceStore } from '../../devices/device-store.ts'
import { selectionWhere } from '../../devices/selection.ts'
import type { Log } from '../../observe/log.ts'
import { id } from '../../protocol/types.ts'
import { selection } from '../../protocol/task-messages.ts'
import { Status } from '../../store/schema.ts'
import type { Store } from '../../store/store.ts'
import type { Kind, Outcome, RowWork, TaskDevice } from '../kinds.ts'
import type { Viewer } from '../../domains/viewer.ts'

export const deleteWork = z.object({ selection })
export type DeleteWork = z.infer<typeof deleteWork>
export const editWork = z.object({
  selection, domainId: id.optional(), addCategories: z.array(id), removeCategories: z.array(id),
  /** Null takes it away. */
  provisioningCategory: id.nullable().optional(),
})
export type EditWork = z.infer<typeof editWork>

export interface EditDeps {
  readonly store: Store
  readonly devices: DeviceStore
  readonly commands: DeviceCommands
  readonly categories: DeviceCategories
  readonly log: Log
}

/** What is to be done after the commit. */
type After = () => void

/** Changes one device inside the current write. Throws `RequestError` when it cannot be. */
type Change = (row: DeviceRow) => After

function rowWork(deps: EditDeps, devices: RowWork['devices'], change: Change): RowWork {
  function one(device: TaskDevice): { outcome: Outcome, after: After | undefined } {
    const row = deps.devices.row(device.deviceId)
    if (!row) return { outcome: { is: 'skipped', text: 'The device is gone already.' }, after: undefined }
    try {
      return { outcome: { is: 'done' }, after: deps.store.write(() => change(row)) }
    } catch (cause) {
      if (!(cause instanceof RequestError)) deps.log('error', `device ${row.hwId}: ${cause instanceof Error ? cause.stack ?? cause.message : String(cause)}`)
      const text = cause instanceof RequestError ? cause.message : 'Something went wrong here; the log of the service says what.'
      return { outcome: { is: 'failed', text, again: false }, after: undefined }
    }
  }
  return {
    how: 'rows', devices,
    slice: slice => {
      const results = slice.map(one)
      return { outcomes: results.map(result => result.outcome), after: () => { for (const { after } of results) after?.() } }
    },
  }
}

export const deleteDevices = (deps: EditDeps): Kind => (raw, viewer) =>
  rowWork(deps, selectionWhere(viewer, deleteWork.parse(raw).selection), row => deps.commands.removeNow(viewer, row.id))

export const editDevices = (deps: EditDeps): Kind => (raw, viewer) => {
  const work = editWork.parse(raw)
  return rowWork(deps, selectionWhere(viewer, work.selection), row => changeOne(deps, viewer, work, row))
}

/** Moves or adds it, then its categories: those of the domain it is in from then on. */
function changeOne({ commands, categories }: EditDeps, viewer: Viewer, work: EditWork, row: DeviceRow): After {
  const added = work.domainId !== undefined && (row.status === Status.unassigned || row.status === Status.lost) ? commands.addNow(viewer, row, work.domainId) : undefined
  const stays = work.domainId === undefined || work.domainId === row.domainId
  const wanted = new Set(stays ? categories.of(row.id) : [])
  for (const id of work.addCategories) wanted.add(id)
  for (const id of work.removeCategories) wanted.delete(id)
  const edited = commands.editNow(viewer, {
    id: row.id, domainId: added ? undefined : work.domainId, provisioningCategory: work.provisioningCategory,
    ...(work.addCategories.length + work.removeCategories.length > 0 ? { categories: [...wanted] } : {}),
  })
  return () => {
    added?.()
    edited()
  }
}
