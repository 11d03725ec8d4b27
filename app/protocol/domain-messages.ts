/** Domains, their settings and categories; rights of App objects; settings of the instance. */
import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { category, domain, flag, id, name, secretText, seed, text } from './types.ts'
import { indication, request } from './message.ts'

const last = z.boolean().optional()
const empty = z.object({})

export const GetDomains = request('GetDomains', {
  needs: 'read', params: z.object({ recvUpdates: flag }), reply: z.object({ domains: z.array(domain), last }), source: 'wire-protocols 3.4',
  doc: 'The domains the login may see, in parts; `recvUpdates` subscribes to DomainAdded, DomainEdited, DomainDeleted.',
})
export const DomainAdded = indication('DomainAdded', z.object({ domain }), 'A domain is visible now.', 'wire-protocols 3.4')
export const DomainEdited = indication('DomainEdited', z.object({ domain }), 'A domain, or one of its categories, has changed.', 'wire-protocols 3.4')
export const DomainDeleted = indication('DomainDeleted', z.object({ id }), 'A domain is gone or no longer visible.', 'wire-protocols 3.4')

const email = z.email().max(254)
/** What an administrator may set of a domain. Secrets travel encrypted with the key of this connection (5.6). */
const writable = {
  deployAdminPasswords: flag.describe('give the domain password, or random ones, to the devices (features 2.3)'),
  observer: flag.describe('second registration: the domain never configures, updates or deploys (features 13)'),
  access: z.array(id).max(LIMITS.domains.value).optional().describe('ids of the domains that logins of this domain may also see'),
  emails: z.array(email).max(LIMITS.domainEmails.value).optional(),
  invoiceReference: text(LIMITS.name.value).optional(),
  seed: seed.optional().describe('required with `password` and `provisioningToken`'),
  password: secretText.optional().describe('encrypted with `seed`: lower-case hex'),
  provisioningToken: secretText.optional().describe('encrypted with `seed`; the empty text turns automatic provisioning off'),
}
export const domainSettings = z.object({
  id, name, isInstanceDomain: z.boolean(), deployAdminPasswords: z.boolean(), observer: z.boolean(), access: z.array(id),
  hasPassword: z.boolean(), hasProvisioningToken: z.boolean(), emails: z.array(z.string()), invoiceReference: z.string(),
  devices: z.number().int().describe('devices that belong to it'), connected: z.number().int().describe('those of them that are connected'),
})
export type DomainSettings = z.infer<typeof domainSettings>

export const GetDomainSettings = request('GetDomainSettings', {
  needs: 'manage', params: z.object({ id }), source: 'architecture, names; features 2.1',
  reply: z.object({ settings: domainSettings, passwordDevices: z.number().int().describe('connected devices that get the domain password when it changes: administrative ones and App Platforms') }),
  doc: 'The settings of a domain, without secrets.',
})
export const GetAllDomainSettings = request('GetAllDomainSettings', {
  needs: 'manage', params: empty, reply: z.object({ settings: z.array(domainSettings), last }), source: 'ours',
  doc: 'The settings of all domains the login may see, without secrets, in parts.',
})
export const GetProvisioningToken = request('GetProvisioningToken', {
  needs: 'manage', params: z.object({ id }), source: 'ours; features 5.4', secret: ['token'],
  reply: z.object({ seed: z.string(), token: z.string(), url: z.string().describe('registration URL for automatic provisioning without the token') }),
  doc: 'The security token of automatic provisioning, encrypted with `seed`. Administrators and logins of that domain; written to the audit log.',
})
export const AddDomain = request('AddDomain', {
  needs: 'admin', params: z.object({ name, ...writable }), reply: z.object({ id }), source: 'architecture, names', secret: ['password', 'provisioningToken'],
  doc: 'Adds a domain. A login of that name is possible as soon as it has a password.',
})
export const EditDomain = request('EditDomain', {
  needs: 'manage', params: z.object({ id, name: name.optional(), ...writable }), source: 'architecture, names; features 2.1-2.3', secret: ['password', 'provisioningToken'],
  reply: z.object({ task: id.optional().describe('task that carries a changed password to connected devices (GetTasks)') }),
  doc: 'Changes the given fields. Only administrators may change `name`, `access` and `observer`; `password` and `provisioningToken` only they and logins of that domain. The password of the instance domain: administrators only.',
})
export const DeleteDomain = request('DeleteDomain', {
  needs: 'admin', params: z.object({ id, force: flag }), reply: z.object({ devices: z.number().int() }), source: 'architecture, names',
  doc: 'Deletes a domain. With devices in it: `conflict` with their `count`, unless `force`; they become unassigned. The instance domain cannot be deleted.',
})

export const AddCategory = request('AddCategory', {
  needs: 'manage', params: z.object({ domainId: id, name, config: flag }), reply: z.object({ id }), source: 'architecture, names; features 4',
  doc: 'Adds a category; `config` makes it a provisioning category. Names are unique in a domain and contain no comma.',
})
export const EditCategory = request('EditCategory', {
  needs: 'manage', params: z.object({ id, name }), reply: empty, source: 'architecture, names', doc: 'Renames a category. Open provisioning codes keep it.',
})
export const DeleteCategory = request('DeleteCategory', {
  needs: 'manage', params: z.object({ id, force: flag }), reply: empty, source: 'architecture, names',
  doc: 'Deletes a category. Used by devices, configurations, codes or jobs: `conflict` with the `count` of devices, unless `force`.',
})
export const categoryUse = z.object({
  devices: z.number().int(), configs: z.number().int(), codes: z.number().int().describe('open provisioning codes'), jobs: z.number().int(),
  phoneOnly: z.boolean().describe('a phone or analogue phone configuration uses it: it cannot provision a gateway (features 4)'),
})
export type CategoryUse = z.infer<typeof categoryUse>
export const GetCategoryUse = request('GetCategoryUse', {
  needs: 'read', params: z.object({ id }), reply: z.object({ use: categoryUse }), source: 'ours', doc: 'What renaming or deleting a category hits.',
})

export const ROLES = ['read', 'operate', 'full'] as const
export const role = z.enum(ROLES)
export type Role = z.infer<typeof role>
export const appRole = z.object({ appObject: name, role })
export type AppRole = z.infer<typeof appRole>
export const GetAppRoles = request('GetAppRoles', {
  needs: 'admin', params: empty, reply: z.object({ roles: z.array(appRole) }), source: 'ours; wire-protocols 5.5',
  doc: 'Roles by name of the App object that gave access (`info.appobj`, part of the login digest). App objects not listed have `full`. `read`: look; `operate`: also add, edit and open devices and make codes; `full`: also settings and secrets.',
})
export const SetAppRole = request('SetAppRole', {
  needs: 'admin', params: z.object({ appObject: name.min(1), role: role.nullable() }), reply: empty, source: 'ours',
  doc: 'Gives an App object a role; null takes the entry away (full rights). Holds for open sessions at once.',
})

export const instanceSettings = z.object({
  observer: z.boolean().describe('this instance is the second registration of its devices: it never configures, updates or deploys'),
  rollOutRegistrationUrl: z.boolean().describe('send a changed address of the App object to connected devices, and to those that come by the old host name'),
  offlineProvisioning: z.boolean().describe('answer factory-new devices at …/init with the registration URL'),
  auditDays: z.number().int().min(1).max(3650),
})
export type InstanceSettings = z.infer<typeof instanceSettings>
export const GetInstanceSettings = request('GetInstanceSettings', { needs: 'admin', params: empty, reply: z.object({ settings: instanceSettings }), source: 'ours', doc: 'Settings of the whole instance.' })
export const EditInstanceSettings = request('EditInstanceSettings', {
  needs: 'admin', params: instanceSettings.partial(), reply: z.object({ settings: instanceSettings }), source: 'ours', doc: 'Changes the given fields.',
})

export const auditEntry = z.object({
  id, at: z.number().describe('ms since 1970 UTC'), who: z.string(), address: z.string(), domainId: id, domain: z.string(),
  action: z.string().describe('`<thing>.<verb>`, such as `device.added`'), subject: z.string(), before: z.string(), after: z.string(),
})
export type AuditEntry = z.infer<typeof auditEntry>
export const GetAuditPage = request('GetAuditPage', {
  needs: 'read', source: 'ours; feature table R20',
  params: z.object({
    offset: z.number().int().nonnegative().max(10_000_000), limit: z.number().int().positive(), search: text(LIMITS.search.value).optional(),
    domainIds: z.array(id).max(LIMITS.domains.value).optional(), from: z.number().optional(), to: z.number().optional(),
  }),
  reply: z.object({ entries: z.array(auditEntry), total: z.number().int() }),
  doc: 'The audit log, newest first: who, from where, what, old and new value; secrets are masked. A login sees the entries of its domains. Looks at the newest 100,000 entries of the time and domains asked for.',
})

export const DOMAIN_REQUESTS = {
  GetDomains, GetDomainSettings, GetAllDomainSettings, GetProvisioningToken, AddDomain, EditDomain, DeleteDomain, AddCategory, EditCategory, DeleteCategory, GetCategoryUse,
  GetAppRoles, SetAppRole, GetInstanceSettings, EditInstanceSettings, GetAuditPage,
} as const
export const DOMAIN_INDICATIONS = { DomainAdded, DomainEdited, DomainDeleted } as const

/** A category with its domain, as GetProvisioningCategories gives it (wire-protocols 3.5). */
export const domainCategory = category.extend({ domainId: id })
