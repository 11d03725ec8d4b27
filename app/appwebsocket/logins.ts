/** Who may log in: the rules of wire-protocols 5.7 as one function over passwords and digests. */
import crypto from 'node:crypto'
import { loginDigestText, sessionKeyText } from '../protocol/app-websocket.ts'
import { nameKey, type DomainEntry, type Domains } from '../domains/domains.ts'
import type { Viewer } from '../domains/viewer.ts'

export interface LoginFields {
  readonly app: string, readonly domain: string, readonly sip: string, readonly guid: string, readonly dn: string
  readonly digest: string
  /** Possible compact texts of `info`; empty when the login had none. */
  readonly infos: readonly string[]
}

export interface Proven { readonly domain: DomainEntry, readonly admin: boolean, readonly sessionKey: string }

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

/** Does the digest of a login (or of AppCheckLogin) prove `password`? */
function proves(login: LoginFields, challenge: string, password: string): boolean {
  if (!password) return false
  const given = login.digest.toLowerCase()
  const infos = login.infos.length ? login.infos : [undefined]
  let right = false
  for (const info of infos) {
    right = equal(given, sha256(loginDigestText({ ...login, info, challenge, password }))) || right
  }
  return right
}

/**
 * Verifies a login. Instance domain with the instance password or with the password of its own domain entry: administrator.
 * Another known domain with that domain's password: that domain and those granted to it. Everything else fails.
 */
export function verifyLogin(rules: LoginRules, login: LoginFields, challenge: string): Proven | undefined {
  const domain = rules.domains.byName(login.domain)
  const instance = nameKey(login.domain) === nameKey(rules.instanceDomain)
  const candidates = instance ? [rules.instancePassword, domain?.password ?? ''] : [domain?.password ?? '']
  for (const password of candidates) {
    if (domain && proves(login, challenge, password)) {
      return { domain, admin: instance, sessionKey: sha256(sessionKeyText(challenge, password)) }
    }
  }
  return undefined
}

export function viewerOf(proven: Proven, login: { sip: string, app: string }, address: string): Viewer {
  const domainIds = new Set([proven.domain.id, ...proven.domain.granted])
  return { admin: proven.admin, domainId: proven.domain.id, domainIds, who: `${login.sip || login.app}@${proven.domain.name}`, address }
}
