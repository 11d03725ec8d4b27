import type { PageRoute } from '../route/route.ts'
export const TasksPage = (_: { route: PageRoute }) => <div class="page" />
