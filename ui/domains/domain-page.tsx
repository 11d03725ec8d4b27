import type { PageRoute } from '../route/route.ts'
export const DomainPage = (_: { route: PageRoute }) => <div class="page" />
