/**
 * What the page of the PBX Manager gives its plugins (wire-protocols 7.1): lib1, ui1 and the AppWebsocket client. This is the only
 * file that knows names of these libraries; what is inferred stands beside its use, and each has a way to do without.
 */
import { Fault } from './fault.ts'
import { isObject, member, text, type Json } from './unknown.ts'

const library = (...names: readonly string[]): unknown => names.reduce<unknown>(member, window)

function call(of: unknown, name: string, ...values: readonly unknown[]): unknown {
  const found = member(of, name)
  if (typeof found !== 'function') throw new Fault('lacking', name)
  return Reflect.apply(found, of, values)
}

/** The prototype that a plugin must have. */
export function nodePrototype(): object {
  const found = library('innovaphone', 'ui1', 'nodePrototype')
  return isObject(found) ? found : {}
}

/** Makes the node of the plugin: a div of class `item-node`. Inferred: `createNode(tag, style, content, class)` and `container`. */
export function createNode(self: object): HTMLElement {
  if (typeof member(self, 'createNode') === 'function') call(self, 'createNode', 'div', null, null, 'item-node')
  const made = member(self, 'container')
  const container = made instanceof HTMLElement ? made : document.createElement('div')
  if (made !== container) Reflect.set(self, 'container', container)
  container.classList.add('item-node')
  return container
}

/** Calls back at each event. Inferred: events of `start` have `attach`. */
export function listen(start: unknown, event: 'onschemechanged' | 'onlangchanged', run: () => void): void {
  const source = member(start, event)
  if (typeof member(source, 'attach') === 'function') call(source, 'attach', run)
}

/**
 * Sends a request on an AppWebsocket and resolves with its answer (5.1: `src`). Inferred: `sendSrc(message, callback)`, which makes
 * and removes the `src` itself; else `new connection.Src(callback)` with `send`.
 */
export function ask(connection: unknown, message: Json, options: { patience: number, silent: () => Fault }): Promise<Json> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(options.silent()), options.patience)
    const answered = (answer: unknown): void => {
      clearTimeout(timer)
      if (isObject(answer)) resolve(answer)
      else reject(options.silent())
    }
    const source = member(connection, 'Src')
    if (typeof member(connection, 'sendSrc') === 'function') call(connection, 'sendSrc', message, answered)
    else if (typeof source === 'function') call(Reflect.construct(source, [answered]), 'send', message)
    else reject(new Fault('lacking', 'sendSrc'))
  })
}

export interface ConnectionEvents {
  /** @param instanceDomain of AppLoginResult (5.2); empty when the library does not say */
  readonly connected: (instanceDomain: string) => void
  readonly failed: (why: string) => void
  readonly closed: () => void
  /** Makes the login for a challenge. */
  readonly login: (challenge: string) => Promise<Json>
}

/**
 * Opens an AppWebsocket as the app `-` without a password (7.2), with the constructor of 5.3; the library connects again by itself
 * until it is closed. Inferred: `login` and `close` of the connection; `appdomain` is the fourth that `onconnected` is given, after
 * domain, user and display name.
 */
export function openConnection(url: string, domain: string, events: ConnectionEvents): { readonly connection: unknown, close(): void } {
  const make = library('innovaphone', 'appwebsocket', 'Connection')
  if (typeof make !== 'function') throw new Fault('lacking', 'innovaphone.appwebsocket.Connection')
  const getLogin = (_app: unknown, challenge: unknown): void => {
    events.login(String(challenge)).then(login => { call(connection, 'login', login) }, (cause: unknown) => events.failed(cause instanceof Error ? cause.message : ''))
  }
  const connected = (...given: readonly unknown[]): void => events.connected(text(given[3]))
  const connection: unknown = Reflect.construct(make, [url, '-', null, domain, connected, () => {}, (why: unknown) => events.failed(String(why)), events.closed, getLogin])
  return { connection, close: () => { if (typeof member(connection, 'close') === 'function') call(connection, 'close') } }
}
