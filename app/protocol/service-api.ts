/** The Devices service API: JSON messages after an AppWebsocket login (wire-protocols chapter 3). */
import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { commaList, device, deviceType, flag, hwId, id, name, text } from './types.ts'
import { deviceFilter } from './device-filter.ts'
import { CONFIG_REQUESTS } from './config-messages.ts'
import { DOMAIN_INDICATIONS, DOMAIN_REQUESTS, role } from './domain-messages.ts'
import { indication, request } from './message.ts'
import { PROVISIONING_INDICATIONS, PROVISIONING_REQUESTS } from './provisioning-messages.ts'
import { TASK_INDICATIONS, TASK_REQUESTS } from './task-messages.ts'

const last = z.boolean().optional()
const empty = z.object({})

export const GetUserInfo = request('GetUserInfo', {
  needs: 'login', params: empty, source: 'wire-protocols 3.3',
  reply: z.object({
    key: z.string(), admin: z.boolean(), major: z.string(),
    role: role.describe('ours: what the App object of the login may do'), domainId: id.describe('ours: domain of the login'), who: z.string().describe('ours: as in the audit log'),
  }),
  doc: 'Who is signed in. `key` is the session key of passthrough URLs; it dies with this websocket.',
  secret: ['key'],
})
export const GetLoginInfo = request('GetLoginInfo', { ...GetUserInfo, result: 'GetLoginInfoResult', doc: 'Name of GetUserInfo in 13r1.' })

export const GetDevices = request('GetDevices', {
  needs: 'read', source: 'wire-protocols 3.7',
  params: z.object({ recvUpdates: flag, unassigned: flag, domainIds: commaList, categories: commaList, subcategories: commaList }),
  reply: z.object({ devices: z.array(device), last }),
  doc: 'Devices, in parts. No filter: all visible ones. Only `unassigned`: only those. `categories` names are alternatives, `subcategories` narrow further. `recvUpdates` replaces the subscription of this connection.',
})
export const DeviceAdded = indication('DeviceAdded', z.object({ device }), 'A device that matches the subscription appeared.', 'wire-protocols 3.7')
export const DeviceUpdate = indication('DeviceUpdate', z.object({ device }), 'A device changed, came online or went offline.', 'wire-protocols 3.7')
export const DeviceRemoved = indication('DeviceRemoved', z.object({ device }), 'A device no longer matches or is gone.', 'wire-protocols 3.7')

export const GetFilteredDevices = request('GetFilteredDevices', {
  needs: 'read', source: 'wire-protocols 3.7',
  params: z.object({ domainId: id.optional(), justFxs: flag, types: z.array(deviceType).max(16).optional(), hwIds: commaList }),
  reply: z.object({ devices: z.array(device), last }),
  doc: 'Devices of one domain (default: of the login) by type, FXS and hardware ids.',
})
export const GetUnassignedDevicesCount = request('GetUnassignedDevicesCount', {
  needs: 'read', params: empty, reply: z.object({ count: z.number().int() }), source: 'wire-protocols 3.7',
  doc: 'Number of connected devices that wait to be added: those that belong to no domain (for administrators) and those that lost their password.',
})
export const SetDeviceFiler = request('SetDeviceFiler', {
  needs: 'read', params: z.looseObject({ recvUpdates: flag }), reply: empty, source: 'wire-protocols 3.7, observed',
  doc: 'Sent by clients of the original; accepted without effect.',
})
export const SetDeviceFilter = request('SetDeviceFilter', { ...SetDeviceFiler, result: 'SetDeviceFilterResult' })

export const DEVICE_SORTS = ['status', 'name', 'product', 'mac', 'ip', 'version', 'domain', 'type', 'lastSeen'] as const
export const counts = z.object({ total: z.number().int(), online: z.number().int(), offline: z.number().int(), unassigned: z.number().int() })
export type Counts = z.infer<typeof counts>

export const GetDevicesPage = request('GetDevicesPage', {
  needs: 'read', source: 'ours',
  params: z.object({
    offset: z.number().int().nonnegative().max(10_000_000), limit: z.number().int().positive(),
    sort: z.enum(DEVICE_SORTS).optional(), descending: flag, recvUpdates: flag, ...deviceFilter,
  }),
  reply: z.object({ devices: z.array(device), offset: z.number().int(), total: z.number().int(), counts }),
  doc: 'One page of devices, filtered, sorted and cut in the database. Default sort: `status`, trouble first. A page that is too long for one message has fewer rows than asked for; `recvUpdates` still watches all of it. `total` is the number of matches, `counts` are those of all visible devices. `recvUpdates` makes this page the watched one of the connection: DevicesPageUpdate follows.',
})
export const DevicesPageUpdate = indication('DevicesPageUpdate',
  z.object({ devices: z.array(device), counts, stale: z.boolean() }),
  'Changed rows of the watched page and the counters, put together, at most ten times a second. `stale`: devices were added, removed or changed so that the page may hold other rows.', 'ours')

export const GetDevice = request('GetDevice', {
  needs: 'read', params: z.object({ id: id.optional(), hwId: hwId.optional() }), reply: z.object({ device }), source: 'ours',
  doc: 'One device by id or hardware id.',
})
export const AddDevice = request('AddDevice', {
  needs: 'operate', source: 'architecture, names; features 3.5', reply: z.object({ id, device }),
  params: z.object({ hwId, domainId: id, name: name.optional(), type: deviceType.optional() }),
  doc: 'Adds a device to a domain. Connected: it gets its password at once. Not yet connected: it is served when it comes. Known but without its password (long reset): it gets a new one.',
})
export const EditDevice = request('EditDevice', {
  needs: 'operate', source: 'architecture, names', reply: z.object({ device }),
  params: z.object({
    id, name: name.optional(), domainId: id.optional(),
    categories: z.array(id).max(LIMITS.categoriesPerDomain.value).optional().describe('all standard categories that the device is to have'),
    provisioningCategory: id.nullable().optional().describe('null takes it away'),
  }),
  doc: 'Changes the given fields. An empty name shows what the device reports itself. Categories are those of the domain of the device; a device that moves loses those of its former domain.',
})
export const DeleteDevice = request('DeleteDevice', {
  needs: 'operate', source: 'architecture, names; features 3.5', reply: empty, params: z.object({ id }),
  doc: 'Removes the device and forgets its password; while it is connected it appears as unassigned.',
})
export const GetDevicePassword = request('GetDevicePassword', {
  needs: 'manage', source: 'architecture, names; features 2.3', params: z.object({ id }), secret: ['password'],
  reply: z.object({
    kind: z.enum(['domain', 'random']), deployed: z.boolean().describe('the domain of the device deploys passwords now'),
    seed: z.string().optional(), password: z.string().optional().describe('encrypted with `seed`: lower-case hex'),
  }),
  doc: 'The administrative password of a device, encrypted with the session key of this connection; written to the audit log. A device of kind `domain` has the password of its domain, which is not told here.',
})
export const OpenTunnel = request('OpenTunnel', {
  needs: 'operate', source: 'ours', params: z.object({ hwId }), reply: z.object({ uri: z.string(), key: z.string() }), secret: ['key', 'uri'],
  doc: 'A passthrough base path for one device only, so that the pages of a device never learn the session key. Dies with this websocket.',
})
export const CloseTunnel = request('CloseTunnel', {
  needs: 'operate', source: 'ours', params: z.object({ hwId }), reply: empty,
  doc: 'Ends all requests of this connection to the device and forgets the key of OpenTunnel.',
})
export const GetRegistrationUrl = request('GetRegistrationUrl', {
  needs: 'read', source: 'wire-protocols 2.1', params: empty, reply: z.object({ url: z.string() }),
  doc: 'The address to enter on a device under Devices Registration.',
})
export const GetPreferences = request('GetPreferences', {
  needs: 'login', source: 'ours', params: empty, reply: z.object({ preferences: z.record(text(64), text(4096)) }),
  doc: 'What the user interface keeps per user: columns, density.',
})
export const RequestHttpKey = request('RequestHttpKey', {
  needs: 'admin', params: empty, reply: z.object({ key: z.string() }), source: 'wire-protocols 7.5', secret: ['key'],
  doc: 'A key for one request to `<instance>/backup?key=…` or `<instance>/restore?key=…`; good for ten minutes.',
})
export const SetPreferences = request('SetPreferences', {
  needs: 'login', source: 'ours', params: z.object({ preferences: z.record(text(64), text(4096)) }), reply: empty,
  doc: 'Keeps the given preferences; an empty value forgets one.',
})

/** Any request may be answered so: `error` is a code, `errorText` is for people, `field` names the field at fault. */
export const failure = z.object({
  error: z.enum(['notLoggedIn', 'noAccess', 'notFound', 'badRequest', 'conflict', 'offline', 'busy', 'failed']),
  errorText: z.string(), field: z.string().optional(),
  count: z.number().int().optional().describe('with `conflict`: how many devices are hit'),
})
export type Failure = z.infer<typeof failure>

export const REQUESTS = {
  GetUserInfo, GetLoginInfo, GetDevices, GetFilteredDevices, GetUnassignedDevicesCount, SetDeviceFiler, SetDeviceFilter,
  GetDevicesPage, GetDevice, AddDevice, EditDevice, DeleteDevice, GetDevicePassword, OpenTunnel, CloseTunnel, GetRegistrationUrl, GetPreferences, SetPreferences, RequestHttpKey,
  ...CONFIG_REQUESTS,
  ...TASK_REQUESTS,
  ...PROVISIONING_REQUESTS,
  ...DOMAIN_REQUESTS,
} as const
export const INDICATIONS = { ...DOMAIN_INDICATIONS, ...TASK_INDICATIONS, ...PROVISIONING_INDICATIONS, DeviceAdded, DeviceUpdate, DeviceRemoved, DevicesPageUpdate } as const
export type Requests = typeof REQUESTS
export type Indications = typeof INDICATIONS
