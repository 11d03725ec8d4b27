/** Provisioning: codes, interfaces of gateways (wire-protocols 3.5, 3.9; features 5). */
import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { device, deviceType, flag, hwId, id, name } from './types.ts'
import { domainCategory } from './domain-messages.ts'
import { indication, request } from './message.ts'

const last = z.boolean().optional()
const empty = z.object({})
const code = z.string().max(32)
/** Name of the user, such as `john.doe`; becomes the name of the device. */
const sip = name

export const GetProvisioningCategories = request('GetProvisioningCategories', {
  needs: 'read', source: 'wire-protocols 3.5', params: z.object({ domainId: id.optional(), type: z.string().max(32).optional() }),
  reply: z.object({ categories: z.array(domainCategory), last }),
  doc: 'Provisioning categories of a domain (default: of the login). `type` `PHONE`: only those that a phone or analogue phone configuration uses, or all where no category of the domain is used by one (ours); `GW`, `VA` and `APP_PLATFORM` (ours): only those that are not for phones.',
})
const codeOptions = {
  domainId: id.optional(), category: name.describe('name of a provisioning category'),
  rollout: flag.describe('valid 7 days instead of 15 minutes'), administrative: flag.describe('the device gets the domain password instead of a random one'),
}
export const GetProvisioningCode = request('GetProvisioningCode', {
  needs: 'operate', source: 'wire-protocols 3.5', params: z.object({ ...codeOptions, sip: sip.optional() }), secret: ['code'],
  reply: z.object({ code: z.string(), validUntil: z.number().describe('ms since 1970 UTC'), url: z.string().describe('registration URL; ours') }),
  doc: 'A new provisioning code, 12 digits, good once. DeviceProvisioned follows on this connection when a device uses it.',
})
export const DeviceProvisioned = indication('DeviceProvisioned', z.object({ code: z.string(), device: device.optional(), error: z.string().optional(), errorText: z.string().optional() }),
  'A device used a code that this connection made or asked for. `error` (ours): it was refused and the code is still open: `otherDomain`, `wrongCategory` (a gateway, and a category for phones), `noCategory` (deleted), `noInterface`.', 'wire-protocols 3.5')
export const GetProvisionedDevice = request('GetProvisionedDevice', {
  needs: 'operate', source: 'wire-protocols 3.5', params: z.object({ domainId: id.optional(), code }), reply: z.object({ code: z.string(), device: device.optional() }), secret: ['code'], echo: ['code'],
  doc: 'The device that used a code; without `device`: not yet, DeviceProvisioned follows.',
})

export const provisioningCode = z.object({
  code: z.string(), domainId: id, category: z.string(), categoryId: id.nullable(), sip: z.string(), rollout: z.boolean(), administrative: z.boolean(),
  by: z.string(), createdAt: z.number(), validUntil: z.number(),
  state: z.enum(['open', 'used', 'expired', 'refused']), usedAt: z.number().optional(),
  hwId: z.string().optional().describe('device that used it, or was refused'), interface: z.string().optional().describe('FXS interface'), errorText: z.string().optional(),
})
export type ProvisioningCode = z.infer<typeof provisioningCode>
export const GetProvisioningCodes = request('GetProvisioningCodes', {
  needs: 'operate', source: 'architecture, names', params: z.object({ domainId: id.optional(), recvUpdates: flag }), reply: z.object({ codes: z.array(provisioningCode), last }),
  doc: 'Codes of the domains the login may see (or of one), newest first, in parts; used and expired ones stay for 30 days. `recvUpdates` subscribes to the indications.',
})
export const ProvisioningCodeAdded = indication('ProvisioningCodeAdded', z.object({ code: provisioningCode }), 'A code was made.', 'ours')
export const ProvisioningCodeEdited = indication('ProvisioningCodeEdited', z.object({ code: provisioningCode }), 'A code was used, refused or has expired.', 'ours')
export const ProvisioningCodeDeleted = indication('ProvisioningCodeDeleted', z.object({ code: z.string() }), 'A code is gone.', 'ours')
export const AddProvisioningCodes = request('AddProvisioningCodes', {
  needs: 'operate', source: 'ours; feature table R01', params: z.object({ ...codeOptions, sips: z.array(sip).min(1).max(LIMITS.codesPerRequest.value) }), secret: ['codes'],
  reply: z.object({ codes: z.array(provisioningCode), last }), doc: 'Codes for a roll-out, one for each name, all or none; the answer comes in parts.',
})
export const DeleteProvisioningCode = request('DeleteProvisioningCode', {
  needs: 'operate', source: 'architecture, names', params: z.object({ code }), reply: empty, secret: ['code'], doc: 'Makes an open code worthless and takes it from the list.',
})

export const addedDevice = z.object({ hwId: z.string().max(LIMITS.hwId.value), name: name.optional(), type: deviceType.optional(), provisioningCategory: name.optional() })
export const AddDevices = request('AddDevices', {
  needs: 'operate', source: 'ours; feature table R01',
  params: z.object({ domainId: id, devices: z.array(addedDevice).min(1).max(LIMITS.devicesPerRequest.value), check: flag.describe('only say what would happen') }),
  reply: z.object({ results: z.array(z.object({ hwId: z.string(), ok: z.boolean(), id: id.optional(), errorText: z.string().optional() })), last }),
  doc: 'Adds many devices, such as from a pasted list of MAC addresses; a result for each, in order, in parts.',
})

export const GetDevicePhones = request('GetDevicePhones', {
  needs: 'read', source: 'wire-protocols 3.9', params: z.object({ hwId }), reply: z.object({ phones: z.array(z.string()) }), doc: 'Provisioned FXS interfaces of a gateway.',
})
export const RemoveDevicePhone = request('RemoveDevicePhone', {
  needs: 'operate', source: 'wire-protocols 3.9', params: z.object({ hwId, id: z.string().max(64) }), reply: empty, doc: 'Frees a provisioned FXS interface.',
})

export const PROVISIONING_REQUESTS = {
  GetProvisioningCategories, GetProvisioningCode, GetProvisionedDevice, GetProvisioningCodes, AddProvisioningCodes, DeleteProvisioningCode, AddDevices, GetDevicePhones, RemoveDevicePhone,
} as const
export const PROVISIONING_INDICATIONS = { DeviceProvisioned, ProvisioningCodeAdded, ProvisioningCodeEdited, ProvisioningCodeDeleted } as const
