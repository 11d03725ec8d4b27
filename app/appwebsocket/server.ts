/** The AppWebsocket server: login, the messages every app service knows, and the Devices API behind the login (wire-protocols chapter 5). */
import crypto from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import type { Peer, PeerHandler, UpgradeAnswer } from '../hosts/exchange.ts'
import { accept } from '../hosts/exchange.ts'
import type { LoginRecord } from '../audit/login-record.ts'
import { RequestError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { shown, type Log } from '../observe/log.ts'
import type { CounterName } from '../observe/metrics.ts'
import { APP_REQUESTS } from '../protocol/app-websocket.ts'
import { REQUESTS, type Requests } from '../protocol/service-api.ts'
import type { ApiContext, Handlers } from '../api/handler.ts'
import { Subscriptions } from '../api/subscriptions.ts'
import { LoginViewer, type RightsSource } from '../domains/login-viewer.ts'
import type { DeviceLists } from '../devices/device-lists.ts'
import { maySee } from '../domains/viewer.ts'
import type { DeviceStore } from '../devices/device-store.ts'
import { appInfo, isPluginApp } from './app-info.ts'
import { AppConnection } from './connection.ts'
import { currentBuildUrl } from './check-build.ts'
import { compactMember } from './compact-json.ts'
import { identityOf, toldAppUrl, verifyLogin, type LoginFields, type LoginRules } from './logins.ts'
import { envelope, isApiRequest, Replies, type Envelope } from './replies.ts'
import { refusal } from './rights.ts'
import type { Session, Sessions } from './sessions.ts'
import type { LoginThrottle } from './throttle.ts'

export interface AppServerDeps {
  readonly rules: () => LoginRules
  readonly rights: RightsSource
  readonly sessions: Sessions
  readonly throttle: LoginThrottle
  readonly logins: LoginRecord
  readonly handlers: Handlers
  readonly devices: DeviceStore
  readonly lists: DeviceLists
  readonly build: string
  readonly webPath: string
  readonly now: () => number
  readonly log: Log
  readonly count: (name: CounterName) => void
  /** The PBX told the service its own address (5.5 `appurl`). */
  readonly learnUrl: (appurl: string) => void
}


const isAppRequest = (mt: string): mt is keyof typeof APP_REQUESTS => Object.hasOwn(APP_REQUESTS, mt)

export class AppServer {
  readonly #deps: AppServerDeps
  readonly #handler: PeerHandler<AppConnection>
  readonly #connections = new Set<AppConnection>()
  readonly #replies: Replies

  constructor(deps: AppServerDeps) {
    this.#deps = deps
    this.#replies = new Replies(deps)
    this.#handler = {
      opened: peer => {
        peer.context.peer = peer
        this.#connections.add(peer.context)
        deps.count('app_connections')
      },
      message: (peer, data) => this.#message(peer, data),
      closed: peer => this.#closed(peer.context),
    }
  }

  /** `path` is the rest of the path below the instance. */
  upgrade(path: string): UpgradeAnswer {
    return accept(this.#handler, new AppConnection(this.#deps.now(), path), { maxMessage: LIMITS.appFrame.value })
  }

  /** Closes connections that never logged in; called once a second. */
  tick(): void {
    const before = this.#deps.now() - LIMITS.loginWithin.value
    for (const connection of this.#connections) {
      if (connection.since > before) break
      if (connection.session) this.#connections.delete(connection) // it may stay
      else this.#refuse(connection, 'no login')
    }
  }

  /** The instance ends or begins again: so do all connections, whatever host they came by. */
  endAll(reason: string): void {
    for (const connection of [...this.#connections]) connection.peer?.end(1001, reason)
    this.#deps.sessions.endAll(reason)
  }

  #closed(connection: AppConnection): void {
    connection.peer = undefined
    connection.queue.length = 0
    this.#connections.delete(connection)
    connection.subscriptions?.close()
    connection.session?.end()
    connection.session = undefined
  }

  #refuse(connection: AppConnection, reason: string): void {
    this.#deps.count('app_refused')
    this.#deps.log('warn', `app at ${connection.peer?.address ?? ''} closed: ${reason}`)
    connection.peer?.end(1008, reason)
  }

  #message(peer: Peer<AppConnection>, data: string | Uint8Array): void {
    const connection = peer.context
    // Binary messages exist in the vendor's library, but none is defined for Devices (5.1).
    if (typeof data !== 'string') return this.#deps.count('app_bad_messages')
    if (this.#tooFast(connection)) return this.#refuse(connection, 'too many messages')
    if (connection.queue.length >= LIMITS.requestsWaiting.value) return this.#refuse(connection, 'too many waiting requests')
    connection.queue.push(data)
    if (!connection.busy) void this.#work(connection)
  }

  #tooFast(connection: AppConnection): boolean {
    const second = Math.floor(this.#deps.now() / 1000)
    if (second !== connection.second) {
      connection.hotSeconds = connection.messages > LIMITS.messagesPerSecond.value ? connection.hotSeconds + 1 : 0
      connection.second = second
      connection.messages = 0
    }
    return ++connection.messages > LIMITS.messagesPerSecond.value && connection.hotSeconds >= 2
  }

  async #work(connection: AppConnection): Promise<void> {
    connection.busy = true
    for (let text = connection.queue.shift(); text !== undefined && connection.peer; text = connection.queue.shift()) {
      try {
        const waiting = this.#one(connection, text)
        if (waiting) await waiting
      } catch (cause) {
        // Our own mistake: the client's request has been answered `failed` where it could be; others go on.
        this.#deps.log('error', `a request failed unexpectedly: ${cause instanceof Error ? cause.stack ?? cause.message : String(cause)}`)
      }
    }
    connection.busy = false
  }

  #one(connection: AppConnection, text: string): Promise<void> | undefined {
    let raw: unknown
    try {
      raw = JSON.parse(text)
    } catch {
      return this.#unreadable(connection, 'not JSON')
    }
    const parsed = envelope.safeParse(raw)
    if (!parsed.success) return this.#unreadable(connection, 'no mt')
    const message = parsed.data
    if (isAppRequest(message.mt)) return this.#app(connection, message.mt, message, text)
    if (!isApiRequest(message.mt)) {
      this.#deps.count('app_bad_messages') // unknown mt: ignored (5.1)
      this.#deps.log('debug', `unknown message ${shown(message.mt)} ignored`)
      return undefined
    }
    return this.#api(connection, message.mt, message)
  }

  #unreadable(connection: AppConnection, why: string): undefined {
    this.#deps.count('app_bad_messages')
    this.#deps.log('info', `app at ${connection.peer?.address ?? ''}: message ignored, ${why}`)
    this.#replies.send(connection, { mt: 'Error', error: 'badRequest', errorText: `The message is ${why === 'no mt' ? 'without "mt"' : why}.` })
    return undefined
  }

  /** Messages of every app service. Returns a promise only where the answer must wait. */
  #app(connection: AppConnection, mt: keyof typeof APP_REQUESTS, message: Envelope, text: string): Promise<void> | undefined {
    const entry = APP_REQUESTS[mt]
    const answer = (body: object): undefined => { this.#replies.answer(connection, message, entry.result, body); return undefined }
    const refused = refusal(connection.session?.viewer, entry.needs)
    if (refused) return void this.#replies.fail(connection, message, entry.result, refused)
    switch (mt) {
      case 'KeepAlive': case 'PbxInfo': return undefined
      case 'CheckBuild': {
        const params = APP_REQUESTS.CheckBuild.params.safeParse(message)
        const url = params.success ? currentBuildUrl(params.data.url, this.#deps.build, this.#deps.webPath) : undefined
        return answer(url === undefined ? {} : { url })
      }
      case 'AppChallenge':
        // Digits, 16 at most: a C client keeps them in 17 bytes (5.2).
        connection.challenge = crypto.randomInt(10 ** 8, 10 ** 9).toString().slice(0, 8) + crypto.randomInt(10 ** 7, 10 ** 8).toString()
        return answer({ challenge: connection.challenge })
      case 'AppLogin': return this.#login(connection, message, text)
      case 'AppResume': return this.#resume(connection, message)
      case 'AppCheckLogin': return this.#checkLogin(connection, message, text)
      case 'AppInfo': {
        const params = APP_REQUESTS.AppInfo.params.safeParse(message)
        return answer(appInfo(params.success ? params.data.app ?? '' : ''))
      }
      case 'AppResumeToken': return connection.session ? answer({ token: this.#deps.sessions.resumeToken(connection.session) }) : undefined
      case 'AppSignOut': {
        const params = APP_REQUESTS.AppSignOut.params.safeParse(message)
        if (params.success && params.data.token !== undefined) this.#deps.sessions.forget(params.data.token)
        this.#leave(connection)
        return answer({})
      }
      default: return void (mt satisfies never)
    }
  }

  #leave(connection: AppConnection): void {
    connection.subscriptions?.close()
    connection.subscriptions = undefined
    connection.session?.end()
    connection.session = undefined
  }

  async #login(connection: AppConnection, message: Envelope, text: string): Promise<void> {
    const params = APP_REQUESTS.AppLogin.params.safeParse(message)
    const challenge = connection.challenge
    connection.challenge = undefined
    const address = connection.peer?.address ?? ''
    if (!params.success || challenge === undefined) {
      this.#deps.count('app_logins_failed')
      return this.#replies.answer(connection, message, 'AppLoginResult', {})
    }
    const login = fields(params.data, text)
    const pause = this.#deps.throttle.begin(address, login.domain)
    if (pause > 0) await wait(pause)
    if (!connection.peer) return
    const proven = verifyLogin(this.#deps.rules(), login, challenge, isPluginApp(login.app))
    if (!proven) {
      this.#deps.count('app_logins_failed')
      this.#deps.log('warn', `login of ${shown(login.sip || login.app)} for domain ${shown(login.domain)} from ${address} refused`)
      return this.#replies.answer(connection, message, 'AppLoginResult', {})
    }
    this.#deps.throttle.succeeded(address, login.domain)
    const viewer = new LoginViewer(this.#deps.rights, identityOf(proven, login), address)
    this.#enter(connection, this.#deps.sessions.open(viewer, { sessionKey: proven.sessionKey, byDomainPassword: proven.byDomainPassword }))
    this.#deps.logins.succeeded(viewer, login.app)
    this.#deps.log('info', `${shown(viewer.who)} logged in from ${address}`)
    const appurl = toldAppUrl(proven, login)
    if (appurl !== undefined) this.#deps.learnUrl(appurl)
    this.#replies.answer(connection, message, 'AppLoginResult', { ok: true, domain: this.#deps.rules().instanceDomain, app: login.app })
  }

  #resume(connection: AppConnection, message: Envelope): Promise<void> | undefined {
    const params = APP_REQUESTS.AppResume.params.safeParse(message)
    const known = params.success ? this.#deps.sessions.resume(params.data.token) : undefined
    if (!known) {
      this.#replies.answer(connection, message, 'AppResumeResult', {})
      return undefined
    }
    this.#enter(connection, this.#deps.sessions.open(known.viewer.from(connection.peer?.address ?? ''), known.login))
    this.#replies.answer(connection, message, 'AppResumeResult', { ok: true, domain: this.#deps.rules().instanceDomain })
    return undefined
  }

  #enter(connection: AppConnection, session: Session): void {
    this.#leave(connection)
    this.#deps.count('app_logins')
    connection.session = session
    session.onRevoked = reason => this.#refuse(connection, reason)
    connection.subscriptions = new Subscriptions(this.#deps.rights.domains, this.#deps.devices, this.#deps.lists, session.viewer,
      (name, body, src) => this.#replies.send(connection, { mt: name, ...(src === undefined ? {} : { src }), ...body }))
  }

  /**
   * Is the password of an App object right? With any challenge of the asker (5.8). It must not be a way to guess passwords: failures count as those of logins do, and domains that the asker does not see have no password here.
   */
  async #checkLogin(connection: AppConnection, message: Envelope, text: string): Promise<void> {
    const params = APP_REQUESTS.AppCheckLogin.params.safeParse(message)
    const viewer = connection.session?.viewer
    if (!params.success || !viewer) return this.#replies.answer(connection, message, 'AppCheckLoginResult', {})
    const login = fields(params.data, text)
    const { domain } = login
    const pause = this.#deps.throttle.begin(viewer.address, domain)
    if (pause > 0) await wait(pause)
    const proven = verifyLogin(this.#deps.rules(), login, params.data.challenge)
    const right = proven !== undefined && maySee(viewer, proven.domain.id)
    if (right) this.#deps.throttle.succeeded(viewer.address, domain)
    this.#replies.answer(connection, message, 'AppCheckLoginResult', right ? { ok: true } : {})
  }

  #api(connection: AppConnection, mt: keyof Requests, message: Envelope): Promise<void> | undefined {
    const entry = REQUESTS[mt]
    const { session, subscriptions } = connection
    const refused = refusal(session?.viewer, entry.needs)
    if (refused || !session || !subscriptions) return void this.#replies.fail(connection, message, entry.result, refused)
    const params = entry.params.safeParse(message)
    if (!params.success) {
      const issue = params.error.issues[0]
      this.#deps.count('app_bad_messages')
      this.#replies.fail(connection, message, entry.result, new RequestError('badRequest', issue?.message ?? 'The request is malformed.', issue?.path.join('.')))
      return undefined
    }
    const context: ApiContext = { session, subscriptions, src: message.src }
    try {
      // The table pairs each name with its parameters; the compiler cannot follow one name through both.
      const handler = this.#deps.handlers[mt] as (params: unknown, context: ApiContext) => object | Promise<object | Generator<object>> | Generator<object>
      const result = handler(params.data, context)
      if (result instanceof Promise) {
        return result.then(
          body => Symbol.iterator in body ? this.#replies.stream(connection, message, entry.result, body as Generator<object>) : this.#replies.answer(connection, message, entry.result, body),
          (error: unknown) => this.#replies.fail(connection, message, entry.result, error))
      }
      if (Symbol.iterator in result) return this.#replies.stream(connection, message, entry.result, result as Generator<object>)
      this.#replies.answer(connection, message, entry.result, result)
    } catch (error) {
      this.#replies.fail(connection, message, entry.result, error)
    }
    return undefined
  }
}

/** The fields of AppLogin and AppCheckLogin that the digest covers. `info` is taken from the received text, with the parsed form as a second try. */
function fields(params: z.infer<typeof APP_REQUESTS.AppLogin.params> | z.infer<typeof APP_REQUESTS.AppCheckLogin.params>, text: string): LoginFields {
  const infos: string[] = []
  if (params.info !== undefined) {
    const compact = compactMember(text, 'info')
    const parsed = JSON.stringify(params.info)
    if (compact !== undefined) infos.push(compact)
    if (parsed !== compact) infos.push(parsed)
  }
  const { app = '', domain = '', sip = '', guid = '', dn = '', digest } = params
  return { app, domain, sip, guid, dn, digest, infos }
}
