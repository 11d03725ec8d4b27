/**
 * The administration of a PBX as its PBX Manager sees it: PbxAdminApi of wire-protocols 7.2. Its App objects really connect to the
 * service, with the login of 5.4 and 5.5, so "connected" is what the service says.
 */
import crypto from 'node:crypto'
import { AppClient } from '../fixtures/app-client.ts'

export type Message = Record<string, unknown>

export interface PbxObject { guid: string, cn: string, h323: string, pwd: string, hide: boolean, critical: boolean, url: string, app: Record<string, unknown>, others: Record<string, unknown> }
export interface PbxTemplate { guid: string, cn: string, apps: string | undefined }

const record = (value: unknown): Record<string, unknown> => typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
const text = (value: unknown): string => typeof value === 'string' ? value : ''
const sha256 = (words: string): string => crypto.createHash('sha256').update(words).digest('hex')

export class FakePbx {
  readonly objects = new Map<string, PbxObject>()
  readonly templates: PbxTemplate[] = []
  /** All requests so far. */
  readonly requests: Message[] = []
  /** Requests of these names are answered with this error. */
  readonly refused = new Map<string, unknown>()
  /** Requests of these names are not answered until the name is taken out. */
  readonly held = new Set<string>()
  /** UpdateObjectResult says which object it was. */
  saysGuid = true
  /** App objects whose title is shown in another way. */
  readonly titles = new Map<string, string>()
  readonly #connections = new Map<string, AppClient>()
  readonly domain: string
  readonly #wsBase: string
  #held: (() => void)[] = []
  #numbers = 0

  /** @param wsBase where the PBX reaches the instance, without the name of the app */
  constructor(wsBase: string, domain: string) {
    this.#wsBase = wsBase
    this.domain = domain
  }

  of(sip: string): PbxObject | undefined { return [...this.objects.values()].find(one => one.h323 === sip) }
  asked(mt: string): Message[] { return this.requests.filter(one => one['mt'] === mt) }
  /** Answers what was held. */
  release(): void {
    this.held.clear()
    const all = this.#held
    this.#held = []
    for (const run of all) run()
  }

  /** SIP names of the objects that the service lets in when they connect anew. */
  async reaching(): Promise<string[]> {
    for (const client of this.#connections.values()) await client.close()
    this.#connections.clear()
    for (const one of this.objects.values()) await this.#connect(one)
    return [...this.#connections.keys()].map(guid => this.objects.get(guid)?.h323 ?? '').sort()
  }

  add(object: { cn: string, h323: string, url: string, pwd: string, app?: Record<string, unknown> }): PbxObject {
    const made: PbxObject = { hide: true, critical: true, others: {}, ...object, guid: this.#guid(), app: { url: object.url, ...object.app } }
    this.objects.set(made.guid, made)
    return made
  }

  reset(): void {
    for (const client of this.#connections.values()) void client.close()
    this.#connections.clear()
    this.objects.clear()
    this.templates.length = 0
    this.requests.length = 0
    this.refused.clear()
    this.titles.clear()
    this.saysGuid = true
    this.release()
  }

  #guid(): string { return sha256(`guid ${++this.#numbers}`).slice(0, 32) }

  async answer(message: Message): Promise<Message | undefined> {
    const mt = text(message['mt'])
    this.requests.push(message)
    if (message['api'] !== 'PbxAdminApi') return undefined
    if (this.held.has(mt)) await new Promise<void>(resolve => this.#held.push(resolve))
    const head = { api: 'PbxAdminApi', mt: `${mt}Result`, src: message['src'] }
    if (this.refused.has(mt)) return { ...head, error: this.refused.get(mt) }
    switch (mt) {
      case 'GetAppObjects': return { ...head, objects: await this.#appObjects(text(message['uri'])) }
      case 'GetAppLogin': return { ...head, ...this.#login(text(message['app']), text(message['challenge'])) }
      case 'UpdateObject': {
        const { guid, ...answer } = this.#update(message)
        return { ...head, ...answer, ...(this.saysGuid ? { guid } : {}) }
      }
      case 'DeleteObject': return { ...head, ...(this.#remove(text(message['guid'])) ? {} : { error: 'not found' }) }
      case 'GetConfigObjects': return { ...head, objects: this.templates.map(({ guid, cn }) => ({ guid, cn })) }
      case 'GetObject': {
        const found = this.templates.find(one => one.guid === message['guid'])
        return { ...head, ...(found ? { guid: found.guid, cn: found.cn, ...(found.apps === undefined ? {} : { apps: found.apps }) } : { error: 'not found' }) }
      }
      default: return undefined
    }
  }

  /** All that begin with `uri`: nobody says that a PBX looks for the end of a name. */
  async #appObjects(uri: string): Promise<Message[]> {
    const found = [...this.objects.values()].filter(one => one.url.startsWith(uri))
    for (const one of found) if (one.app['websocket'] === true) await this.#connect(one)
    return found.map(one => ({
      title: this.titles.get(one.h323) ?? one.cn, app: one.url.split('/').at(-1), url: one.url, guid: one.guid, sip: one.h323, connected: this.#connections.get(one.guid)?.closed === undefined && this.#connections.has(one.guid),
      pseudo: { type: 'app', app: one.app, ...one.others },
    }))
  }

  async #connect(object: PbxObject): Promise<void> {
    const known = this.#connections.get(object.guid)
    if (known && known.closed === undefined) return
    this.#connections.delete(object.guid)
    const app = object.url.split('/').at(-1) ?? ''
    const info = { appobj: object.h323, appdn: object.cn, appurl: object.url, pbx: 'pbx', cn: object.cn, unlicensed: true, apps: [] }
    try {
      this.#connections.set(object.guid, await AppClient.login(this.#wsBase, { app, domain: this.domain, sip: object.h323, guid: object.guid, dn: object.cn, info, password: object.pwd }))
    } catch {
      // Not connected: that is what the list says.
    }
  }

  #login(sip: string, challenge: string): Message {
    const found = this.of(sip)
    return found ? { app: sip, domain: this.domain, digest: sha256(`${sip}:${this.domain}::::${challenge}:${found.pwd}`) } : { error: 'not found' }
  }

  #update(message: Message): Message {
    const template = this.templates.find(one => one.guid === message['guid'])
    if (template) {
      template.apps = text(message['apps'])
      return { guid: template.guid }
    }
    const known = this.objects.get(text(message['guid']))
    if (message['guid'] !== undefined && !known) return { error: 'not found' }
    const sip = text(message['h323'])
    if ([...this.objects.values()].some(one => one.h323 === sip && one !== known)) return { error: 'h323 exists' }
    const copy = this.objects.get(text(message['copyPwd']))
    const { app, type, ...others } = record(message['pseudo'])
    if (type !== 'app') return { error: 'pseudo' }
    const guid = known?.guid ?? this.#guid()
    this.objects.set(guid, {
      guid, cn: text(message['cn']), h323: sip, pwd: copy?.pwd ?? (text(message['pwd']) || known?.pwd || ''), hide: message['hide'] === true, critical: message['critical'] === true,
      url: text(record(app)['url']), app: record(app), others,
    })
    return { guid }
  }

  #remove(guid: string): boolean {
    void this.#connections.get(guid)?.close()
    this.#connections.delete(guid)
    return this.objects.delete(guid)
  }
}
