/** Settings of the whole instance, read live by whoever needs them (names: domain-messages, GetInstanceSettings). */
import type { AuditLog } from '../audit/audit-log.ts'
import type { Viewer } from '../domains/viewer.ts'
import { instanceSettings, type InstanceSettings as Values } from '../protocol/domain-messages.ts'
import type { Store } from '../store/store.ts'

const ROW = 'instance-settings'

/** What a new instance does: nothing by itself. */
const DEFAULTS: Values = { observer: false, rollOutRegistrationUrl: false, offlineProvisioning: false, auditDays: 365 }

export type InstanceSettingsEdit = { readonly [Name in keyof Values]?: Values[Name] | undefined }

export class InstanceSettings {
  readonly #store: Store
  readonly #audit: AuditLog
  readonly #listeners = new Set<(before: Values, after: Values) => void>()
  #values: Values = DEFAULTS

  constructor(store: Store, audit: AuditLog) {
    this.#store = store
    this.#audit = audit
    this.reload()
  }

  /** Reads the row again: after the start, and when a commit failed. */
  reload(): void {
    const text = this.#store.setting(ROW)
    const stored = text === undefined ? undefined : instanceSettings.partial().safeParse(JSON.parse(text))
    this.#values = { ...DEFAULTS, ...stored?.data }
  }

  /** Second registration of its devices: never configures, updates or deploys (features 13). */
  get observer(): boolean { return this.#values.observer }
  /** A changed address of the App object is sent to devices by itself (features 13). */
  get rollOutRegistrationUrl(): boolean { return this.#values.rollOutRegistrationUrl }
  /** Factory-new devices are answered at `…/init` (features 5.3). */
  get offlineProvisioning(): boolean { return this.#values.offlineProvisioning }
  /** How long the audit log is kept. */
  get auditDays(): number { return this.#values.auditDays }
  get all(): Values { return { ...this.#values } }

  /** Calls back after each change. Returns a function that cancels. */
  onChange(listener: (before: Values, after: Values) => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  /** Changes the given fields; resolves with all settings when they are on disk. Administrators only: the message table says so. */
  async edit(viewer: Viewer, edit: InstanceSettingsEdit): Promise<Values> {
    const before = this.#values
    const after = instanceSettings.parse({ ...before, ...Object.fromEntries(Object.entries(edit).filter(([, value]) => value !== undefined)) })
    const changed = Object.keys(DEFAULTS).filter((name): name is keyof Values => before[name as keyof Values] !== after[name as keyof Values])
    if (changed.length === 0) return this.all
    const shown = (values: Values): string => changed.map(name => `${name}: ${values[name]}`).join('; ')
    this.#store.write(() => {
      this.#store.setSetting(ROW, JSON.stringify(after))
      this.#audit.record(viewer, { domainId: 0, action: 'settings.changed', subject: 'instance', before: shown(before), after: shown(after) })
    })
    this.#values = after
    await this.#store.committed()
    for (const listener of this.#listeners) listener(before, after)
    return this.all
  }
}
