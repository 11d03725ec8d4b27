/** What is loaded after the start: one file beside main.js. */
import type { ComponentType } from 'preact'
import type { PageName, PageRoute } from './route/route.ts'
import { ProvisioningPage } from './provisioning/provisioning-page.tsx'
import { TasksPage } from './tasks/tasks-page.tsx'

export const VIEWS: Readonly<Record<PageName, ComponentType<{ readonly route: PageRoute }>>> = { provisioning: ProvisioningPage, tasks: TasksPage }
