/** One instance of the service: name, domain, password, web path, its own database, its own sessions. */
import type { Exchange, Router, UpgradeAnswer, UpgradeRequest } from '../hosts/exchange.ts'
import { createHandlers } from '../api/handlers.ts'
import { PreferenceStore } from '../api/preference-store.ts'
import { APPS } from '../appwebsocket/app-info.ts'
import { AppRoles } from '../appwebsocket/app-roles.ts'
import { AppServer } from '../appwebsocket/server.ts'
import { Sessions } from '../appwebsocket/sessions.ts'
import { LoginThrottle } from '../appwebsocket/throttle.ts'
import { AuditKeeper } from '../audit/audit-keeper.ts'
import { AuditQuery } from '../audit/audit-query.ts'
import { LoginRecord } from '../audit/login-record.ts'
import { AuditLog } from '../audit/audit-log.ts'
import { Categories } from '../categories/categories.ts'
import { DeviceCategories } from '../categories/device-categories.ts'
import { DeviceCommands } from '../devices/device-commands.ts'
import { DeviceLists } from '../devices/device-lists.ts'
import { DevicePasswords } from '../devices/device-passwords.ts'
import { DeviceStore } from '../devices/device-store.ts'
import { DomainCommands } from '../domains/domain-commands.ts'
import { Domains } from '../domains/domains.ts'
import type { Viewer } from '../domains/viewer.ts'
import type { Task } from '../jobs/task.ts'
import type { Tasks } from '../jobs/tasks.ts'
import type { Log } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import { createPassthrough } from '../passthrough/passthrough.ts'
import { isInitPath } from '../provisioning/init-url.ts'
import { createProvisioning, type Provisioning } from '../provisioning/provisioning.ts'
import { FormerHosts } from '../registration/former-hosts.ts'
import type { UrlRollout } from '../registration/url-rollout.ts'
import { Site } from '../site/site.ts'
import { asset } from '../runtime/native.ts'
import type { Release } from '../runtime/release.ts'
import { HttpKeys } from '../self-backup/http-keys.ts'
import { SelfBackup, type Replace } from '../self-backup/self-backup.ts'
import { Store } from '../store/store.ts'
import { SysclientChannel } from '../sysclients/channel.ts'
import { Dismissals } from '../sysclients/dismissals.ts'
import { Registry } from '../sysclients/registry.ts'
import { createTasks } from './instance-tasks.ts'
import { InstanceSettings } from './settings.ts'
import { createTunnelAccess, mayEnter } from './tunnel-access.ts'

export interface InstanceOptions {
  readonly appName: string
  readonly appDomain: string
  readonly appPassword: string
  /** Path of the instance on the web server, without trailing slash: `/example.com/devices`. */
  readonly webPath: string
  readonly workingPath: string
  readonly secretKey?: string | undefined
  /** Base address under which devices and browsers reach the service, if the operator says so. */
  readonly publicUrl?: string | undefined
  readonly release: Release
  readonly metrics: Metrics
  readonly log: (room: string) => Log
  readonly now: () => number
  /** The database cannot be written, and why; `undefined` when it can again. */
  readonly databaseTrouble?: (text: string | undefined) => void
  /** Devices are put off because very many arrive at once; false: no more. */
  readonly storm?: (active: boolean) => void
  /** A task has ended, and some of its devices have failed. */
  readonly taskFailed?: (task: Task) => void
  /** For tests: other bounds than the table's. */
  readonly bounds?: { readonly arriving?: number | undefined }
  /** Begins this instance again with another database; absent: restore by HTTP is not offered. */
  readonly replace?: Replace | undefined
  /** For tests: other waiting times than the table's. */
  readonly waits?: { readonly identify?: number | undefined, readonly challenge?: number | undefined }
}

const TICK = 1000
/** Acts where the manager of the App Platform wants something, or the service itself does. */
const MANAGER: Viewer = { admin: true, role: 'full', domainId: 0, domainIds: new Set(), who: 'App Platform manager', address: '' }
const SERVICE: Viewer = { ...MANAGER, who: 'service' }
/** After a failed transaction, states are written again this much later. */
const RETRY_WRITE = 1000

export class Instance {
  readonly store: Store
  readonly router: Router
  readonly registry = new Registry()
  readonly #options: InstanceOptions
  readonly #channel: SysclientChannel
  readonly #apps: AppServer
  readonly #provisioning: Provisioning
  readonly #site: Site
  readonly #selfBackup: SelfBackup
  readonly #passthrough: ReturnType<typeof createPassthrough>
  readonly #tasks: Tasks
  readonly #urls: UrlRollout
  readonly #formerHosts: FormerHosts
  readonly #dismissals: Dismissals
  readonly #auditKeeper: AuditKeeper
  readonly #domains: Domains
  readonly #domainCommands: DomainCommands
  readonly #ticker: NodeJS.Timeout
  readonly #slices = new Set<NodeJS.Immediate>()
  /** Base address learnt from the App object (5.5), or the listener's own. */
  #learntUrl: string | undefined
  #listenerUrl = ''

  constructor(options: InstanceOptions) {
    this.#options = options
    const { metrics, now } = options
    const log = options.log('instance')
    this.store = new Store({
      workingPath: options.workingPath, secretKey: options.secretKey,
      onFailure: error => {
        metrics.count('store_commits_failed')
        log('error', error.message)
        options.databaseTrouble?.(error.message)
        for (const room of [domains, roles, settings, this.#provisioning]) room.reload()
        setTimeout(() => {
          devices.recover()
          tasks.recover()
          if (options.databaseTrouble) this.#askDatabase()
        }, RETRY_WRITE).unref()
      },
    })
    const { store } = this
    this.#formerHosts = new FormerHosts(store)
    const audit = new AuditLog(store, now)
    const settings = new InstanceSettings(store, audit)
    const roles = new AppRoles(store, audit, () => recheck())
    const domains = new Domains(store, options.appDomain)
    this.#domains = domains
    domains.ensureInstanceDomain(options.appPassword)
    const devices = new DeviceStore(store)
    const lists = new DeviceLists(store, devices)
    const passwords = new DevicePasswords(store, domains, settings)
    const sessions = new Sessions(now)
    const count = metrics.count.bind(metrics)
    this.#passthrough = createPassthrough({
      access: createTunnelAccess({ sessions, devices, registry: this.registry, audit }), clock: { now }, log: options.log('passthrough'), count,
    })
    const ofDevices = new DeviceCategories(store, domains)
    this.#provisioning = createProvisioning({
      store, devices, lists, domains, passwords, categories: ofDevices, audit, registrationUrl: () => this.registrationUrl(), offline: () => settings.offlineProvisioning, now,
      log: options.log('provisioning'), count, assigned: (device, password) => this.#channel.assigned(device, password),
    })
    this.#channel = new SysclientChannel({
      devices, passwords, registry: this.registry, admission: this.#provisioning.doorkeeper, attachTunnels: link => this.#passthrough.attach(link), now, log: options.log('sysclients'), count, waits: options.waits,
      bounds: options.bounds, storm: active => {
        log('warn', active ? 'so many devices arrive at once that some must come later' : 'devices are no longer put off')
        options.storm?.(active)
      },
      cameOnline: deviceId => tasks.cameOnline(deviceId), isFormerHost: host => this.#formerHosts.has(host), cameByFormerHost: device => urls.cameByFormerHost(device),
    })
    const categories = new Categories({ store, domains, audit, ofDevices, now })
    const recheck = (only?: string): void => sessions.recheck((session, hwId) => mayEnter(devices, session.viewer, hwId), only)
    const commands = new DeviceCommands({
      store, devices, lists, passwords, domains, categories: ofDevices, audit, channel: this.#channel, now,
      moved: hwId => {
        recheck(hwId)
        this.#channel.deploy(hwId, () => {})
      },
    })
    const { tasks, rollout, urls, selections } = createTasks({
      store, devices, passwords, domains, commands, categories: ofDevices, settings, audit, channel: this.#channel, registry: this.registry, now, later: run => this.#later(run), log: options.log('tasks'),
      failed: task => options.taskFailed?.(task),
      http: this.#passthrough.http(hwId => this.registry.online(hwId)), registrationUrl: () => this.registrationUrl(), gauge: metrics.gauge.bind(metrics),
    })
    this.#urls = urls
    this.#tasks = tasks
    this.#dismissals = new Dismissals(({ id, hwId }) => this.#channel.dismiss(hwId, 'its domain was deleted', id))
    const domainCommands = new DomainCommands({
      store, domains, devices, audit, deployment: (viewer, domain, change) => rollout.changed(viewer, domain, change),
      rightsChanged: recheck, passwordChanged: id => sessions.forgetLogins(id), ended: id => sessions.endDomain(id), dismiss: gone => this.#dismissals.add(gone),
    })
    this.#domainCommands = domainCommands
    this.#auditKeeper = new AuditKeeper(audit, () => settings.auditDays)
    settings.onChange((before, after) => { if (after.auditDays < before.auditDays) this.#auditKeeper.now() })
    const keys = new HttpKeys(() => performance.now())
    this.#selfBackup = new SelfBackup({
      keys, store, audit, appName: options.appName, appDomain: options.appDomain, secretKey: options.secretKey, now, log, replace: options.replace,
    })
    const handlers = createHandlers({
      httpKeys: keys,
      ...this.#provisioning, ofDevices, store, domains, domainCommands, roles, settings, categories, auditQuery: new AuditQuery(store, domains),
      devices, lists, commands, passwords, tasks, urls, selections, audit, preferences: new PreferenceStore(store), major: options.release.id,
      registrationUrl: () => this.registrationUrl(), webPath: options.webPath,
    })
    this.#apps = new AppServer({
      rules: () => ({ instanceDomain: options.appDomain, instancePassword: options.appPassword, domains }),
      rights: { domains, roleOf: appObject => roles.of(appObject) },
      sessions, throttle: new LoginThrottle(now), logins: new LoginRecord(audit, now), handlers, devices, lists, build: options.release.files, webPath: options.webPath,
      now, log: options.log('apps'), count, learnUrl: appurl => this.#learn(appurl),
    })
    this.#site = new Site(options.release.files, asset)
    this.router = { request: exchange => this.#request(exchange), upgrade: request => this.#upgrade(request) }
    this.#ticker = setInterval(() => { this.#channel.tick(); this.#apps.tick(); tasks.tick(); this.#provisioning.tick() }, TICK)
    this.#gauges(devices, sessions)
    if (store.arrival) audit.record(SERVICE, { domainId: 0, action: 'database.replaced', subject: store.arrival.text })
    devices.resetOldRuns(slice => this.#later(slice))
    tasks.resume()
    this.#learntUrl = store.setting('app-url')
  }

  /** Clears the trouble when a transaction goes through; a further failure asks again. */
  #askDatabase(): void {
    this.store.begin()
    this.store.whenCommitted(error => { if (!error) this.#options.databaseTrouble?.(undefined) })
  }

  /** The manager of the App Platform gives a domain its password; a domain that is not there is added. */
  async setDomainPassword(name: string, password: string): Promise<void> {
    const domain = this.#domains.byName(name)
    if (domain) await this.#domainCommands.edit(MANAGER, domain.id, { password })
    else await this.#domainCommands.add(MANAGER, { name, password })
  }

  #later(slice: () => void): void {
    const handle = setImmediate(() => {
      this.#slices.delete(handle)
      slice()
    })
    this.#slices.add(handle)
  }

  #gauges(devices: DeviceStore, sessions: Sessions): void {
    const { metrics } = this.#options
    metrics.gauge('devices_online', 'Devices connected and authenticated', () => this.registry.onlineCount)
    metrics.gauge('devices_waiting', 'Connected devices without a domain or without their password', () => this.registry.waitingCount)
    metrics.gauge('app_sessions', 'Apps logged in', () => sessions.count)
    metrics.gauge('devices_watched', 'Whether somebody watches devices', () => devices.events.watched ? 1 : 0)
  }

  /** Where the host listens: the address devices are told until a better one is known. */
  listening(url: string): void { this.#listenerUrl = url }

  /**
   * Registration URL for devices. An address known from the operator or the App object is always `wss` (S13 of the documents:
   * wire-protocols 2.1); the bare listener says what it speaks.
   */
  registrationUrl(): string {
    const known = this.#options.publicUrl ?? this.#learntUrl
    const base = known === undefined ? `${this.#listenerUrl.replace(/^http/, 'ws')}${this.#options.webPath}` : known.replace(/^(https?|wss?):/, 'wss:').replace(/\/$/, '')
    return `${base}/sysclients`
  }

  #learn(appurl: string): void {
    if (!/^https?:\/\/[^\s/]+\//.test(appurl) || !appurl.endsWith(`/${APPS.api}`)) return
    const base = appurl.slice(0, -APPS.api.length - 1)
    if (base === this.#learntUrl) return
    if (this.#learntUrl !== undefined) this.#formerHosts.moved(this.#learntUrl, base)
    this.#learntUrl = base
    this.store.setSetting('app-url', base)
    if (this.#options.publicUrl === undefined) this.#urls.addressChanged()
    this.#options.log('instance')('info', `the App object says that the service is reached at ${base}`)
  }

  /** The part of a path below the instance, or undefined when it is not below it. */
  #below(path: string): string | undefined {
    const { webPath } = this.#options
    if (path === webPath) return ''
    return path.startsWith(`${webPath}/`) ? path.slice(webPath.length) : undefined
  }

  #request(exchange: Exchange): void {
    this.#options.metrics.count('http_requests')
    const below = this.#below(exchange.path)
    if (below === undefined) {
      if (exchange.path === '/') return exchange.respond(302, [['location', `${this.#options.webPath}/`], ['cache-control', 'no-store']])
      return notFound(exchange)
    }
    if (below.startsWith('/passthrough/')) {
      const target = this.#passthrough.parse(exchange.query ? `${below}?${exchange.query}` : below)
      return target ? this.#passthrough.request(exchange, target.hwId, target.key, target.rest) : notFound(exchange)
    }
    if (this.#selfBackup.serve(exchange, below)) return
    if (isInitPath(below) && this.#provisioning.initUrl.serve(exchange)) return
    if (!this.#site.serve(exchange, below, this.#options.webPath)) notFound(exchange)
  }

  #upgrade(request: UpgradeRequest): UpgradeAnswer {
    const below = this.#below(request.path)
    if (below === undefined) return { status: 404, text: 'not found' }
    if (below.startsWith('/passthrough/')) {
      const target = this.#passthrough.parse(request.query ? `${below}?${request.query}` : below)
      return target ? this.#passthrough.upgrade(request, target.hwId, target.key, target.rest) : { status: 404, text: 'not found' }
    }
    // Pages of devices run without an origin of their own; they have no business here.
    if (request.header('origin') === 'null') return { status: 403, text: 'not from here' }
    if (below === '/sysclients') return this.#channel.upgrade(request)
    return below.split('/').filter(Boolean).length <= 2 ? this.#apps.upgrade(below) : { status: 404, text: 'not found' }
  }

  /** True when the database answers. */
  healthy(): boolean {
    try {
      return this.store.sqlite.prepare('SELECT 1').get() !== undefined
    } catch {
      return false
    }
  }

  /** Ends all connections and all work and commits what is left; the database stays open for its last snapshot. */
  async halt(): Promise<void> {
    clearInterval(this.#ticker)
    this.#tasks.stop()
    this.#dismissals.stop()
    this.#auditKeeper.stop()
    this.#apps.endAll('the service stops')
    this.#channel.endAll('the service stops')
    await this.#selfBackup.stop()
    for (const handle of this.#slices) clearImmediate(handle)
    this.store.flush()
  }

  /** After `halt`. */
  stop(): void { this.store.close() }
}

const notFound = (exchange: Exchange): void =>
  exchange.respond(404, [['content-type', 'text/plain; charset=utf-8'], ['cache-control', 'no-store']], 'There is nothing at this address.\n')
