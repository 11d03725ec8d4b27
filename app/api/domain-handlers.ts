/** Answers about domains, rights and settings of the instance. */
import type { Domains } from '../domains/domains.ts'
import type { AppRoles } from '../appwebsocket/app-roles.ts'
import type { InstanceSettings } from '../instances/settings.ts'
import type { PasswordRollout } from '../jobs/password-rollout.ts'
import type { Requests } from '../protocol/service-api.ts'
import type { HandlersOf } from './handler.ts'
import { inParts } from './parts.ts'

export interface DomainHandlerDeps {
  readonly domains: Domains
  readonly roles: AppRoles
  readonly settings: InstanceSettings
  readonly rollout: PasswordRollout
}

export type DomainRequests = Pick<Requests, 'GetDomains' | 'GetAppRoles' | 'SetAppRole' | 'GetInstanceSettings' | 'EditInstanceSettings'>

export function domainHandlers(deps: DomainHandlerDeps): HandlersOf<DomainRequests> {
  const { domains, roles, settings } = deps
  return {
    GetDomains: function * (params, { session, subscriptions, src }) {
      if (params.recvUpdates) subscriptions.watchDomains(src)
      const all = domains.list(session.viewer).map(entry => domains.toWire(entry))
      for (const { items, last } of inParts([all])) yield { domains: items, last }
    },

    GetAppRoles: () => ({ roles: roles.list() }),
    SetAppRole: async (params, { session }) => {
      await roles.set(session.viewer, params.appObject, params.role)
      return {}
    },

    GetInstanceSettings: () => ({ settings: settings.all }),
    EditInstanceSettings: async (params, { session }) => ({ settings: await settings.edit(session.viewer, params) }),
  }
}
