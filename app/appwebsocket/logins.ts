/** Who may log in: the rules of wire-protocols 5.7 as one function over passwords and digests. */
import crypto from 'node:crypto'
import { z } from 'zod'
import { loginDigestText, sessionKeyText } from '../protocol/app-websocket.ts'
import { nameKey, type DomainEntry, type Domains } from '../domains/domains.ts'
import type { LoginIdentity } from '../domains/login-viewer.ts'
import { APPS, isPluginApp } from './app-info.ts'

export interface LoginFields {
  readonly app: string, readonly domain: string, readonly sip: string, readonly guid: string, readonly dn: string
  readonly digest: string
  /** Possible compact texts of `info`; empty when the login had none. */
  readonly infos: readonly string[]
}

// An address that cannot be one says nothing about the App object, and with it about the role.
const appObjectInfo = z.looseObject({ appobj: z.string().max(1024).optional(), appurl: z.string().max(2048).optional().catch(undefined) })
type AppObjectInfo = z.infer<typeof appObjectInfo>

export interface Proven {
  readonly domain: DomainEntry, readonly admin: boolean, readonly sessionKey: string
  /** The digest was made with the password of the domain's entry, not with the one of the instance. */
  readonly byDomainPassword: boolean
  /** What the digest covers of `info`. */
  readonly info: AppObjectInfo | undefined
}

export interface LoginRules {
  readonly instanceDomain: string
  readonly instancePassword: string
  readonly domains: Domains
}

const sha256 = (text: string): string => crypto.hash('sha256', text, 'hex')

const equal = (a: string, b: string): boolean => {
  const [x, y] = [Buffer.from(a), Buffer.from(b)]
  return x.length === y.length && crypto.timingSafeEqual(x, y)
}

/** The text of `info` with which the digest proves `password` (`null`: without one); undefined when it does not. */
function proves(login: LoginFields, challenge: string, password: string): string | null | undefined {
  if (!password) return undefined
  const given = login.digest.toLowerCase()
  let right: string | null | undefined
  for (const info of login.infos.length ? login.infos : [undefined]) {
    if (equal(given, sha256(loginDigestText({ ...login, info, challenge, password })))) right = info ?? null
  }
  return right
}

/**
 * The fields of the digest are joined with colons, and the last of them before the challenge is `info`. A login that has the
 * text of `info` at the end of `dn` instead has the same digest, but no App object and so no role: it is refused.
 */
const hidesInfo = (login: LoginFields): boolean => login.infos.length === 0 && login.dn.trimEnd().endsWith('}')

/**
 * Verifies a login. Instance domain with the instance password or with the password of its own domain entry: administrator.
 * Another known domain with that domain's password: that domain and those granted to it. Everything else fails, but for the
 * plugin: the manager of an App Platform logs it in with the instance password and the domain of the PBX (wire-protocols 7.2),
 * which gives it no rights over that domain.
 */
export function verifyLogin(rules: LoginRules, login: LoginFields, challenge: string, plugin = false): Proven | undefined {
  if (hidesInfo(login)) return undefined
  const domain = rules.domains.byName(login.domain)
  const instance = nameKey(login.domain) === nameKey(rules.instanceDomain)
  const own = { password: domain?.password ?? '', ofDomain: true }
  const candidates = instance || plugin ? [{ password: rules.instancePassword, ofDomain: false }, own] : [own]
  for (const { password, ofDomain } of candidates) {
    const info = domain && proves(login, challenge, password)
    if (domain && info !== undefined) {
      return { domain, admin: instance, sessionKey: sha256(sessionKeyText(challenge, password)), byDomainPassword: ofDomain, info: info === null ? undefined : appObjectInfo.safeParse(JSON.parse(info)).data }
    }
  }
  return undefined
}

/**
 * Who logged in. The App object is taken from the very text that the digest covers; `pbxObj` of the message is not covered
 * and says nothing (wire-protocols 5.2).
 */
export function identityOf(proven: Proven, login: { sip: string, app: string }): LoginIdentity {
  return { admin: proven.admin, domainId: proven.domain.id, appObject: proven.info?.appobj ?? '', plugin: isPluginApp(login.app), who: `${login.sip || login.app}@${proven.domain.name}` }
}

/**
 * The address of the service that a login tells: only the connection of the PBX for the App object *Devices API* itself does, not a
 * user who comes through it or through another App object (wire-protocols 2.1, 5.5, 5.9).
 */
export function toldAppUrl(proven: Proven, login: { sip: string, app: string }): string | undefined {
  const { admin, info } = proven
  return admin && login.app === APPS.api && info?.appobj === login.sip ? info.appurl : undefined
}
