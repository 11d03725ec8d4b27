/** Answers of the Devices service API, put together from the topics. The compiler misses none: each request of the table has its handler. */
import { categoryHandlers, type CategoryHandlerDeps } from './category-handlers.ts'
import { deviceHandlers, type DeviceHandlerDeps } from './device-handlers.ts'
import { domainHandlers, type DomainHandlerDeps } from './domain-handlers.ts'
import type { Handlers } from './handler.ts'
import { sessionHandlers, type SessionHandlerDeps } from './session-handlers.ts'

export interface ApiDeps extends SessionHandlerDeps, DeviceHandlerDeps, DomainHandlerDeps, CategoryHandlerDeps {}

export const createHandlers = (deps: ApiDeps): Handlers => ({
  ...sessionHandlers(deps),
  ...deviceHandlers(deps),
  ...domainHandlers(deps),
  ...categoryHandlers(deps),
})
