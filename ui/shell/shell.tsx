/** Navigation, top bar and the view that the address names. */
import { useEffect } from 'preact/hooks'
import { DevicePage } from '../device/device-page.tsx'
import { DevicesPage } from '../devices/devices-page.tsx'
import { route } from '../route/navigation.ts'
import type { Route } from '../route/route.ts'
import { useCell } from '../state/cell.ts'
import { tasks } from '../tasks/task-list.ts'
import { t } from '../text/text.ts'
import { FromLater, loadAhead } from './later.tsx'
import { LostBanner } from './lost-banner.tsx'
import { menuOpen, navCollapsed } from './menu-state.ts'
import { Nav } from './nav.tsx'
import { entryOf } from './pages.ts'
import { TopBar } from './top-bar.tsx'

/** What stands in the title of the window: the thing, then the app. */
function titleOf(current: Route): string {
  const entry = entryOf(current)
  const what = current.view === 'device' ? current.hwId : current.view === 'page' ? current.args['name'] ?? (entry && t(entry.label)) : undefined
  return what ? `${what} · ${t('devices.title')}` : t('devices.title')
}

export const Shell = ({ framed }: { framed: boolean }) => {
  const current = useCell(route)
  const open = useCell(menuOpen)
  const collapsed = useCell(navCollapsed)
  useEffect(() => { document.title = titleOf(current) })
  useEffect(loadAhead, [])
  useEffect(() => tasks.start(), [])
  return (
    <>
      <a class="skip" href="#main" onClick={event => {
        event.preventDefault()
        document.getElementById('main')?.focus()
      }}>{t('shell.skip')}</a>
      <div class={`app${open ? '' : ' no-nav'}${collapsed ? ' nav-icons' : ''}`}>
        {open && <Nav current={current} framed={framed} />}
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
