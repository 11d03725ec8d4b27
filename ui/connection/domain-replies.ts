/** Checks of the answers about domains, rights, settings and the audit log. */
import type { AppRole, AuditEntry, CategoryUse, DomainSettings, InstanceSettings } from '../../app/protocol/domain-messages.ts'
import type { Reply } from '../../app/protocol/message.ts'
import { isBoolean, isNumber, isString, listOf, oneOf, optional, shape, type Guard } from './shape.ts'
import type { AppRequests } from './table.ts'

const settings = shape<DomainSettings>({
  id: isNumber, name: isString, isInstanceDomain: isBoolean, deployAdminPasswords: isBoolean, observer: isBoolean, access: listOf(isNumber),
  hasPassword: isBoolean, hasProvisioningToken: isBoolean, emails: listOf(isString), invoiceReference: isString, devices: isNumber, connected: isNumber,
})
const instance = shape<InstanceSettings>({ observer: isBoolean, rollOutRegistrationUrl: isBoolean, offlineProvisioning: isBoolean, auditDays: isNumber })
const use = shape<CategoryUse>({ devices: isNumber, configs: isNumber, codes: isNumber, jobs: isNumber, phoneOnly: isBoolean })
const role = shape<AppRole>({ appObject: isString, role: oneOf('read', 'operate', 'full') })
const entry = shape<AuditEntry>({
  id: isNumber, at: isNumber, who: isString, address: isString, domainId: isNumber, domain: isString, action: isString, subject: isString, before: isString, after: isString,
})
const last = optional(isBoolean)

type DomainRequestName =
  'GetDomainSettings' | 'GetAllDomainSettings' | 'GetProvisioningToken' | 'AddDomain' | 'EditDomain' | 'DeleteDomain' | 'AddCategory' | 'EditCategory' | 'DeleteCategory' |
  'GetCategoryUse' | 'GetAppRoles' | 'SetAppRole' | 'GetInstanceSettings' | 'EditInstanceSettings' | 'GetAuditPage'

export const DOMAIN_REPLIES: { readonly [K in DomainRequestName]: Guard<Reply<AppRequests[K]>> } = {
  GetDomainSettings: shape({ settings, passwordDevices: isNumber }),
  GetAllDomainSettings: shape({ settings: listOf(settings), last }),
  GetProvisioningToken: shape({ seed: isString, token: isString, url: isString }),
  AddDomain: shape({ id: isNumber }),
  EditDomain: shape({ task: optional(isNumber) }),
  DeleteDomain: shape({ devices: isNumber }),
  AddCategory: shape({ id: isNumber }),
  EditCategory: shape({}),
  DeleteCategory: shape({}),
  GetCategoryUse: shape({ use }),
  GetAppRoles: shape({ roles: listOf(role) }),
  SetAppRole: shape({}),
  GetInstanceSettings: shape({ settings: instance }),
  EditInstanceSettings: shape({ settings: instance }),
  GetAuditPage: shape({ entries: listOf(entry), total: isNumber }),
}
