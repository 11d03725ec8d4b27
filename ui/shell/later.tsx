/** The second part of the app: pages and dialogs that are loaded when they are first needed, or when the browser has nothing to do. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Empty } from '../devices/empty.tsx'
import { notify } from '../parts/notices.tsx'
import { connection } from '../session/session.ts'
import { t } from '../text/text.ts'

type Later = typeof import('../later.ts')
let loaded: Later | undefined
const load = async (): Promise<Later> => {
  if (loaded) return loaded
  const [part] = await Promise.all([import('../later.ts'), style()])
  return loaded = part
}
let styled: Promise<void> | undefined
/** Its styles are there before it is drawn. */
const style = (): Promise<void> => styled ??= new Promise((resolve, reject) => {
  const link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = 'later.css'
  link.onload = () => resolve()
  link.onerror = () => {
    styled = undefined
    link.remove()
    reject(new Error('the styles were not loaded'))
  }
  document.head.append(link)
})

/** Loads the second part ahead of its need. */
export function loadAhead(): void {
  const soon = (): void => void load().catch(() => undefined)
  if ('requestIdleCallback' in window) requestIdleCallback(soon)
  else setTimeout(soon, 1_000)
}

/** Draws something of the second part as soon as it is here. */
export const FromLater = ({ children, quiet }: { readonly children: (later: Later) => ComponentChildren, /** Nothing is shown meanwhile (dialogs). */ readonly quiet?: boolean }) => {
  const [state, setState] = useState<Later | 'loading' | 'failed'>(loaded ?? 'loading')
  useEffect(() => {
    if (state === 'loading') load().then(setState, () => setState('failed'))
    if (state !== 'failed') return
    if (quiet) notify('err', t('page.failedAbout'))
    return connection().state.subscribe(() => { if (connection().state.value.at === 'online') setState('loading') })
  }, [state])
  if (state === 'failed') return quiet ? null : <Empty icon="unplug" title={t('page.failed')} actions={<button type="button" class="btn" onClick={() => location.reload()}>{t('page.reload')}</button>}>{t('page.failedAbout')}</Empty>
  if (state !== 'loading') return <>{children(state)}</>
  return quiet ? null : <div class="page" role="status" aria-busy="true" aria-label={t('page.loading')}><span class="sk w1 title" /><div class="panel skeleton-panel"><span class="sk w2" /><span class="sk w3" /><span class="sk w1" /></div></div>
}
