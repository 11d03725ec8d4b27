/** The picture of the sign-in page: a fleet in which one device needs somebody. */
const COLUMNS = 20
const ROWS = 14
const STEP = 26
/** Places by column and row. */
const SEEN = [
  [4, 0], [11, 0], [12, 0], [13, 1], [1, 2], [15, 2], [18, 2], [2, 5], [4, 5], [6, 5], [7, 5], [9, 5], [13, 5], [4, 6], [14, 6], [17, 6], [2, 7], [5, 7],
  [0, 8], [0, 9], [3, 9], [6, 9], [7, 9], [7, 10], [16, 10], [0, 11], [1, 11], [15, 11], [3, 13], [15, 13], [18, 13],
]
const AWAY = [[15, 5], [11, 7], [13, 9], [10, 12], [14, 12], [16, 13]]
const TROUBLE = [[12, 8]]
const has = (list: number[][], x: number, y: number): boolean => list.some(([column, row]) => column === x && row === y)

export const Fleet = () => (
  <svg class="fleet" viewBox={`0 0 ${COLUMNS * STEP - 10} ${ROWS * STEP - 10}`} aria-hidden="true">
    {Array.from({ length: COLUMNS * ROWS }, (_, at) => {
      const x = at % COLUMNS
      const y = Math.floor(at / COLUMNS)
      if (has(AWAY, x, y)) return <rect key={at} class="d" x={x * STEP + 1} y={y * STEP + 1} width="14" height="14" stroke-width="1.5" />
      return <rect key={at} class={has(TROUBLE, x, y) ? 'c' : has(SEEN, x, y) ? 'b' : 'a'} x={x * STEP} y={y * STEP} width="16" height="16" />
    })}
  </svg>
)
