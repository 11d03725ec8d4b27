/** Title, figures and views of the list. Every number leads to the devices it counts. */
import type { ComponentChildren } from 'preact'
import { Icon } from '../parts/icons.tsx'
import { Picker } from '../parts/picker.tsx'
import { linkTo } from '../route/navigation.ts'
import { NO_FILTER, sameFilter, START, type Filter, type ListRoute } from '../route/route.ts'
import { search } from '../search/search-box.tsx'
import { categoryNames, domains } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { formatNumber, plural, t, type TextId } from '../text/text.ts'
import type { Counts } from '../../app/protocol/service-api.ts'

const VIEWS: readonly { label: TextId, filter: Filter, count?: (counts: Counts) => number, look?: string }[] = [
  { label: 'view.all', filter: NO_FILTER },
  { label: 'view.online', filter: { ...NO_FILTER, states: ['online'] } },
  { label: 'view.offline', filter: { ...NO_FILTER, states: ['offline'] }, count: counts => counts.offline },
  { label: 'view.unassigned', filter: { ...NO_FILTER, states: ['unassigned'] }, count: counts => counts.unassigned, look: 'warn' },
]

const CategoryFilter = ({ filter }: { filter: Filter }) => {
  const all = useCell(domains)
  const names = categoryNames(filter.domains.length ? all.filter(domain => filter.domains.includes(domain.name)) : all)
  if (names.length === 0 && filter.categories.length === 0) return null
  const count = filter.categories.length
  return (
    <Picker class="btn small ghost" label={count ? plural('category.filtered', count) : t('column.categories')} several searchLabel={t('category.find')} nothing={t('category.nothing')}
      choices={[...new Set([...filter.categories, ...names])].map(name => ({ id: name, label: name, chosen: filter.categories.includes(name) }))}
      onChoose={name => search({ ...filter, categories: filter.categories.includes(name) ? filter.categories.filter(one => one !== name) : [...filter.categories, name] })}>
      <Icon name="tag" />{t('column.categories')}{count > 0 && <span class="count">{count}</span>}</Picker>
  )
}

interface HeadProps {
  readonly route: ListRoute
  readonly total: number | undefined
  readonly counts: Counts | undefined
  readonly filtered: boolean
  readonly outOfOrder: boolean
  onOrder(): void
  readonly children: ComponentChildren
}

export const Head = ({ route, total, counts, filtered, outOfOrder, onOrder, children }: HeadProps) => (
  <>
    <div class="head">
      <div>
        <h1>{t('devices.title')}</h1>
        <p class="sub" aria-busy={counts === undefined}>
          {counts === undefined || total === undefined ? <span class="sk w1 figure" /> : (
            <>
              {/* How many are online in all says nothing about those that match. */}
              {filtered ? <span><strong>{formatNumber(total)}</strong>{total > counts.total || route.filter.states.includes('unassigned') ? t('figures.matchOnly') : t('figures.match', counts.total)}</span> : <>
                <span><strong>{formatNumber(counts.total)}</strong>{t('figures.total')}</span>
                <span><strong>{formatNumber(counts.online)}</strong>{t('figures.online')}</span>
                <span><strong>{formatNumber(counts.offline)}</strong>{t('figures.offline')}</span>
              </>}
            </>
          )}
        </p>
      </div>
      <div class="btns">{children}</div>
    </div>
    <div class="tabs" role="navigation" aria-label={t('view.label')}>
      {VIEWS.map(({ label, filter: view, count, look }) => {
        // A view is one of the chosen domains; the counters are of all that somebody sees.
        const filter = { ...view, domains: route.filter.domains }
        const number = counts && filter.domains.length === 0 ? count?.(counts) : undefined
        return (
          <a key={label} href={linkTo({ ...START, sort: route.sort, descending: route.descending, filter })} aria-current={sameFilter(filter, route.filter) ? true : undefined}>
            {t(label)}{number !== undefined && number > 0 && <span class={`count${look ? ` ${look}` : ''}`}>{formatNumber(number)}</span>}
          </a>
        )
      })}
      <span class="end"><CategoryFilter filter={route.filter} />{outOfOrder && <button type="button" class="btn small ghost" onClick={onOrder} title={t('grid.outOfOrder')}><Icon name="restart" />{t('grid.orderAgain')}</button>}</span>
    </div>
  </>
)
