/** Answers about domains, rights and settings of the instance. */
import type { AppRoles } from '../appwebsocket/app-roles.ts'
import type { Session } from '../appwebsocket/sessions.ts'
import type { DomainCommands, DomainEdit } from '../domains/domain-commands.ts'
import { secretValue } from '../domains/domain-rules.ts'
import type { Domains } from '../domains/domains.ts'
import { RequestError } from '../errors.ts'
import type { InstanceSettings } from '../instances/settings.ts'
import type { Requests } from '../protocol/service-api.ts'
import type { HandlersOf } from './handler.ts'
import { inParts } from './parts.ts'

export interface DomainHandlerDeps {
  readonly domains: Domains
  readonly domainCommands: DomainCommands
  readonly roles: AppRoles
  readonly settings: InstanceSettings
  /** `wss://…/sysclients` as devices must enter it. */
  readonly registrationUrl: () => string
}

export type DomainRequests = Pick<Requests, 'GetDomains' | 'GetDomainSettings' | 'GetAllDomainSettings' | 'GetProvisioningToken' | 'AddDomain' | 'EditDomain' | 'DeleteDomain'
  | 'GetAppRoles' | 'SetAppRole' | 'GetInstanceSettings' | 'EditInstanceSettings'>

interface Encrypted { readonly seed?: string | undefined, readonly password?: string | undefined, readonly provisioningToken?: string | undefined }

/** Secrets of a request in clear (wire-protocols 5.6). */
function opened(session: Session, params: Encrypted): Pick<DomainEdit, 'password' | 'provisioningToken'> {
  const { seed } = params
  const open = (field: 'password' | 'provisioningToken'): string | undefined => {
    const hex = params[field]
    if (hex === undefined) return undefined
    if (seed === undefined) throw new RequestError('badRequest', 'The seed of the encryption is missing.', 'seed')
    return secretValue(session.decrypt(seed, hex), field)
  }
  return { password: open('password'), provisioningToken: open('provisioningToken') }
}

export function domainHandlers(deps: DomainHandlerDeps): HandlersOf<DomainRequests> {
  const { domains, domainCommands, roles, settings } = deps
  return {
    GetDomains: function * (params, { session, subscriptions, src }) {
      if (params.recvUpdates) subscriptions.watchDomains(src)
      const all = domains.list(session.viewer).map(entry => domains.toWire(entry))
      for (const { items, last } of inParts([all])) yield { domains: items, last }
    },

    GetDomainSettings: (params, { session }) => domainCommands.settings(session.viewer, params.id),
    GetAllDomainSettings: function * (_, { session }) {
      for (const { items, last } of inParts([domainCommands.allSettings(session.viewer)])) yield { settings: items, last }
    },

    GetProvisioningToken: (params, { session }) => {
      const { domain, token } = domainCommands.revealToken(session.viewer, params.id)
      const { seed, hex } = session.encrypt(token)
      return { seed, token: hex, url: `${deps.registrationUrl()}?domain=${encodeURIComponent(domain.name)}` }
    },

    AddDomain: async (params, { session }) => ({ id: await domainCommands.add(session.viewer, { ...params, ...opened(session, params) }) }),

    EditDomain: async ({ id, ...params }, { session }) => {
      domainCommands.one(session.viewer, id) // before anything else is said
      const task = await domainCommands.edit(session.viewer, id, { ...params, ...opened(session, params) })
      return task === undefined ? {} : { task }
    },

    DeleteDomain: async (params, { session }) => ({ devices: await domainCommands.remove(session.viewer, params.id, params.force === true) }),

    GetAppRoles: () => ({ roles: roles.list() }),
    SetAppRole: async (params, { session }) => {
      await roles.set(session.viewer, params.appObject, params.role)
      return {}
    },

    GetInstanceSettings: () => ({ settings: settings.all }),
    EditInstanceSettings: async (params, { session }) => ({ settings: await settings.edit(session.viewer, params) }),
  }
}
