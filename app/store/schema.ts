/**
 * The database of one instance. Secrets are columns of type blob named `…Sealed` (see secrets.ts).
 * Times are milliseconds since 1970 UTC.
 */
import { blob, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

const sealed = (name: string) => blob(name, { mode: 'buffer' })
const flag = (name: string) => integer(name, { mode: 'boolean' }).notNull().default(false)
const ms = (name: string) => integer(name)
const references = { onDelete: 'cascade' } as const

/** Settings of the instance: one row per name; `value` for plain ones, `sealed` for secrets. */
export const settings = sqliteTable('settings', { name: text('name').primaryKey(), value: text('value'), sealed: sealed('sealed') })

export const domains = sqliteTable('domains', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  /** As written by the administrator; unique without regard to case (`nameKey`). */
  name: text('name').notNull(),
  nameKey: text('name_key').notNull(),
  passwordSealed: sealed('password_sealed'),
  deployAdminPasswords: flag('deploy_admin_passwords'),
  provisioningTokenSealed: sealed('provisioning_token_sealed'),
  /** JSON array of strings: recipients of rental mails. */
  emails: text('emails').notNull().default('[]'),
  invoiceReference: text('invoice_reference').notNull().default(''),
  /** An observer never configures, updates or deploys (second registration). */
  observer: flag('observer'),
}, table => [uniqueIndex('domains_name').on(table.nameKey)])

/** `domainId` may also see `grantedId`. */
export const domainAccess = sqliteTable('domain_access', {
  domainId: integer('domain_id').notNull().references(() => domains.id, references),
  grantedId: integer('granted_id').notNull().references(() => domains.id, references),
}, table => [primaryKey({ columns: [table.domainId, table.grantedId] })])

export const categories = sqliteTable('categories', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  domainId: integer('domain_id').notNull().references(() => domains.id, references),
  name: text('name').notNull(),
  /** True: provisioning category; false: standard category. */
  config: flag('config'),
}, table => [uniqueIndex('categories_name').on(table.domainId, table.name)])

/** Order of `status`: what needs somebody first. */
export const Status = { lost: 0, unassigned: 1, offline: 2, expected: 3, online: 4 } as const
export type Status = typeof Status[keyof typeof Status]

/** Known devices, and connected unknown ones (domainId 0; they go with their connection). */
export const devices = sqliteTable('devices', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  hwId: text('hw_id').notNull(),
  domainId: integer('domain_id').notNull().default(0),
  /** Given in Devices; wins over the reported one. */
  name: text('name').notNull().default(''),
  reportedName: text('reported_name').notNull().default(''),
  product: text('product').notNull().default(''),
  version: text('version').notNull().default(''),
  type: text('type').notNull().default('PHONE'),
  pbxActive: flag('pbx_active'), other: flag('other'), mini: flag('mini'), fxs: flag('fxs'),
  fwBuild: text('fw_build').notNull().default(''), bcBuild: text('bc_build').notNull().default(''), major: text('major').notNull().default(''),
  fw: text('fw').notNull().default(''), bc: text('bc').notNull().default(''),
  webRoot: text('web_root').notNull().default(''),
  /** JSON array of {if, ipv4?, ipv6?}. */
  ethIfs: text('eth_ifs').notNull().default('[]'),
  /** For sorting and searching, made by the store from the columns above. `search` is also in the full-text index `device_search`
   * (migration 0002), which triggers keep. */
  label: text('label').notNull().default(''), ipSort: text('ip_sort').notNull().default(''), search: text('search').notNull().default(''),
  status: integer('status').notNull().default(Status.offline),
  /** Number of the process run that wrote `status`; older ones are offline by now. */
  run: integer('run').notNull().default(0),
  lastSeen: ms('last_seen').notNull().default(0),
  /** Proven by the device. */
  passwordSealed: sealed('password_sealed'),
  /** Stored before it was sent, not yet proven (architecture, invariant 4). */
  pendingSealed: sealed('pending_sealed'),
  /** The device has certainly received the pending password. */
  pendingDelivered: flag('pending_delivered'),
  /** `domain`: gets the domain's password; `random`: its own. */
  adminPasswordKind: text('admin_password_kind').notNull().default('domain'),
  adminPasswordSealed: sealed('admin_password_sealed'),
  provisioningCategoryId: integer('provisioning_category_id'),
  hasLeaseLicenses: flag('has_lease_licenses'), rented: flag('rented'), rentalWant: flag('rental_want'), rentalStarted: flag('rental_started'),
  addedAt: ms('added_at').notNull().default(0),
  /** How it came in: manual, code, automatic, users. */
  addedHow: text('added_how').notNull().default(''),
}, table => [
  uniqueIndex('devices_hw_id').on(table.hwId),
  index('devices_domain').on(table.domainId, table.status),
  index('devices_status').on(table.status, table.label, table.id),
  index('devices_label').on(table.label, table.id),
  index('devices_product').on(table.product, table.id),
  index('devices_version').on(table.version, table.id),
  index('devices_ip').on(table.ipSort, table.id),
  index('devices_provisioning_category').on(table.provisioningCategoryId),
  // All a search reads when it has to look at every device: no rows of the table.
  index('devices_search').on(table.domainId, table.search),
])

export const deviceCategories = sqliteTable('device_categories', {
  deviceId: integer('device_id').notNull().references(() => devices.id, references),
  categoryId: integer('category_id').notNull().references(() => categories.id, references),
}, table => [primaryKey({ columns: [table.deviceId, table.categoryId] }), index('device_categories_category').on(table.categoryId)])

/** FXS interfaces provisioned with a code. */
export const deviceInterfaces = sqliteTable('device_interfaces', {
  deviceId: integer('device_id').notNull().references(() => devices.id, references),
  name: text('name').notNull(),
  categoryId: integer('category_id'),
  sip: text('sip').notNull().default(''),
}, table => [primaryKey({ columns: [table.deviceId, table.name] })])

export const provisioningCodes = sqliteTable('provisioning_codes', {
  code: text('code').primaryKey(),
  domainId: integer('domain_id').notNull().references(() => domains.id, references),
  categoryId: integer('category_id'),
  sip: text('sip').notNull().default(''),
  administrative: flag('administrative'),
  rollout: flag('rollout'),
  createdAt: ms('created_at').notNull().default(0),
  createdBy: text('created_by').notNull().default(''),
  validUntil: ms('valid_until').notNull(),
  usedAt: ms('used_at'),
  deviceId: integer('device_id'),
  /** Device that used the code, or was refused; for an FXS interface also its name. */
  hwId: text('hw_id').notNull().default(''),
  interface: text('interface').notNull().default(''),
  /** Why it was refused last; the code stays open. */
  error: text('error').notNull().default(''),
}, table => [index('provisioning_codes_domain').on(table.domainId, table.createdAt), index('provisioning_codes_until').on(table.validUntil)])

export const deviceConfigs = sqliteTable('device_configs', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  domainId: integer('domain_id').notNull().references(() => domains.id, references),
  type: text('type').notNull(),
  description: text('description').notNull().default(''),
  /** JSON of the type's public fields, without secrets. */
  fields: text('fields').notNull().default('{}'),
  /** JSON of the secret fields. */
  secretsSealed: sealed('secrets_sealed'),
  revision: integer('revision').notNull().default(1),
}, table => [index('device_configs_domain').on(table.domainId)])

export const deviceConfigCategories = sqliteTable('device_config_categories', {
  configId: integer('config_id').notNull().references(() => deviceConfigs.id, references),
  categoryId: integer('category_id').notNull().references(() => categories.id, references),
}, table => [primaryKey({ columns: [table.configId, table.categoryId] })])

/** Update and backup jobs; `kind` tells which. Settings and progress are JSON; rows per device in `jobDevices`. */
export const jobs = sqliteTable('jobs', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  kind: text('kind').notNull(),
  domainId: integer('domain_id').notNull().references(() => domains.id, references),
  name: text('name').notNull(),
  settings: text('settings').notNull().default('{}'),
  secretsSealed: sealed('secrets_sealed'),
  state: text('state').notNull().default('idle'),
  progress: text('progress').notNull().default('{}'),
  nextAt: ms('next_at'),
}, table => [index('jobs_domain').on(table.domainId, table.kind)])

export const jobDevices = sqliteTable('job_devices', {
  jobId: integer('job_id').notNull().references(() => jobs.id, references),
  deviceId: integer('device_id').notNull().references(() => devices.id, references),
  state: text('state').notNull(),
  error: text('error').notNull().default(''),
  attempts: integer('attempts').notNull().default(0),
  nextAt: ms('next_at'),
  changedAt: ms('changed_at').notNull().default(0),
}, table => [primaryKey({ columns: [table.jobId, table.deviceId] }), index('job_devices_device').on(table.deviceId)])

/** Work on many devices that goes on by itself (password changes, a new registration URL, bulk edits); see app/jobs. */
export const tasks = sqliteTable('tasks', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  kind: text('kind').notNull(),
  /** 0: devices of several domains. */
  domainId: integer('domain_id').notNull().default(0),
  startedBy: text('started_by').notNull().default(''),
  detail: text('detail').notNull().default(''),
  /** JSON; never a secret. */
  settings: text('settings').notNull().default('{}'),
  state: text('state').notNull().default('running'),
  startedAt: ms('started_at').notNull(),
  finishedAt: ms('finished_at'),
})

export const taskDevices = sqliteTable('task_devices', {
  taskId: integer('task_id').notNull().references(() => tasks.id, references),
  /** Kept when the device is deleted. */
  deviceId: integer('device_id').notNull(),
  hwId: text('hw_id').notNull(),
  state: text('state').notNull().default('waiting'),
  error: text('error').notNull().default(''),
  attempts: integer('attempts').notNull().default(0),
  changedAt: ms('changed_at').notNull().default(0),
}, table => [primaryKey({ columns: [table.taskId, table.deviceId] }), index('task_devices_state').on(table.taskId, table.state), index('task_devices_device').on(table.deviceId, table.state)])

/** Role of an App object; those without a row have full rights. */
export const appRoles = sqliteTable('app_roles', { appObject: text('app_object').primaryKey(), role: text('role').notNull() })

/** Who did what, from where. Values of secrets are never in it. */
export const audit = sqliteTable('audit', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  at: ms('at').notNull(),
  who: text('who').notNull(),
  address: text('address').notNull(),
  domainId: integer('domain_id').notNull().default(0),
  action: text('action').notNull(),
  subject: text('subject').notNull(),
  before: text('before').notNull().default(''),
  after: text('after').notNull().default(''),
}, table => [index('audit_at').on(table.at), index('audit_domain').on(table.domainId, table.at)])

/** What the user interface keeps per user. */
export const preferences = sqliteTable('preferences', {
  user: text('user').notNull(), name: text('name').notNull(), value: text('value').notNull(),
}, table => [primaryKey({ columns: [table.user, table.name] })])
