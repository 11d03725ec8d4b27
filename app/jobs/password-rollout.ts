/** What a change of a domain's settings means for the administrative passwords of its devices (features 2.3). */
import type { DevicePasswords } from '../devices/device-passwords.ts'
import type { Viewer } from '../domains/viewer.ts'
import type { AdminPasswordWork } from './kinds/admin-passwords.ts'
import type { Tasks } from './tasks.ts'

export interface DeploymentChange {
  /** The domain has another password. */
  readonly password: boolean
  /** The checkmark was set: random passwords are made anew ("untick, save, tick, save"). */
  readonly turnedOn: boolean
}

export class PasswordRollout {
  readonly #tasks: Tasks
  readonly #passwords: DevicePasswords

  constructor(tasks: Tasks, passwords: DevicePasswords) {
    this.#tasks = tasks
    this.#passwords = passwords
  }

  /**
   * To be called in the same turn as the change itself, so that both are in one transaction; the new settings must be readable.
   * Answers the id of the task that carries passwords to connected devices; undefined when the domain deploys none, or nothing
   * changed. Without the checkmark nothing is sent, and nothing on devices is set back.
   */
  changed(viewer: Viewer, domain: { readonly id: number, readonly name: string }, change: DeploymentChange): number | undefined {
    if (!(change.password || change.turnedOn) || !this.#passwords.deploys(domain.id)) return undefined
    const work: AdminPasswordWork = change.turnedOn ? { domainId: domain.id, kinds: ['domain', 'random'], renew: true } : { domainId: domain.id, kinds: ['domain'], renew: false }
    const detail = change.turnedOn ? `Passwords are deployed in ${domain.name}` : `New password of ${domain.name}`
    return this.#tasks.start(viewer, { kind: 'adminPasswords', domainId: domain.id, detail, work }).id
  }
}
