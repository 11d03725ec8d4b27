/** The analogue interfaces of a gateway that have been provisioned, and codes for further ones (wire-protocols 2.9, 3.9). */
import { useEffect, useState } from 'preact/hooks'
import { NotConnected } from '../connection/errors.ts'
import { NAME_LENGTH } from '../devices/domain-dialogs.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Select, TextField } from '../parts/fields.tsx'
import { Icon } from '../parts/icons.tsx'
import { notify, reasonText } from '../parts/notices.tsx'
import { codes, grouped, isOpen, learnClock, validity } from '../provisioning/codes.ts'
import { Countdown, useServiceClock } from '../provisioning/countdown.tsx'
import { codeReason } from '../provisioning/new-code.tsx'
import { serverText } from '../provisioning/server-texts.ts'
import { useWhyNot } from '../session/rights.ts'
import { connection, domains, onIndication } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { t } from '../text/text.ts'
import type { Device } from '../../app/protocol/types.ts'
import { d } from './words.ts'

export const DeviceInterfaces = ({ device }: { device: Device }) => {
  const refused = useWhyNot('operate')
  const [phones, setPhones] = useState<readonly string[]>()
  const [problem, setProblem] = useState<string>()
  const [removing, setRemoving] = useState<string>()
  const [making, setMaking] = useState(false)
  const { hwId } = device
  const read = (): void => {
    connection().request('GetDevicePhones', { hwId }).then(reply => {
      setPhones(reply.phones)
      setProblem(undefined)
    }, error => { if (!(error instanceof NotConnected)) setProblem(reasonText(error)) })
  }
  useEffect(() => {
    read()
    const stops = [
      connection().state.subscribe(() => { if (connection().state.value.at === 'online') read() }),
      onIndication('ProvisioningCodeEdited', ({ code }) => { if (typeof code === 'object' && code !== null && 'hwId' in code && code.hwId === hwId) read() }),
      ...(refused === undefined ? [codes.start()] : []),
    ]
    return () => { for (const stop of stops) stop() }
  }, [hwId, refused])
  return (
    <section class="panel" aria-labelledby="interfaces-head">
      <div class="panel-head"><h2 id="interfaces-head">{d('interfaces.title')}</h2>
        <div class="end"><button type="button" class="btn small" disabled={refused !== undefined} title={refused} onClick={() => setMaking(true)}><Icon name="key" />{d('interfaces.new')}</button></div></div>
      {problem !== undefined && <p class="msg err inset" role="alert"><Icon name="err" /><span>{problem}</span></p>}
      {phones?.length === 0 && <p class="panel-body dim">{d('interfaces.none')}</p>}
      {phones && phones.length > 0 && <ul class="list">{phones.map(phone => (
        <li key={phone}><span class="ico-ok"><Icon name="phone" /></span><span class="t">{phone}</span>
          <button type="button" class="btn small ghost" disabled={refused !== undefined} title={refused} onClick={() => setRemoving(phone)}>{d('interfaces.remove')}<span class="sr"> {phone}</span></button></li>
      ))}</ul>}
      {removing !== undefined && <RemoveInterface hwId={hwId} phone={removing} onClose={changed => {
        setRemoving(undefined)
        if (changed) read()
      }} />}
      {making && <InterfaceCode device={device} onClose={() => setMaking(false)} />}
    </section>
  )
}

const RemoveInterface = ({ hwId, phone, onClose }: { hwId: string, phone: string, onClose(changed: boolean): void }) => {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const remove = async (): Promise<void> => {
    setBusy(true)
    try {
      await connection().request('RemoveDevicePhone', { hwId, id: phone })
      notify('ok', d('interfaces.removed', phone))
      onClose(true)
    } catch (error) {
      setBusy(false)
      setProblem(reasonText(error))
    }
  }
  return (
    <Dialog title={d('interfaces.removeTitle', phone)} danger onClose={() => onClose(false)} onSubmit={() => void remove()} foot={
      <><button type="button" class="btn ghost" onClick={() => onClose(false)}>{t('action.cancel')}</button><button type="submit" class="btn danger" disabled={busy}>{d('interfaces.remove')}</button></>
    }>
      {problem !== undefined && <p class="msg err" role="alert"><Icon name="err" /><span>{problem}</span></p>}
      <p>{d('interfaces.removeAbout')}</p>
    </Dialog>
  )
}

const InterfaceCode = ({ device, onClose }: { device: Device, onClose(): void }) => {
  const domain = useCell(domains).find(one => one.id === device.domainId)
  const categories = (domain?.categories ?? []).filter(one => one.config)
  const [chosen, setCategory] = useState(device.provisioningCategory?.name ?? '')
  const category = categories.find(one => one.name === chosen)?.name ?? categories[0]?.name
  const [name, setName] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const [made, setMade] = useState<string>()
  useCell(codes.items)
  const now = useServiceClock()
  const code = made === undefined ? undefined : codes.get(made)
  const create = async (): Promise<void> => {
    if (category === undefined || busy) return
    setBusy(true)
    setProblem(undefined)
    try {
      const reply = await connection().request('GetProvisioningCode', { domainId: device.domainId, category, ...(name.trim() ? { sip: name.trim() } : {}) })
      learnClock(reply.validUntil, false)
      if (!codes.get(reply.code)) codes.put({ code: reply.code, domainId: device.domainId, category, categoryId: null, sip: name.trim(), rollout: false, administrative: false, by: '', createdAt: Date.now(), validUntil: reply.validUntil, state: 'open' })
      setMade(reply.code)
    } catch (error) {
      setProblem(codeReason(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog title={d('interfaces.newTitle')} onClose={onClose} onSubmit={() => void create()} foot={
      <>
        <button type="button" class="btn ghost" onClick={onClose}>{t(made === undefined ? 'action.cancel' : 'action.close')}</button>
        {made === undefined && <button type="submit" class="btn primary" disabled={busy || category === undefined}><Icon name="key" />{d('interfaces.create')}</button>}
      </>
    }>
      {problem !== undefined && <p class="msg err" role="alert"><Icon name="err" /><span>{problem}</span></p>}
      {made === undefined && <>
        <p class="dim">{d('interfaces.newAbout')}</p>
        {category === undefined ? <p class="msg warn"><Icon name="warn" /><span>{d('interfaces.noCategory')}</span></p>
          : <Select id="interface-category" label={d('interfaces.category')} value={category} onChange={setCategory} options={categories.map(one => ({ value: one.name, label: one.name }))} />}
        <TextField id="interface-name" label={d('interfaces.name')} value={name} maxLength={NAME_LENGTH} onInput={setName} />
      </>}
      {made !== undefined && <p class="digits small"><span class="sr">{[...made].join(' ')}</span>{grouped(made).split(' ').map((group, at) => <span key={at} aria-hidden="true">{group}</span>)}</p>}
      {code && isOpen(code) && <p class="left" role="status">{code.state === 'refused' && <span class="msg err"><Icon name="err" /><span>{code.errorText ? serverText(code.errorText) : ''}</span></span>}<Countdown until={code.validUntil} whole={validity(code)} now={now} small /><span class="dim">{d('interfaces.waiting')}</span></p>}
      {code?.state === 'used' && <p class="msg ok" role="status"><Icon name="ok" /><span>{d('interfaces.used', code.interface ?? '')}</span></p>}
    </Dialog>
  )
}
