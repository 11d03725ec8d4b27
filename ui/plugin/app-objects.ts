/** The App objects of the instance on this PBX: what is there, and create, edit, delete, repair (wire-protocols 7.2). */
import { faultOf, type Fault } from './fault.ts'
import type { Item } from './item.ts'
import { NewPassword, type NewSource } from './new-password.ts'
import { KINDS, type AppObject, type Kind, type Pbx } from './pbx.ts'
import type { PlatformInstance } from './platform-instance.ts'
import type { ServiceLink } from './service-link.ts'
import { isObject, type Json } from './unknown.ts'

/** `unknown`: could not be checked. */
export type PasswordState = 'checking' | 'right' | 'wrong' | 'unknown'

/** What is done to an object when it is written. */
export type Purpose = 'create' | 'edit' | 'repair'

/** Where its password comes from. */
export type PasswordSource = { readonly from: 'kept' } | { readonly from: 'object', readonly object: AppObject } | NewSource

/**
 * The instance may be starting with its new password while the object has it already: `wrong` is believed after these pauses, ms.
 */
const AFTER_CHANGE = [1000, 2000, 4000]

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

export class AppObjects {
  readonly #pbx: Pbx
  readonly #service: ServiceLink
  readonly #base: string
  readonly #new: NewPassword
  readonly #passwords = new Map<string, PasswordState>()
  /** Objects whose password was written since it was last looked at. */
  readonly #written = new Set<string>()
  #checked: Promise<void> = Promise.resolve()
  #round = 0
  /** Objects that the present round has not come to the end of. */
  #pending = new Set<string>()
  list: readonly AppObject[] = []
  /** Why passwords could not be checked. */
  serviceFault: Fault | undefined
  /** Called when anything here has changed. */
  changed = (): void => {}

  constructor(pbx: Pbx, platform: PlatformInstance, service: ServiceLink, { base, domain }: Item) {
    this.#pbx = pbx
    this.#service = service
    this.#base = base
    this.#new = new NewPassword(platform, service, { pbx: pbx.domain, path: domain })
  }

  ofKind(kind: Kind): AppObject[] { return this.list.filter(one => one.kind === kind) }
  password(object: AppObject): PasswordState { return this.#passwords.get(object.guid) ?? 'checking' }

  /** Reads the objects. */
  async load(): Promise<void> {
    this.list = await this.#pbx.appObjects(this.#base)
    this.changed()
  }

  /**
   * Has passwords checked, one after the other: all, or only those that may have changed and those that nobody has looked at. A later
   * round ends an earlier one; for `unseen` objects there is none while all of them are being looked at, or none would ever end.
   */
  check(which: 'all' | 'changed' | 'unseen'): void {
    if (which === 'unseen' && this.list.every(({ guid }) => this.#known(guid) || this.#pending.has(guid))) return
    const round = ++this.#round
    const some = this.list.filter(({ guid }) => which === 'all' || this.#written.has(guid) || !this.#known(guid))
    for (const { guid } of some) if (this.#written.has(guid) || !this.#known(guid)) this.#passwords.set(guid, 'checking')
    this.#pending = new Set(some.map(({ guid }) => guid))
    this.#checked = this.#checkAll(some, () => round !== this.#round)
    this.changed()
  }

  /** Resolves when no password is being checked any more. */
  async checked(): Promise<void> {
    for (let running; running !== this.#checked;) {
      running = this.#checked
      await running
    }
  }

  #known(guid: string): boolean { return (this.#passwords.get(guid) ?? 'checking') !== 'checking' }

  async #checkAll(some: readonly AppObject[], over: () => boolean): Promise<void> {
    for (const object of some) {
      let state: PasswordState = 'unknown'
      for (const wait of [...(this.#written.has(object.guid) ? AFTER_CHANGE : []), 0]) {
        state = await this.#checkOne(object)
        if (over()) return
        if (state === 'right' || wait === 0) break
        await pause(wait)
        if (over()) return
      }
      this.#written.delete(object.guid)
      this.#pending.delete(object.guid)
      this.#passwords.set(object.guid, state)
      this.changed()
    }
  }

  async #checkOne(object: AppObject): Promise<PasswordState> {
    try {
      const login = await this.#pbx.appLogin(object.sip)
      const right = await this.#service.check(login)
      this.serviceFault = undefined
      return right ? 'right' : 'wrong'
    } catch (cause) {
      this.serviceFault = faultOf(cause)
      return 'unknown'
    }
  }

  /**
   * The password that a written object gets, when all have been checked: that of an object with the right one. Where no check was
   * possible, that of any object: nothing gets worse. Only where there is none, or all are known to be wrong, there must be a new one.
   * An edit leaves a password alone that is not known to be wrong, and never makes a new one: that is what repairing is for.
   */
  async source(purpose: Purpose, object?: AppObject): Promise<PasswordSource> {
    await this.checked()
    if (purpose === 'edit' && object && this.password(object) !== 'wrong') return { from: 'kept' }
    const right = this.list.find(one => this.password(one) === 'right') ?? this.list.find(one => this.password(one) !== 'wrong')
    if (right) return { from: 'object', object: right }
    return purpose === 'edit' ? { from: 'kept' } : this.#new.source()
  }

  /** A SIP name that none of these objects has. */
  freeSip(wish: string): string {
    const taken = new Set(this.list.map(one => one.sip.toLowerCase()))
    for (let n = 1; ; n++) {
      const name = n === 1 ? wish : `${wish}-${n}`
      if (!taken.has(name)) return name
    }
  }

  /** Creates (without `object`) or edits. Resolves with the object as it is now; reading the list again may fail, the object is written all the same. */
  async save(kind: Kind, object: AppObject | undefined, given: { name: string, sip: string }, source: PasswordSource): Promise<AppObject> {
    const password = await this.#password(source, object)
    const url = object?.url || `${this.#base}/${KINDS[kind]}`
    const pseudo = object?.pseudo ?? {}
    const guid = await this.#write({ kind, guid: object?.guid || undefined, url, pseudo, ...given }, password)
    this.#new.used()
    await this.load().catch(() => {})
    const saved = this.list.find(one => one.guid === guid) ?? this.list.find(one => one.kind === kind && one.sip === given.sip)
      ?? { kind, guid, url, pseudo, sip: given.sip, title: given.name, connected: undefined }
    // The PBX need not have said which object it has made (UpdateObjectResult {guid?}).
    if (source.from !== 'kept') this.#written.add(saved.guid)
    return saved
  }

  /** Gives an object the right password. */
  async repair(object: AppObject, source: PasswordSource): Promise<void> {
    const password = await this.#password(source, object)
    await this.#write({ ...object, name: object.title }, password)
    this.#new.used()
    await this.load().catch(() => {})
  }

  async remove(object: AppObject): Promise<void> {
    await this.#pbx.remove(object.guid)
    this.#passwords.delete(object.guid)
    this.list = this.list.filter(one => one.guid !== object.guid)
    this.changed()
    await this.load().catch(() => {})
  }

  /** @param target the object that gets it and is written by the caller */
  async #password(source: PasswordSource, target: AppObject | undefined): Promise<Json> {
    if (source.from === 'kept') return {}
    // Inferred: the object to copy from is named by its guid.
    if (source.from === 'object') return { copyPwd: source.object.guid }
    const pwd = await this.#new.set(source)
    this.#service.close()
    // The others were wrong already; none is left behind with a password that nobody knows. One that was entered may be wrong itself.
    const others = source.from === 'domain' && source.given !== '' ? [] : this.list.filter(one => one.guid !== target?.guid)
    for (const other of others) await this.#write({ ...other, name: other.title }, { pwd })
    return { pwd }
  }

  /** `hide` and `critical` as the templates set them. Settings that somebody else has made are kept, so they are read again right before. */
  async #write(object: { kind: Kind, guid?: string | undefined, name: string, sip: string, url: string, pseudo: Json }, password: Json): Promise<string> {
    const now = object.guid === undefined ? undefined : (await this.#pbx.appObjects(this.#base)).find(one => one.guid === object.guid)
    const { pseudo } = now ?? object
    const app = pseudo['app']
    const guid = await this.#pbx.update({
      hide: true, critical: true, cn: object.name, h323: object.sip, ...(object.guid === undefined ? {} : { guid: object.guid }), ...password,
      pseudo: { ...pseudo, type: 'app', app: { ...isObject(app) ? app : {}, url: object.url, websocket: true, ...(object.kind === 'api' ? { hidden: true } : {}) } },
    }) || object.guid || ''
    if (Object.keys(password).length > 0) this.#written.add(guid)
    return guid
  }
}
