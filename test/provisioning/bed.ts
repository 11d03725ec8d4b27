/** Provisioning of one instance on a database of its own, with a clock in hand: what needs days or exact moments. */
import { AuditLog } from '../../app/audit/audit-log.ts'
import { DeviceCategories } from '../../app/categories/device-categories.ts'
import { DeviceLists } from '../../app/devices/device-lists.ts'
import { DevicePasswords } from '../../app/devices/device-passwords.ts'
import { DeviceStore } from '../../app/devices/device-store.ts'
import { Domains } from '../../app/domains/domains.ts'
import type { Viewer } from '../../app/domains/viewer.ts'
import type { CodeDirectory } from '../../app/provisioning/code-directory.ts'
import type { Listener } from '../../app/provisioning/code-watchers.ts'
import { createProvisioning, type Provisioning } from '../../app/provisioning/provisioning.ts'
import { Store } from '../../app/store/store.ts'
import type { Verdict } from '../../app/sysclients/admission.ts'
import { prepare, type Prepared } from './prepared.ts'

export interface Heard { readonly mt: string, readonly body: Record<string, unknown>, readonly src: string | undefined }

export class Bed {
  now = 1_760_000_000_000
  readonly prepared: Prepared = prepare()
  readonly store: Store
  readonly devices: DeviceStore
  readonly provisioning: Provisioning
  readonly admin: Viewer
  readonly log: string[] = []
  readonly counts = new Map<string, number>()

  constructor(directory?: CodeDirectory) {
    this.store = new Store({ workingPath: this.prepared.workingPath, onFailure: error => { throw error } })
    const { store } = this
    const domains = new Domains(store, 'example.com')
    this.devices = new DeviceStore(store)
    const now = (): number => this.now
    const settings = { observer: false }
    this.provisioning = createProvisioning({
      store, domains, devices: this.devices, lists: new DeviceLists(store, this.devices), passwords: new DevicePasswords(store, domains, settings), categories: new DeviceCategories(store, domains),
      audit: new AuditLog(store, now), registrationUrl: () => 'wss://example.com/devices/sysclients', offline: () => true, now,
      log: (_, text) => { this.log.push(text) }, count: name => { this.counts.set(name, (this.counts.get(name) ?? 0) + 1) }, assigned: () => {}, ...(directory ? { directory } : {}),
    })
    this.admin = { admin: true, role: 'full', domainId: this.prepared.own, domainIds: new Set([this.prepared.own]), who: 'admin@example.com', address: '127.0.0.1' }
  }

  /** Somebody who watches; what it hears is in `heard`. */
  listener(viewer = this.admin): Listener & { heard: Heard[], end(): void } {
    const heard: Heard[] = []
    const endings: (() => void)[] = []
    return {
      session: { viewer, onEnd: callback => { endings.push(callback); return () => {} } }, src: 'watch', heard,
      indicate: (mt, body, src) => { heard.push({ mt, body: { ...body }, src }) }, end: () => { for (const end of endings) end() },
    }
  }

  async make(fields: { rollout?: boolean, category?: string } = {}): Promise<string> {
    const [code] = await this.provisioning.codes.make(this.admin, { category: 'phones', ...fields }, ['john'])
    return code?.code ?? ''
  }

  /** A device that brings a code. */
  bring(hwId: string, code: string, connection: object = {}, waited = false, address = '10.0.0.1'): Verdict {
    const identify = { id: hwId, product: 'IP222', version: '1', platform: { type: 'PHONE', fxs: undefined }, provisioningCode: code } as const
    return this.provisioning.doorkeeper.judge({ connection, address, identify: { ...NOTHING, ...identify }, row: this.devices.auth(hwId), query: '', failed: undefined, waited })
  }

  /** Resolves when the device is on disk; the channel would send the password now. */
  async enter(verdict: Verdict): Promise<void> {
    if (verdict.is !== 'admitted') throw new Error(verdict.is)
    await new Promise<void>((resolve, reject) => verdict.whenStored(error => error ? reject(error) : resolve()))
  }

  stateOf(code: string): string | undefined {
    for (const part of this.provisioning.codes.list(this.admin, undefined)) for (const entry of part) if (entry.code === code) return entry.state
    return undefined
  }

  stop(): void { this.store.close() }
}

const NOTHING = {
  name: undefined, fwBuild: undefined, bcBuild: undefined, major: undefined, fw: undefined, bc: undefined, digest: undefined, mini: undefined, pbxActive: undefined,
  other: undefined, webserverRootPage: undefined, ethIfs: undefined,
}
