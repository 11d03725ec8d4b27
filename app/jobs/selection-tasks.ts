/** Actions on a selection of devices of any size, as tasks (feature table R11, R16). */
import { RequestError } from '../errors.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { DeviceStore } from '../devices/device-store.ts'
import { selectionWhere, soleDomain, type Selection } from '../devices/selection.ts'
import { maySee, type Viewer } from '../domains/viewer.ts'
import type { Domains } from '../domains/domains.ts'
import { Status } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { DeleteWork, EditWork } from './kinds/edit-devices.ts'
import { RESTARTABLE, type RestartWork } from './kinds/restart-devices.ts'
import type { Task } from './task.ts'
import type { Tasks } from './tasks.ts'

export interface SelectionTasksDeps {
  readonly store: Store
  readonly devices: DeviceStore
  readonly domains: Domains
  readonly audit: AuditLog
  readonly tasks: Tasks
  readonly settings: { readonly observer: boolean }
}

/** `unassigned`: those that wait to be added, for the first time or again. `restartable`: those that a restart would reach now. */
export interface SelectionCount { readonly count: number, readonly online: number, readonly unassigned: number, readonly restartable: number }

export interface EditRequest {
  readonly selection: Selection
  readonly domainId?: number | undefined
  readonly addCategories?: readonly number[] | undefined
  readonly removeCategories?: readonly number[] | undefined
  readonly provisioningCategory?: number | null | undefined
}

export class SelectionTasks {
  readonly #deps: SelectionTasksDeps

  constructor(deps: SelectionTasksDeps) { this.#deps = deps }

  /** How many devices an action would hit. */
  count(viewer: Viewer, selection: Selection): SelectionCount {
    this.#deps.devices.settle()
    const where = selectionWhere(viewer, selection)
    const row = this.#deps.store.sqlite.prepare<(string | number)[], { count: number, online: number | null, unassigned: number | null, restartable: number | null }>(
      `SELECT count(*) AS count, sum(status = ${Status.online}) AS online, sum(status IN (${Status.unassigned}, ${Status.lost})) AS unassigned,
       sum(${RESTARTABLE}) AS restartable FROM devices WHERE ${where.sql}`).get(...where.values)
    return { count: row?.count ?? 0, online: row?.online ?? 0, unassigned: row?.unassigned ?? 0, restartable: this.#deps.settings.observer ? 0 : row?.restartable ?? 0 }
  }

  /** Resolves with the task once it is on disk. */
  async edit(viewer: Viewer, request: EditRequest): Promise<Task> {
    const { selection, domainId, addCategories = [], removeCategories = [], provisioningCategory } = request
    if (domainId === undefined && addCategories.length + removeCategories.length === 0 && provisioningCategory === undefined) throw new RequestError('badRequest', 'Say what to change.')
    const work: EditWork = { selection, addCategories: [...addCategories], removeCategories: [...removeCategories] }
    if (domainId !== undefined) work.domainId = domainId
    if (provisioningCategory !== undefined) work.provisioningCategory = provisioningCategory
    const detail = this.#inWords(viewer, work)
    const from = soleDomain(this.#deps.store.sqlite, viewer, selection)
    return this.#start(viewer, 'edit', domainId === undefined || domainId === from ? from : 0, detail, work)
  }

  /** Resolves with the task once it is on disk. */
  async delete(viewer: Viewer, selection: Selection): Promise<Task> {
    const work: DeleteWork = { selection }
    return this.#start(viewer, 'delete', soleDomain(this.#deps.store.sqlite, viewer, selection), '', work)
  }

  /** Resolves with the task once it is on disk. */
  async restart(viewer: Viewer, request: { readonly selection: Selection, readonly whenIdle?: boolean | undefined }): Promise<Task> {
    if (this.#deps.settings.observer) throw new RequestError('conflict', 'This instance only observes its devices: it does not restart them.')
    const { selection, whenIdle = false } = request
    const work: RestartWork = { selection, whenIdle }
    return this.#start(viewer, 'restart', soleDomain(this.#deps.store.sqlite, viewer, selection), whenIdle ? 'when no call is active' : '', work)
  }

  async #start(viewer: Viewer, kind: 'edit' | 'delete' | 'restart', domainId: number, detail: string, work: object): Promise<Task> {
    const { store, audit, tasks } = this.#deps
    const task = store.write(() => {
      audit.record(viewer, { domainId, action: `task.${kind}`, subject: detail })
      return tasks.start(viewer, { kind, domainId, detail, work })
    })
    await store.committed()
    return task
  }

  /** What is changed to what. Throws `notFound` for domains and categories the viewer may not see. */
  #inWords(viewer: Viewer, work: EditWork): string {
    const words: string[] = []
    if (work.domainId !== undefined) {
      const domain = maySee(viewer, work.domainId) ? this.#deps.domains.get(work.domainId) : undefined
      if (!domain) throw new RequestError('notFound', 'There is no such domain.', 'domainId')
      words.push(`domain: ${domain.name}`)
    }
    const name = (id: number, field: string): string => {
      const found = this.#deps.domains.category(id)
      if (!found || !maySee(viewer, found.domain.id)) throw new RequestError('notFound', 'There is no such category.', field)
      return found.category.name
    }
    if (work.addCategories.length) words.push(`categories added: ${work.addCategories.map(id => name(id, 'addCategories')).join(', ')}`)
    if (work.removeCategories.length) words.push(`categories removed: ${work.removeCategories.map(id => name(id, 'removeCategories')).join(', ')}`)
    if (work.provisioningCategory !== undefined) words.push(`provisioning category: ${work.provisioningCategory === null ? 'none' : name(work.provisioningCategory, 'provisioningCategory')}`)
    return words.join('; ')
  }
}
