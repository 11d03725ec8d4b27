/** Answers of the Devices service API, put together from the topics. The compiler misses none: each request of the table has its handler. */
import { auditHandlers, type AuditHandlerDeps } from './audit-handlers.ts'
import { categoryHandlers, type CategoryHandlerDeps } from './category-handlers.ts'
import { configHandlers, type ConfigHandlerDeps } from './config-handlers.ts'
import { deviceHandlers, type DeviceHandlerDeps } from './device-handlers.ts'
import { devicePasswordHandler, type DevicePasswordDeps } from './device-password-handler.ts'
import { domainHandlers, type DomainHandlerDeps } from './domain-handlers.ts'
import type { Handlers } from './handler.ts'
import { provisioningHandlers, type ProvisioningHandlerDeps } from './provisioning-handlers.ts'
import { sessionHandlers, type SessionHandlerDeps } from './session-handlers.ts'
import { taskHandlers, type TaskHandlerDeps } from './task-handlers.ts'

export interface ApiDeps extends SessionHandlerDeps, DeviceHandlerDeps, DomainHandlerDeps, CategoryHandlerDeps, ConfigHandlerDeps, DevicePasswordDeps, TaskHandlerDeps, ProvisioningHandlerDeps, AuditHandlerDeps {}

export const createHandlers = (deps: ApiDeps): Handlers => ({
  ...sessionHandlers(deps),
  ...deviceHandlers(deps),
  ...devicePasswordHandler(deps),
  ...domainHandlers(deps),
  ...categoryHandlers(deps),
  ...configHandlers(deps),
  ...taskHandlers(deps),
  ...provisioningHandlers(deps),
  ...auditHandlers(deps),
})
