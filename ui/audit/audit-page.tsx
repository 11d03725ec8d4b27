import type { PageRoute } from '../route/route.ts'
export const AuditPage = (_: { route: PageRoute }) => <div class="page" />
