/** Answers about the audit log. */
import type { AuditQuery } from '../audit/audit-query.ts'
import type { Requests } from '../protocol/service-api.ts'
import type { HandlersOf } from './handler.ts'

export interface AuditHandlerDeps { readonly auditQuery: AuditQuery }

export const auditHandlers = ({ auditQuery }: AuditHandlerDeps): HandlersOf<Pick<Requests, 'GetAuditPage'>> => ({
  GetAuditPage: (params, { session }) => auditQuery.page(session.viewer, params),
})
