/** Puts a text into the clipboard. */
import { notify } from './notices.tsx'
import { t } from '../text/text.ts'
import { Icon } from './icons.tsx'

/** The clipboard of the browser is missing on plain http; a selected text field works everywhere. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const field = document.createElement('textarea')
    field.value = text
    field.className = 'sr'
    const focused = document.activeElement
    ;(focused?.closest('dialog') ?? document.body).append(field)
    field.select()
    const done = document.execCommand('copy')
    field.remove()
    if (focused instanceof HTMLElement) focused.focus()
    return done
  }
}

export const copyAndTell = async (text: string): Promise<void> => {
  const done = await copyText(text)
  notify(done ? 'ok' : 'err', done ? t('copied', text) : t('copy.failed'))
}

export const CopyButton = ({ text, label }: { text: string, label: string }) => (
  <button type="button" class="btn icon small ghost" aria-label={label} title={label} onClick={() => void copyAndTell(text)}><Icon name="copy" /></button>
)
