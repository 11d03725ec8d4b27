/** Navigation, top bar and the view that the address names. */
import { useEffect } from 'preact/hooks'
import { DevicePage } from '../device/device-page.tsx'
import { DevicesPage } from '../devices/devices-page.tsx'
import { Icon, Mark } from '../parts/icons.tsx'
import { linkTo, route } from '../route/navigation.ts'
import { pageRoute, START } from '../route/route.ts'
import { useCell } from '../state/cell.ts'
import { t } from '../text/text.ts'
import { FromLater, loadAhead } from './later.tsx'
import { LostBanner } from './lost-banner.tsx'
import { PAGE_ENTRIES } from './pages.ts'
import { menuOpen, navCollapsed, toggleNav } from './menu-state.ts'
import { TopBar } from './top-bar.tsx'

export const Shell = ({ framed }: { framed: boolean }) => {
  const current = useCell(route)
  const open = useCell(menuOpen)
  const collapsed = useCell(navCollapsed)
  const page = current.view === 'page' ? PAGE_ENTRIES.find(entry => entry.page === current.page) : undefined
  useEffect(() => { document.title = current.view === 'devices' ? t('devices.title') : `${page ? t(page.label) : current.view === 'device' ? current.hwId : ''} · ${t('devices.title')}` })
  useEffect(loadAhead, [])
  return (
    <>
      <a class="skip" href="#main" onClick={event => {
        event.preventDefault()
        document.getElementById('main')?.focus()
      }}>{t('shell.skip')}</a>
      <div class={`app${open ? '' : ' no-nav'}${collapsed ? ' nav-icons' : ''}`}>
        {open && (
          <nav class="nav" aria-label={t('shell.nav')}>
            <div class="nav-brand"><Mark /><span>{t('devices.title')}</span></div>
            <div class="nav-list">
              <a href={linkTo(START)} title={t('devices.title')} aria-current={current.view === 'devices' ? 'page' : current.view === 'device' ? 'true' : undefined}><Icon name="phone" /><span>{t('devices.title')}</span></a>
              {PAGE_ENTRIES.map(entry => <a key={entry.page} href={linkTo(pageRoute(entry.page))} title={t(entry.label)} aria-current={entry === page ? 'page' : undefined}><Icon name={entry.icon} /><span>{t(entry.label)}</span></a>)}
            </div>
            {!framed && <div class="nav-foot"><button type="button" aria-expanded={!collapsed} aria-label={t(collapsed ? 'shell.expand' : 'shell.collapse')} onClick={toggleNav}><Icon name="collapse" /><span>{t('shell.collapse')}</span></button></div>}
          </nav>
        )}
        <TopBar framed={framed} />
        <main class="main" id="main" tabIndex={-1}>
          <LostBanner />
          {current.view === 'devices' ? <DevicesPage route={current} /> : current.view === 'device' ? <DevicePage route={current} />
            : <FromLater>{({ VIEWS }) => {
              const View = VIEWS[current.page]
              return <View key={current.page} route={current} />
            }}</FromLater>}
        </main>
      </div>
    </>
  )
}
