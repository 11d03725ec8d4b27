/** The AppWebsocket of the page: sign-in, requests, indications, keep-alive, reconnecting (wire-protocols chapter 5). */
import { Cell } from '../state/cell.ts'
import { NotConnected } from './errors.ts'
import { next, type Credentials, type Effect, type Input, type State } from './machine.ts'
import { passwordLogin, sessionKey } from './login.ts'
import { Requests } from './requests.ts'
import { isString, parseObject } from './shape.ts'
import type { RequestName, RequestParams, RequestReply } from './table.ts'

/** What the parent window answers: the fields of AppLogin, and the session key that belongs to them. */
export interface ParentLogin {
  readonly fields: Record<string, unknown>
  readonly key: string | undefined
  /** The service has accepted this login, or has not. */
  answered(ok: boolean): void
}
/** Token of AppResume and session key of its sign-in. */
export interface Kept { readonly token: string, readonly key: string | undefined }

export interface ConnectionOptions {
  readonly url: string
  readonly app: string
  /** Address of this page, for CheckBuild. */
  readonly page: string
  /** Asks the parent window for a login; undefined when there is none. */
  readonly parentLogin: ((challenge: string) => Promise<ParentLogin>) | undefined
  /** The page is of an older build: `url` is the current one. */
  onNewBuild(url: string): void
  /** With these a reloaded page may continue; undefined: forget them. */
  onKept(kept: Kept | undefined): void
  onIndication(message: Record<string, unknown>): void
  /** A request was refused. */
  onRefused(code: string): void
}

const KEEP_ALIVE = 60_000
const SILENT_AFTER = 4_000
const DEAD_AFTER = 20_000

export class Connection {
  readonly state = new Cell<State>({ at: 'signedOut' })
  /** True while the service does not answer although the connection stands. */
  readonly silent = new Cell(false)
  readonly #options: ConnectionOptions
  readonly #requests = new Requests()
  #socket: WebSocket | undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  #lastTraffic = 0
  #lastReceived = 0
  #token: string | undefined
  #key: string | undefined
  /** The login of the parent that the service has still to answer. */
  #asked: ParentLogin | undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
    setInterval(() => this.#watch(), 1_000)
    addEventListener('offline', () => this.#dropped())
    addEventListener('online', () => this.tryNow())
  }

  /** Session key of the AppWebsocket (wire-protocols 5.6); undefined while nobody is signed in, or when a client does not tell it. */
  get sessionKey(): string | undefined { return this.state.value.at === 'online' ? this.#key : undefined }

  signIn(by: Credentials): void { this.#input({ type: 'signIn', by }) }

  tryNow(): void {
    clearTimeout(this.#retry)
    this.#input({ type: 'retry' })
  }

  /** Ends the sign-in here and at the service. */
  async signOut(): Promise<void> {
    const token = this.#token
    if (this.state.value.at === 'online') await this.request('AppSignOut', token === undefined ? {} : { token }).catch(() => undefined)
    this.#input({ type: 'signOut' })
  }

  /** @throws RequestRefused, NotConnected, BadAnswer */
  request<K extends RequestName>(mt: K, params: RequestParams<K>): Promise<RequestReply<K>> {
    return this.#send(mt, params, false)
  }

  /** A request whose answer comes in parts. */
  async requestParts<K extends RequestName>(mt: K, params: RequestParams<K>, onPart: (part: RequestReply<K>) => void): Promise<void> {
    await this.#send(mt, params, true, onPart)
  }

  #send<K extends RequestName>(mt: K, params: RequestParams<K>, inParts: boolean, onPart?: (part: RequestReply<K>) => void): Promise<RequestReply<K>> {
    if (this.state.value.at !== 'online' || this.#socket?.readyState !== WebSocket.OPEN) return Promise.reject(new NotConnected(false))
    const { src, done } = this.#requests.expect(mt, performance.now(), inParts, onPart)
    this.#post({ mt, src, ...params })
    return done
  }

  #post(message: Record<string, unknown>): void {
    this.#lastTraffic = performance.now()
    this.#socket?.send(JSON.stringify(message))
  }

  #input(input: Input): void {
    const { state, effects } = next(this.state.value, input, performance.now())
    const before = this.state.value
    // Effects that send come first for those who listen to the state; `signedIn` alone needs the new state.
    this.state.set(state)
    for (const effect of effects) this.#run(effect)
    if (before.at === 'online' && state.at !== 'online') this.#requests.lose()
  }

  #run(effect: Effect): void {
    switch (effect.do) {
      case 'open': return this.#open()
      case 'close': return this.#close()
      case 'askChallenge': return this.#post({ mt: 'AppChallenge' })
      case 'resume':
        this.#key = effect.key
        return this.#post({ mt: 'AppResume', token: effect.token })
      case 'login': return void this.#login(effect.by, effect.challenge)
      case 'forget':
        this.#token = this.#key = undefined
        return this.#options.onKept(undefined)
      case 'retryIn':
        clearTimeout(this.#retry)
        this.#retry = setTimeout(() => this.#input({ type: 'retry' }), effect.ms)
        return
      case 'signedIn': return void this.#keepToken()
    }
  }

  async #login(by: Credentials, challenge: string): Promise<void> {
    const socket = this.#socket
    if (by.kind === 'password') {
      this.#key = sessionKey(challenge, by.password)
      return this.#post(passwordLogin(this.#options.app, by.domain, by.password, challenge))
    }
    const login = await this.#options.parentLogin?.(challenge)
    if (!login || socket !== this.#socket) return
    this.#key = login.key
    this.#asked = login
    this.#post({ ...login.fields, mt: 'AppLogin' })
  }

  /** Inside myApps a reloaded page signs in through its parent again. */
  async #keepToken(): Promise<void> {
    if (this.state.value.at !== 'online' || this.state.value.by.kind === 'parent') return
    try {
      const { token } = await this.request('AppResumeToken', {})
      this.#token = token
      this.#options.onKept({ token, key: this.#key })
    } catch {
      // Without a token the next reload asks for the password: nothing is lost.
      this.#options.onKept(undefined)
    }
  }

  #open(): void {
    this.#close()
    clearTimeout(this.#retry)
    const socket = new WebSocket(this.#options.url)
    this.#socket = socket
    this.#lastReceived = performance.now()
    socket.onopen = () => {
      if (socket !== this.#socket) return
      this.#post({ mt: 'CheckBuild', url: this.#options.page })
      this.#input({ type: 'opened' })
    }
    socket.onmessage = event => { if (socket === this.#socket) this.#received(parseObject(event.data)) }
    socket.onclose = () => { if (socket === this.#socket) this.#dropped() }
  }

  #close(): void {
    const socket = this.#socket
    this.#socket = this.#asked = undefined
    socket?.close()
  }

  #dropped(): void {
    this.#close()
    this.silent.set(false)
    this.#input({ type: 'closed' })
  }

  #received(message: Record<string, unknown> | undefined): void {
    this.#lastTraffic = this.#lastReceived = performance.now()
    this.silent.set(false)
    if (!message) return
    if (isString(message['error'])) this.#options.onRefused(message['error'])
    if (this.#requests.answer(message)) return
    switch (message['mt']) {
      case 'CheckBuildResult':
        if (isString(message['url'])) this.#options.onNewBuild(message['url'])
        return
      case 'AppChallengeResult':
        if (isString(message['challenge'])) this.#input({ type: 'challenge', challenge: message['challenge'] })
        return
      case 'AppLoginResult':
      case 'AppResumeResult':
        this.#asked?.answered(message['ok'] === true)
        this.#asked = undefined
        return this.#input({ type: 'loginResult', ok: message['ok'] === true })
    }
    if (this.state.value.at === 'online') this.#options.onIndication(message)
  }

  /** Once a second: keep-alive of a quiet connection, and the connection that does not answer. */
  #watch(): void {
    const now = performance.now()
    const at = this.state.value.at
    const oldest = this.#requests.oldest
    const waited = oldest === undefined ? 0 : now - Math.max(oldest, this.#lastReceived)
    if (at === 'online') {
      this.silent.set(waited > SILENT_AFTER)
      if (now - this.#lastTraffic > KEEP_ALIVE) this.#post({ mt: 'KeepAlive' })
    }
    const opening = at === 'connecting' && this.#socket?.readyState === WebSocket.CONNECTING && now - this.#lastReceived > DEAD_AFTER
    if (waited > DEAD_AFTER || opening) this.#dropped()
  }
}
