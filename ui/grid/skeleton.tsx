/** The grid before its first rows are here, in its final measures. One element, however many rows: the browser has other things to do then. */
export const GridSkeleton = ({ rowHeight, label }: { rowHeight: number, label: string }) => (
  <div class="grid g-sk" aria-busy="true" role="status" aria-label={label} ref={element => { element?.style.setProperty('--row', `${rowHeight}px`) }}>
    <div class="grid-head" />
    <div class="bars" aria-hidden="true" />
  </div>
)
