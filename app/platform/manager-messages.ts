/** Messages with the manager of the App Platform (app-platform-local 2): one table per direction. */
import { z } from 'zod'
import { ProtocolError } from '../errors.ts'
import { parseFlags } from './log-flags.ts'

// Of strings that are missing or of another type, nothing is known: they are empty.
const text = z.string().max(4096).catch('')
const flags = z.union([z.number(), z.string()]).transform((value, context) => {
  const parsed = parseFlags(String(value))
  if (parsed === undefined) context.addIssue('no log flags')
  return parsed ?? 0n
})
const name = z.string().min(1).max(256)
const one = { appName: name, appDomain: name }

/** What the manager says about an instance to start. */
export const instanceArguments = z.object({
  ...one, appPassword: text, webserver: text, webserverPath: text, dbHost: text, dbName: text, dbUser: text, dbPassword: text, logFlags: flags.optional().catch(undefined), workingPath: text,
})
export type InstanceArguments = z.output<typeof instanceArguments>

/** Manager to service (2.3). */
export const FROM_MANAGER = {
  AppStart: z.object({ instance: instanceArguments }),
  AppStop: z.object({ instance: z.object(one) }),
  AppServiceStop: z.object({}),
  SetServiceLogging: z.object({ logFlags: flags.optional().catch(undefined), disableHexdumps: z.boolean().optional().catch(undefined), logSize: z.number().int().positive().optional().catch(undefined) }),
  SetInstanceLogFlags: z.object({ ...one, logFlags: flags }),
  SetCertificate: z.object({ cert: z.string().max(1024 * 1024).catch('') }),
  AppPlatformDns: z.object({ dns: text }),
  AppPlatformTz: z.object({ tz: text }),
  AppDomain: z.object({ ...one, domain: name, pwd: z.string().max(1024) }),
  LogFilesDeleted: z.object({}),
  SetLogging: z.object({ enable: z.boolean() }),
} as const

export type ManagerMessage = { [M in keyof typeof FROM_MANAGER]: { readonly mt: M } & z.output<(typeof FROM_MANAGER)[M]> }[keyof typeof FROM_MANAGER]

const isKnown = (mt: unknown): mt is keyof typeof FROM_MANAGER => typeof mt === 'string' && Object.hasOwn(FROM_MANAGER, mt)

/** Reads a message; `undefined` for an unknown one. Throws `ProtocolError`, without any value: messages hold passwords. */
export function readManagerMessage(json: string): ManagerMessage | undefined {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    throw new ProtocolError('json', 'no JSON')
  }
  const mt: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'mt') : undefined
  if (!isKnown(mt)) return undefined
  const parsed = FROM_MANAGER[mt].safeParse(value)
  if (!parsed.success) throw new ProtocolError('fields', `${mt}: ${parsed.error.issues.map(issue => issue.path.join('.')).join(', ')} cannot be used`)
  // The schema of this very name has made it.
  return { mt, ...parsed.data } as ManagerMessage
}

/** A plugin of the PBX Manager; paths below the web root, `uri` and `lang` without `.js`. */
export interface Control { readonly uri: string, readonly png: string, readonly lang: string, readonly api?: string, readonly wildcard: boolean }

/** What an alarm says (2.2): fields in the order of the document. */
export interface Alarm {
  readonly appName?: string, readonly appDomain?: string
  /** 0 set, 1 clear, 2 event. */
  readonly type: 0 | 1 | 2
  /** 0 indeterminate, 1 major, 2 critical. */
  readonly severity: 0 | 1 | 2
  readonly code: number
  /** Unix time, seconds. */
  readonly time: number
  readonly text: string, readonly details: string
}

/** Service to manager (2.2), fields in the order of the samples. */
export const TO_MANAGER = {
  AppServiceInitConnection: (appServiceID: string, version: { id: string, build: string, label: string }) => ({ mt: 'AppServiceInitConnection', appServiceID, version, apps: [] }),
  AppStatusUpdate: (appName: string, appDomain: string, status: boolean, controls: readonly Control[]) => ({ mt: 'AppStatusUpdate', appName, appDomain, status, controls }),
  AppServiceCloseComplete: (appServiceID: string) => ({ mt: 'AppServiceCloseComplete', appServiceID }),
  AppAlarm: (serviceID: string, { appName, appDomain, type, severity, code, time, text, details }: Alarm) =>
    ({ mt: 'AppAlarm', serviceID, ...(appName !== undefined && appDomain !== undefined ? { appName, appDomain } : {}), type, severity, code, time, text, details }),
} as const
export type ServiceMessage = ReturnType<(typeof TO_MANAGER)[keyof typeof TO_MANAGER]>
