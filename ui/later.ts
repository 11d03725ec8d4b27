/** What is loaded after the start: one file beside main.js. */
import type { ComponentType } from 'preact'
import { AuditPage } from './audit/audit-page.tsx'
import { DomainPage } from './domains/domain-page.tsx'
import { DomainsPage } from './domains/domains-page.tsx'
import { ProvisioningPage } from './provisioning/provisioning-page.tsx'
import type { PageName, PageRoute } from './route/route.ts'
import { TasksPage } from './tasks/tasks-page.tsx'

export const VIEWS: Readonly<Record<PageName, ComponentType<{ readonly route: PageRoute }>>> = {
  provisioning: ProvisioningPage, tasks: TasksPage, domains: DomainsPage, domain: DomainPage, audit: AuditPage,
}
export { AboutDialog } from './about/about-dialog.tsx'
export { AdminFrame } from './device/admin-frame.tsx'
export { EditDevice } from './device/edit-device.tsx'
export { AddDevice } from './devices/add-device.tsx'
export { FirstSteps } from './devices/first-steps.tsx'
export { DeviceExtras } from './device/device-extras.tsx'
export { AddManyDialog } from './provisioning/add-many.tsx'
export { ManyActionDialog } from './devices/many-actions.tsx'
