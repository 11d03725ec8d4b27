/** One code to read out: large digits, the time left, a QR code, what to do; then what became of it. */
import { useEffect, useRef } from 'preact/hooks'
import { useLiveDevice } from '../device/live-device.ts'
import { CopyButton, copyAndTell } from '../parts/copy-button.tsx'
import { deviceName, Mac, Status } from '../parts/device-words.tsx'
import { Icon } from '../parts/icons.tsx'
import { announce } from '../parts/notices.tsx'
import { linkTo } from '../route/navigation.ts'
import { pageRoute } from '../route/route.ts'
import { connection, domainName } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import type { ProvisioningCode } from '../../app/protocol/provisioning-messages.ts'
import { codes, grouped, isOpen, registrationUrl, shownCode, validity } from './codes.ts'
import { Countdown } from './countdown.tsx'
import { qrText } from './qr.ts'
import { QrCode } from './qr-code.tsx'
import { serverText } from './server-texts.ts'
import { w } from './words.ts'

const nameOf = (code: ProvisioningCode): string => code.sip || w('card.nobody')

export const CodeCard = ({ now, onCancel }: { now: number, onCancel(code: ProvisioningCode): void }) => {
  useCell(codes.items)
  const digits = useCell(shownCode)
  const code = digits === undefined ? undefined : codes.get(digits)
  const before = useRef<{ code: string, state: string }>(undefined)
  useEffect(() => {
    // What happens to the code in front of somebody is said aloud.
    if (code && before.current?.code === code.code && before.current.state !== code.state) announce(`${nameOf(code)}: ${w(`state.${code.state}`)}`)
    before.current = code && { code: code.code, state: code.state }
  }, [code?.code, code?.state])
  if (!code) {
    return (
      <section class="panel code-none"><Icon name="key" size="l" /><div><h2>{w('card.none')}</h2><p class="dim">{w('card.noneAbout')}</p></div></section>
    )
  }
  return (
    <section class="panel" aria-labelledby="code-head">
      <div class="panel-head"><h2 id="code-head">{w('card.title', nameOf(code))}</h2>
        <div class="end">
          {isOpen(code) && <button type="button" class="btn small" onClick={() => void copyAndTell(code.code)}><Icon name="copy" />{w('copy')}</button>}
          {isOpen(code)
            ? <button type="button" class="btn small ghost" onClick={() => onCancel(code)}>{w('cancel')}</button>
            : <button type="button" class="btn small icon ghost" aria-label={w('card.close')} title={w('card.close')} onClick={() => shownCode.set(undefined)}><Icon name="close" /></button>}
        </div></div>
      {isOpen(code) ? <OpenCode code={code} now={now} /> : code.state === 'used' && code.hwId !== undefined ? <Arrived key={code.hwId} hwId={code.hwId} code={code} /> : <Over code={code} />}
    </section>
  )
}

const OpenCode = ({ code, now }: { code: ProvisioningCode, now: number }) => {
  const url = useCell(registrationUrl)
  useEffect(() => { if (registrationUrl.value === undefined) connection().request('GetRegistrationUrl', {}).then(reply => registrationUrl.set(reply.url), () => undefined) }, [])
  return (
    <div class="codecard">
      <div class="stack">
        <p class="digits"><span class="sr">{[...code.code].join(' ')}</span>{grouped(code.code).split(' ').map((group, at) => <span key={at} aria-hidden="true">{group}</span>)}</p>
        {code.state === 'refused'
          ? <p class="msg err big"><Icon name="err" /><span>{code.errorText ? serverText(code.errorText) : w('state.refused')}{code.hwId && <> <Mac hwId={code.hwId} />.</>} {w('card.stillGood')}</span></p>
          : null}
        <p class="left"><Countdown until={code.validUntil} whole={validity(code)} now={now} /><span class="dim">{w(code.state === 'refused' ? 'card.leftOnly' : 'card.left')}</span></p>
        <ol class="steps3">
          <li><span>{w('step.reset')} <a href={linkTo(pageRoute('provisioning', { part: 'offline' }))}>{w('step.how')}</a>{url !== undefined && <span class="inline-url"><code>{url}</code><CopyButton text={url} label={w('copyUrl')} /></span>}</span></li>
          <li><span>{w('step.type')}</span></li>
          <li><span>{w('step.appears')}</span></li>
        </ol>
      </div>
      <QrCode text={qrText(code.code, url)} label={w('qr')} />
    </div>
  )
}

/** The device that came with the code, live. */
const Arrived = ({ hwId, code }: { hwId: string, code: ProvisioningCode }) => {
  const [state] = useLiveDevice(hwId)
  const device = state.at === 'here' ? state.device : undefined
  return (
    <div class="codecard arrived">
      <span class="ico-ok"><Icon name="ok" size="xl" /></span>
      <div class="stack">
        <h3>{device ? w(code.interface ? 'card.interfaceOf' : 'card.arrived', code.interface ? code.interface : deviceName(device), deviceName(device)) : w('state.used')}</h3>
        <p class="facts">{device && <Status device={device} />}{device && <span>{device.product}</span>}<Mac hwId={hwId} /><span>{domainName(code.domainId)}</span>{code.category && <span class="chip prov">{code.category}</span>}</p>
        <div class="btns"><a class="btn primary" href={linkTo({ view: 'device', hwId, tab: 'overview' })}><Icon name="right" />{w('card.open')}</a></div>
      </div>
    </div>
  )
}

const Over = ({ code }: { code: ProvisioningCode }) => (
  <div class="codecard arrived">
    <span class="ico-off"><Icon name="off" size="xl" /></span>
    <div class="stack"><h3>{w('card.over')}</h3><p class="dim">{w('card.overAbout', grouped(code.code))}</p></div>
  </div>
)
