/** Automatic provisioning of a domain: its token, and the complete address for devices. What is done here holds at once. */
import { useEffect, useState } from 'preact/hooks'
import { Dialog } from '../parts/dialog.tsx'
import { Select } from '../parts/fields.tsx'
import { Icon } from '../parts/icons.tsx'
import { notify } from '../parts/notices.tsx'
import { copySecret, newSecret } from '../parts/secret-field.tsx'
import { open, seal } from '../session/secrets.ts'
import { connection } from '../session/session.ts'
import { t } from '../text/text.ts'
import type { Domain } from '../../app/protocol/types.ts'
import { provisioningUrl } from './registration-url.ts'
import { w, whyRefused } from './words.ts'

/** A revealed token is hidden again after this, in ms. */
const SHOWN_FOR = 30_000

interface Props { readonly domain: Domain, readonly active: boolean, readonly disabled: string | undefined, onChanged(): void }
export const ProvisioningToken = ({ domain, active, disabled, onChanged }: Props) => {
  const categories = domain.categories.filter(category => category.config)
  const [secret, setSecret] = useState<{ readonly token: string, readonly url: string }>()
  const [category, setCategory] = useState('')
  const [asking, setAsking] = useState<'new' | 'off'>()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const chosen = categories.find(one => one.name === category)?.name ?? categories[0]?.name
  useEffect(() => {
    if (!secret) return
    const timer = setTimeout(() => setSecret(undefined), SHOWN_FOR)
    return () => clearTimeout(timer)
  }, [secret])
  useEffect(() => { if (!active) setSecret(undefined) }, [active])

  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      await work()
    } catch (cause) {
      setError(whyRefused(cause))
    } finally {
      setBusy(false)
    }
  }
  const read = async (): Promise<{ token: string, url: string }> => {
    const reply = await connection().request('GetProvisioningToken', { id: domain.id })
    const token = open(reply.seed, reply.token)
    if (token === undefined) throw new Error('the token cannot be read with this session key')
    return { token, url: reply.url }
  }
  const reveal = (): Promise<void> => attempt(async () => setSecret(await read()))
  const put = (token: string): Promise<void> => attempt(async () => {
    const sealed = token ? seal(token) : undefined
    await connection().request('EditDomain', { id: domain.id, seed: sealed?.seed ?? seal('').seed, provisioningToken: sealed?.text ?? '' })
    setAsking(undefined)
    notify('ok', w(token ? 'token.renewed' : 'token.turnedOff', domain.name))
    onChanged()
    setSecret(token ? await read() : undefined)
  })
  const url = secret && chosen !== undefined ? provisioningUrl(secret.url, domain.name, secret.token, chosen) : undefined
  return (
    <section class="panel" aria-labelledby="token-head">
      <div class="panel-head"><h2 id="token-head">{w('token.title')}</h2>
        <div class="end">{active ? <span class="st ok"><Icon name="ok" /><span>{w('token.on')}</span></span> : <span class="st off"><Icon name="off" /><span>{w('token.off')}</span></span>}</div></div>
      <div class="panel-body stack">
        <p class="dim">{w('token.about')}</p>
        {error !== undefined && <p class="msg err" role="alert"><Icon name="err" /><span>{error}</span></p>}
        {secret && (
          <>
            <div class="field"><span class="label" id="token-value">{w('token.token')}</span><div class="urlbox" aria-labelledby="token-value"><code>{secret.token}</code><button type="button" class="btn icon small ghost" aria-label={w('token.copy')} title={w('token.copy')} onClick={() => void copySecret(secret.token)}><Icon name="copy" /></button></div></div>
            {categories.length === 0
              ? <p class="msg warn"><Icon name="warn" /><span>{w('token.noCategory')}</span></p>
              : <Select id="token-category" label={t('device.provisionedAs')} value={chosen ?? ''} onChange={setCategory} options={categories.map(one => ({ value: one.name, label: one.name }))} />}
            {url !== undefined && <>
              <div class="field"><span class="label" id="token-url">{w('token.url')}</span><div class="urlbox" aria-labelledby="token-url"><code>{url}</code><button type="button" class="btn icon small ghost" aria-label={w('token.copyUrl')} title={w('token.copyUrl')} onClick={() => void copySecret(url)}><Icon name="copy" /></button></div>
                <span class="hint">{w('token.urlHint')}</span></div>
              <div class="btns"><button type="button" class="btn small" onClick={() => void copySecret(`!config change SYSCLIENT /sysadmin ${url}`)}><Icon name="copy" />{w('token.copyCommand')}</button></div>
            </>}
            <p class="dim">{w('token.hides')}</p>
          </>
        )}
        <div class="btns">
          {active && !secret && <button type="button" class="btn" disabled={busy || disabled !== undefined} title={disabled} onClick={() => void reveal()}><Icon name="eye" />{w('token.show')}</button>}
          {secret && <button type="button" class="btn" onClick={() => setSecret(undefined)}>{w('token.hide')}</button>}
          <button type="button" class="btn" disabled={busy || disabled !== undefined} title={disabled} onClick={() => active ? setAsking('new') : void put(newSecret())}><Icon name="key" />{w(active ? 'token.renew' : 'token.turnOn')}</button>
          {active && <button type="button" class="btn danger" disabled={busy || disabled !== undefined} title={disabled} onClick={() => setAsking('off')}>{w('token.turnOff')}</button>}
        </div>
      </div>
      {asking && (
        <Dialog title={w(asking === 'new' ? 'token.renewTitle' : 'token.offTitle')} danger onClose={() => setAsking(undefined)} foot={
          <>
            <button type="button" class="btn ghost" onClick={() => setAsking(undefined)}>{t('action.cancel')}</button>
            <button type="button" class="btn danger" disabled={busy} onClick={() => void put(asking === 'new' ? newSecret() : '')}>{w(asking === 'new' ? 'token.renew' : 'token.turnOff')}</button>
          </>
        }><p>{w('token.breaks')}</p></Dialog>
      )}
    </section>
  )
}
