/** Says that the connection is lost, what that means, and when the next try is. */
import { useEffect, useState } from 'preact/hooks'
import { Icon } from '../parts/icons.tsx'
import { connection } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { formatNumber, formatTime, t } from '../text/text.ts'

export const LostBanner = () => {
  const state = useCell(connection().state)
  const silent = useCell(connection().silent)
  const [now, setNow] = useState(() => performance.now())
  const waiting = state.at === 'waiting'
  useEffect(() => {
    if (!waiting) return
    setNow(performance.now())
    const timer = setInterval(() => setNow(performance.now()), 250)
    return () => clearInterval(timer)
  }, [waiting])
  const lostAt = state.at === 'waiting' ? state.lostAt : state.at === 'connecting' ? state.lostAt : undefined
  if (lostAt === undefined && !silent) return null
  if (lostAt === undefined) return <div class="banner" role="alert"><Icon name="unplug" /><span><strong>{t('lost.silent')}</strong> {t('lost.silentAbout')}</span></div>
  // The clock since page load and the time of day differ by a constant.
  const since = formatTime(Date.now() - (performance.now() - lostAt))
  return (
    <div class="banner">
      <Icon name="unplug" />
      <span role="alert"><strong>{t('lost.title')}</strong> {t('lost.since', since)}</span>
      <span>{waiting ? t('lost.next', formatNumber(Math.max(1, Math.ceil((state.retryAt - now) / 1000)))) : t('lost.trying')}</span>
      <button type="button" class="btn small" disabled={!waiting} onClick={() => connection().tryNow()}>{t('lost.try')}</button>
    </div>
  )
}
