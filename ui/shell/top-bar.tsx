/** The bar above every view: domain, search, live, scheme, account. */
import { useState } from 'preact/hooks'
import { chooseLanguage, language, toggleScheme } from '../host/settings.ts'
import { Icon } from '../parts/icons.tsx'
import { MenuButton, type MenuItem } from '../parts/menu.tsx'
import { lastList, route } from '../route/navigation.ts'
import { NO_FILTER } from '../route/route.ts'
import { SearchBox, search } from '../search/search-box.tsx'
import { connection, domains, lastDomain, signOut } from '../session/session.ts'
import { user } from '../session/rights.ts'
import { useCell } from '../state/cell.ts'
import { LANGUAGES, type Language } from '../text/language.ts'
import { t } from '../text/text.ts'

const LANGUAGE_LIST: readonly Language[] = ['en', 'de']
/** More domains than this are found by `domain:` in the search. */
const MOST_IN_MENU = 20

const DomainMenu = () => {
  const all = useCell(domains)
  const current = useCell(route)
  const filter = current.view === 'devices' ? current.filter : lastList.value.filter
  const [only] = all
  if (all.length <= 1) return <span class="domain fixed"><Icon name="domain" /><span class="clip">{only?.name ?? ''}</span></span>
  const chosen = filter.domains.length === 0 ? t('domain.all') : filter.domains.join(', ')
  return (
    <MenuButton class="domain" label={t('domain.menu', chosen)} items={[
      { label: t('domain.all'), kind: 'radio', checked: filter.domains.length === 0, run: () => search({ ...filter, domains: [] }) },
      ...all.slice(0, MOST_IN_MENU).map((domain, at): MenuItem => ({
        label: domain.name, kind: 'radio', apart: at === 0, checked: filter.domains.length === 1 && filter.domains[0] === domain.name, run: () => search({ ...NO_FILTER, domains: [domain.name] }),
      })),
    ]}><Icon name="domain" /><span class="clip">{chosen}</span><Icon name="down" size="s" /></MenuButton>
  )
}

const Live = () => {
  const state = useCell(connection().state)
  const silent = useCell(connection().silent)
  return state.at === 'online' && !silent
    ? <span class="live" title={t('live.about')}><Icon name="pulse" size="s" /><span>{t('live.on')}</span></span>
    : <span class="live lost" title={t('live.lostAbout')}><Icon name="unplug" size="s" /><span>{t('live.off')}</span></span>
}

/** @param framed inside myApps, whose own account menu signs out */
export const TopBar = ({ framed }: { framed: boolean }) => {
  const [searching, setSearching] = useState(false)
  const shown = useCell(language)
  const role = t(useCell(user).admin ? 'account.admin' : 'account.user')
  const who = framed ? role : `${lastDomain()}, ${role}`
  return (
    <header class={`top${searching ? ' searching' : ''}`}>
      <DomainMenu />
      <SearchBox key={searching ? 'over' : 'in'} onLeave={searching ? () => setSearching(false) : undefined} />
      <div class="top-tools">
        <Live />
        <button type="button" class="btn icon ghost only-narrow" aria-label={t(searching ? 'action.close' : 'search.label')} aria-expanded={searching} onClick={() => setSearching(!searching)}><Icon name={searching ? 'close' : 'search'} /></button>
        {!framed && <button type="button" class="btn icon ghost" aria-label={t('scheme.toggle')} title={t('scheme.toggle')} onClick={toggleScheme}><Icon name="scheme" /></button>}
        <MenuButton class="btn icon ghost" label={t('account.label', who)} title={who} items={[
          ...(framed ? [] : LANGUAGE_LIST.map((one): MenuItem => ({ label: <span lang={one}>{LANGUAGES[one]}</span>, kind: 'radio', checked: one === shown, run: () => chooseLanguage(one) }))),
          ...(framed ? [{ label: who, disabled: true, run: () => undefined }] : [{ label: t('account.signOut'), apart: true, run: () => void signOut() }]),
        ]}><Icon name="user" /></MenuButton>
      </div>
    </header>
  )
}
