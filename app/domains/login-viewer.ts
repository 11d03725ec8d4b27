/** The viewer of a session. Grants and roles are looked up at each use: they change while sessions are open. */
import type { Role } from '../protocol/domain-messages.ts'
import type { DomainEntry, Domains } from './domains.ts'
import type { Viewer } from './viewer.ts'

/** What was proven at the login. */
export interface LoginIdentity {
  readonly admin: boolean
  readonly domainId: number
  /** Name of the App object that gave access: part of the login digest (wire-protocols 5.5). Empty for a direct login. */
  readonly appObject: string
  /** The login was made for the PBX Manager plugin. */
  readonly plugin: boolean
  readonly who: string
}

export interface RightsSource {
  readonly domains: Domains
  readonly roleOf: (appObject: string) => Role
}

const NOTHING: ReadonlySet<number> = new Set()

export class LoginViewer implements Viewer {
  readonly admin: boolean
  readonly domainId: number
  readonly plugin: boolean
  readonly who: string
  readonly address: string
  readonly #identity: LoginIdentity
  readonly #source: RightsSource
  /** `#ids` are those of this entry; an entry is replaced when anything of the domain changes. */
  #entry: DomainEntry | undefined
  #ids = NOTHING

  constructor(source: RightsSource, identity: LoginIdentity, address: string) {
    this.#source = source
    this.#identity = identity
    this.admin = identity.admin
    this.domainId = identity.domainId
    this.plugin = identity.plugin
    this.who = identity.who
    this.address = address
  }

  get role(): Role { return this.#source.roleOf(this.#identity.appObject) }

  get domainIds(): ReadonlySet<number> {
    const entry = this.#source.domains.get(this.domainId)
    if (entry !== this.#entry) {
      this.#entry = entry
      this.#ids = entry ? new Set([entry.id, ...entry.granted]) : NOTHING
    }
    return this.#ids
  }

  /** The same login from another address (a page that was loaded again). */
  from(address: string): LoginViewer { return new LoginViewer(this.#source, this.#identity, address) }
}
