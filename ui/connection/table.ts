/** Which entries of the message tables the user interface sends (types only, so that no validator of the server is bundled). */
import type { AppResumeToken, AppSignOut } from '../../app/protocol/app-websocket.ts'
import type { Requests } from '../../app/protocol/service-api.ts'
import type { DOMAIN_REQUESTS, GetAllDomainSettings } from '../../app/protocol/domain-messages.ts'
import type { Params, Reply } from '../../app/protocol/message.ts'
import type { GetTasks } from '../../app/protocol/task-messages.ts'

export type AppRequests = Pick<Requests,
  'GetUserInfo' | 'GetDomains' | 'GetDevicesPage' | 'GetDevice' | 'AddDevice' | 'EditDevice' | 'DeleteDevice' | 'OpenTunnel' | 'CloseTunnel' |
  'GetRegistrationUrl' | 'GetPreferences' | 'SetPreferences'> & { AppResumeToken: typeof AppResumeToken, AppSignOut: typeof AppSignOut } &
  Omit<typeof DOMAIN_REQUESTS, 'GetDomains'> & { GetAllDomainSettings: typeof GetAllDomainSettings, GetTasks: typeof GetTasks }
export type RequestName = keyof AppRequests
export type RequestParams<K extends RequestName> = Params<AppRequests[K]>
export type RequestReply<K extends RequestName> = Reply<AppRequests[K]>
