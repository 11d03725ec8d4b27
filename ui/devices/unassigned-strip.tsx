/** Above the grid: devices that are connected but belong to no domain. */
import { useEffect, useState } from 'preact/hooks'
import { Mac } from '../parts/device-words.tsx'
import { Icon } from '../parts/icons.tsx'
import { search } from '../search/search-box.tsx'
import { NO_FILTER } from '../route/route.ts'
import { useWhyNot } from '../session/rights.ts'
import { connection } from '../session/session.ts'
import { plural, t } from '../text/text.ts'
import type { Device } from '../../app/protocol/types.ts'

/** As many are asked for as fit one message; more are assigned in the list itself. */
const MOST = 100
const SHOWN = 3
/** The list is read again at most this often, in ms. */
const EVERY = 1_000

/** @param count from the counters; the devices follow */
export const UnassignedStrip = ({ count, onAssign }: { count: number, onAssign(devices: readonly Device[]): void }) => {
  const [devices, setDevices] = useState<readonly Device[]>([])
  useEffect(() => {
    let gone = false
    const read = async (): Promise<void> => {
      const page = await connection().request('GetDevicesPage', { offset: 0, limit: MOST, states: ['unassigned'], sort: 'name' }).catch(() => undefined)
      if (page && !gone) setDevices(page.devices)
    }
    const timer = setTimeout(() => void read(), devices.length ? EVERY : 0)
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [count])
  const shown = devices.slice(0, SHOWN)
  const mayNot = useWhyNot('operate')
  return (
    <div class="strip">
      <Icon name="unassigned" />
      <span><strong>{plural('strip.count', count)}</strong> {plural('strip.rest', count)}<span class="effect"> {plural('strip.effect', count)}</span></span>
      <span class="items">
        {shown.map(device => <span key={device.hwId}>{device.product} <Mac hwId={device.hwId} /></span>)}
      </span>
      <div class="btns">
        <button type="button" class="btn small" onClick={() => search({ ...NO_FILTER, states: ['unassigned'] })}>{t('strip.show')}</button>
        {count <= MOST && <button type="button" class="btn small" disabled={devices.length === 0 || mayNot !== undefined} title={mayNot} onClick={() => onAssign(devices)}><Icon name="plus" />{t('assign.button')}</button>}
      </div>
    </div>
  )
}
