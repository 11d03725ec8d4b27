/** Who gets a new registration URL, and when (features 13): on request, and by itself where the instance is set so. */
import { RequestError } from '../errors.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import { soleDomain, type Selection } from '../devices/selection.ts'
import type { Viewer } from '../domains/viewer.ts'
import type { InstanceSettings } from '../instances/settings.ts'
import { registrationUrlWork, type RegistrationUrlWork } from '../jobs/kinds/registration-url.ts'
import type { Task } from '../jobs/task.ts'
import type { Tasks } from '../jobs/tasks.ts'
import type { Store } from '../store/store.ts'

/** What the service does by itself is done by nobody else. */
const SERVICE: Viewer = { admin: true, role: 'full', domainId: 0, domainIds: new Set(), who: 'service', address: '' }

export interface UrlRolloutDeps {
  readonly store: Store
  readonly tasks: Tasks
  readonly audit: AuditLog
  readonly settings: InstanceSettings
  /** The address devices should have. */
  readonly registrationUrl: () => string
}

export class UrlRollout {
  readonly #deps: UrlRolloutDeps

  constructor(deps: UrlRolloutDeps) { this.#deps = deps }

  /** The explicit action. Resolves with the task once it is on disk. */
  async start(viewer: Viewer, given: { selection?: Selection | undefined, url?: string | undefined }): Promise<Task> {
    if (this.#deps.settings.observer) throw new RequestError('conflict', 'This instance only observes its devices: it does not configure them.')
    const url = given.url ?? this.#deps.registrationUrl()
    const wrong = whyNot(url)
    if (wrong !== undefined) throw given.url === undefined
      ? new RequestError('conflict', 'The address under which devices reach the service from outside is not known yet: it comes from the App object of the Devices API. Give a wss:// address.', 'url')
      : new RequestError('badRequest', wrong, 'url')
    const task = this.#begin(viewer, { url, automatic: false, ...(given.selection ? { selection: given.selection } : {}) })
    await this.#deps.store.committed()
    return task
  }

  /** The App object says another address: connected devices get it at once, where the instance is set so. */
  addressChanged(): void {
    const url = this.#deps.registrationUrl()
    if (this.#automatic && whyNot(url) === undefined) this.#begin(SERVICE, { url, automatic: true })
  }

  /** A device came by a former host name. Each one is tried once for an address, in one task for all of them. */
  cameByFormerHost(device: { readonly id: number, readonly hwId: string }): void {
    const url = this.#deps.registrationUrl()
    if (!this.#automatic || whyNot(url) !== undefined) return
    const open = this.#deps.tasks.list(SERVICE).find(task => {
      const work = task.kind === 'registrationUrl' ? registrationUrlWork.safeParse(task.settings.work).data : undefined
      return work?.automatic === true && work.url === url && task.state !== 'cancelled'
    })
    if (open) this.#deps.tasks.append(open, device)
    else this.#begin(SERVICE, { url, automatic: true })
  }

  get #automatic(): boolean { return this.#deps.settings.rollOutRegistrationUrl && !this.#deps.settings.observer }

  #begin(viewer: Viewer, work: RegistrationUrlWork): Task {
    const { tasks, audit, store } = this.#deps
    const domainId = soleDomain(store.sqlite, viewer, work.selection)
    return store.write(() => {
      audit.record(viewer, { domainId, action: 'registrationUrl.rolledOut', subject: work.url })
      return tasks.start(viewer, { kind: 'registrationUrl', domainId, detail: work.url, work })
    })
  }
}

/**
 * Why an address cannot be given to devices. Provisioned addresses are always `wss` (wire-protocols 2.1); parameters are for
 * devices that are in no domain yet, and hold a token (features 5.4, 13).
 */
function whyNot(url: string): string | undefined {
  if (!URL.canParse(url) || !/^wss:\/\/[^\s/?#@]+\/\S*$/.test(url)) return 'The address must look like wss://host/domain/devices/sysclients.'
  return /[?#]/.test(url) ? 'The address must not have parameters: these devices are in a domain already.' : undefined
}
