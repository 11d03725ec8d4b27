/**
 * Lets devices into domains that bring a provisioning code, or come by a URL with a token; provisions interfaces of gateways
 * (features 5; wire-protocols 2.9, 2.12 C and D). Whatever is refused leaves the device as if it had brought nothing; the reason goes to the
 * log, without code and token, and to whoever made the code.
 */
import type { DeviceCategories } from '../categories/device-categories.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { DeviceStore } from '../devices/device-store.ts'
import { hwKey } from '../devices/device-store.ts'
import { subjectOf } from '../devices/device-commands.ts'
import type { Domains } from '../domains/domains.ts'
import { LIMITS } from '../limits.ts'
import { shown, type Log } from '../observe/log.ts'
import type { CounterName } from '../observe/metrics.ts'
import { Status } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import type { Admission, Applicant, InterfaceRequest, Verdict } from '../sysclients/admission.ts'
import type { Assigned, Assignment, Target } from './assignment.ts'
import type { CodeStore } from './code-store.ts'
import { automaticParameters, judgeCode, judgeDevice, judgeInterface, REFUSALS, typedCode, type Refusal, type StoredCode } from './code-rules.ts'
import type { Codes } from './codes.ts'
import type { GuessThrottle } from './guess-throttle.ts'
import type { Interfaces } from './interfaces.ts'
import { guessOf, isGuess, judgeParameters } from './tokens.ts'

export interface DoorkeeperDeps {
  readonly store: Store
  readonly codeStore: CodeStore
  readonly codes: Codes
  readonly devices: DeviceStore
  readonly domains: Domains
  readonly assignment: Assignment
  readonly interfaces: Interfaces
  readonly categories: DeviceCategories
  readonly audit: AuditLog
  readonly throttle: GuessThrottle
  readonly now: () => number
  readonly log: Log
  readonly count: (name: CounterName) => void
  /** Waits so many ms; tests inject their own. */
  readonly wait?: (ms: number) => Promise<void>
}

const NONE: Verdict = { is: 'none' }
const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
/** What a gateway is told of a refused code: no more than somebody at the interface may know. */
const INTERFACE_ERROR = 'unknown or expired code'

interface Conduct { wrong: number, waiting: number, line: Promise<void> }

export class Doorkeeper implements Admission {
  readonly #deps: DoorkeeperDeps
  /** Connections that brought codes. */
  readonly #conduct = new WeakMap<object, Conduct>()

  constructor(deps: DoorkeeperDeps) { this.#deps = deps }

  arrived({ deviceId, type, address }: Parameters<Admission['arrived']>[0]): void {
    const { devices, assignment, domains, audit, log } = this.#deps
    const row = devices.row(deviceId)
    if (row?.status !== Status.expected || row.type === type) return
    const lost = assignment.arrived(row, type)
    if (lost === undefined) return
    const category = domains.category(lost)?.category.name
    audit.record({ who: `device ${row.hwId}`, address }, { domainId: row.domainId, action: 'device.edited', subject: subjectOf(row), before: `provisioning category: ${category ?? ''}`, after: 'provisioning category: ; it cannot provision a gateway' })
    log('warn', `device ${shown(row.hwId)} is a gateway: it loses the provisioning category ${shown(category ?? '')}`)
  }

  judge(applicant: Applicant): Verdict {
    const code = typedCode(applicant.identify.provisioningCode ?? '')
    const byCode = code && applicant.failed !== 'wrong-digest' ? this.#byCode(applicant, code) : NONE
    return byCode.is === 'none' && applicant.query !== '' ? this.#byToken(applicant) : byCode
  }

  #conductOf(connection: object): Conduct {
    let conduct = this.#conduct.get(connection)
    if (!conduct) this.#conduct.set(connection, conduct = { wrong: 0, waiting: 0, line: Promise.resolve() })
    return conduct
  }

  /** The stored code, if it is one and good; counts what looks like guessing. */
  #look(code: string, connection: object, address: string): { code: StoredCode } | { why: Refusal, by: string | undefined } {
    const stored = this.#deps.codeStore.get(code)
    const why = judgeCode(stored, this.#deps.now())
    if (stored && why === undefined) return { code: stored }
    // A code that was good once is a device coming back, or a typing hand too late.
    if (why === 'unknownCode' && this.#deps.throttle.failed(address, code)) this.#conductOf(connection).wrong++
    return { why: why ?? 'unknownCode', by: stored?.usedAt ? stored.hwId : undefined }
  }

  #byCode(applicant: Applicant, code: string): Verdict {
    const { identify, address, connection, row } = applicant
    const hwId = hwKey(identify.id)
    const wait = applicant.waited ? 0 : this.#deps.throttle.begin(address, code)
    if (wait === undefined) return this.#refuse(hwId, address, 'code', 'tooMany')
    if (wait > 0) return { is: 'wait', ms: wait }
    const found = this.#look(code, connection, address)
    if ('why' in found) {
      // It says once more what let it in.
      if (found.by === hwId) return NONE
      this.#refuse(hwId, address, 'code', found.why)
      return this.#conductOf(connection).wrong > LIMITS.wrongCodesPerConnection.value ? { is: 'close', reason: 'too many wrong codes' } : NONE
    }
    const stored = found.code
    const why = judgeDevice({
      deviceDomainId: row?.domainId ?? 0, type: identify.platform.type, domainId: stored.domainId,
      hasCategory: stored.category !== null, phoneOnly: this.#isForPhones(stored.categoryId),
    })
    if (why) {
      // Trying hardware ids with a good code would tell which of them are in other domains.
      if (why === 'otherDomain') this.#deps.throttle.failed(address, `device ${hwId}`)
      this.#deps.codes.refused(stored, why, hwId, '')
      return this.#refuse(hwId, address, 'code', why)
    }
    const target: Target = { domainId: stored.domainId, categoryId: stored.categoryId ?? undefined, name: stored.sip, how: stored.administrative ? 'administrative-code' : 'code' }
    return this.#admit(applicant, target, assigned => this.#deps.codeStore.use(stored.code, { deviceId: assigned.id, hwId, name: '' }, this.#deps.now()), () => this.#deps.codes.used(stored.code))
  }

  #byToken(applicant: Applicant): Verdict {
    const { identify, address, row, failed } = applicant
    const given = automaticParameters(applicant.query)
    if (!given) return NONE
    const hwId = hwKey(identify.id)
    // A known device proves itself as always; only after a reset, when it has nothing to prove, is the token looked at.
    if (row && row.domainId !== 0 && failed === undefined) return NONE
    if (failed === 'wrong-digest') return this.#refuse(hwId, address, 'automatic provisioning', 'wrongDigest')
    const guess = guessOf(given)
    const wait = applicant.waited ? 0 : this.#deps.throttle.begin(address, guess)
    if (wait === undefined) return this.#refuse(hwId, address, 'automatic provisioning', 'tooMany')
    if (wait > 0) return { is: 'wait', ms: wait }
    const judged = judgeParameters(given, this.#deps.domains.byName(given.domain))
    if (!judged.ok) {
      if (isGuess(judged.why)) this.#deps.throttle.failed(address, guess)
      return this.#refuse(hwId, address, 'automatic provisioning', judged.why)
    }
    const { domain, categoryId } = judged
    const why = judgeDevice({
      deviceDomainId: row?.domainId ?? 0, type: identify.platform.type, domainId: domain.id, hasCategory: true, phoneOnly: this.#isForPhones(categoryId),
    })
    if (why) return this.#refuse(hwId, address, 'automatic provisioning', why)
    return this.#admit(applicant, { domainId: domain.id, categoryId, name: '', how: 'automatic' }, () => true, () => {})
  }

  #isForPhones(categoryId: number | null): boolean {
    return categoryId !== null && this.#deps.categories.phoneOnly(categoryId)
  }

  #refuse(hwId: string, address: string, what: string, why: Refusal): Verdict {
    this.#deps.count('provisioning_refused')
    this.#deps.log('warn', `device ${shown(hwId)} at ${address}: ${what} refused, ${REFUSALS[why]}`)
    return NONE
  }

  /** Everything of one admission in one write: either all of it is there after a crash, or nothing. */
  #admit({ identify, row, address }: Applicant, target: Target, take: (assigned: Assigned) => boolean, stored: () => void): Verdict {
    const { store, devices, assignment, audit, domains } = this.#deps
    const hwId = hwKey(identify.id)
    const known = row && devices.row(row.id)
    const assigned = store.write(() => {
      const entered = known ? assignment.admit(known, identify, target) : assignment.enter(identify, hwId, target)
      if (!take(entered)) throw new Error('the code was used meanwhile') // cannot be: nothing ran since it was read
      audit.record({ who: `device ${hwId}`, address }, {
        domainId: target.domainId, action: 'device.provisioned', subject: target.name ? `${hwId} (${target.name})` : hwId,
        after: `${target.how}; ${domains.get(target.domainId)?.categories.find(category => category.id === target.categoryId)?.name ?? ''}`,
      })
      return entered
    })
    return {
      is: 'admitted', deviceId: assigned.id, password: assigned.password,
      whenStored: callback => store.afterCommit(error => {
        callback(error)
        if (error) return
        this.#deps.count('provisioning_devices')
        this.#deps.log('info', `device ${shown(hwId)} at ${address} provisioned (${target.how})`)
        if (assigned.before) devices.events.emit({ kind: 'changed', id: assigned.id, hwId, domainId: assigned.domainId, before: assigned.before })
        stored()
      }),
    }
  }

  provision(request: InterfaceRequest, answer: (error: string | undefined) => void): boolean {
    const conduct = this.#conductOf(request.connection)
    if (conduct.waiting >= LIMITS.interfaceRequests.value) return false
    conduct.waiting++
    conduct.line = conduct.line.then(() => this.#interface(request)).then(answer, (cause: unknown) => {
      this.#deps.log('error', `an interface could not be provisioned: ${cause instanceof Error ? cause.message : String(cause)}`)
      answer('failed')
    }).finally(() => { conduct.waiting-- })
    return true
  }

  async #interface({ connection, address, deviceId, name, code: given, alive }: InterfaceRequest): Promise<string | undefined> {
    const { store, devices, codeStore, interfaces, codes, audit, throttle, now } = this.#deps
    const code = typedCode(given)
    const hwId = devices.place(deviceId)?.hwId ?? ''
    const refuse = (why: Refusal, text = INTERFACE_ERROR): string => {
      this.#refuse(hwId, address, `code at interface ${shown(name, 32)}`, why)
      return text
    }
    const wait = throttle.begin(address, code)
    if (wait === undefined) return refuse('tooMany')
    if (wait > 0) await (this.#deps.wait ?? pause)(wait)
    const row = devices.row(deviceId)
    if (!row || !alive()) return INTERFACE_ERROR
    const found = this.#look(code, connection, address)
    if ('why' in found) return refuse(found.why)
    const stored = found.code
    const why = judgeInterface({ domainId: row.domainId, fxs: row.fxs === 1 && interfaces.hasRoom(deviceId, name) }, stored.domainId, stored.category !== null, name)
    if (why) {
      codes.refused(stored, why, hwId, name)
      return refuse(why, REFUSALS[why])
    }
    store.write(() => {
      if (!codeStore.use(stored.code, { deviceId, hwId, name }, now())) throw new Error('the code was used meanwhile') // cannot be: nothing ran since it was read
      interfaces.put(deviceId, name, stored.categoryId, stored.sip)
      audit.record({ who: `device ${hwId}`, address }, { domainId: row.domainId, action: 'interface.provisioned', subject: `${hwId} ${name}`, after: stored.sip })
    })
    await store.committed()
    this.#deps.count('provisioning_devices')
    codes.used(stored.code)
    return undefined
  }
}
