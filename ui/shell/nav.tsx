/** The navigation. */
import { Icon, Mark } from '../parts/icons.tsx'
import { linkTo } from '../route/navigation.ts'
import type { Route } from '../route/route.ts'
import { user } from '../session/rights.ts'
import { domains } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { t } from '../text/text.ts'
import { navCollapsed, toggleNav } from './menu-state.ts'
import { entryOf, NAV_ENTRIES } from './pages.ts'

export const Nav = ({ current, framed }: { current: Route, framed: boolean }) => {
  const collapsed = useCell(navCollapsed)
  const by = useCell(user)
  const all = useCell(domains)
  const here = entryOf(current)
  return (
    <nav class="nav" aria-label={t('shell.nav')}>
      <div class="nav-brand"><Mark /><span>{t('devices.title')}</span></div>
      <div class="nav-list">
        {NAV_ENTRIES.filter(({ shown }) => shown?.(by) ?? true).map(entry => {
          const to = entry.to(by, all)
          const own = current.view === to.view && (to.view !== 'page' || (current.view === 'page' && current.page === to.page))
          return (
            <a key={entry.label} href={linkTo(to)} title={t(entry.label)} class={entry.apart ? 'apart' : undefined} aria-current={own ? 'page' : entry === here ? 'true' : undefined}>
              <Icon name={entry.icon} /><span>{t(entry.label)}</span>{entry.Count && <entry.Count />}
            </a>
          )
        })}
      </div>
      {!framed && <div class="nav-foot"><button type="button" aria-expanded={!collapsed} aria-label={t(collapsed ? 'shell.expand' : 'shell.collapse')} onClick={toggleNav}><Icon name="collapse" /><span>{t('shell.collapse')}</span></button></div>}
    </nav>
  )
}
