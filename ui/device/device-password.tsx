/** The administrative password of a device: asked for on request, decrypted here, hidden again by itself. */
import { useEffect, useState } from 'preact/hooks'
import { RequestRefused } from '../connection/errors.ts'
import { Icon } from '../parts/icons.tsx'
import { announce, notify, reasonText } from '../parts/notices.tsx'
import { copyText } from '../parts/copy-button.tsx'
import { useWhyNot } from '../session/rights.ts'
import { NoSessionKey, open } from '../session/secrets.ts'
import { connection } from '../session/session.ts'
import { t } from '../text/text.ts'
import type { Device } from '../../app/protocol/types.ts'
import { d } from './words.ts'

/** A revealed password is hidden again after this, in ms. */
const SHOWN_FOR = 30_000

type Revealed = { readonly kind: 'domain', readonly deployed: boolean } | { readonly kind: 'random', readonly deployed: boolean, readonly clear: string }

const whyNot = (error: unknown): string =>
  error instanceof NoSessionKey ? d('password.noKey') : error instanceof RequestRefused && error.code === 'conflict' ? d('password.none') : reasonText(error)

export const DevicePassword = ({ device }: { device: Device }) => {
  const refused = useWhyNot('manage')
  const [revealed, setRevealed] = useState<Revealed>()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const hide = (): void => setRevealed(undefined)
  useEffect(hide, [device.id, device.domainId])
  useEffect(() => {
    if (!revealed) return
    const timer = setTimeout(() => {
      hide()
      announce(d('password.hidden'))
    }, SHOWN_FOR)
    return () => clearTimeout(timer)
  }, [revealed])
  // A lost connection may mean that somebody else signs in next.
  useEffect(() => connection().state.subscribe(() => { if (connection().state.value.at !== 'online') hide() }), [])
  const reveal = async (): Promise<void> => {
    setBusy(true)
    setProblem(undefined)
    try {
      const { kind, deployed, seed, password } = await connection().request('GetDevicePassword', { id: device.id })
      if (kind === 'domain') return setRevealed({ kind, deployed })
      const clear = seed === undefined || password === undefined ? undefined : open(seed, password)
      if (clear === undefined) setProblem(d('password.noKey'))
      else setRevealed({ kind, deployed, clear })
    } catch (error) {
      setProblem(whyNot(error))
    } finally {
      setBusy(false)
    }
  }
  const copy = async (clear: string): Promise<void> => {
    const done = await copyText(clear)
    notify(done ? 'ok' : 'err', done ? d('password.copied') : t('copy.failed'))
  }
  return (
    <section class="panel" aria-labelledby="password-head">
      <div class="panel-head"><h2 id="password-head">{d('password.title')}</h2></div>
      <div class="panel-body stack-s">
        {revealed?.kind === 'domain' && <p>{d(revealed.deployed ? 'password.domain' : 'password.domainOff')}</p>}
        <div class="pw">
          {revealed?.kind === 'random'
            ? <><code class="pw-clear" aria-label={d('password.title')}>{revealed.clear}</code>
                <button type="button" class="btn icon small ghost" aria-label={d('password.copy')} title={d('password.copy')} onClick={() => void copy(revealed.clear)}><Icon name="copy" /></button>
                <button type="button" class="btn small" onClick={hide}>{d('password.hide')}</button></>
            : !revealed && <><span class="pw-dots" aria-hidden="true">••••••••</span>
                <button type="button" class="btn small" disabled={busy || refused !== undefined} title={refused} onClick={() => void reveal()}><Icon name="eye" />{d('password.show')}</button></>}
        </div>
        {problem !== undefined && <p class="msg err" role="alert"><Icon name="err" /><span>{problem}</span></p>}
        {revealed?.kind === 'random' && !revealed.deployed && <p class="msg warn"><Icon name="warn" /><span>{d('password.notDeployed')}</span></p>}
        <p class="hint">{refused ?? d(revealed?.kind === 'random' ? 'password.shown' : 'password.about')}</p>
      </div>
    </section>
  )
}
