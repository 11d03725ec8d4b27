/**
 * Download of a backup. It may be larger than the memory of the browser, so the browser itself stores it: a hidden frame is led to
 * the address. What comes as an attachment leaves the frame as it is; what is shown in it instead is the reason of a failure. That
 * a download has begun is told to no page, but the audit log tells it.
 */
import { instanceUrl } from '../connection/location.ts'
import { notify, reasonText } from '../parts/notices.tsx'
import { connection } from '../session/session.ts'
import { Cell } from '../state/cell.ts'
import { whyNoBackup } from './reasons.ts'

export interface Backup { readonly id: number, readonly at: number, readonly who: string, readonly bytes: number }

export type Download =
  | { readonly at: 'none' }
  /** `slow`: it takes so long that it is worth words. */
  | { readonly at: 'preparing', readonly slow: boolean }
  | { readonly at: 'begun', readonly backup: Backup }
  | { readonly at: 'failed', readonly why: string }

/** Lives as long as the page, so that somebody may go on working meanwhile. */
export const download = new Cell<Download>({ at: 'none' })

let shown = 0
/** Somebody sees the state. @returns ends it; what is over is forgotten then */
export function showDownload(): () => void {
  shown++
  return () => {
    shown--
    if (download.value.at !== 'preparing') download.set({ at: 'none' })
  }
}

const ACTION = 'database.backedUp'
const SLOW_AFTER = 1_000
const ASK_EVERY = 700

/** The last backup that somebody downloaded. @param since nothing older is of interest; ms of the service's clock */
export async function lastBackup(since?: number): Promise<Backup | undefined> {
  const { entries } = await connection().request('GetAuditPage', { offset: 0, limit: 5, search: ACTION, ...(since === undefined ? {} : { from: since }) })
  const entry = entries.find(one => one.action === ACTION)
  return entry && { id: entry.id, at: entry.at, who: entry.who, bytes: Number(/\d+/.exec(entry.subject)?.[0] ?? 0) }
}

let frame: HTMLIFrameElement | undefined

export async function startDownload(): Promise<void> {
  if (download.value.at === 'preparing') return
  download.set({ at: 'preparing', slow: false })
  const slow = setTimeout(() => { if (download.value.at === 'preparing') download.set({ at: 'preparing', slow: true }) }, SLOW_AFTER)
  const end = (result: Download): void => {
    clearTimeout(slow)
    download.set(result)
    if (result.at === 'failed' && shown === 0) notify('err', result.why)
  }
  try {
    const before = await lastBackup()
    const { key } = await connection().request('RequestHttpKey', {})
    lead(`${instanceUrl(location.href)}/backup?key=${encodeURIComponent(key)}`, text => end({ at: 'failed', why: whyNoBackup(text) }))
    await waitFor(before, backup => end({ at: 'begun', backup }))
  } catch (error) {
    end({ at: 'failed', why: reasonText(error) })
  }
}

/** @param onShown the answer was shown, so it is no download; undefined: it cannot be read, as the browser's own page for errors */
function lead(url: string, onShown: (text: string | undefined) => void): void {
  frame?.remove()
  const fresh = frame = document.createElement('iframe')
  fresh.hidden = true
  fresh.referrerPolicy = 'no-referrer'
  fresh.src = url
  fresh.onload = () => {
    const shown = fresh.contentDocument
    // Some browsers tell of the empty page that a download leaves behind.
    if (fresh !== frame || shown?.URL === 'about:blank') return
    onShown(shown?.body.textContent ?? undefined)
    fresh.remove()
  }
  document.body.append(fresh)
}

async function waitFor(before: Backup | undefined, begun: (backup: Backup) => void): Promise<void> {
  while (download.value.at === 'preparing') {
    await new Promise(resolve => setTimeout(resolve, ASK_EVERY))
    // Without a connection it is asked again later; a download that fails is told by its frame.
    const last = await lastBackup(before?.at).catch(() => undefined)
    if (last && last.id !== before?.id && download.value.at === 'preparing') return begun(last)
  }
}
