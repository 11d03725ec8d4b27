/**
 * A device's own pages through its connection (wire-protocols 4.1). What a device serves is untrusted: the frame has an origin of
 * its own, so its scripts reach neither this app nor its sign-in nor other devices.
 */
import { useEffect, useState } from 'preact/hooks'
import { Icon } from '../parts/icons.tsx'
import { reasonText } from '../parts/notices.tsx'
import { connection } from '../session/session.ts'
import { t } from '../text/text.ts'
import { typeIcon } from '../parts/device-words.tsx'
import type { Device } from '../../app/protocol/types.ts'

const START_PAGE = 'admin.xml'
const SANDBOX = 'allow-scripts allow-forms allow-modals allow-popups allow-downloads'

type Session =
  | { readonly at: 'opening' }
  | { readonly at: 'open', readonly start: string }
  | { readonly at: 'ended' }
  | { readonly at: 'failed', readonly error: unknown }

/** The device's start page below this service; another host is refused by the page's policy anyway. */
function startPage(uri: string): string {
  const base = new URL(uri, location.href)
  return location.origin + base.pathname + START_PAGE
}

export const AdminFrame = ({ device }: { device: Device }) => {
  const [session, setSession] = useState<Session>({ at: 'opening' })
  const [opened, setOpened] = useState(1)
  const [loaded, setLoaded] = useState(0)
  const { hwId, online } = device
  useEffect(() => {
    // The session belongs to this visit: it ends with it, and with a device that goes away.
    if (!online || opened === 0) return
    let gone = false
    setSession({ at: 'opening' })
    connection().request('OpenTunnel', { hwId }).then(
      ({ uri }) => { if (!gone) setSession({ at: 'open', start: startPage(uri) }) },
      error => { if (!gone) setSession({ at: 'failed', error }) },
    )
    return () => {
      gone = true
      connection().request('CloseTunnel', { hwId }).catch(() => undefined)
    }
  }, [hwId, online, opened])
  // A lost connection takes the session with it.
  useEffect(() => connection().state.subscribe(() => {
    if (connection().state.value.at === 'online') setOpened(count => count === 0 ? 0 : count + 1)
  }), [])

  if (!online) return <Explained icon="unplug" title={t('frame.offline')} text={t('frame.offlineAbout')} />
  if (session.at === 'ended') {
    return <Explained icon={typeIcon(device.type)} title={t('frame.ended')} text={t('frame.endedAbout')} action={t('frame.again')} onAction={() => setOpened(1)} />
  }
  if (session.at === 'failed') return <Explained icon="err" title={t('frame.failed')} text={reasonText(session.error)} action={t('action.retry')} onAction={() => setOpened(count => count + 1)} />
  const start = session.at === 'open' ? session.start : undefined
  return (
    <div class="frame">
      <div class="frame-bar">
        <Icon name="lock" size="s" />
        <span class="addr dim">{t('frame.about')}</span>
        <button type="button" class="btn small" disabled={!start} onClick={() => setLoaded(count => count + 1)}><Icon name="restart" />{t('frame.start')}</button>
        {start && <a class="btn small" href={start} target="_blank" rel="noopener noreferrer"><Icon name="external" />{t('frame.window')}</a>}
        <button type="button" class="btn small" onClick={() => {
          setOpened(0)
          setSession({ at: 'ended' })
        }}>{t('frame.end')}</button>
      </div>
      {start
        ? <iframe key={`${start}${loaded}`} class="frame-page" title={t('frame.title', device.product)} src={start} sandbox={SANDBOX} referrerpolicy="no-referrer" />
        : <div class="frame-body" role="status"><span class="st info"><Icon name="run" spin /><span>{t('frame.opening')}</span></span></div>}
    </div>
  )
}

const Explained = ({ icon, title, text, action, onAction }: { icon: Parameters<typeof Icon>[0]['name'], title: string, text: string, action?: string, onAction?: () => void }) => (
  <div class="frame"><div class="frame-body"><div class="empty" role="status"><Icon name={icon} size="xl" /><h2>{title}</h2><p>{text}</p>
    {action && <div class="btns"><button type="button" class="btn" onClick={onAction}>{action}</button></div>}</div></div></div>
)
