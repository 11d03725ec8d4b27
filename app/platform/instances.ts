/** The instances of one process: each has its own database, web path, webserver socket, log flags and metrics. */
import path from 'node:path'
import { startAppPlatform, type AppPlatformHost } from '../hosts/app-platform/host.ts'
import type { Exchange, Router, UpgradeAnswer, UpgradeRequest } from '../hosts/exchange.ts'
import { LIMITS } from '../limits.ts'
import { Instance } from '../instances/instance.ts'
import { Metrics } from '../observe/metrics.ts'
import { releaseText, type Release } from '../runtime/release.ts'
import { carryOut, type Prepare } from '../self-backup/self-backup.ts'
import { Snapshots, type SnapshotsOptions } from '../snapshots/snapshots.ts'
import type { AlarmName, Alarms } from './alarms.ts'
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
  /** Base address under which devices and browsers reach the instances, if the operator says so. */
  readonly publicUrl?: string | undefined
  /** An instance has stopped, as it was told or by itself. */
  readonly onStopped: (key: string) => void
  /** For tests: other waiting times and bounds than the table's. */
  readonly challengeWait?: number | undefined
  readonly snapshotEvery?: number | undefined
  readonly devicesArriving?: number | undefined
}

interface Entry {
  readonly given: InstanceArguments, readonly webPath: string
  flags: bigint, metrics: Metrics
  /** What goes on: it is opened, or closed and opened again. */
  turn: Promise<void>
  readonly unwanted: AbortController
  /** What is to take the place of the database when it is closed. */
  readonly replacements: Prepare[]
  /** The snapshot for which it was begun again last. */
  tried: { readonly snapshot: string, readonly at: number } | undefined
  snapshots: Snapshots | undefined, instance: Instance | undefined, host: AppPlatformHost | undefined
}

/** An instance whose flags the manager does not say. */
const DEFAULT_FLAGS = 0x8003n

const workingPathOf = ({ workingPath, appDomain, appName }: InstanceArguments): string => workingPath || path.join('data', appDomain, appName)

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
    const entry: Entry = {
      given, webPath: normalWebPath(given.webserverPath, given), flags: given.logFlags ?? DEFAULT_FLAGS, metrics: new Metrics(), turn: Promise.resolve(), unwanted: new AbortController(), replacements: [], tried: undefined,
      snapshots: undefined, instance: undefined, host: undefined,
    }
    this.#entries.set(key, entry)
    entry.turn = new Promise<void>(resolve => { setImmediate(resolve) }).then(() => this.#open(key, entry))
  }

  async #open(key: string, entry: Entry): Promise<void> {
    const { given, webPath } = entry
    const { logs, alarms } = this.#options
    const log = logs.instance(key, () => entry.flags)
    try {
      entry.snapshots = await Snapshots.begin(this.#snapshotsOf(key, entry), entry.unwanted.signal)
      if (entry.unwanted.signal.aborted) return
      const instance = entry.instance = this.#instanceOf(key, entry)
      entry.snapshots.watch(instance.store.arrival?.snapshot)
      if (this.#dns !== '') instance.listening(`https://${this.#dns}`)
      if (given.webserver !== '') entry.host = startAppPlatform({
        socketPath: given.webserver, webPath, router: instance.router, log: log('host'), count: name => entry.metrics.count(name),
        onState: trouble => { if (trouble === undefined || trouble.includes('refused')) this.#alarm('webserverRefused', trouble, given) },
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

  #snapshotsOf(key: string, entry: Entry): SnapshotsOptions {
    const { given } = entry
    const { logs, now, release, secretKey, snapshotEvery } = this.#options
    return {
      address: { host: given.dbHost, name: given.dbName, user: given.dbUser, password: given.dbPassword }, workingPath: workingPathOf(given), secretKey,
      instance: key, program: releaseText(release), log: logs.instance(key, () => entry.flags)('database'), now, every: snapshotEvery,
      trouble: text => this.#alarm('snapshotMissing', text, given),
      loaded: text => {
        entry.tried = undefined
        this.#replaced(key, entry, text)
      },
      restart: snapshot => {
        // What cannot be loaded must not throw the devices out again and again.
        if (entry.tried?.snapshot === snapshot && performance.now() - entry.tried.at < LIMITS.snapshotRetry.value) return false
        entry.tried = { snapshot, at: performance.now() }
        this.#restart(key, entry)
        return true
      },
    }
  }

  #replaced(key: string, entry: Entry, text: string): void {
    this.#options.logs.instance(key, () => entry.flags)('instance')('warn', text)
    this.#options.alarms.event('databaseReplaced', text, entry.given)
  }

  #instanceOf(key: string, entry: Entry): Instance {
    const { given } = entry
    const { logs, now, release, secretKey, publicUrl, challengeWait, devicesArriving } = this.#options
    return new Instance({
      appName: given.appName, appDomain: given.appDomain, appPassword: given.appPassword, webPath: entry.webPath, workingPath: workingPathOf(given),
      secretKey, publicUrl, release, metrics: entry.metrics, log: logs.instance(key, () => entry.flags), now, waits: { challenge: challengeWait }, bounds: { arriving: devicesArriving },
      replace: prepare => {
        entry.replacements.push(prepare)
        this.#restart(key, entry)
      },
      databaseTrouble: text => this.#alarm('databaseNotWritable', text, given),
      storm: active => this.#alarm('deviceStorm', active ? 'So many devices connect at once that some are put off. They come back by themselves.' : undefined, given),
      taskFailed: ({ kind, detail, counts }) => this.#options.alarms.event('jobFailed', `Task ${kind}${detail === '' ? '' : ` (${detail})`}: ${counts.failed} devices failed. The task list of the app says why.`, given),
    })
  }

  #alarm(name: AlarmName, text: string | undefined, source: InstanceArguments): void {
    if (text === undefined) this.#options.alarms.clear(name, source)
    else this.#options.alarms.set(name, text, source)
  }

  /** Stops it and starts it again in its place, with what is in the working path or in PostgreSQL then. */
  #restart(key: string, entry: Entry): void {
    entry.turn = entry.turn.then(async () => {
      if (this.#entries.get(key) !== entry) return
      await this.#close(key, entry)
      // Nothing of the former life is wrong any more; what still is will be said again.
      this.#options.alarms.clearAll(entry.given)
      entry.metrics = new Metrics()
      await this.#open(key, entry)
    })
  }

  /** Stops it; then `onStopped`. */
  async stop(key: string): Promise<void> {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#entries.delete(key)
    entry.unwanted.abort()
    await entry.turn
    await this.#close(key, entry)
    this.#options.alarms.clearAll(entry.given)
    this.#options.onStopped(key)
  }

  /** Websockets and requests end first, then the database (3.7). What was promised to take its place takes it, whatever comes next. */
  async #close(key: string, entry: Entry): Promise<void> {
    const log = this.#options.logs.instance(key, () => entry.flags)('instance')
    const { host, instance, snapshots } = entry
    entry.host = entry.instance = entry.snapshots = undefined
    for (const step of [() => host?.stop(), () => instance?.halt(), () => snapshots?.stop(), () => instance?.stop()]) {
      try {
        await step()
      } catch (cause) {
        log('error', `stopped with a failure: ${cause instanceof Error ? cause.message : String(cause)}`)
      }
    }
    if (instance) log('info', 'stopped')
    for (const prepare of entry.replacements.splice(0)) this.#replaced(key, entry, await carryOut(prepare, log))
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
    await entry?.turn
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
