/** PbxAdminApi of the PBX (wire-protocols 7.2): the requests of the plugin, and what it reads of their answers. */
import { Fault } from './fault.ts'
import { ask } from './preloaded.ts'
import { isObject, objects, text, textOf, type Json } from './unknown.ts'

const PATIENCE = 15_000
/** The documents use this one; any will do, the digest is asked for and judged at once. */
const CHALLENGE = '1234'
/** A PBX that never comes to an end of its list is not followed for ever. */
const MOST_PARTS = 1000

/** The two apps of the service that get App objects. */
export const KINDS = { ui: 'innovaphone-devices', api: 'innovaphone-devices-api' } as const
export type Kind = keyof typeof KINDS
export const isKind = (value: string): value is Kind => Object.hasOwn(KINDS, value)

export interface AppObject {
  readonly kind: Kind
  readonly guid: string
  /** The SIP name; unique on the PBX. */
  readonly sip: string
  readonly title: string
  readonly url: string
  /** The PBX has its websocket to the service; undefined: the PBX does not say. */
  readonly connected: boolean | undefined
  /** Settings of the object, among them those that this plugin knows nothing about. */
  readonly pseudo: Json
}

/** A config template: it gives its users apps. */
export interface Template { readonly name: string, readonly ref: Json }

function kindOf(url: string, app: string): Kind | undefined {
  const last = url.replace(/\/+$/, '').replace(/^.*\//, '')
  return (Object.keys(KINDS).filter(isKind)).find(kind => KINDS[kind] === last || (last === '' && KINDS[kind] === app))
}

const pathOf = (url: string): string => url.toLowerCase().replace(/^[a-z]+:\/\/[^/]*/, '').replace(/\/+$/, '')

/** Of the instance itself: nobody says how a PBX compares, and the name of another instance may begin with that of this one. */
const belongs = (url: string, base: string): boolean => url === '' || pathOf(url).replace(/\/[^/]*$/, '') === pathOf(base)

function readAppObject(given: Json, base: string): AppObject | undefined {
  const url = textOf(given, 'url')
  if (!belongs(url, base)) return undefined
  const kind = kindOf(url, textOf(given, 'app'))
  const guid = textOf(given, 'guid')
  if (!kind || guid === '') return undefined
  const pseudo = given['pseudo']
  const connected = given['connected']
  const sip = textOf(given, 'sip')
  return { kind, guid, sip, title: textOf(given, 'title') || sip, url, connected: typeof connected === 'boolean' ? connected : undefined, pseudo: isObject(pseudo) ? pseudo : {} }
}

/** The list in an answer. Inferred: its name; in any case it is the only list there. */
const listIn = (answer: Json): unknown[] => Object.values(answer).find(Array.isArray) ?? []

/** Names of apps in a template: `a,b` (7.2). */
export const appNames = (given: string): string[] => given.split(',').map(name => name.trim()).filter(name => name !== '')

export class Pbx {
  readonly #app: unknown

  /** @param app the AppWebsocket connection of the PBX Manager to the PBX */
  constructor(app: unknown) { this.#app = app }

  get domain(): string { return textOf(this.#app, 'domain') }

  async #ask(mt: string, fields: Json): Promise<Json> {
    const answer = await ask(this.#app, { api: 'PbxAdminApi', mt, ...fields }, { patience: PATIENCE, silent: () => new Fault('pbxSilent') })
    const error = textOf(answer, 'errorText') || textOf(answer, 'error')
    if (error !== '' || answer['error'] !== undefined) throw new Fault('pbxRefused', error)
    return answer
  }

  /** All parts of a list (5.1: the request is repeated with `more` until there is none). */
  async #list(mt: string, fields: Json): Promise<unknown[]> {
    const all: unknown[] = []
    let more: unknown
    for (let part = 0; part < MOST_PARTS; part++) {
      const answer = await this.#ask(mt, more === undefined ? fields : { ...fields, more })
      all.push(...listIn(answer))
      more = answer['more']
      if (more === undefined || more === null || more === '' || typeof more === 'boolean') break
    }
    return all
  }

  /** GetAppObjects: App objects of the instance at this https address. */
  async appObjects(base: string): Promise<AppObject[]> {
    return objects(await this.#list('GetAppObjects', { uri: base })).flatMap(one => readAppObject(one, base) ?? [])
  }

  /** GetAppLogin: a login made with the password of an App object, to have it checked. */
  async appLogin(sip: string): Promise<Json> {
    const { mt, api, src, error, errorText, ...login } = await this.#ask('GetAppLogin', { challenge: CHALLENGE, app: sip })
    return { ...login, app: textOf(login, 'app') || sip, domain: textOf(login, 'domain') || this.domain, challenge: CHALLENGE }
  }

  /** UpdateObject; without `guid` a new object. Resolves with the guid, empty when the PBX does not say it. */
  async update(fields: Json): Promise<string> { return textOf(await this.#ask('UpdateObject', fields), 'guid') }

  async remove(guid: string): Promise<void> { await this.#ask('DeleteObject', { guid }) }

  /** GetConfigObjects. Inferred: each has `cn` or another name, and perhaps a `guid`. */
  async templates(): Promise<Template[]> {
    return (await this.#list('GetConfigObjects', {})).flatMap(one => {
      const cn = text(one) || textOf(one, 'cn') || textOf(one, 'name') || textOf(one, 'title')
      const guid = textOf(one, 'guid')
      return cn === '' ? [] : [{ name: cn, ref: guid === '' ? { cn } : { guid, cn } }]
    })
  }

  /** GetObject: names of the apps that a template gives. Undefined: the answer is not that object, so nothing must be written back. */
  async templateApps({ ref }: Template): Promise<string[] | undefined> {
    const answer = await this.#ask('GetObject', ref)
    const object = isObject(answer['object']) ? answer['object'] : answer
    const apps = object['apps']
    if (typeof apps === 'string') return appNames(apps)
    if (Array.isArray(apps)) return apps.map(app => text(app) || textOf(app, 'name')).filter(name => name !== '')
    const same = Object.entries(ref).some(([name, value]) => object[name] === value)
    return apps === undefined && same ? [] : undefined
  }

  async setTemplateApps({ ref }: Template, apps: readonly string[]): Promise<void> { await this.#ask('UpdateObject', { ...ref, apps: apps.join(',') }) }
}
