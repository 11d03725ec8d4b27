/** The page of one domain: its settings and its categories. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { Empty } from '../devices/empty.tsx'
import { Icon } from '../parts/icons.tsx'
import { TabLinks } from '../parts/tabs.tsx'
import { go, linkTo, refine } from '../route/navigation.ts'
import { pageRoute, type PageRoute } from '../route/route.ts'
import { may, useWhyNot, user } from '../session/rights.ts'
import { domains } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { t } from '../text/text.ts'
import { Categories } from './categories.tsx'
import { DeleteDomain } from './delete-domain.tsx'
import { devicesOf } from './domain-list.tsx'
import { DomainSettingsForm } from './domain-settings.tsx'
import { w } from './words.ts'

export const DomainPage = ({ route }: { route: PageRoute }) => {
  const name = route.args['name'] ?? ''
  const all = useCell(domains)
  const notAdmin = useWhyNot('admin')
  const manages = may('manage', useCell(user))
  const [removing, setRemoving] = useState(false)
  // The domain keeps its page when somebody renames it: the address follows.
  const known = useRef<number>(undefined)
  const domain = all.find(one => one.name === name) ?? all.find(one => one.id === known.current)
  if (domain && domain.name === name) known.current = domain.id
  useEffect(() => { if (domain && domain.name !== name) refine(pageRoute('domain', { ...route.args, name: domain.name })) }, [domain?.name, name])
  const toList = linkTo(pageRoute('domains'))
  const crumb = all.length > 1 && <p class="crumb"><a href={toList}>{w('domains.title')}</a><Icon name="right" size="s" /><span class="clip">{domain?.name ?? name}</span></p>
  if (!domain) {
    return (
      <div class="page">
        {crumb}
        {all.length === 0
          ? <div class="panel skeleton-panel" role="status" aria-busy="true" aria-label={w('settings.loading')}><span class="sk w2" /><span class="sk w3" /><span class="sk w1" /></div>
          : <Empty icon="domain" title={w('domain.gone', name)} actions={<a class="btn" href={toList}>{w('domain.toList')}</a>}>{w('domain.goneAbout')}</Empty>}
      </div>
    )
  }
  const tab = route.args['tab'] === 'categories' || !manages ? 'categories' : 'settings'
  const tabs = manages ? ['settings', 'categories'] as const : ['categories'] as const
  const to = (one: 'settings' | 'categories'): PageRoute => pageRoute('domain', { name: domain.name, tab: one === 'settings' ? '' : one })
  return (
    <div class="page page-full">
      {crumb}
      <div class="head">
        <div>
          <h1>{domain.name}</h1>
          <p class="sub">{domain.isInstanceDomain && <span class="chip">{w('domains.instance')}</span>}<a href={devicesOf(domain.name)}>{w('domain.devices')}</a><a href={linkTo(pageRoute('audit', { domain: domain.name }))}>{w('domains.openHistory')}</a></p>
        </div>
        {!domain.isInstanceDomain && <div class="btns"><button type="button" class="btn danger" disabled={notAdmin !== undefined} title={notAdmin} onClick={() => setRemoving(true)}><Icon name="trash" />{t('delete.menu')}</button></div>}
      </div>
      <TabLinks label={w('domain.tabs')} tabs={tabs.map(one => ({ label: w(`domain.tab.${one}`), href: linkTo(to(one)), current: one === tab }))} />
      {manages && <DomainSettingsForm key={domain.id} domain={domain} shown={tab === 'settings'} />}
      {tab === 'categories' && <Categories domain={domain} />}
      {removing && <DeleteDomain domain={domain} onClose={deleted => {
        setRemoving(false)
        if (deleted) go(pageRoute('domains'))
      }} />}
    </div>
  )
}
