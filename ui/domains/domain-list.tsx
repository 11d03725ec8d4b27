/** The table of domains. */
import type { ComponentChildren } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { Empty } from '../devices/empty.tsx'
import { Icon } from '../parts/icons.tsx'
import { MenuButton, type MenuItem } from '../parts/menu.tsx'
import { go, linkTo, refine } from '../route/navigation.ts'
import { NO_FILTER, pageRoute, START } from '../route/route.ts'
import { may, useWhyNot, user, whyNot } from '../session/rights.ts'
import { domainName, domains } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { formatNumber, t } from '../text/text.ts'
import type { DomainSettings } from '../../app/protocol/domain-messages.ts'
import type { Domain } from '../../app/protocol/types.ts'
import { AddDomain } from './add-domain.tsx'
import { useAllSettings } from './all-settings.ts'
import { DeleteDomain } from './delete-domain.tsx'
import { w, whyRefused, ws } from './words.ts'

/** More rows than this are found by their name. */
const MOST = 300
/** Names of other domains in one row. */
const NAMED = 2

export const devicesOf = (name: string): string => linkTo({ ...START, filter: { ...NO_FILTER, domains: [name] } })

export const DomainList = ({ tabs, words }: { tabs: ComponentChildren, words: string }) => {
  const all = useCell(domains)
  const manages = may('manage', useCell(user))
  const settings = useAllSettings(manages)
  const notAdmin = useWhyNot('admin')
  const [open, setOpen] = useState<'add' | { readonly remove: Domain }>()
  const needle = words.trim().toLowerCase()
  // The instance domain first: it is the one of those who read this.
  const found = useMemo(() => all.filter(domain => domain.name.toLowerCase().includes(needle)).sort((a, b) => Number(b.isInstanceDomain) - Number(a.isInstanceDomain)), [all, needle])
  const known = settings.at === 'here' ? settings.byId : undefined
  const devices = known && [...known.values()].reduce((sum, one) => sum + one.devices, 0)
  return (
    <div class="page">
      <div class="head">
        <div><h1>{w('domains.title')}</h1><p class="sub"><span>{ws('domains.count', all.length)}</span>{devices !== undefined && <span>{ws('domains.devices', devices)}</span>}</p></div>
        <div class="btns"><button type="button" class="btn primary" disabled={notAdmin !== undefined} title={notAdmin} onClick={() => setOpen('add')}><Icon name="plus" />{w('domains.add')}</button></div>
      </div>
      {tabs}
      {all.length > 8 && <div class="filterbar"><div class="field grow"><label for="domains-search">{w('domains.search')}</label>
        <input class="in" id="domains-search" type="search" value={words} maxLength={128} autocomplete="off" spellcheck={false} onInput={event => refine(pageRoute('domains', { q: event.currentTarget.value }))} /></div></div>}
      {settings.at === 'failed' && <p class="msg err" role="alert"><Icon name="err" /><span>{whyRefused(settings.error)}</span></p>}
      {found.length === 0 && all.length > 0
        ? <Empty icon="search" title={w('domains.noMatch', words)} actions={<button type="button" class="btn" onClick={() => refine(pageRoute('domains'))}>{w('domains.showAll')}</button>} />
        : <Table rows={found.slice(0, MOST)} known={known} loading={manages && settings.at === 'loading'} onDelete={domain => setOpen({ remove: domain })} />}
      {found.length > MOST && <p class="dim">{w('domains.more', formatNumber(found.length - MOST))}</p>}
      {open === 'add' && <AddDomain onClose={name => {
        setOpen(undefined)
        if (name !== undefined) go(pageRoute('domain', { name }))
      }} />}
      {typeof open === 'object' && <DeleteDomain domain={open.remove} onClose={() => setOpen(undefined)} />}
    </div>
  )
}

interface TableProps { readonly rows: readonly Domain[], readonly known: ReadonlyMap<number, DomainSettings> | undefined, readonly loading: boolean, onDelete(domain: Domain): void }
const Table = ({ rows, known, loading, onDelete }: TableProps) => (
  <div class="panel tbl-wrap">
    <table class="tbl stacked mid" aria-busy={loading}>
      <caption class="sr">{w('domains.title')}</caption>
      <thead><tr>
        <th scope="col">{w('domains.name')}</th><th scope="col" class="num">{t('devices.title')}</th><th scope="col">{w('domains.deploys')}</th><th scope="col">{w('domains.sees')}</th>
        <th scope="col">{t('column.categories')}</th><th scope="col"><span class="sr">{t('grid.actionsColumn')}</span></th>
      </tr></thead>
      <tbody>{rows.map(domain => <Row key={domain.id} domain={domain} settings={known?.get(domain.id)} loading={loading} onDelete={() => onDelete(domain)} />)}</tbody>
    </table>
  </div>
)

const Row = ({ domain, settings, loading, onDelete }: { domain: Domain, settings: DomainSettings | undefined, loading: boolean, onDelete(): void }) => {
  const wait = loading ? <span class="sk w2" /> : '–'
  const notAdmin = whyNot('admin')
  const menu: MenuItem[] = [
    { label: w('domains.openSettings'), run: () => go(pageRoute('domain', { name: domain.name })) },
    { label: w('domains.openCategories'), run: () => go(pageRoute('domain', { name: domain.name, tab: 'categories' })) },
    { label: w('domains.openHistory'), run: () => go(pageRoute('audit', { domain: domain.name })) },
    ...(domain.isInstanceDomain || notAdmin !== undefined ? [] : [{ label: t('delete.menu'), danger: true, apart: true, run: onDelete }]),
  ]
  return (
    <tr>
      <th scope="row"><a href={linkTo(pageRoute('domain', { name: domain.name }))}>{domain.name}</a>{domain.isInstanceDomain && <> <span class="chip">{w('domains.instance')}</span></>}</th>
      <td class="num" data-label={t('devices.title')}>{settings ? <a href={devicesOf(domain.name)}>{formatNumber(settings.devices)}</a> : wait}</td>
      <td>{settings?.observer
        ? <span class="st off"><Icon name="eye" /><span>{w('domains.observes')}</span></span>
        : settings && !settings.hasPassword
          ? <span class="st warn"><Icon name="warn" /><span>{w('domains.noPassword')}</span></span>
          : domain.deployAdminPasswords
            ? <span class="st ok"><Icon name="ok" /><span>{w('domains.deploysYes')}</span></span>
            : <span class="st off"><Icon name="off" /><span>{w('domains.deploysNo')}</span></span>}</td>
      <td data-label={w('domains.sees')}>{domain.isInstanceDomain ? w('domains.seesAll') : settings ? <Sees ids={settings.access} /> : wait}</td>
      <td data-label={t('column.categories')}>{domain.categories.length ? <a href={linkTo(pageRoute('domain', { name: domain.name, tab: 'categories' }))}>{formatNumber(domain.categories.length)}</a> : '–'}</td>
      <td class="end"><MenuButton class="btn icon small ghost" label={t('grid.actions', domain.name)} items={menu}><Icon name="more" /></MenuButton></td>
    </tr>
  )
}

const Sees = ({ ids }: { ids: readonly number[] }) => {
  const names = ids.map(domainName).filter(Boolean).sort((a, b) => a.localeCompare(b))
  if (names.length === 0) return <span class="dim">{w('domains.seesOwn')}</span>
  return <span title={names.join(', ')}>{names.slice(0, NAMED).join(', ')}{names.length > NAMED && <span class="dim"> {w('domains.seesMore', names.length - NAMED)}</span>}</span>
}
