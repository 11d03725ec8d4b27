/** Columns of the device grid: which there are, which are shown, how wide they are. Pure; kept per user as two preferences. */
import { parseObject } from '../connection/shape.ts'
import type { DeviceSort } from '../route/route.ts'
import type { TextId } from '../text/text.ts'

export type ColumnId = 'status' | 'name' | 'product' | 'mac' | 'ip' | 'ipv6' | 'version' | 'type' | 'categories' | 'domain' | 'lastSeen'
export interface Column {
  readonly id: ColumnId
  readonly label: TextId
  /** Undefined: the service does not sort by it. */
  readonly sort: DeviceSort | undefined
  /** Pixels; the smallest width where `grow` is set. */
  readonly width: number
  /** Share of the free width. */
  readonly grow: number
  /** Shown from this width of the grid in pixels on, unless the user has chosen; `Infinity`: only when chosen. */
  readonly from: number
  /** Width in a grid narrower than `NARROW`, where less of the value is shown. */
  readonly narrow?: number
}

const NARROW = 870

export const COLUMNS: readonly Column[] = [
  { id: 'status', label: 'column.status', sort: 'status', width: 126, grow: 0, from: 0 },
  { id: 'name', label: 'column.name', sort: 'name', width: 140, grow: 1, from: 0 },
  { id: 'product', label: 'column.product', sort: 'product', width: 92, grow: 0, from: 640 },
  { id: 'mac', label: 'column.mac', sort: 'mac', width: 108, grow: 0, from: 640 },
  { id: 'ip', label: 'column.ip', sort: 'ip', width: 112, grow: 0, from: 870 },
  { id: 'ipv6', label: 'column.ipv6', sort: undefined, width: 230, grow: 0, from: Infinity },
  { id: 'version', label: 'column.version', sort: 'version', width: 204, grow: 0, from: 620, narrow: 100 },
  { id: 'type', label: 'column.type', sort: 'type', width: 124, grow: 0, from: 1340 },
  { id: 'categories', label: 'column.categories', sort: undefined, width: 160, grow: 0.5, from: Infinity },
  { id: 'domain', label: 'column.domain', sort: 'domain', width: 130, grow: 0.5, from: 1000 },
  { id: 'lastSeen', label: 'column.lastSeen', sort: 'lastSeen', width: 150, grow: 0, from: 1200 },
]
export const MIN_WIDTH = 60
export const MAX_WIDTH = 800
const CHECK_WIDTH = 44
const MENU_WIDTH = 40

/** What a user changed: widths in pixels and shown or not. */
export interface ColumnChoice { readonly widths: Partial<Record<ColumnId, number>>, readonly shown: Partial<Record<ColumnId, boolean>> }
export const NO_CHOICE: ColumnChoice = { widths: {}, shown: {} }

export const clampWidth = (width: number): number => Math.round(Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, width)))

/** Reads the preference; what it does not understand is ignored. */
export function readChoice(text: string | undefined): ColumnChoice {
  const kept = parseObject(text)
  if (!kept) return NO_CHOICE
  const widths: Partial<Record<ColumnId, number>> = {}
  const shown: Partial<Record<ColumnId, boolean>> = {}
  const all = { widths: kept['widths'], shown: kept['shown'] }
  for (const { id } of COLUMNS) {
    const width = member(all.widths, id)
    const visible = member(all.shown, id)
    if (typeof width === 'number' && Number.isFinite(width)) widths[id] = clampWidth(width)
    if (typeof visible === 'boolean') shown[id] = visible
  }
  return { widths, shown }
}
const member = (value: unknown, id: ColumnId): unknown =>
  typeof value === 'object' && value !== null && id in value ? Object.getOwnPropertyDescriptor(value, id)?.value : undefined
/** Empty when nothing was chosen. */
export const writeChoice = (choice: ColumnChoice): string =>
  Object.keys(choice.widths).length + Object.keys(choice.shown).length === 0 ? '' : JSON.stringify(choice)

/** A name is always shown: it is the way into the device. */
export const isShown = (column: Column, choice: ColumnChoice, gridWidth: number): boolean =>
  column.id === 'name' || (choice.shown[column.id] ?? gridWidth >= column.from)

export const shownColumns = (choice: ColumnChoice, gridWidth: number): readonly Column[] => COLUMNS.filter(column => isShown(column, choice, gridWidth))

/** `grid-template-columns` of head and rows, and the width below which the grid scrolls sideways. */
export function tracks(columns: readonly Column[], choice: ColumnChoice, gridWidth: number): { template: string, minimum: number } {
  let minimum = CHECK_WIDTH + MENU_WIDTH
  const parts = columns.map(column => {
    const own = choice.widths[column.id]
    const width = own ?? (gridWidth < NARROW ? column.narrow ?? column.width : column.width)
    minimum += width
    return own === undefined && column.grow > 0 ? `minmax(${width}px, ${column.grow}fr)` : `${width}px`
  })
  // A user who gave every growing column a fixed width still gets rows as wide as the grid.
  const fixed = columns.every(column => column.grow === 0 || choice.widths[column.id] !== undefined)
  return { template: `${CHECK_WIDTH}px ${parts.join(' ')} ${fixed ? `minmax(${MENU_WIDTH}px, 1fr)` : `${MENU_WIDTH}px`}`, minimum }
}
