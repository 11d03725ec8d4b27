/** The device grid: a hundred thousand rows of which only those in sight exist. Rows have one height, so a row's place is arithmetic. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { language } from '../host/settings.ts'
import { announce } from '../parts/notices.tsx'
import { domains } from '../session/session.ts'
import { Cell, useCell } from '../state/cell.ts'
import { plural, t } from '../text/text.ts'
import type { Device } from '../../app/protocol/types.ts'
import type { DeviceSort } from '../route/route.ts'
import { clampWidth, shownColumns, tracks, type ColumnChoice, type ColumnId } from './columns.ts'
import type { DeviceList, Query } from './device-list.ts'
import { GridHead } from './grid-head.tsx'
import { GridRow } from './grid-row.tsx'
import { gridKey, type Place } from './keyboard.ts'
import { EVERYTHING, isSelected, NOTHING, select, selectedCount, type Selection } from './selection.ts'
import { drawnRange, sameRange, scrollToShow, visibleRange, wantedRange, type Range } from './window.ts'

export interface GridMemory { scrollTop: number, focused: Place, hwId: string | undefined }
export const newMemory = (): GridMemory => ({ scrollTop: 0, focused: { row: 0 }, hwId: undefined })

interface GridProps {
  readonly list: DeviceList
  readonly query: Query
  readonly total: number
  readonly selection: Selection
  readonly choice: ColumnChoice
  readonly rowHeight: number
  /** Two-line rows of a narrow page. */
  readonly narrow: boolean
  /** Where the grid was left; it comes back there. */
  readonly memory: GridMemory
  onSelection(selection: Selection): void
  onChoice(choice: ColumnChoice): void
  onSort(sort: DeviceSort): void
  onOpen(device: Device): void
  onMenu(device: Device, anchor: DOMRect): void
}

/** Width of the grid on the page, in pixels: decides which columns are shown. */
export const gridWidth = new Cell(0)
const HEAD_HEIGHT = 32
const KEY_STEP = 16

export const DeviceGrid = (props: GridProps) => {
  const { list, query, total, selection, choice, rowHeight, narrow, memory, onSelection, onChoice } = props
  useCell(list.drawn)
  const shownLanguage = useCell(language)
  const names = useCell(domains)
  const box = useRef<HTMLDivElement>(null)
  const [size, setSize] = useState({ width: 0, height: 0 })
  const [drawn, setDrawn] = useState<Range>({ first: 0, end: 0 })
  const [focused, setFocused] = useState<Place>(memory.focused)
  const [now, setNow] = useState(Date.now)
  const moveFocus = useRef(false)
  const anchor = useRef(0)

  const columns = useMemo(() => narrow ? shownColumns({ widths: {}, shown: {} }, 0) : shownColumns(choice, size.width), [choice.shown, size.width, narrow])
  const { template, minimum } = useMemo(() => tracks(columns, choice, size.width), [columns, choice, size.width])

  const place = (): void => {
    const element = box.current
    if (!element) return
    memory.scrollTop = element.scrollTop
    const visible = visibleRange(element.scrollTop, Math.max(rowHeight, element.clientHeight - HEAD_HEIGHT), rowHeight, total)
    const next = drawnRange(visible, total)
    setDrawn(before => sameRange(before, next) ? before : next)
    list.setRange(wantedRange(visible))
  }

  // The size is known before the first paint, so that the first rows are drawn where they stay.
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const measure = (): void => setSize(before => before.width === element.clientWidth && before.height === element.clientHeight ? before : { width: element.clientWidth, height: element.clientHeight })
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  useLayoutEffect(() => gridWidth.set(size.width), [size.width])
  useLayoutEffect(() => {
    box.current?.style.setProperty('--cols', narrow ? '' : template)
    box.current?.style.setProperty('--min-width', narrow ? '0' : `${minimum}px`)
    box.current?.style.setProperty('--row', `${rowHeight}px`)
  }, [template, minimum, rowHeight, narrow])
  useLayoutEffect(() => {
    if (box.current && Math.abs(box.current.scrollTop - memory.scrollTop) > 1) box.current.scrollTop = memory.scrollTop
  }, [memory])
  useLayoutEffect(place, [size, rowHeight, total, query])
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 60_000)
    return () => clearInterval(timer)
  }, [])

  // The focus stays with its device when the order changes.
  const at = 'row' in focused ? focused.row : -1
  const followed = memory.hwId !== undefined && at >= 0 && list.row(at)?.hwId !== memory.hwId ? list.find(memory.hwId) : undefined
  useLayoutEffect(() => {
    if (followed === undefined) return
    moveFocus.current ||= box.current?.contains(document.activeElement) === true
    setFocused({ row: followed })
  }, [followed])
  const row = Math.min(at, total - 1)
  const focusPlace = (next: Place): void => {
    memory.focused = next
    memory.hwId = 'row' in next ? list.row(next.row)?.hwId : undefined
    moveFocus.current = true
    setFocused(next)
    const element = box.current
    if (!element || !('row' in next)) return
    element.scrollTop = scrollToShow(next.row, element.scrollTop, element.clientHeight - HEAD_HEIGHT, rowHeight)
    place()
  }
  useLayoutEffect(() => {
    if (!moveFocus.current) return
    const target = 'row' in focused ? box.current?.querySelector<HTMLElement>(`[data-index="${focused.row}"]`) : box.current?.querySelector<HTMLElement>(`[data-column="${focused.column}"]`)
    if (!target) return
    moveFocus.current = false
    target.focus({ preventScroll: true })
  })

  const choose = (next: Selection): void => {
    onSelection(next)
    announce(plural('selection.count', selectedCount(next, total)))
  }
  const toggle = (index: number, on?: boolean): void => {
    const device = list.row(index)
    if (!device) return
    anchor.current = index
    choose(select(selection, [device], on ?? !isSelected(selection, device.hwId)))
  }
  const extend = async (to: number): Promise<void> => {
    const devices = await list.rowsBetween(Math.min(anchor.current, to), Math.max(anchor.current, to) + 1)
    choose(select(selection, devices, true))
  }
  const openMenu = (index: number): void => {
    const device = list.row(index)
    const button = box.current?.querySelector(`[data-index="${index}"] [data-act=menu]`)
    if (device && button) props.onMenu(device, button.getBoundingClientRect())
  }
  const resize = (id: ColumnId, width: number | undefined): void => {
    const { [id]: _, ...others } = choice.widths
    onChoice({ ...choice, widths: width === undefined ? others : { ...others, [id]: clampWidth(width) } })
  }

  const onKeyDown = (event: KeyboardEvent): void => {
    const element = box.current
    if (!element || event.target instanceof HTMLInputElement && event.key === ' ') return
    const page = Math.max(1, Math.floor((element.clientHeight - HEAD_HEIGHT) / rowHeight) - 1)
    const command = gridKey(event, 'row' in focused ? { row } : focused, { total, columns: columns.length, page })
    if (!command) return
    event.preventDefault()
    switch (command.do) {
      case 'focus': return focusPlace(command.place)
      case 'extend':
        focusPlace({ row: command.row })
        return void extend(command.row)
      case 'toggle': return toggle(row)
      case 'selectAll': return choose(EVERYTHING)
      case 'clear': return choose(NOTHING)
      case 'menu': return openMenu(row)
      case 'open': {
        const device = list.row(row)
        return device && props.onOpen(device)
      }
      case 'sort': {
        const column = columns[command.column]
        return column?.sort && props.onSort(column.sort)
      }
      case 'resize': {
        const column = columns[command.column]
        if (column) resize(column.id, (element.querySelector<HTMLElement>(`[data-column="${command.column}"]`)?.parentElement?.offsetWidth ?? column.width) + command.by * KEY_STEP)
      }
    }
  }
  const onClick = (event: MouseEvent): void => {
    const target = event.target instanceof Element ? event.target : undefined
    const index = Number(target?.closest<HTMLElement>('[data-index]')?.dataset['index'] ?? NaN)
    if (!Number.isInteger(index)) return
    const act = target?.closest<HTMLElement>('[data-act]')?.dataset['act']
    if (act === 'select') {
      // The tick follows the selection; the browser's own would be a step ahead of it.
      if (event.shiftKey) void extend(index)
      else toggle(index)
    }
    if (act === 'menu') openMenu(index)
    if (!target?.closest('a')) focusPlace({ row: index })
    else {
      memory.focused = { row: index }
      memory.hwId = list.row(index)?.hwId
    }
  }
  const count = selectedCount(selection, total)
  // The row with the focus stays in the document when it is scrolled out of sight: keys go on from there, and Tab leads back to it.
  const indices: number[] = []
  for (let index = drawn.first; index < Math.min(drawn.end, total); index++) indices.push(index)
  if (row >= 0 && row < drawn.first) indices.unshift(row)
  if (row >= drawn.end) indices.push(row)
  const rows = indices.map(index => {
    const device = list.row(index)
    return <GridRow key={index} index={index} device={device} columns={columns} narrow={narrow} top={index * rowHeight} now={now} language={shownLanguage} domains={names}
      selected={device ? isSelected(selection, device.hwId) : selection.kind === 'all'} tabbable={index === row} />
  })
  const inGrid = box.current?.contains(document.activeElement) === true
  useLayoutEffect(() => {
    // Rows that change places may lose the focus on the way.
    if (inGrid && document.activeElement === document.body) box.current?.querySelector<HTMLElement>('.row[tabindex="0"]')?.focus({ preventScroll: true })
  })
  return (
    <div ref={box} class="grid g-devices" role="grid" aria-label={t('devices.title')} aria-rowcount={total + 1} aria-multiselectable="true" tabIndex={-1}
      onScroll={place} onKeyDown={onKeyDown}
      onPointerEnter={() => list.setPointedAt(true)} onPointerLeave={() => list.setPointedAt(box.current?.contains(document.activeElement) === true)}
      onFocusIn={() => list.setPointedAt(true)} onFocusOut={event => list.setPointedAt(box.current?.matches(':hover') === true || (event.relatedTarget instanceof Node && box.current?.contains(event.relatedTarget) === true))}>
      <GridHead columns={columns} sort={query.sort} descending={query.descending} selected={count === 0 ? 'none' : count >= total ? 'all' : 'some'} tabbable={'column' in focused ? focused.column : undefined}
        onSort={props.onSort} onSelectAll={on => choose(on ? EVERYTHING : NOTHING)} onResize={resize} />
      <div class="grid-body" role="rowgroup" style={{ height: `${total * rowHeight}px` }} onClick={onClick}>{rows}</div>
    </div>
  )
}
