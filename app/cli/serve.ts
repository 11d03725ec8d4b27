/** `devices`: serves one instance stand-alone. */
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { StoreError, UsageError } from '../errors.ts'
import { startStandalone, type StandaloneHost } from '../hosts/standalone/host.ts'
import type { TlsFiles } from '../hosts/standalone/tls-files.ts'
import { Instance } from '../instances/instance.ts'
import { createLog, type Level } from '../observe/log.ts'
import { Metrics, metricsText } from '../observe/metrics.ts'
import { readRelease, releaseText } from '../runtime/release.ts'
import { withHostReachable } from '../site/host-reachable.ts'
import { carryOut, type Prepare, type Replace } from '../self-backup/self-backup.ts'
import { prepareWorkingPath } from '../store/database.ts'
import { operatorKey, READABLE, randomText } from '../store/secrets.ts'

/** Options as the command line gives them; names are the App Platform's instance arguments. */
export interface ServeOptions {
  readonly listen: string
  readonly tlsCert?: string, readonly tlsKey?: string
  readonly appName: string, readonly appDomain: string, readonly appPassword?: string
  readonly webserverPath?: string
  readonly workingPath: string
  readonly publicUrl?: string
  readonly metricsListen?: string
  readonly logLevel: Level
  readonly challengeWait?: number
}

/** Of the options that always have a value. */
export const DEFAULTS = { listen: '127.0.0.1:8080', appName: 'devices', appDomain: 'example.com', workingPath: './data' } as const
export const PASSWORD_FILE = 'instance-password'
const PASSWORD_LENGTH = 15

/** `host:port`, `[v6]:port` or a port alone. */
export function parseListen(text: string): { host: string, port: number } {
  const parts = /^(?:(?:\[([^\]]+)\]|([^:]*)):)?(\d{1,5})$/.exec(text)
  const port = Number(parts?.[3])
  if (!parts || port > 65535) throw new UsageError('listen', `${JSON.stringify(text)} is no address to listen on; write it like 127.0.0.1:8080`)
  return { host: parts[1] ?? (parts[2] || '127.0.0.1'), port }
}

/** Throws `UsageError` when only one of the two is given: plain http in place of https would be a surprise. */
export function tlsFiles(certFile: string | undefined, keyFile: string | undefined): TlsFiles | undefined {
  if (certFile === undefined && keyFile === undefined) return undefined
  if (certFile === undefined || keyFile === undefined) throw new UsageError('tls', '--tls-cert and --tls-key go together')
  return { certFile, keyFile }
}

/** The instance password: given, else made at the first start and kept in the working path (mode 0600). */
export function instancePassword(options: Pick<ServeOptions, 'appPassword' | 'workingPath'>): { password: string, from: string } {
  if (options.appPassword) return { password: options.appPassword, from: 'given with --app-password' }
  const given = process.env['DEVICES_APP_PASSWORD']
  if (given) return { password: given, from: 'given in DEVICES_APP_PASSWORD' }
  const file = path.resolve(options.workingPath, PASSWORD_FILE)
  try {
    const password = fs.readFileSync(file, 'utf8').trim()
    if (password) return { password, from: `in ${file}` }
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause
  }
  const password = randomText(PASSWORD_LENGTH, READABLE)
  fs.writeFileSync(file, `${password}\n`, { mode: 0o600, flush: true })
  return { password, from: `in ${file}` }
}

const webPathOf = (options: ServeOptions): string => {
  const text = options.webserverPath ?? `/${options.appDomain}/${options.appName}`
  return `/${text.replace(/^\/+|\/+$/g, '')}`
}

/** Everything between one opening of the database and its end. */
interface Run { readonly instance: Instance, readonly host: StandaloneHost, readonly metrics: Metrics }

/** Starts everything; resolves when the process has been told to end and all is closed. */
export async function serve(options: ServeOptions): Promise<void> {
  const tls = tlsFiles(options.tlsCert, options.tlsKey)
  const listen = parseListen(options.listen)
  const metricsListen = options.metricsListen === undefined ? undefined : parseListen(options.metricsListen)
  prepareWorkingPath(options.workingPath)
  const { password, from } = instancePassword(options)
  const log = createLog({ write: line => { process.stderr.write(line) }, now: Date.now, least: options.logLevel })
  const wishes = new Wishes()
  const open = (port: number): Promise<Run> => openRun(options, { listen: { ...listen, port }, tls, password, log, replace: wishes.replace })
  let run = await open(listen.port)
  const observer = metricsListen && await observe(metricsListen, () => metricsText([{ metrics: run.metrics }]), () => run.instance.healthy())
  process.stdout.write([
    `Devices ${releaseText(readRelease())} is ready.`,
    `  Open      ${run.host.urls[0]}${webPathOf(options)}/`,
    `  Sign in   domain ${options.appDomain}, password ${from}`,
    `  Devices   ${run.instance.registrationUrl()}`,
    ...(observer ? [`  Metrics   ${observer.url}/metrics`] : []),
    '',
  ].join('\n'))
  process.on('SIGHUP', () => run.host.reloadTls())
  for (let prepare = await wishes.next(); prepare !== 'end'; prepare = await wishes.next()) {
    const { port } = run.host
    await close(run)
    log('instance')('warn', await carryOut(prepare, log('instance')))
    run = await open(port)
  }
  observer?.server.close()
  await close(run)
  // What was promised is done, also when the end came first.
  for (const prepare of wishes.left()) log('instance')('warn', await carryOut(prepare, log('instance')))
}

async function close({ host, instance }: Run): Promise<void> {
  await host.stop()
  await instance.halt()
  instance.stop()
}

async function openRun(options: ServeOptions, means: { listen: { host: string, port: number }, tls: TlsFiles | undefined, password: string, log: ReturnType<typeof createLog>, replace: Replace }): Promise<Run> {
  const metrics = new Metrics().ofProcess()
  const instance = new Instance({
    appName: options.appName, appDomain: options.appDomain, appPassword: means.password, webPath: webPathOf(options), workingPath: options.workingPath,
    secretKey: operatorKey(), publicUrl: options.publicUrl, release: readRelease(),
    metrics, log: means.log, now: Date.now, replace: means.replace, waits: { challenge: options.challengeWait },
  })
  try {
    const host = await startStandalone({
      listen: means.listen, router: withHostReachable(instance.router), log: means.log('host'), count: name => metrics.count(name), tls: means.tls,
    })
    instance.listening(host.urls[0] ?? '')
    return { instance, host, metrics }
  } catch (cause) {
    await instance.halt()
    instance.stop()
    throw cause
  }
}

/** What is wished of the running service from outside, in the order in which it came. */
class Wishes {
  readonly #waiting: Prepare[] = []
  #ended = false
  #look: (() => void) | undefined

  constructor() {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => {
      this.#ended = true
      this.#look?.()
    })
  }

  readonly replace: Replace = prepare => {
    this.#waiting.push(prepare)
    this.#look?.()
  }

  /** The next replacement of the database, or the end. */
  async next(): Promise<Prepare | 'end'> {
    while (!this.#ended && this.#waiting.length === 0) await new Promise<void>(resolve => { this.#look = resolve })
    return this.#ended ? 'end' : this.#waiting.shift() ?? 'end'
  }

  left(): Prepare[] { return this.#waiting.splice(0) }
}

/** Health and metrics on a listener of their own: they are nobody's business on the public one. */
export async function observe(listen: { host: string, port: number }, metrics: () => string, healthy: () => boolean): Promise<{ server: http.Server, url: string }> {
  const server = http.createServer((request, response) => {
    if (request.url === '/metrics') response.setHeader('content-type', 'text/plain; version=0.0.4').end(metrics())
    else if (request.url === '/health') response.writeHead(healthy() ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: healthy() }) + '\n')
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', cause => reject(new UsageError('metrics-listen', `${listen.host}:${listen.port} cannot be used for metrics: ${cause.message}`, { cause })))
    server.listen(listen.port, listen.host, () => resolve())
  })
  const address = server.address()
  return { server, url: `http://${listen.host}:${typeof address === 'object' && address ? address.port : listen.port}` }
}

/** One line for people; the exit code of the process. */
export function explain(cause: unknown): { text: string, code: number } {
  if (cause instanceof UsageError || cause instanceof StoreError) return { text: cause.message, code: 2 }
  return { text: cause instanceof Error ? cause.stack ?? cause.message : String(cause), code: 1 }
}
