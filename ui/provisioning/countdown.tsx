/** How long a code is still good: a ring and the time, each second. */
import { useEffect, useState } from 'preact/hooks'
import { formatNumber } from '../text/text.ts'
import { serviceNow } from './codes.ts'
import { w } from './words.ts'

const RADIUS = 11
const ROUND = 2 * Math.PI * RADIUS
/** The ring warns below this share of the time. */
const LOW = 0.2

/** Time of the service, drawn again each second. Taken from the clock each time, so a sleeping tab wakes up right. */
export function useServiceClock(): number {
  const [now, setNow] = useState(serviceNow)
  useEffect(() => {
    const timer = setInterval(() => setNow(serviceNow()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return now
}

/** `6 d 7 h`, `3 h 5 min`, `11:24` */
export function leftText(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000))
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60]
  if (days > 0) return w('left.days', days, hours)
  if (hours > 0) return w('left.hours', hours, minutes)
  return `${formatNumber(minutes)}:${String(seconds % 60).padStart(2, '0')}`
}

export const Countdown = ({ until, whole, now, small }: { readonly until: number, readonly whole: number, readonly now: number, readonly small?: boolean }) => {
  const share = Math.min(1, Math.max(0, (until - now) / whole))
  return (
    <span class={`countdown${small ? ' s' : ''}`}>
      <svg class="ring" viewBox="0 0 28 28" aria-hidden="true"><circle class="bg" cx="14" cy="14" r={RADIUS} /><circle class={`fg${share < LOW ? ' low' : ''}`} cx="14" cy="14" r={RADIUS} stroke-dasharray={`${share * ROUND} ${ROUND}`} /></svg>
      <b>{leftText(until - now)}</b>
    </span>
  )
}
