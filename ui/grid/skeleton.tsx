/** The grid before its first rows are here, in its final measures. */
export const GridSkeleton = ({ rowHeight, label }: { rowHeight: number, label: string }) => {
  const rows = Math.min(60, Math.ceil(innerHeight / rowHeight))
  return (
    <div class="grid g-sk" aria-busy="true" role="status" aria-label={label} ref={element => { element?.style.setProperty('--row', `${rowHeight}px`) }}>
      <div class="grid-head" />
      {Array.from({ length: rows }, (_, at) => (
        <div key={at} class="row" aria-hidden="true"><div class="c-check"><span class="sk r" /></div>{[0, 1, 2, 3].map(column => <div key={column}><span class={`sk w${(at + column) % 3 + 1}`} /></div>)}</div>
      ))}
    </div>
  )
}
