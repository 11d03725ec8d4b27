/**
 * The APIs that the two apps give to other apps of the client (wire-protocols 3.9, 3.11, 3.13). They are window messages, not messages
 * of the websocket: what stands here is the `msg` inside ApiRequest and ApiResult (6.4). The hidden app takes its types from
 * here, docs/api.md its text.
 */
import { z } from 'zod'
import { indication, request, type Body, type IndicationEntry, type Reply, type RequestEntry } from './message.ts'
import { GetDevicePhones as ServicePhones, RemoveDevicePhone as ServiceRemovePhone } from './provisioning-messages.ts'
import { failure } from './service-api.ts'
import { commaList, device, flag, hwId, name, text } from './types.ts'

const chapter = 'wire-protocols 3.9'
const devices = z.array(device)
const last = z.boolean().describe('false: further parts follow')
const hwIds = commaList.describe('hardware ids with commas between them: only these')

/** How every request of `com.innovaphone.devices` may be answered instead, in its result message. */
export const clientFailure = z.object({
  error: z.enum([...failure.shape.error.options, 'notConnected']).describe('the codes are ours: those of the service, and `notConnected`: nobody is signed in to the service, or the connection was lost; `busy`: 64 requests of this app are in work'),
  errorText: z.string().describe('ours: for people, English'),
  last: z.literal(true).optional().describe('of lists: nothing follows'),
})

const GetGateways = request('GetGateways', {
  needs: 'read', source: chapter, params: z.object({ hwIds, justFxs: flag.describe('only those with analogue interfaces') }), reply: z.object({ gateways: devices, last }),
  doc: 'Gateways and virtual appliances of the domain of the login, in parts. `uri` of each is the address of its pages; it is good until the connection of the hidden app ends.',
})
const GetAppPlatforms = request('GetAppPlatforms', { needs: 'read', source: chapter, params: z.object({ hwIds }), reply: z.object({ appPlatforms: devices, last }), doc: 'App Platforms, as GetGateways.' })
const GetPhones = request('GetPhones', { needs: 'read', source: chapter, params: z.object({ hwIds }), reply: z.object({ phones: devices, last }), doc: 'Phones, as GetGateways.' })
const GetDects = request('GetDects', { needs: 'read', source: chapter, params: z.object({ hwIds }), reply: z.object({ dects: devices, last }), doc: 'DECT base stations, as GetGateways.' })
const GetDevice = request('GetDevice', { needs: 'read', source: chapter, params: z.object({ hwId }), reply: z.object({ device }), doc: 'One device, with its `uri`.' })
const GetDevicePhones = request('GetDevicePhones', { ...ServicePhones, source: chapter })
const RemoveDevicePhone = request('RemoveDevicePhone', { ...ServiceRemovePhone, source: chapter, params: z.object({ hwId, id: text(64).describe('name of the interface, such as `TEL1`') }) })
const HttpGet = request('HttpGet', {
  needs: 'operate', source: `${chapter}; the fields of the answer are ours`, params: z.object({ uri: z.string().describe('absolute; begins with the `uri` of a device') }),
  reply: z.object({
    uri: z.string().optional().describe('ours: as asked'), status: z.number().int().optional().describe('ours: HTTP status of the device; absent when it did not answer'), result: z.string().optional().describe('ours: the body, as text'),
    error: z.enum(['badRequest', 'failed']).optional().describe('ours: `badRequest`: not below the `uri` of a device; `failed`: not reached, too long, or a status that is no success'), errorText: z.string().optional(),
  }),
  doc: 'Reads something of a device, at most 4 MiB and 60 s.',
})
const GetProvisioningCode = request('GetProvisioningCode', {
  needs: 'operate', source: chapter, secret: ['code'],
  params: z.object({ sip: name.optional().describe('name of the device'), category: name.describe('name of a provisioning category'), administrative: flag.describe('the device gets the domain password instead of a random one') }),
  reply: z.object({ code: z.string(), url: z.string().describe('registration URL') }),
  doc: 'A new provisioning code, 12 digits, good once within 15 minutes. DeviceProvisioned follows when a device uses it.',
})
const DeviceProvisioned = indication('DeviceProvisioned', z.object({
  code: z.string().describe('ours: which code'), gateway: device.optional().describe('the device, of whatever kind; an object, although documented as a string'),
  error: z.string().optional().describe('as in DeviceProvisioned of the service: the code is still open'), errorText: z.string().optional(),
}), 'A device has used a code that this app asked for. Told with the `src` of that request, and only while the connection lives in which the code was made.', chapter)

const OpenDevice = request('OpenDevice', { needs: 'nothing', source: 'wire-protocols 3.11', params: z.object({ hwId }), reply: z.object({}), result: '', doc: 'Shows the app, with this device.' })

const marks = { src: z.unknown().optional().describe('as in Search'), source: z.unknown().optional().describe('as in Search') }
const Search = request('Search', {
  needs: 'read', source: 'wire-protocols 3.13', result: 'SearchResult', reply: z.object(marks),
  params: z.object({
    search: z.string().describe('words; what is behind the 200th character is not looked at'), type: z.string().optional().describe('absent or `app`: devices and domains as apps to open; `device` (ours): with details; anything else finds nothing'),
    src: z.unknown().optional().describe('mark, comes back inside the messages'), source: z.unknown().optional().describe('the same, as older consumers name it'),
  }),
  doc: 'Any number of SearchInfo, then exactly one SearchResult, also when nothing is found or nobody is signed in. At most 20 devices and 10 domains.',
})
const SearchInfo = indication('SearchInfo', z.object({
  ...marks, dn: z.string().describe('for people: name, product, hardware id, domain'), type: z.enum(['app', 'device']), app: z.object({}).optional().describe('with type `app`'),
  device: z.object({ hwId: z.string().optional(), name: z.string().optional(), product: z.string().optional(), online: z.boolean().optional(), domain: z.string().optional() }).optional().describe('ours, with type `device`; only `domain` when a domain was found'),
  link: z.string().describe('the arguments are ours: `<App object>?hwId=<hardware id>` or `<App object>?domain=<name>`; the App object is that of `com.innovaphone.devicesui`'),
  relevance: z.number().int().describe('0 to 9999, low is better; ours: 1000 the same text, 2000 the beginning, 3000 within'),
}), 'Something that was found.', 'wire-protocols 3.13')

export interface ClientApi {
  /** The app that provides it. */
  readonly app: string
  readonly doc: string
  readonly requests: Readonly<Record<string, RequestEntry>>
  readonly indications: Readonly<Record<string, IndicationEntry>>
}
const DEVICES = { GetGateways, GetAppPlatforms, GetPhones, GetDects, GetDevice, GetDevicePhones, RemoveDevicePhone, HttpGet, GetProvisioningCode } as const
export const CLIENT_APIS = {
  'com.innovaphone.devices': {
    app: 'innovaphone-devices-api', requests: DEVICES, indications: { DeviceProvisioned },
    doc: 'Devices for other apps. Requests of an app that is closed are not answered any more.',
  },
  'com.innovaphone.devicesui': { app: 'innovaphone-devices', requests: { OpenDevice }, indications: {}, doc: 'Opens the user interface at a device.' },
  'com.innovaphone.search': {
    app: 'innovaphone-devices-api', requests: { Search }, indications: { SearchInfo },
    doc: 'Devices and domains for the search of other apps. Model of the provider: `{"relevance": 5000}` (ours).',
  },
} as const satisfies Readonly<Record<string, ClientApi>>
export type ClientApiId = keyof typeof CLIENT_APIS

export type ListRequest = 'GetGateways' | 'GetAppPlatforms' | 'GetPhones' | 'GetDects'
/** The type of a message without fields allows no `mt` beside them. */
type Fields<R> = string extends keyof R ? object : Readonly<R>
type Results = { readonly [K in keyof typeof DEVICES]: { readonly mt: `${K}Result` } & Fields<Reply<(typeof DEVICES)[K]>> }
/** The answer to a request of `com.innovaphone.devices` that was done. */
export type DevicesResult<K extends keyof Results = keyof Results> = Results[K]
export type DevicesFailure = { readonly mt: `${string}Result` } & Readonly<z.input<typeof clientFailure>>
export type DeviceProvisionedMessage = { readonly mt: 'DeviceProvisioned' } & Readonly<Body<typeof DeviceProvisioned>>
export type SearchInfoMessage = { readonly mt: 'SearchInfo' } & Readonly<Body<typeof SearchInfo>>
export type SearchResultMessage = { readonly mt: 'SearchResult' } & Readonly<Reply<typeof Search>>
