/** Frame of a dialog that does something to one or many devices: targets before, result per device after. */
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Dialog } from '../parts/dialog.tsx'
import { deviceName, Mac } from '../parts/device-words.tsx'
import { Icon } from '../parts/icons.tsx'
import { announce, notify, reasonText } from '../parts/notices.tsx'
import { useCell } from '../state/cell.ts'
import { plural, t } from '../text/text.ts'
import type { Device } from '../../app/protocol/types.ts'
import { Bulk, type BulkResult } from './bulk.ts'

/** The devices, or how to find them (all that match a filter). */
export type Targets = readonly Device[] | ((onProgress: (count: number) => void) => Promise<readonly Device[]>)

interface BulkDialogProps {
  readonly title: (count: number) => string
  readonly danger?: boolean
  readonly targets: Targets
  /** Label of the button that does it, with the number of devices. */
  readonly doIt: (count: number) => string
  /** What is said when everything worked. */
  readonly done: (count: number) => string
  readonly ready: boolean
  action(device: Device): Promise<unknown>
  onClose(changed: boolean): void
  readonly children: (devices: readonly Device[]) => ComponentChildren
}

/** Longer lists of targets are cut; failures are always listed. */
const LISTED = 50

export const BulkDialog = ({ title, danger, targets, doIt, done, ready, action, onClose, children }: BulkDialogProps) => {
  const [devices, setDevices] = useState<readonly Device[] | undefined>(typeof targets === 'function' ? undefined : targets)
  const [found, setFound] = useState(0)
  const [problem, setProblem] = useState<string>()
  const bulk = useMemo(() => new Bulk(), [])
  const { running, results } = useCell(bulk.progress)
  useEffect(() => {
    if (typeof targets === 'function') targets(setFound).then(setDevices, error => setProblem(reasonText(error)))
    return () => bulk.stop()
  }, [])
  const count = devices?.length ?? 0
  const finished = results.length > 0 && !running
  const failed = results.filter(result => result.state === 'failed')
  // What worked before the failed ones are tried again counts as well.
  const changed = useRef(false)
  changed.current ||= results.some(result => result.state === 'done')
  const settled = results.filter(result => result.state === 'done' || result.state === 'failed').length
  const close = (): void => {
    bulk.stop()
    onClose(changed.current)
  }
  const start = async (list: readonly Device[]): Promise<void> => {
    if (list.length === 0 || running || !ready) return
    const { results: after } = await bulk.run(list, action)
    const bad = after.filter(result => result.state === 'failed').length
    if (bad > 0) return announce(plural('bulk.failed', bad))
    if (after.some(result => result.state !== 'done')) return
    notify('ok', done(list.length))
    onClose(true)
  }
  const failedDevices = failed.map(result => result.device)
  return (
    <Dialog title={title(count)} danger={danger === true} onClose={close} onSubmit={() => void start(finished ? failedDevices : devices ?? [])}
      foot={
        <>
          <button type="button" class="btn ghost" onClick={close}>{t(finished ? 'action.close' : running ? 'action.stop' : 'action.cancel')}</button>
          {finished
            ? failed.length > 0 && <button type="submit" class="btn">{t('action.retryFailed', failed.length)}</button>
            : <button type="submit" class={`btn ${danger ? 'danger' : 'primary'}`} disabled={!ready || running || count === 0}>{doIt(count)}</button>}
        </>
      }>
      {problem !== undefined && <p class="msg err" role="alert"><Icon name="err" /><span>{problem}</span></p>}
      {!devices && problem === undefined && <p role="status" class="dim">{t('bulk.finding', found)}</p>}
      {devices && results.length === 0 && <>{children(devices)}{count > 1 && <Targeted devices={devices} />}</>}
      {results.length > 0 && <Outcome results={results} settled={settled} failed={failed} running={running} />}
    </Dialog>
  )
}

const Targeted = ({ devices }: { devices: readonly Device[] }) => (
  <ul class="list targets" tabIndex={0} aria-label={t('bulk.targets')}>
    {devices.slice(0, LISTED).map(device => <li key={device.hwId}><span class="ico-off"><Icon name="right" /></span><span>{deviceName(device)} <span class="d">{device.product}{device.name && <> · <Mac hwId={device.hwId} /></>}</span></span></li>)}
    {devices.length > LISTED && <li><span /><span class="d">{t('bulk.more', devices.length - LISTED)}</span></li>}
  </ul>
)

const ICONS = { waiting: ['off', 'wait'], running: ['info', 'run'], done: ['ok', 'ok'], failed: ['err', 'err'] } as const

const Outcome = ({ results, settled, failed, running }: { results: readonly BulkResult[], settled: number, failed: readonly BulkResult[], running: boolean }) => {
  const listed = results.length <= LISTED ? results : failed.slice(0, LISTED)
  return (
    <>
      <p role="status"><strong>{t('bulk.progress', settled, results.length)}</strong>{failed.length > 0 && <> {plural('bulk.failed', failed.length)}</>}</p>
      <svg class="bar" role="img" aria-label={t('bulk.progress', settled, results.length)}><rect class="f-ok" width={`${100 * settled / results.length}%`} height="100%" /><rect class="f-err" width={`${100 * failed.length / results.length}%`} height="100%" /></svg>
      {listed.length > 0 && <ul class="list targets" tabIndex={0} aria-label={t('bulk.results')} aria-busy={running}>
        {listed.map(({ device, state, error }) => (
          <li key={device.hwId}>
            <span class={`ico-${ICONS[state][0]}`}><Icon name={ICONS[state][1]} /></span>
            <span>{deviceName(device)} <span class="d">{device.name && <><Mac hwId={device.hwId} />{' '}</>}{state === 'failed' ? reasonText(error) : t(`bulk.state.${state}`)}</span></span>
          </li>
        ))}
      </ul>}
    </>
  )
}
