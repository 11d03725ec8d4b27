/** Answers about the audit log. */
import type { AuditQuery } from '../audit/audit-query.ts'
import type { Requests } from '../protocol/service-api.ts'
import type { HandlersOf } from './handler.ts'
import { firstThatFit } from './parts.ts'

export interface AuditHandlerDeps { readonly auditQuery: AuditQuery }

export const auditHandlers = ({ auditQuery }: AuditHandlerDeps): HandlersOf<Pick<Requests, 'GetAuditPage'>> => ({
  GetAuditPage: async (params, { session }) => {
    const { entries, total } = await auditQuery.page(session.viewer, params)
    return { entries: firstThatFit(entries), total }
  },
})
