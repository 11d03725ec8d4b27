import type { PageRoute } from '../route/route.ts'
export const DomainsPage = (_: { route: PageRoute }) => <div class="page" />
