/** All domains: the list, who sees whom, roles of App objects, settings of the instance. */
import { useCell } from '../state/cell.ts'
import { TabLinks } from '../parts/tabs.tsx'
import { linkTo } from '../route/navigation.ts'
import { pageRoute, type PageRoute } from '../route/route.ts'
import { may, user } from '../session/rights.ts'
import { domains } from '../session/session.ts'
import { AccessMatrix } from './access-matrix.tsx'
import { AppRoles } from './app-roles.tsx'
import { DomainList } from './domain-list.tsx'
import { InstanceSettingsForm } from './instance-settings.tsx'
import { w } from './words.ts'

const TABS = ['list', 'access', 'roles', 'instance'] as const
type Tab = typeof TABS[number]
export const domainsRoute = (tab: Tab): PageRoute => pageRoute('domains', tab === 'list' ? {} : { tab })

export const DomainsPage = ({ route }: { route: PageRoute }) => {
  const by = useCell(user)
  const several = useCell(domains).length > 1
  const shown = (tab: Tab): boolean => tab === 'list' || (tab === 'access' ? several && may('manage', by) : may('admin', by))
  const tabs = TABS.filter(shown)
  const tab = tabs.find(one => one === route.args['tab']) ?? 'list'
  const links = tabs.length > 1 && <TabLinks label={w('domains.tabs')} tabs={tabs.map(one => ({ label: w(`domains.tab.${one}`), href: linkTo(domainsRoute(one)), current: one === tab }))} />
  switch (tab) {
    case 'list': return <DomainList tabs={links} words={route.args['q'] ?? ''} />
    case 'access': return <AccessMatrix tabs={links} words={route.args['q'] ?? ''} />
    case 'roles': return <AppRoles tabs={links} />
    case 'instance': return <InstanceSettingsForm tabs={links} />
  }
}
