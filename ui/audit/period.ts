/** Days of the audit log's filter. Pure. */

/** Midnight at the beginning of `2026-11-23`, or of the day `later` days after, in the time zone of the browser; undefined: no such day. */
export function startOfDay(text: string, later = 0): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (!match) return undefined
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number]
  const date = new Date(year, month - 1, day + later)
  const exact = new Date(year, month - 1, day)
  return exact.getMonth() === month - 1 && exact.getDate() === day ? date.getTime() : undefined
}

/** The days from `from` to `to`, both included, as the service takes them: up to, but not including, the end. */
export const period = (from: string, to: string): { from?: number, to?: number } => {
  const first = startOfDay(from)
  const after = startOfDay(to, 1)
  return { ...(first === undefined ? {} : { from: first }), ...(after === undefined ? {} : { to: after }) }
}
