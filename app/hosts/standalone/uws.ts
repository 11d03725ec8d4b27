/** The uWebSockets.js addon, loaded only where a listener is wanted. */
import type { TemplatedApp, AppOptions, us_listen_socket } from 'uWebSockets.js'
import { InvariantError } from '../../errors.ts'
import { native } from '../../runtime/native.ts'

export interface Uws {
  App(options?: AppOptions): TemplatedApp
  SSLApp(options: AppOptions): TemplatedApp
  us_listen_socket_close(socket: us_listen_socket): void
  us_socket_local_port(socket: us_listen_socket): number
  readonly LIBUS_LISTEN_EXCLUSIVE_PORT: number
}

/** `listen` with address and options: the addon takes it, its declarations leave it out. */
export type ListenAt = (host: string, port: number, options: number, done: (socket: us_listen_socket | false) => void) => TemplatedApp

const isUws = (exports: unknown): exports is Uws =>
  typeof exports === 'object' && exports !== null && 'App' in exports && 'SSLApp' in exports && 'us_listen_socket_close' in exports

let loaded: Uws | undefined
export function uws(): Uws {
  if (loaded) return loaded
  const exports = native('uws')
  if (!isUws(exports)) throw new InvariantError('the uWebSockets.js addon has other exports than expected')
  return loaded = exports
}
