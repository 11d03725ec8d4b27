/** A fake of the App Platform's webserver: plain HTTP and websockets outside, the plugin protocol on a unix socket inside. */
import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { serveHttp } from './http-side.ts'
import { Plugin, type Shared } from './plugin.ts'
import { serveWebSocket } from './websocket-side.ts'

export interface FakeWebserver {
  readonly url: string
  readonly port: number
  readonly socketPath: string
  /** What services did against the rules of the protocol. */
  readonly violations: readonly string[]
  /** Paths that are refused as "registered already". */
  readonly refused: Set<string>
  /** Requests and websockets that are open. */
  readonly open: number
  /** Resolves when the path is registered for HTTP and websockets. */
  registered(path: string): Promise<void>
  /** Resolves when nobody has the path. */
  left(path: string): Promise<void>
  /** The socket of the plugins goes away with all its connections, as when the webserver crashes. */
  crash(): Promise<void>
  comeBack(): Promise<void>
  stop(): Promise<void>
}

export async function startFakeWebserver(options: { socketPath: string, port?: number, version?: number, flags?: number }): Promise<FakeWebserver> {
  const { socketPath, version = 2, flags = 0 } = options
  const plugins = new Set<Plugin>()
  let waiting: (() => void)[] = []
  const shared: Shared = { version, paths: new Map(), refused: new Set(), violations: [], changed: () => {
    const all = waiting
    waiting = []
    for (const look of all) look()
  } }
  const until = async (condition: () => boolean): Promise<void> => { while (!condition()) await new Promise<void>(resolve => waiting.push(resolve)) }

  const listenInside = async (): Promise<net.Server> => {
    fs.rmSync(socketPath, { force: true })
    const server = net.createServer(socket => {
      const plugin = new Plugin(socket, shared)
      plugins.add(plugin)
      socket.on('close', () => plugins.delete(plugin))
    })
    server.listen(socketPath)
    await once(server, 'listening')
    return server
  }
  let inside: net.Server | undefined = await listenInside()

  /** The most specific registration of a target. */
  const find = (target: string, kind: 'http' | 'websocket'): { plugin: Plugin, registered: string, relative: string, asks: boolean } | undefined => {
    const path = target.split('?')[0] ?? ''
    const matches = [...shared.paths].filter(([registered, entry]) => entry[kind] && (registered === '/' || path === registered || path.startsWith(`${registered}/`)))
    const [registered, entry] = matches.sort(([a], [b]) => b.length - a.length)[0] ?? []
    return registered === undefined || !entry ? undefined : { plugin: entry.plugin, registered, relative: (registered === '/' ? target : target.slice(registered.length)) || '/', asks: entry.asks }
  }

  const request = async (incoming: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const place = find(incoming.url ?? '', 'http')
    if (!place) return void response.writeHead(404).end('no such path\n')
    if (place.asks) {
      const [user = '', password = ''] = Buffer.from(/^Basic (.+)$/.exec(incoming.headers.authorization ?? '')?.[1] ?? '', 'base64').toString().split(':')
      const right = user === '' ? undefined : await place.plugin.passwordOf(place.relative, place.registered, incoming.headers.host ?? '', user)
      if (right === undefined || right !== password) return void response.writeHead(401, { 'www-authenticate': 'Basic realm="plugin"' }).end()
    }
    serveHttp(place.plugin, version, place.relative, place.registered, incoming, response, flags)
  }
  const outside = http.createServer({ maxHeaderSize: 48 * 1024 }, (incoming, response) => void request(incoming, response))
  const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 16 * 1024 * 1024, skipUTF8Validation: false, handleProtocols: () => false })
  outside.on('upgrade', (incoming: http.IncomingMessage, socket: Duplex, head: Buffer) => {
    const place = find(incoming.url ?? '', 'websocket')
    if (!place) return void socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    serveWebSocket(place.plugin, webSockets, place.relative, place.registered, incoming, socket, head, flags)
  })
  outside.listen(options.port ?? 0, '127.0.0.1')
  await once(outside, 'listening')
  const { port } = outside.address() as net.AddressInfo

  const crash = async (): Promise<void> => {
    const closing = inside
    inside = undefined
    for (const plugin of plugins) plugin.destroy()
    if (closing) await new Promise(resolve => closing.close(resolve))
    fs.rmSync(socketPath, { force: true })
  }
  return {
    url: `http://127.0.0.1:${port}`, port, socketPath, violations: shared.violations, refused: shared.refused,
    get open() { return [...plugins].reduce((sum, plugin) => sum + plugin.open, 0) },
    registered: path => until(() => { const entry = shared.paths.get(path); return entry?.http === true && entry.websocket }),
    left: path => until(() => !shared.paths.has(path)),
    crash,
    comeBack: async () => { inside ??= await listenInside() },
    stop: async () => {
      outside.close()
      outside.closeAllConnections()
      for (const client of webSockets.clients) client.terminate()
      await crash()
    },
  }
}
