/** The instance as the manager of the App Platform sees it: its login and its passwords (wire-protocols 7.2, 7.3). */
import { Fault } from './fault.ts'
import type { ManagerApi } from './manager-api.ts'
import type { Json } from './unknown.ts'

export class PlatformInstance {
  readonly #api: ManagerApi
  readonly #paths: readonly string[]
  #at = 0
  /** A login made with this path was accepted. */
  #proven = false

  constructor(api: ManagerApi, paths: readonly string[]) {
    this.#api = api
    this.#paths = paths
  }

  /** GetInstanceLogin: the fields of AppLogin for a challenge of the service. */
  login(challenge: string): Promise<Json> { return this.#request('GetInstanceLogin', { app: '-', challenge }) }

  /** SetInstancePassword. The manager may start the instance anew. */
  async setPassword(pwd: string): Promise<void> { await this.#request('SetInstancePassword', { pwd }) }

  /** InstanceDomain, until 13r3: the password of the domain that the App object of the App Platform logs in with, that of the PBX. */
  async setDomainPassword(pwd: string): Promise<void> { await this.#request('InstanceDomain', { pwd }) }

  /** The service has accepted or refused the login of this path. */
  judged(accepted: boolean): void {
    if (accepted) this.#proven = true
    else if (!this.#proven) this.#next()
  }

  #next(): void { this.#at = (this.#at + 1) % this.#paths.length }

  async #request(mt: string, fields: Json): Promise<Json> {
    for (let tried = 1; ; tried++) {
      try {
        return await this.#api.request(mt, { path: this.#paths[this.#at] ?? '', ...fields })
      } catch (cause) {
        // Only a refusal can come from the path; silence does not.
        if (this.#proven || tried >= this.#paths.length || !(cause instanceof Fault) || cause.code !== 'managerRefused') throw cause
        this.#next()
      }
    }
  }
}
