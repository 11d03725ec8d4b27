/** Navigation, top bar and the view that the address names. */
import { useEffect } from 'preact/hooks'
import { DevicePage } from '../device/device-page.tsx'
import { DevicesPage } from '../devices/devices-page.tsx'
import { Icon, Mark } from '../parts/icons.tsx'
import { linkTo, route } from '../route/navigation.ts'
import { START } from '../route/route.ts'
import { useCell } from '../state/cell.ts'
import { t } from '../text/text.ts'
import { LostBanner } from './lost-banner.tsx'
import { menuOpen, navCollapsed, toggleNav } from './menu-state.ts'
import { TopBar } from './top-bar.tsx'

export const Shell = ({ framed }: { framed: boolean }) => {
  const current = useCell(route)
  const open = useCell(menuOpen)
  const collapsed = useCell(navCollapsed)
  useEffect(() => { document.title = current.view === 'devices' ? t('devices.title') : `${current.hwId} · ${t('devices.title')}` })
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
              <a href={linkTo(START)} title={t('devices.title')} aria-current={current.view === 'devices' ? 'page' : 'true'}><Icon name="phone" /><span>{t('devices.title')}</span></a>
            </div>
            {!framed && <div class="nav-foot"><button type="button" aria-expanded={!collapsed} aria-label={t(collapsed ? 'shell.expand' : 'shell.collapse')} onClick={toggleNav}><Icon name="collapse" /><span>{t('shell.collapse')}</span></button></div>}
          </nav>
        )}
        <TopBar framed={framed} />
        <main class="main" id="main" tabIndex={-1}>
          <LostBanner />
          {current.view === 'devices' ? <DevicesPage route={current} /> : <DevicePage route={current} />}
        </main>
      </div>
    </>
  )
}
