/** The list of devices: views, grid, selection, and the dialogs that act on devices. */
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { readChoice, writeChoice } from '../grid/columns.ts'
import { DeviceGrid, newMemory, type GridMemory } from '../grid/device-grid.tsx'
import { DeviceList, type Query } from '../grid/device-list.ts'
import { EVERYTHING, NOTHING, selectedCount } from '../grid/selection.ts'
import { GridSkeleton } from '../grid/skeleton.tsx'
import { needsDomain } from '../parts/device-words.tsx'
import { Icon } from '../parts/icons.tsx'
import { MenuList } from '../parts/menu.tsx'
import { announce } from '../parts/notices.tsx'
import { go, refine } from '../route/navigation.ts'
import { isFiltered, SELECTED_IN_ADDRESS, START, writeRoute, type DeviceSort, type ListRoute } from '../route/route.ts'
import { search, TokenChip } from '../search/search-box.tsx'
import { tokensOf } from '../search/tokens.ts'
import { useWhyNot } from '../session/rights.ts'
import { FromLater } from '../shell/later.tsx'
import { connection, noAccess, preferences, setPreference } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { useMedia } from '../state/media.ts'
import { plural, t } from '../text/text.ts'
import type { Device } from '../../app/protocol/types.ts'
import { DeleteDialog } from './delete-dialog.tsx'
import { AddToDomain } from './domain-dialogs.tsx'
import { Empty, NoMatch } from './empty.tsx'
import { Head } from './list-head.tsx'
import type { ManyAction } from './many-actions.tsx'
import { manyOf, type Many } from './many.ts'
import { deviceMenu } from './row-menu.ts'
import { countOf, isAssigned, selection, selectedMany, selectFromAddress } from './selected.ts'
import { SelectionBar } from './selection-bar.tsx'
import { UnassignedStrip } from './unassigned-strip.tsx'
import { NARROW_ROW, readDensity, ROW_HEIGHTS, ViewOptions } from './view-options.tsx'

type Open =
  | { readonly dialog: 'addDevice' | 'addMany' }
  | { readonly dialog: 'add' | 'delete' | 'edit', readonly device: Device }
  | { readonly dialog: 'many', readonly action: ManyAction, readonly many: Many }

const list = new DeviceList()
let memory: GridMemory = newMemory()
/** The filter the selection was made in. */
let selectedIn: string | undefined

export const DevicesPage = ({ route }: { route: ListRoute }) => {
  const queryKey = writeRoute({ ...route, selected: [] }).toString()
  const query = useMemo<Query>(() => {
    const { filter, sort, descending } = route
    const before = list.query
    if (before && writeRoute({ ...route, ...before, selected: [] }).toString() === queryKey) return before
    const next = { filter, sort, descending }
    memory = newMemory()
    list.setQuery(next)
    return next
  }, [queryKey])
  useEffect(() => {
    list.start()
    return () => list.stop()
  }, [])
  const selected = useCell(selection)
  const filterKey = writeRoute({ ...START, filter: route.filter }).toString()
  useEffect(() => {
    // A selection is of the devices that match; other devices match now.
    if (selectedIn !== undefined && selectedIn !== filterKey) selection.set(NOTHING)
    selectedIn = filterKey
  }, [filterKey])
  // The address follows the selection; the selection follows an address that was not written here (deep link, back button).
  const written = useRef({ selected, address: '' })
  const link = useCell(connection().state)
  const online = link.at === 'online'
  useEffect(() => { if (online && route.selected.join() !== written.current.address) void selectFromAddress(route.selected) }, [route.selected.join(), online])
  useEffect(() => {
    if (written.current.selected === selected) return
    const chosen = selected.kind === 'some' && selected.devices.size <= SELECTED_IN_ADDRESS ? [...selected.devices.keys()] : []
    written.current = { selected, address: chosen.join() }
    refine({ ...route, selected: chosen })
  }, [selected])

  const total = useCell(list.total)
  const counts = useCell(list.counts)
  const problem = useCell(list.problem)
  const outOfOrder = useCell(list.outOfOrder)
  const refused = useCell(noAccess) || problem === 'noAccess'
  const kept = useCell(preferences)
  const density = readDensity(kept['density'])
  const choice = useMemo(() => readChoice(kept['columns']), [kept['columns']])
  const narrow = useMedia('(max-width: 640px)')
  
  const rowHeight = narrow ? NARROW_ROW : ROW_HEIGHTS[density]
  const [open, setOpen] = useState<Open>()
  const [menu, setMenu] = useState<{ device: Device, anchor: DOMRect }>()
  const shownFilter = useCell(list.shown)?.filter ?? route.filter
  const filtered = isFiltered(shownFilter)
  const mayNot = useWhyNot('operate')

  const closed = (changed: boolean): void => {
    setOpen(undefined)
    if (!changed) return
    selection.set(NOTHING)
    list.refresh()
  }
  const sortBy = (sort: DeviceSort): void => go({ ...route, sort, descending: sort === route.sort && !route.descending })
  const count = total === undefined ? 0 : selectedCount(selected, total)
  const { waiting, assigned } = countOf(selected, count, route.filter.states)
  /** One device has a dialog of its own where that says more. */
  const actOn = (action: ManyAction, many: Many): void => {
    const [only, ...others] = many.devices ?? []
    setOpen(only && others.length === 0 && (action === 'add' || action === 'delete') ? { dialog: action, device: only } : { dialog: 'many', action, many })
  }
  const act = (action: ManyAction): void => actOn(action, selectedMany(selected, total ?? 0, list, query, action === 'add' ? needsDomain : isAssigned))
  const actions = {
    add: (device: Device) => setOpen({ dialog: 'add', device }), edit: (device: Device) => setOpen({ dialog: 'edit', device }),
    restart: (device: Device) => setOpen({ dialog: 'many', action: 'restart', many: manyOf([device]) }), remove: (device: Device) => setOpen({ dialog: 'delete', device }),
  }
  const nothingYet = counts !== undefined && total === 0 && !filtered && counts.total === 0 && counts.unassigned === 0

  const body = (): ComponentChildren => {
    if (refused) return <Empty icon="lock" title={t('empty.noRights')}>{t('empty.noRightsAbout')}</Empty>
    if (problem === 'failed' && total === undefined) {
      return <Empty icon="err" title={t('empty.failed')} actions={<button type="button" class="btn" onClick={() => list.refresh()}>{t('action.retry')}</button>}>{t('empty.failedAbout')}</Empty>
    }
    if (total === undefined && (link.at === 'waiting' || (link.at === 'connecting' && link.lostAt !== undefined))) {
      return <Empty icon="unplug" title={t('empty.offline')} actions={<button type="button" class="btn" disabled={link.at !== 'waiting'} onClick={() => connection().tryNow()}>{t('lost.try')}</button>}>{t('empty.offlineAbout')}</Empty>
    }
    if (total === undefined) return <GridSkeleton rowHeight={rowHeight} label={t('devices.loading')} />
    if (total === 0) return filtered ? <NoMatch filter={shownFilter} /> : <Empty icon="phone" title={t('empty.allUnassigned')}>{t('empty.allUnassignedAbout')}</Empty>
    return (
      <DeviceGrid list={list} query={query} total={total} selection={selected} choice={choice} rowHeight={rowHeight} narrow={narrow} memory={memory}
        onSelection={next => selection.set(next)} onChoice={next => setPreference('columns', writeChoice(next))} onSort={sortBy}
        onOpen={device => go({ view: 'device', hwId: device.hwId, tab: 'overview' })} onMenu={(device, anchor) => setMenu({ device, anchor })} />
    )
  }
  return (
    <>
      {nothingYet && !refused ? <FromLater>{({ FirstSteps }) => <FirstSteps onAdd={() => setOpen({ dialog: 'addDevice' })} />}</FromLater> : (
        <div class="page page-wide">
          <Head route={route} total={total} counts={counts} filtered={filtered} outOfOrder={outOfOrder} onOrder={() => {
            list.setPointedAt(false)
            list.refresh()
            announce(t('grid.ordered'))
          }}>
            <ViewOptions choice={choice} density={density} onChoice={next => setPreference('columns', writeChoice(next))} onDensity={next => setPreference('density', next === 'normal' ? '' : next)} />
            <button type="button" class="btn primary" disabled={refused || mayNot !== undefined} title={mayNot} onClick={() => setOpen({ dialog: 'addDevice' })}><Icon name="plus" />{t('devices.add')}</button>
          </Head>
          {isFiltered(route.filter) && <div class="filters only-narrow">{tokensOf(route.filter).map(token => <TokenChip key={`${token.label}:${token.value}`} token={token} onRemove={() => search(token.without)} />)}</div>}
          {counts !== undefined && counts.unassigned > 0 && !route.filter.states.includes('unassigned') && <UnassignedStrip count={counts.unassigned} onAssign={devices => actOn('add', manyOf(devices))} />}
          {body()}
          {count > 0 && total !== undefined && (
            <SelectionBar count={count} total={total} canAdd={waiting > 0} canMove={assigned > 0} onAll={() => {
              selection.set(EVERYTHING)
              announce(plural('selection.count', total))
            }} onAct={act} onClear={() => {
              selection.set(NOTHING)
              announce(plural('selection.count', 0))
            }} />
          )}
        </div>
      )}
      {menu && <MenuList items={deviceMenu(menu.device, actions)} anchor={menu.anchor} label={t('grid.actionsColumn')} onClose={() => setMenu(undefined)} />}
      {open?.dialog === 'addDevice' && <FromLater quiet>{({ AddDevice }) => <AddDevice onClose={closed} onMany={() => setOpen({ dialog: 'addMany' })} />}</FromLater>}
      {open?.dialog === 'addMany' && <FromLater quiet>{({ AddManyDialog }) => <AddManyDialog onClose={closed} />}</FromLater>}
      {open?.dialog === 'add' && <AddToDomain device={open.device} onClose={closed} />}
      {open?.dialog === 'delete' && <DeleteDialog device={open.device} onClose={closed} />}
      {open?.dialog === 'edit' && <FromLater quiet>{({ EditDevice }) => <EditDevice device={open.device} onClose={changed => {
        setOpen(undefined)
        if (changed) list.refresh()
      }} />}</FromLater>}
      {open?.dialog === 'many' && <FromLater quiet>{({ ManyActionDialog }) => <ManyActionDialog action={open.action} many={open.many} onClose={closed} />}</FromLater>}
    </>
  )
}
