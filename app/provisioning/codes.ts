/** Provisioning codes as apps see them: made, listed, deleted, watched (features 5.1). Every command takes the viewer. */
import { AuditLog } from '../audit/audit-log.ts'
import { categoryByName } from '../categories/category-rules.ts'
import type { DeviceLists } from '../devices/device-lists.ts'
import type { DeviceStore } from '../devices/device-store.ts'
import type { Domains } from '../domains/domains.ts'
import { maySee, type Viewer } from '../domains/viewer.ts'
import { RequestError } from '../errors.ts'
import type { Log } from '../observe/log.ts'
import type { ProvisioningCode } from '../protocol/provisioning-messages.ts'
import type { Device } from '../protocol/types.ts'
import type { Store } from '../store/store.ts'
import type { CodeDirectory } from './code-directory.ts'
import { KEPT, stateOf, typedCode, validFor, type Refusal, type StoredCode } from './code-rules.ts'
import type { CodeStore } from './code-store.ts'
import { CodeWatchers, type Listener } from './code-watchers.ts'

export interface CodesDeps {
  readonly store: Store
  readonly codes: CodeStore
  readonly domains: Domains
  readonly devices: DeviceStore
  readonly lists: DeviceLists
  readonly audit: AuditLog
  readonly directory: CodeDirectory
  readonly registrationUrl: () => string
  readonly now: () => number
  readonly log: Log
}

/** What a new code is good for. */
export interface Order { readonly domainId?: number | undefined, readonly category: string, readonly rollout?: boolean | undefined, readonly administrative?: boolean | undefined }

const CHUNK = 200
/** Codes announced to the directory at a time. */
const ANNOUNCED_AT_ONCE = 20
/** Ends indicated per second: a roll-out of thousands ends at once. */
const EXPIRED_PER_TICK = 200
const PURGED_PER_TICK = 500

const noSuchCode = (): RequestError => new RequestError('notFound', 'There is no such provisioning code.', 'code')
/** A code in the log and in the audit log: enough to tell two apart, too little to use one. */
const masked = (code: string): string => `…${code.slice(-3)}`

export class Codes {
  readonly #deps: CodesDeps
  readonly #watchers = new CodeWatchers()
  /** Ends up to here have been indicated. */
  #ended: { at: number, code: string }

  constructor(deps: CodesDeps) {
    this.#deps = deps
    this.#ended = { at: deps.now(), code: '' }
  }

  get watchers(): CodeWatchers { return this.#watchers }
  url(): string { return this.#deps.registrationUrl() }

  /** New codes, one for each name, all or none; resolves when they are on disk and announced. */
  async make(viewer: Viewer, order: Order, names: readonly string[]): Promise<StoredCode[]> {
    const { store, codes, audit, now } = this.#deps
    const domainId = order.domainId ?? viewer.domainId
    const domain = maySee(viewer, domainId) ? this.#deps.domains.get(domainId) : undefined
    if (!domain) throw new RequestError('notFound', 'There is no such domain.', 'domainId')
    const category = categoryByName(domain.categories, order.category, true)
    if (!category) throw new RequestError('notFound', 'There is no such provisioning category in this domain.', 'category')
    const at = now()
    if (!codes.hasRoom(domainId, names.length, at)) throw new RequestError('busy', 'Too many provisioning codes of this domain are open.')
    const { rollout = false, administrative = false } = order
    const dropped = codes.surplus(domainId, names.length, at)
    const made = store.write(() => {
      for (const code of dropped) codes.remove(code)
      const rows = names.map(name => codes.insert({ domainId, categoryId: category.id, sip: name.trim(), administrative, rollout, createdBy: viewer.who, validUntil: at + validFor(rollout) }, at))
      audit.record(viewer, {
        domainId, action: 'code.added', subject: rows.length === 1 ? `code ${masked(rows[0]?.code ?? '')}` : `${rows.length} codes`,
        after: [`category: ${category.name}`, `for: ${names.filter(Boolean).join(', ')}`, ...(rollout ? ['roll-out'] : []), ...(administrative ? ['administrative'] : [])].join('; '),
      })
      return rows
    })
    await store.committed()
    await this.#announce(made)
    for (const code of dropped) this.#indicateDeleted(code)
    for (const code of made) for (const { session, indicate, src } of this.#watchers.watching(domainId)) indicate('ProvisioningCodeAdded', { code: this.toWire(session.viewer, code) }, src)
    return made
  }

  async #announce(made: readonly StoredCode[]): Promise<void> {
    const { directory, store, codes, log } = this.#deps
    const url = this.url()
    try {
      for (let at = 0; at < made.length; at += ANNOUNCED_AT_ONCE) {
        await Promise.all(made.slice(at, at + ANNOUNCED_AT_ONCE).map(({ code, validUntil }) => directory.announce(code, url, validUntil)))
      }
    } catch (cause) {
      log('warn', `codes could not be announced: ${cause instanceof Error ? cause.message : String(cause)}`)
      store.write(() => { for (const code of made) codes.remove(code) })
      for (const { code } of made) this.#withdraw(code)
      await store.committed()
      throw new RequestError('failed', 'The code could not be announced to the provisioning service.')
    }
  }

  #withdraw(code: string): void {
    this.#deps.directory.withdraw(code).catch((cause: unknown) => this.#deps.log('warn', `a code could not be withdrawn: ${cause instanceof Error ? cause.message : String(cause)}`))
  }

  /** A code the viewer may see; `notFound` otherwise, whether it exists or not. */
  find(viewer: Viewer, given: string, domainId?: number): StoredCode {
    const code = this.#deps.codes.get(typedCode(given))
    if (!code || !maySee(viewer, code.domainId) || (domainId !== undefined && domainId !== code.domainId)) throw noSuchCode()
    return code
  }

  /** Chunks of the codes the viewer may see, newest first. */
  list(viewer: Viewer, domainId: number | undefined): Generator<ProvisioningCode[]> {
    if (domainId !== undefined && (!maySee(viewer, domainId) || !this.#deps.domains.get(domainId))) throw new RequestError('notFound', 'There is no such domain.', 'domainId')
    return this.#chunks(viewer, domainId)
  }

  * #chunks(viewer: Viewer, domainId: number | undefined): Generator<ProvisioningCode[]> {
    for (const rows of this.#deps.codes.list(viewer, domainId, CHUNK)) yield rows.map(row => this.toWire(viewer, row))
  }

  /** Makes an open code worthless and takes it from the list. */
  async remove(viewer: Viewer, given: string): Promise<void> {
    const { store, codes, audit } = this.#deps
    const code = this.find(viewer, given)
    store.write(() => {
      codes.remove(code)
      audit.record(viewer, { domainId: code.domainId, action: 'code.deleted', subject: `code ${masked(code.code)}`, before: `${stateOf(code, this.#deps.now())}; for: ${code.sip}` })
    })
    await store.committed()
    this.#indicateDeleted(code)
  }

  /** The device that used a code, as the viewer may see it; undefined: nobody has yet. */
  deviceOf(viewer: Viewer, code: StoredCode): Device | undefined {
    if (code.usedAt === null) return undefined
    const row = code.deviceId === null ? undefined : this.#deps.devices.row(code.deviceId)
    if (!row || !this.#deps.lists.sees(viewer, row)) throw new RequestError('notFound', 'The device that used this code is not there any more.', 'code')
    return this.#deps.lists.toDevices([row], false)[0]
  }

  isOpen(code: StoredCode): boolean {
    const state = stateOf(code, this.#deps.now())
    return state === 'open' || state === 'refused'
  }

  /** A device used the code (on disk): whoever waits for it hears of it. */
  used(given: string): void {
    const code = this.#deps.codes.get(given)
    if (!code) return
    for (const { indicate, src } of this.#watchers.requesters(code)) {
      const row = code.deviceId === null ? undefined : this.#deps.devices.row(code.deviceId)
      const [device] = row ? this.#deps.lists.toDevices([row], false) : []
      if (device) indicate('DeviceProvisioned', { code: code.code, device }, src)
    }
    this.#watchers.done(code.code)
    this.#indicateEdited(code)
    this.#withdraw(code.code)
  }

  /** A device that brought the code was not let in. The code stays open; the same refusal again is no news. */
  refused(code: StoredCode, why: Refusal, hwId: string, name: string): void {
    if (code.error === why && code.hwId === hwId && code.interface === name) return
    this.#deps.codes.refuse(code.code, why, hwId, name)
    const after = { ...code, error: why, hwId, interface: name }
    for (const { session, indicate, src } of this.#watchers.requesters(code)) indicate('DeviceProvisioned', { code: code.code, error: why, errorText: this.#errorText(session.viewer, after) }, src)
    this.#indicateEdited(after)
  }

  /** To be called once a second: indicates codes that have expired and forgets old ones. */
  tick(): void {
    const { codes, now } = this.#deps
    const at = now()
    const expired = codes.expired(this.#ended, at, EXPIRED_PER_TICK)
    const last = expired.at(-1)
    this.#ended = last && expired.length === EXPIRED_PER_TICK ? { at: last.validUntil, code: last.code } : { at, code: '\uffff' }
    for (const code of expired) {
      this.#watchers.done(code.code)
      this.#indicateEdited(code)
      this.#withdraw(code.code)
    }
    for (const code of codes.endedBefore(at - KEPT, PURGED_PER_TICK)) {
      codes.remove(code)
      this.#indicateDeleted(code)
    }
  }

  #indicateEdited(code: StoredCode): void {
    for (const { session, indicate, src } of this.#watchers.watching(code.domainId)) indicate('ProvisioningCodeEdited', { code: this.toWire(session.viewer, code) }, src)
  }

  #indicateDeleted(code: { code: string, domainId: number }): void {
    this.#watchers.done(code.code)
    this.#withdraw(code.code)
    for (const { indicate, src } of this.#watchers.watching(code.domainId)) indicate('ProvisioningCodeDeleted', { code: code.code }, src)
  }

  /** Why a device was refused, in words; another domain is named only to those who may see it (features 5.5). */
  #errorText(viewer: Viewer, code: StoredCode): string {
    switch (code.error) {
      case 'otherDomain': {
        const domainId = this.#deps.devices.auth(code.hwId)?.domainId ?? 0
        const domain = domainId !== 0 && maySee(viewer, domainId) ? this.#deps.domains.get(domainId) : undefined
        return domain ? `The device belongs to the domain ${domain.name}.` : 'The device belongs to another domain.'
      }
      case 'wrongCategory': return 'The provisioning category is used by a phone configuration; it cannot provision a gateway.'
      case 'noCategory': return 'The provisioning category was deleted.'
      default: return 'The device has no such interface to provision.'
    }
  }

  toWire(viewer: Viewer, code: StoredCode): ProvisioningCode {
    const state = stateOf(code, this.#deps.now())
    return {
      code: code.code, domainId: code.domainId, category: code.category ?? '', categoryId: code.category === null ? null : code.categoryId, sip: code.sip,
      rollout: code.rollout === 1, administrative: code.administrative === 1, by: code.createdBy, createdAt: code.createdAt, validUntil: code.validUntil, state,
      ...(code.usedAt === null ? {} : { usedAt: code.usedAt }), ...(code.hwId ? { hwId: code.hwId } : {}), ...(code.interface ? { interface: code.interface } : {}),
      ...(code.error ? { errorText: this.#errorText(viewer, code) } : {}),
    }
  }
}
export type { Listener }
