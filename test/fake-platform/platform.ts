/** A whole fake App Platform: manager, webserver, and the executable as its service. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { appStart, startFakeManager, type FakeManager, type InstanceOptions } from './manager.ts'
import { startFakeWebserver, type FakeWebserver } from './webserver.ts'

export const EXECUTABLE = path.resolve(import.meta.dirname, '../../dist/devices')
export const PASSWORD = 'instance-pw-1'

export interface FakePlatform {
  readonly folder: string
  readonly manager: FakeManager
  readonly webserver: FakeWebserver
  readonly process: ChildProcess
  /** Resolves with the exit code of the service. */
  readonly exited: Promise<number | null>
  /** Starts an instance; resolves with its base address when it is registered: `http://…/example.com/inst1`. */
  startInstance(name: string, domain?: string, database?: DatabaseOptions): Promise<string>
  stopInstance(name: string, domain?: string): Promise<void>
  /** All log lines so far. */
  log(): string
  stop(): Promise<void>
}

export type DatabaseOptions = Pick<InstanceOptions, 'dbHost' | 'dbName' | 'dbUser' | 'dbPassword'>
export interface PlatformOptions { folder?: string, port?: number, version?: number, args?: readonly string[], executable?: string, detached?: boolean, env?: Readonly<Record<string, string>> }

export async function startFakePlatform(options: PlatformOptions = {}): Promise<FakePlatform> {
  const folder = options.folder ?? fs.mkdtempSync(path.join(os.tmpdir(), 'app-platform-'))
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  const manager = await startFakeManager(path.join(folder, 'manager'))
  const webserver = await startFakeWebserver({
    socketPath: path.join(folder, 'webserver'), ...(options.port === undefined ? {} : { port: options.port }), ...(options.version === undefined ? {} : { version: options.version }),
  })
  const logs = path.join(folder, 'log')
  const child = spawn(options.executable ?? EXECUTABLE, [`--manager=${manager.socketPath}`, '--service-id=svc-devices', '--dns=ap.example.com', `--log-path=${logs}`, ...options.args ?? []],
    { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder, detached: options.detached === true, env: { PATH: process.env['PATH'], ...options.env } })
  let out = ''
  child.stdout.on('data', piece => { out += String(piece) })
  child.stderr.on('data', piece => { out += String(piece) })
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  await Promise.race([manager.until({ mt: 'AppServiceInitConnection' }), exited.then(code => { throw new Error(`the service ended with ${code}: ${out}`) })])
  const pathOf = (name: string, domain: string): string => `/${domain}/${name}`
  return {
    folder, manager, webserver, process: child, exited,
    startInstance: async (name, domain = 'example.com', database = {}) => {
      // Without the leading slash, as the real manager most likely sends it.
      manager.send(appStart({ appName: name, appDomain: domain, appPassword: PASSWORD, webserver: webserver.socketPath, webserverPath: `${domain}/${name}`, workingPath: path.join(folder, `${name}.${domain}`), ...database }))
      await webserver.registered(pathOf(name, domain))
      return `${webserver.url}${pathOf(name, domain)}`
    },
    stopInstance: async (name, domain = 'example.com') => {
      const from = manager.received.length
      manager.send({ mt: 'AppStop', instance: { appName: name, appDomain: domain } })
      await manager.until({ mt: 'AppStatusUpdate', appName: name, appDomain: domain, status: false }, from)
      await webserver.left(pathOf(name, domain))
    },
    log: () => out + (fs.existsSync(path.join(logs, 'devices')) ? fs.readdirSync(path.join(logs, 'devices')).map(file => fs.readFileSync(path.join(logs, 'devices', file), 'utf8')).join('') : ''),
    stop: async () => {
      if (child.exitCode === null) {
        manager.send({ mt: 'AppServiceStop' })
        await Promise.race([manager.until({ mt: 'AppServiceCloseComplete' }), exited])
        manager.hangUp()
        await exited
      }
      await manager.stop()
      await webserver.stop()
    },
  }
}
