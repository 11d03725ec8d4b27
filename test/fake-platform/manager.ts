/** A fake of the App Platform's manager: one service at a unix socket (app-platform-local 2). */
import { once } from 'node:events'
import net from 'node:net'
import { managerCollector, managerFrame } from './frames.ts'

export type ManagerMessage = Record<string, unknown>

export interface FakeManager {
  readonly socketPath: string
  /** Messages of the service so far, and the same as the JSON text that travelled. */
  readonly received: readonly ManagerMessage[]
  readonly raw: readonly string[]
  connected(): Promise<void>
  send(message: object): void
  /** Any bytes, to try what a service makes of them. */
  write(bytes: Uint8Array): void
  /** The first message from number `from` on that has these values. */
  until(wanted: ManagerMessage, from?: number): Promise<ManagerMessage>
  /** Closes the connection, as when the manager ends. */
  hangUp(): void
  stop(): Promise<void>
}

export interface InstanceOptions { appName: string, appDomain: string, appPassword: string, webserver: string, webserverPath: string, workingPath: string, logFlags?: number | string, dbHost?: string, dbName?: string, dbUser?: string, dbPassword?: string }
/** Without a database of PostgreSQL unless one is given. */
export const appStart = (instance: InstanceOptions): object =>
  ({ mt: 'AppStart', instance: { dbHost: '', dbName: '', dbUser: '', dbPassword: '', logFlags: 57475, ...instance } })

export async function startFakeManager(socketPath: string): Promise<FakeManager> {
  const received: ManagerMessage[] = []
  const raw: string[] = []
  let service: net.Socket | undefined
  let looks: (() => void)[] = []
  const changed = (): void => {
    const all = looks
    looks = []
    for (const look of all) look()
  }
  const collect = managerCollector((message, text) => {
    received.push(message)
    raw.push(text)
    changed()
  })
  const server = net.createServer(socket => {
    service = socket
    socket.on('error', () => {})
    socket.on('data', collect)
    changed()
  })
  server.listen(socketPath)
  await once(server, 'listening')
  const until = async <T>(find: () => T | undefined): Promise<T> => {
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      await new Promise<void>(resolve => looks.push(resolve))
    }
  }
  return {
    socketPath, received, raw,
    connected: async () => { await until(() => service) },
    send: message => { service?.write(managerFrame(message)) },
    write: bytes => { service?.write(bytes) },
    until: (wanted, from = 0) => until(() => received.slice(from).find(message => Object.entries(wanted).every(([name, value]) => message[name] === value))),
    hangUp: () => { service?.end() },
    stop: async () => {
      service?.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
