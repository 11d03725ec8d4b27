/** What the keys do in the device grid (ARIA grid pattern, one focusable row at a time). Pure. */
export type Place = { readonly row: number } | { /** of the head */ readonly column: number }

export type GridCommand =
  | { readonly do: 'focus', readonly place: Place }
  | { readonly do: 'extend', readonly row: number }
  | { readonly do: 'toggle' | 'open' | 'menu' | 'selectAll' | 'clear' }
  | { readonly do: 'sort', readonly column: number }
  | { readonly do: 'resize', readonly column: number, readonly by: 1 | -1 }

export interface Key { readonly key: string, readonly shiftKey: boolean, readonly ctrlKey: boolean, readonly metaKey: boolean, readonly altKey: boolean }
/** `page`: rows of one page. */
export interface Bounds { readonly total: number, readonly columns: number, readonly page: number }

export function gridKey(key: Key, place: Place, bounds: Bounds): GridCommand | undefined {
  return 'row' in place ? rowKey(key, place.row, bounds) : headKey(key, place.column, bounds)
}

function rowKey(key: Key, row: number, { total, page }: Bounds): GridCommand | undefined {
  const last = total - 1
  const to = { ArrowUp: row - 1, ArrowDown: row + 1, Home: 0, End: last, PageUp: Math.max(0, row - page), PageDown: Math.min(last, row + page) }[key.key]
  if (to !== undefined && !key.altKey) {
    if (to < 0) return { do: 'focus', place: { column: 0 } }
    const target = Math.min(last, to)
    return key.shiftKey ? { do: 'extend', row: target } : { do: 'focus', place: { row: target } }
  }
  switch (key.key) {
    case ' ': return { do: 'toggle' }
    case 'Enter': return { do: 'open' }
    case 'Escape': return { do: 'clear' }
    case 'ContextMenu': return { do: 'menu' }
    case 'F10': return key.shiftKey ? { do: 'menu' } : undefined
    case 'a': return key.ctrlKey || key.metaKey ? { do: 'selectAll' } : undefined
  }
  return undefined
}

function headKey(key: Key, column: number, { total, columns }: Bounds): GridCommand | undefined {
  if (key.altKey) {
    if (key.key === 'ArrowLeft') return { do: 'resize', column, by: -1 }
    return key.key === 'ArrowRight' ? { do: 'resize', column, by: 1 } : undefined
  }
  const to = { ArrowLeft: column - 1, ArrowRight: column + 1, Home: 0, End: columns - 1 }[key.key]
  if (to !== undefined) return { do: 'focus', place: { column: Math.min(columns - 1, Math.max(0, to)) } }
  if (key.key === 'ArrowDown' && total > 0) return { do: 'focus', place: { row: 0 } }
  return key.key === 'Enter' || key.key === ' ' ? { do: 'sort', column } : undefined
}
