/** The messages of the service that the user interface uses, with the check of each answer (types: app/protocol). */
import type { AppRequests } from './table.ts'
import type { Reply } from '../../app/protocol/message.ts'
import type { Category, Device, Domain, EthIf } from '../../app/protocol/types.ts'
import type { Counts, DevicesPageUpdate } from '../../app/protocol/service-api.ts'
import type { Body } from '../../app/protocol/message.ts'
import { DOMAIN_REPLIES } from './domain-replies.ts'
import { PROVISIONING_REPLIES } from './provisioning-replies.ts'
import { TASK_REPLIES } from './task-replies.ts'
import { isBoolean, isNumber, isString, listOf, mapOf, oneOf, optional, orNull, shape, type Guard } from './shape.ts'

const category = shape<Category>({ id: isNumber, name: isString, config: isBoolean })
const flag = optional(isBoolean)

export const isDevice = shape<Device>({
  id: isNumber, hwId: isString, name: optional(isString), domainId: isNumber, product: isString, version: isString,
  type: oneOf('GW', 'VA', 'PHONE', 'DECT', 'APP_PLATFORM'), pbxActive: isBoolean, online: isBoolean, hasLeaseLicenses: flag, other: flag,
  ethIfs: optional(listOf(shape<EthIf>({ if: isString, ipv4: optional(isString), ipv6: optional(isString) }))),
  rented: flag, rentalWant: flag, rentalStarted: flag, uri: optional(isString),
  state: optional(oneOf('online', 'offline', 'unassigned', 'expected', 'lost')), lastSeen: optional(isNumber), mini: flag, fxs: flag,
  fwBuild: optional(isString), bcBuild: optional(isString), major: optional(isString),
  categories: optional(listOf(category)), provisioningCategory: optional(orNull(category)),
})
export const isDomain = shape<Domain>({
  id: isNumber, name: isString, hasRentalProducts: isBoolean, deployAdminPasswords: isBoolean, isInstanceDomain: isBoolean, categories: listOf(category),
})
const counts = shape<Counts>({ total: isNumber, online: isNumber, offline: isNumber, unassigned: isNumber })
export const isDevicesPageUpdate = shape<Body<typeof DevicesPageUpdate>>({ devices: listOf(isDevice), counts, stale: isBoolean })

/** What every answer is checked against. A request that is not here cannot be sent. */
export const REPLIES: { readonly [K in keyof AppRequests]: Guard<Reply<AppRequests[K]>> } = {
  GetUserInfo: shape({ key: isString, admin: isBoolean, major: isString, role: oneOf('read', 'operate', 'full'), domainId: isNumber, who: isString }),
  GetDomains: shape({ domains: listOf(isDomain), last: flag }),
  GetDevicesPage: shape({ devices: listOf(isDevice), offset: isNumber, total: isNumber, counts }),
  GetFilteredDevices: shape({ devices: listOf(isDevice), last: flag }),
  GetDevice: shape({ device: isDevice }),
  AddDevice: shape({ id: isNumber, device: isDevice }),
  EditDevice: shape({ device: isDevice }),
  DeleteDevice: shape({}),
  GetDevicePassword: shape({ kind: oneOf('domain', 'random'), deployed: isBoolean, seed: optional(isString), password: optional(isString) }),
  OpenTunnel: shape({ uri: isString, key: isString }),
  CloseTunnel: shape({}),
  GetRegistrationUrl: shape({ url: isString }),
  GetPreferences: shape({ preferences: mapOf(isString) }),
  SetPreferences: shape({}),
  RequestHttpKey: shape({ key: isString }),
  AppResumeToken: shape({ token: isString }),
  AppSignOut: shape({}),
  ...DOMAIN_REPLIES, ...PROVISIONING_REPLIES, ...TASK_REPLIES,
}
