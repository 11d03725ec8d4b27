/** Which entries of the message tables the user interface sends (types only, so that no validator of the server is bundled). */
import type { AppResumeToken, AppSignOut } from '../../app/protocol/app-websocket.ts'
import type { Requests } from '../../app/protocol/service-api.ts'
import type { DOMAIN_REQUESTS, GetAllDomainSettings } from '../../app/protocol/domain-messages.ts'
import type { PROVISIONING_REQUESTS } from '../../app/protocol/provisioning-messages.ts'
import type { TASK_REQUESTS } from '../../app/protocol/task-messages.ts'
import type { Params, Reply } from '../../app/protocol/message.ts'

export type ProvisioningRequests = Pick<typeof PROVISIONING_REQUESTS, 'GetProvisioningCode' | 'GetProvisioningCodes' | 'AddProvisioningCodes' | 'DeleteProvisioningCode' | 'AddDevices' | 'GetDevicePhones' | 'RemoveDevicePhone'>
export type TaskRequests = typeof TASK_REQUESTS

export type AppRequests = Pick<Requests,
  'GetUserInfo' | 'GetDomains' | 'GetDevicesPage' | 'GetFilteredDevices' | 'GetDevice' | 'AddDevice' | 'EditDevice' | 'DeleteDevice' | 'GetDevicePassword' | 'OpenTunnel' | 'CloseTunnel' |
  'GetRegistrationUrl' | 'GetPreferences' | 'SetPreferences' | 'RequestHttpKey'> & { AppResumeToken: typeof AppResumeToken, AppSignOut: typeof AppSignOut } &
  Omit<typeof DOMAIN_REQUESTS, 'GetDomains'> & { GetAllDomainSettings: typeof GetAllDomainSettings } & ProvisioningRequests & TaskRequests
export type RequestName = keyof AppRequests
export type RequestParams<K extends RequestName> = Params<AppRequests[K]>
export type RequestReply<K extends RequestName> = Reply<AppRequests[K]>
