/**
 * The uWebSockets.js addon, loaded only where a listener is wanted.
 *
 * What the addon fixes by itself and nobody can change: a request has at most 98 header fields (more: 431); HTTP/1.0 and
 * targets that do not begin with `/` are answered 505, malformed requests 400, both with an error page of its own, and the
 * connection is closed; a request that follows on the same connection before the one in front is answered closes it
 * (pipelining works only where answers are immediate); a client that closes its sending half counts as gone; header values
 * are read as UTF-8 and lose bytes above 0x7f at their ends; every response carries a Date.
 */
import type { TemplatedApp, AppOptions, us_listen_socket } from 'uWebSockets.js'
import { InvariantError } from '../../errors.ts'
import { LIMITS } from '../../limits.ts'
import { native } from '../../runtime/native.ts'

/** `listen` with address and options: the addon takes it, its declarations leave it out. */
export type ListenAt = (host: string, port: number, options: number, done: (socket: us_listen_socket | false) => void) => TemplatedApp
export type UwsApp = Omit<TemplatedApp, 'listen'> & { readonly listen: ListenAt }

export interface Uws {
  App(options?: AppOptions): UwsApp
  SSLApp(options: AppOptions): UwsApp
  us_listen_socket_close(socket: us_listen_socket): void
  us_socket_local_port(socket: us_listen_socket): number
  readonly LIBUS_LISTEN_EXCLUSIVE_PORT: number
  /** `silent`: no header that names the library. */
  _cfg(key: 'silent'): void
}

/** The addon reads its largest request head from the environment, once, while it is loaded. */
const HEAD_SIZE = 'UWS_HTTP_MAX_HEADERS_SIZE'
const FUNCTIONS = ['App', 'SSLApp', 'us_listen_socket_close', 'us_socket_local_port', '_cfg'] as const

const isUws = (exports: unknown): exports is Uws =>
  typeof exports === 'object' && exports !== null && FUNCTIONS.every(name => typeof Reflect.get(exports, name) === 'function')

let loaded: Uws | undefined

/** The addon. Throws `UsageError` where it cannot be loaded. */
export function uws(): Uws {
  if (loaded) return loaded
  process.env[HEAD_SIZE] = String(LIMITS.headerBytes.value)
  let exports: unknown
  try {
    exports = native('uws')
  } finally {
    delete process.env[HEAD_SIZE]
  }
  if (!isUws(exports)) throw new InvariantError('the uWebSockets.js addon has other exports than expected')
  exports._cfg('silent')
  return loaded = exports
}
