/**
 * The plugin end to end: the executable on a fake App Platform, a fake PBX, the manager's API, and a browser with the page of the PBX
 * Manager in a frame of the myApps client.
 */
import crypto from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Frame, Page } from 'playwright-core'
import { WebSocketServer } from 'ws'
import { openPage } from '../browser/browser.ts'
import { appStart } from '../fake-platform/manager.ts'
import { PASSWORD, startFakePlatform, type FakePlatform } from '../fake-platform/platform.ts'
import { FakePbx, type Message } from './fake-pbx.ts'
import { CLIENT_PAGE, MANAGER_PAGE } from './page-files.ts'
import { PAGE_LIBRARIES } from './page-libraries.ts'

/** lib1 brings the font of all apps. */
const FONT = fs.readFileSync(path.resolve(import.meta.dirname, '../../ui/fonts/titillium-web-latin-400-normal.woff2'))
const API = 'com.innovaphone.manager'
const sha256 = (text: string): string => crypto.createHash('sha256').update(text).digest('hex')

export interface Shown { readonly page: Page, readonly frame: Frame, readonly context: BrowserContext, readonly problems: string[] }

/** What the manager of the App Platform announced. */
export interface Announced { readonly uri: string, readonly png: string, readonly lang: string, readonly wildcard: boolean }

async function startDevices({ manager, webserver, folder }: FakePlatform, webserverPath: string, appPassword: string): Promise<void> {
  manager.send(appStart({ appName: 'devices', appDomain: 'example.com', appPassword, webserver: webserver.socketPath, webserverPath, workingPath: path.join(folder, 'devices.example.com') }))
  await webserver.registered(`/${webserverPath}`)
}

export class Bed {
  readonly platform: FakePlatform
  /** In the domain of the instance. */
  readonly pbx: FakePbx
  /** In a domain of its own. */
  readonly branch: FakePbx
  readonly announced: Announced
  /** `http://…/example.com/devices` */
  readonly base: string
  readonly #server: http.Server
  readonly #url: string
  /** Without leading slash. */
  readonly #webPath: string
  /** The instance password as the manager knows it. */
  password = PASSWORD
  /** Requests of the plugin to the manager. */
  readonly managed: Message[] = []
  /** How the manager names the instance. */
  pathForm: 'instance' | 'plugin' = 'instance'
  /** Answers instead of the manager's: an error, or nothing. */
  managerTrouble: { errorText: string } | { silent: true } | { msg: Message } | undefined
  /** Messages that this release of the manager does not have: refused or, with `managerDeaf`, not answered. */
  readonly lacks = new Set<string>()
  managerDeaf = false
  /** A password that was set does not reach the instance: at all, or not before these ms. */
  managerLoses = false
  managerDelay = 0
  /** The login that the manager makes is refused by the service. */
  wrongLogins = false

  private constructor(platform: FakePlatform, base: string, announced: Announced, server: http.Server) {
    this.#webPath = new URL(base).pathname.slice(1)
    this.platform = platform
    this.base = base
    this.announced = announced
    this.pbx = new FakePbx(base.replace(/^http/, 'ws'), 'example.com')
    this.branch = new FakePbx(base.replace(/^http/, 'ws'), 'branch.example')
    this.#server = server
    this.#url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  /** @param webPath where the administrator of the App Platform has put the instance */
  static async start(webPath = 'example.com/devices'): Promise<Bed> {
    const platform = await startFakePlatform()
    const base = `${platform.webserver.url}/${webPath}`
    await startDevices(platform, webPath, PASSWORD)
    const status = await platform.manager.until({ mt: 'AppStatusUpdate', status: true })
    const [control] = status['controls'] as Announced[]
    if (!control) throw new Error('no controls')
    let bed: Bed | undefined
    const server = http.createServer((request, response) => { void bed?.serve(request, response) })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const made = bed = new Bed(platform, base, control, server)
    new WebSocketServer({ server, path: '/pbx' }).on('connection', (socket, request) => {
      const domain = new URL(request.url ?? '', 'http://localhost').searchParams.get('domain') ?? ''
      const pbx = domain === made.branch.domain ? made.branch : made.pbx
      socket.on('message', data => {
        const message = JSON.parse(String(data)) as Message
        const send = (answer: Message): void => socket.send(JSON.stringify(answer))
        if (message['mt'] === 'AppChallenge') return send({ mt: 'AppChallengeResult', challenge: '1234567890' })
        if (message['mt'] === 'AppLogin') return send({ mt: 'AppLoginResult', ok: true, domain })
        void pbx.answer(message).then(answer => { if (answer) send(answer) })
      })
    })
    return made
  }

  async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.#url)
    if (pathname === '/manager-api') {
      let body = ''
      for await (const piece of request) body += String(piece)
      const { api, provider, msg, domain } = JSON.parse(body) as { api: string, provider: string, msg: Message, domain: string }
      response.setHeader('content-type', 'application/json')
      return void response.end(JSON.stringify(api === API && provider === 'ap-object' ? await this.#manage(msg, domain) : { silent: true }))
    }
    const pages: Readonly<Record<string, readonly [type: string, file: string | Uint8Array]>> = {
      '/titillium.woff2': ['font/woff2', FONT],
       '/client.htm': ['text/html; charset=utf-8', CLIENT_PAGE], '/manager.htm': ['text/html; charset=utf-8', MANAGER_PAGE], '/libraries.js': ['text/javascript; charset=utf-8', PAGE_LIBRARIES],
    }
    const found = pages[pathname]
    response.writeHead(found ? 200 : 404, found ? { 'content-type': found[0] } : {}).end(found?.[1])
  }

  /** The API of the manager (7.3). @param domain that the App object of the App Platform has logged in with: the one of the PBX */
  async #manage(msg: Message, domain: string): Promise<object> {
    this.managed.push(msg)
    if (this.managerTrouble) return this.managerTrouble
    const mt = String(msg['mt'])
    if (this.lacks.has(mt)) return this.managerDeaf ? { silent: true } : { errorText: 'unknown message' }
    const known = this.pathForm === 'instance' ? this.#webPath : `${this.#webPath}/innovaphone.devicesmanager`
    if (msg['path'] !== known) return { msg: { mt: `${mt}Result`, error: 'unknown path' } }
    if (mt === 'GetInstanceLogin') {
      const fields = { app: String(msg['app']), sip: 'ap-object', domain, guid: 'a'.repeat(32), dn: 'App Platform' }
      const password = this.wrongLogins ? 'wrong' : this.password
      return { msg: { mt: 'GetInstanceLoginResult', ...fields, digest: sha256([fields.app, fields.domain, fields.sip, fields.guid, fields.dn, msg['challenge'], password].join(':')) } }
    }
    if (mt === 'SetInstancePassword') {
      if (!this.managerLoses) {
        this.password = String(msg['pwd'])
        void this.restart()
      }
      return { msg: { mt: 'SetInstancePasswordResult' } }
    }
    if (mt === 'InstanceDomain') {
      setTimeout(() => this.platform.manager.send({ mt: 'AppDomain', appName: 'devices', appDomain: 'example.com', domain, pwd: msg['pwd'] }), this.managerDelay)
      return { msg: { mt: 'InstanceDomainResult' } }
    }
    return { errorText: 'unknown message' }
  }

  /** Stops the instance and starts it with the password of the moment. */
  async restart(): Promise<void> {
    await this.platform.stopInstance('devices')
    await startDevices(this.platform, this.#webPath, this.password)
  }

  /** https address of the instance, as it stands in App objects. */
  get httpsBase(): string { return this.base.replace(/^http:/, 'https:') }

  /** Nothing on the PBX, and a manager without trouble. */
  reset(): void {
    this.pbx.reset()
    this.branch.reset()
    this.lacks.clear()
    this.managerDeaf = false
    this.managerLoses = false
    this.managerDelay = 0
    this.managed.length = 0
    this.managerTrouble = undefined
    this.wrongLogins = false
    this.pathForm = 'instance'
  }

  /** Opens the PBX Manager of a PBX with the plugin. `item`: which fields the PBX Manager fills in (7.1). */
  async show(browser: Browser, options: { pbx?: FakePbx, lang?: string, scheme?: string, item?: 'old' | 'new', context?: BrowserContextOptions } = {}): Promise<Shown> {
    const { origin } = new URL(this.base)
    const uri = `${origin}/${this.announced.uri}`
    const item = {
      ap: 'ap-object', apDn: 'App Platform', uri, png: `${origin}/${this.announced.png}`,
      ...(options.item === 'new' ? { apUri: this.announced.uri, httpsUri: uri.replace(/^http:/, 'https:') } : {}),
    }
    const given = { domain: (options.pbx ?? this.pbx).domain, lang: options.lang ?? 'en', scheme: options.scheme ?? 'dark', lang_: `${origin}/${this.announced.lang}`, item }
    const opened = await openPage(browser, `${this.#url}/client.htm?given=${encodeURIComponent(JSON.stringify(given))}`, options.context)
    const frame = await (await opened.page.waitForSelector('iframe')).contentFrame()
    if (!frame) throw new Error('no frame')
    await frame.locator('.innovaphone-devicesmanager .idm-kinds:not([hidden]), .innovaphone-devicesmanager .idm-problem').first().waitFor()
    return { ...opened, frame, get problems() { return opened.problems.filter(one => !one.startsWith(`other host: ${origin}/`) && !one.startsWith(`other host: ${origin.replace('http', 'ws')}/`)) } }
  }

  async stop(): Promise<void> {
    this.pbx.reset()
    this.branch.reset()
    this.#server.closeAllConnections()
    this.#server.close()
    await this.platform.stop()
  }
}
