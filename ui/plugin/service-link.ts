/** The plugin's AppWebsocket to the service: it asks whether passwords of App objects are right, and learns the domain of the instance (wire-protocols 7.2, 5.8, 5.2). */
import { Fault, faultOf } from './fault.ts'
import type { Item } from './item.ts'
import type { PlatformInstance } from './platform-instance.ts'
import { ask, openConnection } from './preloaded.ts'
import type { Json } from './unknown.ts'

/** After that the service counts as unreachable, ms. */
const CONNECTED_WITHIN = 20_000
/** The service answers slowly after wrong passwords, so that nobody guesses them. */
const CHECKED_WITHIN = 60_000
/** The PBX Manager does not say when it throws a plugin away: a connection that is not used is closed. */
const IDLE = 10_000
/** One for each path that the manager may know the instance by, and one more. */
const REFUSALS = 3

interface Open { readonly ready: Promise<unknown>, readonly lost: Promise<never>, close(): void }

export class ServiceLink {
  readonly #item: Item
  readonly #domain: string
  readonly #platform: PlatformInstance
  #open: Open | undefined
  #users = 0
  #instanceDomain = ''
  #idle: ReturnType<typeof setTimeout> | undefined

  constructor(item: Item, domain: string, platform: PlatformInstance) {
    this.#item = item
    this.#domain = domain
    this.#platform = platform
  }

  /** AppCheckLogin: is the password right that made this digest? */
  async check(login: Json): Promise<boolean> {
    const answer = await this.#use(connection =>
      ask(connection, { mt: 'AppCheckLogin', ...login }, { patience: CHECKED_WITHIN, silent: () => new Fault('serviceSilent', this.#item.socket) }))
    return answer['ok'] === true
  }

  /** The domain of the instance, from AppLoginResult; empty when it did not say. Rejects when nobody is let in. */
  async instanceDomain(): Promise<string> {
    if (this.#instanceDomain === '') await this.#use(() => Promise.resolve())
    return this.#instanceDomain
  }

  async #use<T>(run: (connection: unknown) => Promise<T>): Promise<T> {
    clearTimeout(this.#idle)
    const open = this.#open ??= this.#connect()
    this.#users++
    try {
      return await Promise.race([open.ready.then(run), open.lost])
    } catch (cause) {
      if (this.#open === open) this.close()
      throw cause
    } finally {
      if (--this.#users === 0) this.#idle = setTimeout(() => this.close(), IDLE)
    }
  }

  /** The next check connects anew: after the instance has got another password. */
  close(): void {
    clearTimeout(this.#idle)
    this.#open?.close()
    this.#open = undefined
  }

  #connect(): Open {
    const silent = (): Fault => new Fault('serviceSilent', this.#item.socket)
    let fail = (_: Fault): void => {}
    const lost = new Promise<never>((_, reject) => { fail = reject })
    lost.catch(() => {}) // nobody may be waiting
    let timer: ReturnType<typeof setTimeout> | undefined
    let close = (): void => {}
    const ready = new Promise<unknown>((resolve, reject) => {
      let refusals = 0
      let noLogin: Fault | undefined
      timer = setTimeout(() => reject(noLogin ?? silent()), CONNECTED_WITHIN)
      const opened = openConnection(this.#item.socket, this.#domain, {
        connected: instanceDomain => {
          clearTimeout(timer)
          this.#instanceDomain = instanceDomain
          this.#platform.judged(true)
          // In the next turn: the library may call back before its constructor has returned.
          setTimeout(() => resolve(opened.connection))
        },
        failed: why => {
          if (!/LOGIN_FAILURE/.test(why) || noLogin) return
          this.#platform.judged(false)
          if (++refusals >= REFUSALS) reject(new Fault('loginRefused'))
        },
        closed: () => {
          fail(silent())
          if (this.#open === made) this.close()
        },
        login: async challenge => {
          try {
            return await this.#platform.login(challenge)
          } catch (cause) {
            noLogin = faultOf(cause)
            reject(noLogin)
            throw cause
          }
        },
      })
      close = opened.close
    })
    ready.catch(() => {})
    const made: Open = { ready, lost, close: () => { clearTimeout(timer); close() } }
    return made
  }
}
