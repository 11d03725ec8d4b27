/**
 * The first password of App objects, made or given: that of the instance for a PBX of its own domain; for a PBX of another domain the
 * one that this domain has in Devices (wire-protocols 5.7, 7.2, 7.3). SetInstancePassword for the latter would lock out the former.
 */
import { Fault, faultOf } from './fault.ts'
import type { PlatformInstance } from './platform-instance.ts'
import { randomPassword } from './random-password.ts'
import type { ServiceLink } from './service-link.ts'

/** `given`: the password that the domain has already; empty: it gets a new one. */
export type NewSource = { readonly from: 'instance' } | { readonly from: 'domain', readonly domain: string, readonly given: string }

const sameDomain = (a: string, b: string): boolean => a.normalize('NFC').toLowerCase() === b.normalize('NFC').toLowerCase()

export class NewPassword {
  readonly #platform: PlatformInstance
  readonly #service: ServiceLink
  readonly #domains: { readonly pbx: string, readonly path: string }
  /** Made for an object that was not written: a further try needs no other one, which would disconnect all devices again. */
  #made: string | undefined
  #set = false

  /** @param domains that of the PBX, and the one in the address of the instance */
  constructor(platform: PlatformInstance, service: ServiceLink, domains: { readonly pbx: string, readonly path: string }) {
    this.#platform = platform
    this.#service = service
    this.#domains = domains
  }

  /**
   * Whose password it must be. The service says at the login which domain is that of the instance (5.2); when it lets nobody in, which
   * it does for a domain that it does not know, the address of the instance says it (6.1).
   */
  async source(): Promise<NewSource> {
    const { pbx, path } = this.#domains
    if (pbx === '') throw new Fault('lacking', 'domain')
    const own = await this.#service.instanceDomain().catch(() => '') || path
    return sameDomain(pbx, own) ? { from: 'instance' } : { from: 'domain', domain: pbx, given: '' }
  }

  /** Resolves with the password when instance or domain have it. Rejects with `domainRefused` where it must be given. */
  async set(source: NewSource): Promise<string> {
    if (source.from === 'domain' && source.given !== '') return source.given
    const pwd = this.#made ??= randomPassword()
    if (!this.#set) await (source.from === 'instance' ? this.#platform.setPassword(pwd) : this.#setDomain(pwd))
    this.#set = true
    return pwd
  }

  /** Managers from 14r1 on no longer have this message, and one that has it may refuse it. */
  async #setDomain(pwd: string): Promise<void> {
    try {
      await this.#platform.setDomainPassword(pwd)
    } catch (cause) {
      const fault = faultOf(cause)
      throw fault.code === 'managerRefused' || fault.code === 'managerSilent' ? new Fault('domainRefused', fault.detail) : fault
    }
  }

  /** The object has it: where it is not the right one in spite of that, the next one is set anew. */
  used(): void {
    this.#made = undefined
    this.#set = false
  }
}
