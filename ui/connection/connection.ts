/** The AppWebsocket of the page: sign-in, requests, indications, keep-alive, reconnecting (wire-protocols chapter 5). */
import { Cell } from '../state/cell.ts'
import { NotConnected } from './errors.ts'
import { next, type Credentials, type Effect, type Input, type State } from './machine.ts'
import { passwordLogin } from './login.ts'
import { Requests } from './requests.ts'
import { isString, parseObject } from './shape.ts'
import type { RequestName, RequestParams, RequestReply } from './table.ts'

export interface ConnectionOptions {
  readonly url: string
  readonly app: string
  /** Address of this page, for CheckBuild. */
  readonly page: string
  /** Asks the parent window for a login; undefined when there is none. @returns the fields of AppLogin */
  readonly parentLogin: ((challenge: string) => Promise<Record<string, unknown>>) | undefined
  /** The page is of an older build: `url` is the current one. */
  onNewBuild(url: string): void
  /** A token with which a reloaded page may continue; undefined: forget it. */
  onToken(token: string | undefined): void
  onIndication(message: Record<string, unknown>): void
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

  constructor(options: ConnectionOptions) {
    this.#options = options
    setInterval(() => this.#watch(), 1_000)
    addEventListener('offline', () => this.#dropped())
    addEventListener('online', () => this.tryNow())
  }

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
      case 'resume': return this.#post({ mt: 'AppResume', token: effect.token })
      case 'login': return void this.#login(effect.by, effect.challenge)
      case 'forget':
        this.#token = undefined
        return this.#options.onToken(undefined)
      case 'retryIn':
        clearTimeout(this.#retry)
        this.#retry = setTimeout(() => this.#input({ type: 'retry' }), effect.ms)
        return
      case 'signedIn': return void this.#keepToken()
    }
  }

  async #login(by: Credentials, challenge: string): Promise<void> {
    const socket = this.#socket
    if (by.kind === 'password') return this.#post(passwordLogin(this.#options.app, by.domain, by.password, challenge))
    const fields = await this.#options.parentLogin?.(challenge)
    if (fields && socket === this.#socket) this.#post({ ...fields, mt: 'AppLogin' })
  }

  /** Inside myApps a reloaded page signs in through its parent again. */
  async #keepToken(): Promise<void> {
    if (this.state.value.at !== 'online' || this.state.value.by.kind === 'parent') return
    try {
      const { token } = await this.request('AppResumeToken', {})
      this.#token = token
      this.#options.onToken(token)
    } catch {
      // Without a token the next reload asks for the password: nothing is lost.
      this.#options.onToken(undefined)
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
    this.#socket = undefined
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
    if (!message || this.#requests.answer(message)) return
    switch (message['mt']) {
      case 'CheckBuildResult':
        if (isString(message['url'])) this.#options.onNewBuild(message['url'])
        return
      case 'AppChallengeResult':
        if (isString(message['challenge'])) this.#input({ type: 'challenge', challenge: message['challenge'] })
        return
      case 'AppLoginResult':
      case 'AppResumeResult':
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
