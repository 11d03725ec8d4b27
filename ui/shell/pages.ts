/** The entries of the navigation, in their order: only what exists, and what a sign-in may see. */
import type { ComponentChildren } from 'preact'
import type { IconName } from '../parts/icons.tsx'
import { pageRoute, START, type PageName, type Route } from '../route/route.ts'
import { may, type User } from '../session/rights.ts'
import { TaskCount } from '../tasks/task-count.tsx'
import type { TextId } from '../text/text.ts'
import type { Domain } from '../../app/protocol/types.ts'

export interface NavEntry {
  readonly icon: IconName
  readonly label: TextId
  /** Where it leads. */
  to(by: User, domains: readonly Domain[]): Route
  /** Pages that belong to it; its own one first. Absent: the devices. */
  readonly pages?: readonly [PageName, ...PageName[]]
  /** Absent: everybody sees it. */
  shown?(by: User): boolean
  /** With space before it. */
  readonly apart?: boolean
  /** What waits behind it, as a counter. */
  readonly Count?: () => ComponentChildren
}

export const NAV_ENTRIES: readonly NavEntry[] = [
  { icon: 'phone', label: 'devices.title', to: () => START },
  { icon: 'key', label: 'nav.provisioning', pages: ['provisioning'], to: () => pageRoute('provisioning'), shown: by => may('operate', by) },
  { icon: 'tasks', label: 'nav.tasks', pages: ['tasks'], to: () => pageRoute('tasks'), Count: TaskCount },
  {
    icon: 'domain', label: 'nav.domains', pages: ['domains', 'domain'], apart: true,
    // Whoever sees one domain has no list to choose from.
    to: (by, [only, ...others]) => only && others.length === 0 && !may('admin', by) ? pageRoute('domain', { name: only.name }) : pageRoute('domains'),
  },
  { icon: 'history', label: 'nav.audit', pages: ['audit'], to: () => pageRoute('audit') },
]

/** The entry that a view belongs to. */
export const entryOf = (route: Route): NavEntry | undefined =>
  NAV_ENTRIES.find(({ pages }) => route.view === 'page' ? pages?.includes(route.page) : !pages)
