/** Answers about the login itself, and what belongs to nobody else. */
import type { Reply } from '../protocol/message.ts'
import type { GetUserInfo, Requests } from '../protocol/service-api.ts'
import type { HttpKeys } from '../self-backup/http-keys.ts'
import type { ApiContext, HandlersOf } from './handler.ts'
import type { PreferenceStore } from './preference-store.ts'

export interface SessionHandlerDeps {
  readonly preferences: PreferenceStore
  /** Release name as clients expect it, such as `13r3`. */
  readonly major: string
  /** `wss://…/sysclients` as devices must enter it. */
  readonly registrationUrl: () => string
  readonly httpKeys: HttpKeys
}

export type SessionRequests = Pick<Requests, 'GetUserInfo' | 'GetLoginInfo' | 'GetRegistrationUrl' | 'GetPreferences' | 'SetPreferences' | 'RequestHttpKey'>

export function sessionHandlers(deps: SessionHandlerDeps): HandlersOf<SessionRequests> {
  const userInfo = (_: unknown, { session: { key, viewer } }: ApiContext): Reply<typeof GetUserInfo> =>
    ({ key, admin: viewer.admin, major: deps.major, role: viewer.role, domainId: viewer.domainId, who: viewer.who })

  return {
    GetUserInfo: userInfo,
    GetLoginInfo: userInfo,
    GetRegistrationUrl: () => ({ url: deps.registrationUrl() }),
    RequestHttpKey: (_, { session }) => ({ key: deps.httpKeys.make(session.viewer) }),
    GetPreferences: (_, { session }) => ({ preferences: deps.preferences.get(session.viewer) }),
    SetPreferences: (params, { session }) => {
      deps.preferences.set(session.viewer, params.preferences)
      return {}
    },
  }
}
