/**
 * `devices --webserver=<socket>`: one instance on the webserver of an App Platform, started at once from the instance arguments
 * (app-platform-local 1.1, stand-alone mode). A person types these, so they are checked as all others are.
 */
import { Option, type Command } from 'commander'
import { UsageError } from '../errors.ts'
import { Alarms, ALARMS } from '../platform/alarms.ts'
import { LOG_PATH } from '../platform/arguments.ts'
import { parseFlags } from '../platform/log-flags.ts'
import { keyOf } from '../platform/manager-machine.ts'
import type { InstanceArguments } from '../platform/manager-messages.ts'
import { normalWebPath } from '../platform/instances.ts'
import { releaseText } from '../runtime/release.ts'
import { prepareWorkingPath } from '../store/database.ts'
import { platformService } from './platform-service.ts'
import { DEFAULTS, instancePassword, type ServeOptions } from './serve.ts'

export interface WebserverOptions extends ServeOptions {
  readonly webserver?: string
  readonly dbHost?: string, readonly dbName?: string, readonly dbUser?: string, readonly dbPassword?: string
  readonly dns?: string, readonly tz?: string
  readonly logFlags?: string, readonly logSize?: string, readonly logPath?: string
  readonly segfaulted?: true
}

// An empty argument is one that was not given.
const some = (value: string | undefined): string | undefined => value || undefined

function flagsOf(text: string | undefined): bigint | undefined {
  const flags = parseFlags(text ?? '')
  if (flags === undefined && text) throw new UsageError('log-flags', `${JSON.stringify(text)} are no log flags; write them like 0x8003`)
  return flags
}

function bytesOf(text: string | undefined): number | undefined {
  if (text && !/^\d{1,12}$/.test(text)) throw new UsageError('log-size', `${JSON.stringify(text)} is no number of bytes`)
  return Number(text) || undefined
}

const OPTIONS = [
  new Option('--db-host <socket folder>', 'PostgreSQL database of the instance, for its snapshots'), new Option('--db-name <name>'), new Option('--db-user <name>'), new Option('--db-password <password>'),
  new Option('--dns <name>', 'name of the App Platform'), new Option('--tz <zone>', 'its time zone'), new Option('--service-id <id>'),
  new Option('--log-flags <bits>', 'what is logged'), new Option('--log-size <bytes>', 'size of a log file'),
  new Option('--log-path <folder>', `folder of log files (default: ${LOG_PATH})`), new Option('--segfaulted'), new Option('--disable-hexdumps'),
] as const

/** `--service-id` and `--disable-hexdumps` are taken for the sake of those who start all services alike. */
export function addWebserverOptions(command: Command): void {
  command.addOption(new Option('--webserver <socket>', 'serve on the webserver of an App Platform in place of a listener').helpGroup('On an App Platform:'))
  for (const option of OPTIONS) command.addOption(option.helpGroup('On an App Platform:'))
}

/** Throws `UsageError` for what has a meaning on an App Platform only. */
export function refuseWebserverOptions(command: Command): void {
  const stray = OPTIONS.find(option => command.getOptionValue(option.attributeName()) !== undefined)
  if (stray) throw new UsageError('webserver', `--${stray.name()} goes with --webserver=<socket of the webserver>`)
}

/** Resolves when the process has been told to end and all is closed. `listen`: a listener that was asked for in addition. */
export async function serveAtWebserver(options: WebserverOptions, webserver: string, listen: string | undefined): Promise<void> {
  const logFlags = flagsOf(options.logFlags)
  const names = { appName: options.appName || DEFAULTS.appName, appDomain: options.appDomain || DEFAULTS.appDomain, workingPath: options.workingPath || DEFAULTS.workingPath }
  prepareWorkingPath(names.workingPath)
  const { password, from } = instancePassword({ ...options, ...names })
  const given: InstanceArguments = {
    ...names, appPassword: password, webserver, webserverPath: options.webserverPath ?? '', logFlags,
    dbHost: options.dbHost ?? '', dbName: options.dbName ?? '', dbUser: options.dbUser ?? '', dbPassword: options.dbPassword ?? '',
  }
  let failure: string | undefined
  const stopped = Promise.withResolvers<void>()
  // There is nobody to tell: an alarm is a line in the log, which says the same elsewhere already; only the last word is kept.
  const alarms = new Alarms(({ code, text }) => { if (code === ALARMS.instanceFailed.code) failure = text }, Date.now)
  const service = await platformService({
    dns: options.dns ?? '', tz: options.tz ?? '', logFlags, logSize: bytesOf(options.logSize), segfaulted: options.segfaulted === true, logPath: some(options.logPath) ?? LOG_PATH,
    listen: some(listen), tlsCert: some(options.tlsCert), tlsKey: some(options.tlsKey), metricsListen: some(options.metricsListen),
    challengeWait: options.challengeWait, snapshotEvery: undefined, devicesArriving: undefined,
  }, { alarms, onStopped: () => stopped.resolve(), publicUrl: some(options.publicUrl) })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void service.instances.stop(keyOf(given)))
  service.instances.start(given)
  process.stdout.write([
    `Devices ${releaseText(service.release)} serves ${normalWebPath(given.webserverPath, given)}/ on the webserver ${webserver}.`,
    `  Sign in   domain ${given.appDomain}, password ${from}`,
    '',
  ].join('\n'))
  await stopped.promise
  await service.end()
  if (failure !== undefined) throw new UsageError('instance-failed', failure)
}
