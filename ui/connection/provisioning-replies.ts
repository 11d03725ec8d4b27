/** Answers of provisioning (types: app/protocol/provisioning-messages.ts). */
import type { Reply } from '../../app/protocol/message.ts'
import type { ProvisioningCode } from '../../app/protocol/provisioning-messages.ts'
import { isBoolean, isNumber, isString, listOf, oneOf, optional, orNull, shape, type Guard } from './shape.ts'
import type { ProvisioningRequests } from './table.ts'

export const isProvisioningCode = shape<ProvisioningCode>({
  code: isString, domainId: isNumber, category: isString, categoryId: orNull(isNumber), sip: isString, rollout: isBoolean, administrative: isBoolean, by: isString,
  createdAt: isNumber, validUntil: isNumber, state: oneOf('open', 'used', 'expired', 'refused'), usedAt: optional(isNumber), hwId: optional(isString),
  interface: optional(isString), errorText: optional(isString),
})
type AddResult = Reply<ProvisioningRequests['AddDevices']>['results'][number]

export const PROVISIONING_REPLIES: { readonly [K in keyof ProvisioningRequests]: Guard<Reply<ProvisioningRequests[K]>> } = {
  GetProvisioningCode: shape({ code: isString, validUntil: isNumber, url: isString }),
  GetProvisioningCodes: shape({ codes: listOf(isProvisioningCode), last: optional(isBoolean) }),
  AddProvisioningCodes: shape({ codes: listOf(isProvisioningCode), last: optional(isBoolean) }),
  DeleteProvisioningCode: shape({}),
  AddDevices: shape({ results: listOf(shape<AddResult>({ hwId: isString, ok: isBoolean, id: optional(isNumber), errorText: optional(isString) })), last: optional(isBoolean) }),
  GetDevicePhones: shape({ phones: listOf(isString) }),
  RemoveDevicePhone: shape({}),
}
