/** Head of the device grid: sorting, and widths by dragging or with Alt and the arrow keys. */
import { useRef } from 'preact/hooks'
import { Icon } from '../parts/icons.tsx'
import { t } from '../text/text.ts'
import type { DeviceSort } from '../route/route.ts'
import type { Column, ColumnId } from './columns.ts'

interface HeadProps {
  readonly columns: readonly Column[]
  readonly sort: DeviceSort
  readonly descending: boolean
  /** All, none or some devices are selected. */
  readonly selected: 'all' | 'none' | 'some'
  /** Index of the column that Tab reaches; undefined: a row has it. */
  readonly tabbable: number | undefined
  onSort(sort: DeviceSort): void
  onSelectAll(on: boolean): void
  /** `undefined` puts the width back. */
  onResize(id: ColumnId, width: number | undefined): void
}

export const GridHead = ({ columns, sort, descending, selected, tabbable, onSort, onSelectAll, onResize }: HeadProps) => {
  const drag = useRef<{ id: ColumnId, from: number, width: number }>(undefined)
  return (
    <div class="grid-head" role="row" aria-rowindex={1}>
      <div role="columnheader" class="c-check">
        <input class="ck" type="checkbox" tabIndex={-1} checked={selected === 'all'} indeterminate={selected === 'some'} aria-label={t('grid.selectAll')}
          onChange={event => onSelectAll(event.currentTarget.checked)} />
      </div>
      {columns.map((column, at) => {
        const sorted = column.sort === sort
        return (
          <div key={column.id} role="columnheader" class={`c-${column.id}`} aria-sort={sorted ? (descending ? 'descending' : 'ascending') : undefined}>
            <button type="button" class={column.sort ? '' : 'plain'} data-column={at} tabIndex={tabbable === at ? 0 : -1} aria-disabled={column.sort ? undefined : true}
              onClick={() => column.sort && onSort(column.sort)}>
              {t(column.label)}{sorted && <span class={descending ? 'turned' : ''}><Icon name="sortup" /></span>}
            </button>
            <span class="resizer" aria-hidden="true"
              onPointerDown={event => {
                const width = event.currentTarget.parentElement?.offsetWidth ?? column.width
                event.currentTarget.setPointerCapture(event.pointerId)
                drag.current = { id: column.id, from: event.clientX, width }
              }}
              onPointerMove={event => {
                const now = drag.current
                if (now) onResize(now.id, now.width + event.clientX - now.from)
              }}
              onPointerUp={() => { drag.current = undefined }} onPointerCancel={() => { drag.current = undefined }}
              onDblClick={() => onResize(column.id, undefined)} />
          </div>
        )
      })}
      <div role="columnheader"><span class="sr">{t('grid.actionsColumn')}</span></div>
    </div>
  )
}
