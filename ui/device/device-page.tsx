/** The page of one device: what it is, and its own pages through the tunnel. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { AddToDomain } from '../devices/domain-dialogs.tsx'
import { DeleteDialog } from '../devices/delete-dialog.tsx'
import { Empty } from '../devices/empty.tsx'
import { manyOf } from '../devices/many.ts'
import { canRestart } from '../devices/row-menu.ts'
import { deviceName, Mac, needsDomain, stateOf, Status } from '../parts/device-words.tsx'
import { Icon } from '../parts/icons.tsx'
import { MenuButton } from '../parts/menu.tsx'
import { reasonText } from '../parts/notices.tsx'
import { copyAndTell } from '../parts/copy-button.tsx'
import { go, lastList, linkTo, refine } from '../route/navigation.ts'
import { pageRoute, type DeviceRoute, type DeviceTab } from '../route/route.ts'
import { useWhyNot } from '../session/rights.ts'
import { domainName, domains } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { t, type TextId } from '../text/text.ts'
import type { Device } from '../../app/protocol/types.ts'
import { DeviceFacts } from './device-facts.tsx'
import { FromLater } from '../shell/later.tsx'
import { useLiveDevice } from './live-device.ts'

const TAB_LABELS: Record<DeviceTab, TextId> = { overview: 'tab.overview', admin: 'tab.admin' }

export const DevicePage = ({ route }: { route: DeviceRoute }) => {
  const [state, readAgain] = useLiveDevice(route.hwId)
  const list = useCell(lastList)
  const mayNot = useWhyNot('operate')
  useCell(domains)
  const heading = useRef<HTMLHeadingElement>(null)
  const [open, setOpen] = useState<'add' | 'edit' | 'restart' | 'delete'>()
  const device = state.at === 'here' ? state.device : undefined
  useEffect(() => {
    // Whoever opened the device from the list hears where they are now.
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true })
  }, [route.hwId, device === undefined])
  const crumb = (name: string) => <p class="crumb"><a href={linkTo(list)}>{t('devices.title')}</a><Icon name="right" size="s" /><span class="clip">{name}</span></p>
  if (!device) {
    return (
      <div class="page">
        {crumb(route.hwId)}
        {state.at === 'loading' && <div role="status" aria-busy="true" aria-label={t('device.loading')} class="stack"><span class="sk w1 title" /><span class="sk w2" /><div class="panel skeleton-panel"><span class="sk w2" /><span class="sk w3" /><span class="sk w1" /><span class="sk w2" /></div></div>}
        {state.at === 'gone' && <Empty icon="search" title={t('device.gone')} actions={<a class="btn" href={linkTo(list)}>{t('device.toList')}</a>}>{t('device.goneAbout', route.hwId)}</Empty>}
        {state.at === 'failed' && <Empty icon="err" title={t('empty.failed')} actions={<button type="button" class="btn" onClick={readAgain}>{t('action.retry')}</button>}>{reasonText(state.error)}</Empty>}
      </div>
    )
  }
  const unassigned = stateOf(device) === 'unassigned'
  const hasAdmin = !device.other && !unassigned && mayNot === undefined
  const tab: DeviceTab = hasAdmin ? route.tab : 'overview'
  const tabs: readonly DeviceTab[] = hasAdmin ? ['overview', 'admin'] : ['overview']
  const closed = (changed: boolean): void => {
    setOpen(undefined)
    if (changed) readAgain()
  }
  return (
    <div class={`page${tab === 'admin' ? ' page-full' : ''}`}>
      {crumb(deviceName(device))}
      <div class="head">
        <div>
          <h1 ref={heading} tabIndex={-1}>{deviceName(device)}</h1>
          <p class="sub"><Status device={device} now={Date.now()} /><span>{device.product}</span><span><Mac hwId={device.hwId} /></span><span>{domainName(device.domainId)}</span></p>
        </div>
        <div class="btns">
          {needsDomain(device) && <button type="button" class="btn primary" disabled={mayNot !== undefined} title={mayNot} onClick={() => setOpen('add')}><Icon name="plus" />{t('assign.button')}</button>}
          {!device.other && !unassigned && !needsDomain(device) && tab !== 'admin' && <button type="button" class="btn primary" disabled={!device.online || mayNot !== undefined} title={mayNot ?? (device.online ? undefined : t('frame.offline'))} onClick={() => go({ ...route, tab: 'admin' })}><Icon name="external" />{t('device.openAdmin')}</button>}
          {!unassigned && <MenuButton class="btn icon" label={t('device.more')} items={[
            { label: t('edit.menu'), disabled: mayNot !== undefined, title: mayNot, run: () => setOpen('edit') },
            ...(canRestart(device) ? [{ label: t('restart.menu'), disabled: !device.online || mayNot !== undefined, title: mayNot ?? (device.online ? undefined : t('frame.offline')), run: () => setOpen('restart') }] : []),
            { label: t('device.copyMac'), run: () => void copyAndTell(device.hwId) },
            { label: t('device.history'), run: () => go(pageRoute('audit', { q: device.hwId })) },
            { label: t('delete.menu'), disabled: mayNot !== undefined, title: mayNot, danger: true, apart: true, run: () => setOpen('delete') },
          ]}><Icon name="more" /></MenuButton>}
        </div>
      </div>
      <Tabs tabs={tabs} current={tab} onTab={next => refine({ ...route, tab: next })} />
      <div role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`} class={tab === 'admin' ? 'fill' : ''}>
        {tab === 'overview' ? <Overview device={device} onEdit={unassigned || mayNot !== undefined ? undefined : () => setOpen('edit')} /> : <FromLater>{({ AdminFrame }) => <AdminFrame device={device} />}</FromLater>}
      </div>
      {open === 'add' && <AddToDomain device={device} onClose={closed} />}
      {open === 'edit' && <FromLater quiet>{({ EditDevice }) => <EditDevice device={device} onClose={closed} />}</FromLater>}
      {open === 'restart' && <FromLater quiet>{({ ManyActionDialog }) => <ManyActionDialog action="restart" many={manyOf([device])} onClose={() => setOpen(undefined)} />}</FromLater>}
      {open === 'delete' && <DeleteDialog device={device} onClose={changed => {
        if (changed) go(list)
        else setOpen(undefined)
      }} />}
    </div>
  )
}

const Overview = ({ device, onEdit }: { device: Device, onEdit: (() => void) | undefined }) => {
  const state = stateOf(device)
  return (
    <div class="stack">
      {state === 'lost' && <p class="msg warn box"><Icon name="warn" /><span>{t('device.lostAbout')}</span></p>}
      {state === 'unassigned' && <p class="msg box"><Icon name="unassigned" /><span>{t('device.unassignedAbout')}</span></p>}
      {state === 'expected' && <p class="msg box"><Icon name="wait" /><span>{t('device.expectedAbout')}</span></p>}
      <DeviceFacts device={device} onEdit={onEdit} />
      <FromLater quiet>{({ DeviceExtras }) => <DeviceExtras device={device} />}</FromLater>
    </div>
  )
}

const Tabs = ({ tabs, current, onTab }: { tabs: readonly DeviceTab[], current: DeviceTab, onTab(tab: DeviceTab): void }) => {
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const next = tabs[(tabs.indexOf(current) + step + tabs.length) % tabs.length]
    if (!next) return
    onTab(next)
    document.getElementById(`tab-${next}`)?.focus()
  }
  return (
    <div class="tabs" role="tablist" aria-label={t('device.tabs')} onKeyDown={move}>
      {tabs.map(tab => <button key={tab} type="button" role="tab" id={`tab-${tab}`} aria-controls={tab === current ? `panel-${tab}` : undefined} aria-selected={tab === current} tabIndex={tab === current ? 0 : -1} onClick={() => onTab(tab)}>{t(TAB_LABELS[tab])}</button>)}
    </div>
  )
}
