/** The command line under a manager (app-platform-local 1.1): `--name=value`, order free, the last one wins, unknown ones are ignored. */
import { parseFlags } from './log-flags.ts'

/** What a service on an App Platform is told, with a manager or without. */
export interface ServiceArguments {
  readonly dns: string
  readonly tz: string
  readonly logFlags: bigint | undefined
  readonly logSize: number | undefined
  readonly segfaulted: boolean
  /** In addition to the webserver: a listener of our own. */
  readonly listen: string | undefined
  readonly tlsCert: string | undefined
  readonly tlsKey: string | undefined
  readonly metricsListen: string | undefined
  /** Folder of log files. */
  readonly logPath: string
  readonly challengeWait: number | undefined
  /** For tests: time between snapshots, ms; how many devices may arrive at once. */
  readonly snapshotEvery: number | undefined
  readonly devicesArriving: number | undefined
}

export interface PlatformArguments extends ServiceArguments {
  readonly manager: string
  readonly serviceId: string
}

export const LOG_PATH = '/var/log/apps'

/** `undefined` when no manager is named: then a person has started it. */
export function platformArguments(given: readonly string[]): PlatformArguments | undefined {
  const values = new Map<string, string>()
  const flags = new Set<string>()
  for (const argument of given) {
    const [, name, value] = /^--([^=]+)(?:=([^]*))?$/.exec(argument) ?? []
    if (name === undefined) continue
    if (value === undefined) flags.add(name)
    else values.set(name, value)
  }
  const manager = values.get('manager')
  if (manager === undefined || manager === '') return undefined
  const number = (name: string): number | undefined => /^\d{1,12}$/.test(values.get(name) ?? '') ? Number(values.get(name)) || undefined : undefined
  const some = (name: string): string | undefined => values.get(name) || undefined
  return {
    manager, serviceId: values.get('service-id') ?? 'generic', dns: values.get('dns') ?? '', tz: values.get('tz') ?? '',
    logFlags: parseFlags(values.get('log-flags') ?? ''), logSize: number('log-size'), segfaulted: flags.has('segfaulted'),
    listen: some('listen'), tlsCert: some('tls-cert'), tlsKey: some('tls-key'), metricsListen: some('metrics-listen'),
    logPath: some('log-path') ?? LOG_PATH, challengeWait: number('challenge-wait'), snapshotEvery: number('snapshot-every'), devicesArriving: number('devices-arriving'),
  }
}
