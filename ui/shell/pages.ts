/** The pages of the navigation beside the devices, in its order. */
import type { IconName } from '../parts/icons.tsx'
import type { PageName } from '../route/route.ts'
import type { TextId } from '../text/text.ts'

export interface PageEntry { readonly page: PageName, readonly icon: IconName, readonly label: TextId }
export const PAGE_ENTRIES: readonly PageEntry[] = [
  { page: 'provisioning', icon: 'key', label: 'nav.provisioning' },
  { page: 'tasks', icon: 'tasks', label: 'nav.tasks' },
]
