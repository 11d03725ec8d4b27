/** Alarms for the manager (app-platform-local 2.2, AppAlarm): set once, cleared once. */
import type { Alarm } from './manager-messages.ts'

/** Our own numbers; they never change their meaning. */
export const ALARMS = {
  databaseNotWritable: { code: 1, severity: 2 },
  instanceFailed: { code: 2, severity: 2 },
  webserverRefused: { code: 3, severity: 2 },
  certificateExpires: { code: 4, severity: 1 },
  jobFailed: { code: 5, severity: 1 },
  deviceStorm: { code: 6, severity: 0 },
  snapshotMissing: { code: 7, severity: 1 },
  databaseReplaced: { code: 8, severity: 0 },
} as const satisfies Record<string, { code: number, severity: Alarm['severity'] }>
export type AlarmName = keyof typeof ALARMS

export interface AlarmSource { readonly appName: string, readonly appDomain: string }

export class Alarms {
  readonly #send: (alarm: Alarm) => void
  readonly #now: () => number
  readonly #active = new Map<string, string>()

  /** `send` carries an alarm to the manager. */
  constructor(send: (alarm: Alarm) => void, now: () => number) {
    this.#send = send
    this.#now = now
  }

  /** Raises an alarm of an instance, or of the service itself. The same text again says nothing new. */
  set(name: AlarmName, text: string, source?: AlarmSource): void {
    const key = keyOf(name, source)
    if (this.#active.get(key) === text) return
    this.#active.set(key, text)
    this.#tell(name, 0, text, source)
  }

  clear(name: AlarmName, source?: AlarmSource): void {
    const key = keyOf(name, source)
    const text = this.#active.get(key)
    if (text === undefined) return
    this.#active.delete(key)
    this.#tell(name, 1, text, source)
  }

  /** Says once that something has happened. */
  event(name: AlarmName, text: string, source?: AlarmSource): void { this.#tell(name, 2, text, source) }

  /** An instance has stopped: nothing of it is wrong any more, except that it has failed. */
  clearAll(source: AlarmSource): void {
    for (const name of Object.keys(ALARMS) as AlarmName[]) if (name !== 'instanceFailed') this.clear(name, source)
  }

  #tell(name: AlarmName, type: Alarm['type'], text: string, source: AlarmSource | undefined): void {
    const { code, severity } = ALARMS[name]
    this.#send({ ...(source ? { appName: source.appName, appDomain: source.appDomain } : {}), type, severity, code, time: Math.floor(this.#now() / 1000), text, details: '' })
  }
}

const keyOf = (name: AlarmName, source: AlarmSource | undefined): string => JSON.stringify([name, source?.appName, source?.appDomain])
