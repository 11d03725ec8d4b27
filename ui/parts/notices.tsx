/** What the page says by itself: short notices in a corner, and announcements that are only heard. */
import type { ComponentChildren } from 'preact'
import { NotConnected, RequestRefused } from '../connection/errors.ts'
import { Cell, useCell } from '../state/cell.ts'
import { t, type TextId } from '../text/text.ts'
import { Icon } from './icons.tsx'

interface Notice { readonly id: number, readonly kind: 'ok' | 'err', readonly text: ComponentChildren }

const SHOWN_FOR = 6_000
const MOST = 4
const notices = new Cell<readonly Notice[]>([])
const heard = new Cell('')
let count = 0

const dismiss = (id: number): void => notices.update(all => all.filter(notice => notice.id !== id))

/** Good news goes away by itself; a problem, and news that somebody may come back to, stays until it is dismissed. */
export function notify(kind: 'ok' | 'err', text: ComponentChildren, stays = kind === 'err'): void {
  const id = ++count
  notices.update(all => [...all.slice(1 - MOST), { id, kind, text }])
  if (!stays) setTimeout(() => dismiss(id), SHOWN_FOR)
}

/** Says something to screen readers only. */
export const announce = (text: string): void => heard.set(text)

const REFUSALS: Record<RequestRefused['code'], TextId> = {
  notLoggedIn: 'refused.notLoggedIn', noAccess: 'refused.noAccess', notFound: 'refused.notFound', badRequest: 'refused.badRequest',
  conflict: 'refused.conflict', offline: 'refused.offline', busy: 'refused.busy', failed: 'refused.failed',
}
/** Why something was not done, in words. */
export function reasonText(error: unknown): string {
  if (error instanceof NotConnected) return t(error.sent ? 'refused.lost' : 'refused.notConnected')
  return t(error instanceof RequestRefused ? REFUSALS[error.code] : 'refused.failed')
}

export const Notices = () => (
  <>
    <div class="sr" role="status" aria-live="polite">{useCell(heard)}</div>
    <div class="toasts">
      {useCell(notices).map(({ id, kind, text }) => (
        <div key={id} class={`toast ${kind}`} role={kind === 'ok' ? 'status' : 'alert'}>
          <span class={`ico-${kind}`}><Icon name={kind} /></span><span>{text}</span>
          <button type="button" class="btn small icon ghost" aria-label={t('action.dismiss')} onClick={() => dismiss(id)}><Icon name="close" /></button>
        </div>
      ))}
    </div>
  </>
)
