/** Which rows of a long list are drawn and which are asked for. Pure arithmetic; rows have one fixed height. */

/** Rows are asked for in blocks of this many, so that slow scrolling does not ask at every row. */
export const BLOCK = 20
/** Never more rows than this in the document, unless a very high page shows more at once. */
export const MAX_DRAWN = 118
const OVERSCAN = 8
const SMALLEST_ROW = 28

export interface Range { readonly first: number, /** exclusive */ readonly end: number }

/** Rows that a viewport shows. Lengths in pixels. */
export function visibleRange(scrollTop: number, height: number, rowHeight: number, total: number): Range {
  const first = Math.min(Math.max(0, Math.floor(scrollTop / rowHeight)), Math.max(0, total - 1))
  return { first, end: Math.min(total, Math.max(first, Math.ceil((scrollTop + height) / rowHeight))) }
}

/** The visible rows and some on both sides. */
export function drawnRange(visible: Range, total: number): Range {
  const overscan = Math.max(0, Math.min(OVERSCAN, Math.floor((MAX_DRAWN - (visible.end - visible.first)) / 2)))
  return { first: Math.max(0, visible.first - overscan), end: Math.min(total, visible.end + overscan) }
}

/** The blocks that hold the visible rows; with the neighbour when the edge is near, so that scrolling on finds its rows there. */
export function wantedRange(visible: Range): Range {
  const first = Math.max(0, visible.first - BLOCK / 2)
  return { first: first - first % BLOCK, end: Math.max(1, Math.ceil((visible.end + BLOCK / 2) / BLOCK)) * BLOCK }
}

/** Rows to ask for before the grid has been measured. @param height of the page in pixels */
export const firstBlocks = (height: number): number => wantedRange({ first: 0, end: Math.ceil(height / SMALLEST_ROW) }).end

/** True when `outer` has all rows of `inner` that exist, and not many more: those would be updated for nobody. */
export const holds = (outer: Range, inner: Range, total: number): boolean =>
  outer.first <= inner.first && Math.min(outer.end, total) >= Math.min(inner.end, total) && outer.end - outer.first <= inner.end - inner.first + 2 * BLOCK

export const sameRange = (a: Range, b: Range): boolean => a.first === b.first && a.end === b.end

/** Scroll position that shows the row, as near as possible to the present one. */
export function scrollToShow(index: number, scrollTop: number, height: number, rowHeight: number): number {
  const top = index * rowHeight
  if (top < scrollTop) return top
  return top + rowHeight > scrollTop + height ? top + rowHeight - height : scrollTop
}
