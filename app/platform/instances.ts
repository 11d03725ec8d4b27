/** The instances of one process: each has its own database, web path, webserver socket, log flags and metrics. */
import path from 'node:path'
import { startAppPlatform, type AppPlatformHost } from '../hosts/app-platform/host.ts'
import type { Exchange, Router, UpgradeAnswer, UpgradeRequest } from '../hosts/exchange.ts'
import { Instance } from '../instances/instance.ts'
import { Metrics } from '../observe/metrics.ts'
import type { Release } from '../runtime/release.ts'
import type { Alarms } from './alarms.ts'
import type { LogFiles } from './log-files.ts'
import { keyOf } from './manager-machine.ts'
import type { InstanceArguments } from './manager-messages.ts'

export interface InstancesOptions {
  readonly release: Release
  readonly logs: LogFiles
  readonly alarms: Alarms
  readonly now: () => number
  /** Name of the App Platform; empty: unknown. */
  readonly dns: string
  readonly timeZone: string
  readonly secretKey?: string | undefined
  /** An instance has stopped, as it was told or by itself. */
  readonly onStopped: (key: string) => void
  /** For tests of waiting times. */
  readonly challengeWait?: number | undefined
}

interface Entry { readonly given: InstanceArguments, readonly webPath: string, readonly metrics: Metrics, flags: bigint, instance: Instance | undefined, host: AppPlatformHost | undefined }

/** An instance whose flags the manager does not say. */
const DEFAULT_FLAGS = 0x8003n

/** Exactly one slash in front, none behind. */
export const normalWebPath = (given: string, { appName, appDomain }: { appName: string, appDomain: string }): string => `/${(given || `${appDomain}/${appName}`).replace(/^\/+|\/+$/g, '')}`

export class Instances {
  readonly #options: InstancesOptions
  readonly #entries = new Map<string, Entry>()
  /** Of the App Platform, in POSIX form; empty: unknown. */
  timeZone: string
  #dns: string

  constructor(options: InstancesOptions) {
    this.#options = options
    this.#dns = options.dns
    this.timeZone = options.timeZone
  }

  /** All instances behind one listener: the path says which. */
  readonly router: Router = {
    request: exchange => this.#request(exchange),
    upgrade: request => this.#upgrade(request),
  }

  get keys(): string[] { return [...this.#entries.keys()] }
  get healthy(): boolean { return [...this.#entries.values()].every(({ instance }) => instance?.healthy() ?? true) }
  metrics(): { metrics: Metrics, instance: string }[] { return [...this.#entries].map(([instance, { metrics }]) => ({ metrics, instance })) }

  /** Starts it in the next turn, so that its status has been told; failures end it again. */
  start(given: InstanceArguments): void {
    const key = keyOf(given)
    const entry: Entry = { given, webPath: normalWebPath(given.webserverPath, given), metrics: new Metrics(), flags: given.logFlags ?? DEFAULT_FLAGS, instance: undefined, host: undefined }
    this.#entries.set(key, entry)
    setImmediate(() => { if (this.#entries.get(key) === entry) this.#open(key, entry) })
  }

  #open(key: string, entry: Entry): void {
    const { given, webPath } = entry
    const { logs, alarms, now, release } = this.#options
    const log = logs.instance(key, () => entry.flags)
    try {
      const instance = new Instance({
        appDomain: given.appDomain, appPassword: given.appPassword, webPath, workingPath: given.workingPath || path.join('data', given.appDomain, given.appName),
        secretKey: this.#options.secretKey, release, metrics: entry.metrics, log, now, waits: { challenge: this.#options.challengeWait },
        databaseTrouble: text => text === undefined ? alarms.clear('databaseNotWritable', given) : alarms.set('databaseNotWritable', text, given),
      })
      entry.instance = instance
      if (this.#dns !== '') instance.listening(`https://${this.#dns}`)
      if (given.webserver !== '') entry.host = startAppPlatform({
        socketPath: given.webserver, webPath, router: instance.router, log: log('host'), count: name => entry.metrics.count(name),
        onState: trouble => trouble?.includes('refused') ? alarms.set('webserverRefused', trouble, given) : trouble === undefined ? alarms.clear('webserverRefused', given) : undefined,
      })
      alarms.clear('instanceFailed', given)
      log('instance')('info', `started at ${webPath}`)
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause)
      log('instance')('error', `cannot be started: ${text}`)
      alarms.set('instanceFailed', text, given)
      void this.stop(key)
    }
  }

  /** Stops it: websockets and requests first, then the database (3.7); then `onStopped`. */
  async stop(key: string): Promise<void> {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#entries.delete(key)
    const log = this.#options.logs.instance(key, () => entry.flags)('instance')
    try {
      await entry.host?.stop()
      entry.instance?.stop()
      log('info', 'stopped')
    } catch (cause) {
      log('error', `stopped with a failure: ${cause instanceof Error ? cause.message : String(cause)}`)
    }
    this.#options.alarms.clearAll(entry.given)
    this.#options.onStopped(key)
  }

  /** The platform has another name: devices are told it from now on. */
  setDns(dns: string): void {
    this.#dns = dns
    if (dns !== '') for (const { instance } of this.#entries.values()) instance?.listening(`https://${dns}`)
  }

  /** False when there is no such instance. */
  setLogFlags(key: string, flags: bigint): boolean {
    const entry = this.#entries.get(key)
    if (entry) entry.flags = flags
    return entry !== undefined
  }

  /** Gives a domain of the instance its password; a domain that is not there is added (AppDomain). */
  async setDomainPassword(key: string, domain: string, password: string): Promise<void> {
    const entry = this.#entries.get(key)
    const log = this.#options.logs.instance(key, () => entry?.flags ?? DEFAULT_FLAGS)('instance')
    if (!entry?.instance) return log('warn', 'the manager gave a domain password to an instance that does not run')
    try {
      await entry.instance.setDomainPassword(domain, password)
      log('info', 'the manager has set the password of a domain')
    } catch (cause) {
      log('error', `the password of a domain could not be set: ${cause instanceof Error ? cause.message : String(cause)}`)
    }
  }

  #at(target: string): Instance | undefined {
    for (const { webPath, instance } of this.#entries.values()) if (instance && (target === webPath || target.startsWith(`${webPath}/`))) return instance
    return undefined
  }

  #request(exchange: Exchange): void {
    const instance = this.#at(exchange.path)
    if (instance) instance.router.request(exchange)
    else exchange.respond(404, [['content-type', 'text/plain; charset=utf-8'], ['cache-control', 'no-store']], 'There is nothing at this address.\n')
  }

  #upgrade(request: UpgradeRequest): UpgradeAnswer {
    return this.#at(request.path)?.router.upgrade(request) ?? { status: 404, text: 'not found' }
  }
}
