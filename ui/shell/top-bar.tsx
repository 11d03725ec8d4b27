/** The bar above every view: domain, search, live, scheme, account. */
import { useState } from 'preact/hooks'
import { chooseLanguage, language, toggleScheme } from '../host/settings.ts'
import { Icon } from '../parts/icons.tsx'
import { MenuButton, type MenuItem } from '../parts/menu.tsx'
import { Picker } from '../parts/picker.tsx'
import { go, lastList, route } from '../route/navigation.ts'
import { NO_FILTER, pageRoute } from '../route/route.ts'
import { SearchBox, search } from '../search/search-box.tsx'
import { connection, domains, lastDomain, signOut } from '../session/session.ts'
import { user } from '../session/rights.ts'
import { useCell } from '../state/cell.ts'
import { LANGUAGES, type Language } from '../text/language.ts'
import { t } from '../text/text.ts'
import { FromLater } from './later.tsx'

const LANGUAGE_LIST: readonly Language[] = ['en', 'de']
/** Which domain is looked at. It narrows the list; on the page of a domain it leads to that of another. */
const DomainMenu = () => {
  const all = useCell(domains)
  const current = useCell(route)
  const list = useCell(lastList)
  const { admin } = useCell(user)
  const [only] = all
  if (all.length <= 1) return <span class="domain fixed"><Icon name="domain" /><span class="clip">{only?.name ?? ''}</span></span>
  const onDomain = current.view === 'page' && current.page === 'domain'
  const scope = onDomain ? [current.args['name'] ?? ''] : list.filter.domains
  const everything = t(admin ? 'domain.all' : 'domain.mine')
  const shown = scope.length === 0 ? everything : scope.join(', ')
  return (
    <Picker class="domain" label={t('domain.menu', shown)} title={shown} searchLabel={t('domain.find')} nothing={t('domain.none')}
      choices={[
        { id: '', label: everything, chosen: scope.length === 0 },
        ...all.map(({ name }) => ({ id: name, label: name, chosen: scope.length === 1 && scope[0] === name })),
      ]}
      onChoose={name => {
        if (onDomain) go(name ? pageRoute('domain', { ...current.args, name }) : pageRoute('domains'))
        else if (name) search({ ...NO_FILTER, domains: [name] })
        else search({ ...list.filter, domains: [] })
      }}><Icon name="domain" /><span class="clip">{shown}</span><Icon name="down" size="s" /></Picker>
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
  const [about, setAbout] = useState(false)
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
          { label: t('account.about'), apart: !framed, run: () => setAbout(true) },
          ...(framed ? [{ label: who, disabled: true, run: () => undefined }] : [{ label: t('account.signOut'), apart: true, run: () => void signOut() }]),
        ]}><Icon name="user" /></MenuButton>
      </div>
      {about && <FromLater quiet>{({ AboutDialog }) => <AboutDialog onClose={() => setAbout(false)} />}</FromLater>}
    </header>
  )
}
