import type { PageRoute } from '../route/route.ts'
export const ProvisioningPage = (_: { route: PageRoute }) => <div class="page" />
