/** A field for a new password or token: hidden until shown, made by the page on request, copied with one press. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { randomLetters } from '../session/secrets.ts'
import { t } from '../text/text.ts'
import { copyText } from './copy-button.tsx'
import { Icon } from './icons.tsx'
import { notify } from './notices.tsx'

/** Letters that are not mistaken for each other when read out (no 0 and O, no 1, l and I) and need no quoting in a command of a device. */
const READABLE = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789'
const LENGTH = 20
/** About 116 bits. */
export const newSecret = (): string => randomLetters(LENGTH, READABLE)

interface SecretFieldProps {
  readonly id: string
  readonly label: string
  readonly value: string
  readonly hint?: string | undefined
  readonly error?: string | undefined
  readonly warning?: string | undefined
  readonly disabled?: string | undefined
  onInput(value: string): void
}

/** @param disabled why it may not be changed */
export const SecretField = ({ id, label, value, hint, error, warning, disabled, onInput }: SecretFieldProps) => {
  const [visible, setVisible] = useState(false)
  // What is gone is not shown when something new is typed.
  useEffect(() => { if (value === '') setVisible(false) }, [value === ''])
  const input = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => { input.current?.setAttribute('type', visible ? 'text' : 'password') }, [visible])
  const about = error ?? warning ?? hint
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="secret">
        <input ref={input} class="in" id={id} type="password" value={value} maxLength={128} autocomplete="new-password" autocapitalize="off" spellcheck={false} disabled={disabled !== undefined} title={disabled}
          aria-invalid={error ? true : undefined} aria-describedby={about ? `${id}-about` : undefined} onInput={event => onInput(event.currentTarget.value)} />
        <button type="button" class="btn icon" aria-label={t(visible ? 'signin.hide' : 'signin.show')} title={t(visible ? 'signin.hide' : 'signin.show')} aria-pressed={visible} disabled={value === ''} onClick={() => setVisible(!visible)}><Icon name="eye" /></button>
        <button type="button" class="btn icon" aria-label={t('secret.copy')} title={t('secret.copy')} disabled={value === ''} onClick={() => void copySecret(value)}><Icon name="copy" /></button>
        <button type="button" class="btn" disabled={disabled !== undefined} title={disabled} onClick={() => {
          onInput(newSecret())
          setVisible(true)
        }}><Icon name="restart" />{t('secret.generate')}</button>
      </div>
      {about && <span class={error ? 'msg err' : warning ? 'msg warn' : 'hint'} id={`${id}-about`} role={error ? 'alert' : undefined}>{(error || warning) && <Icon name={error ? 'err' : 'warn'} />}<span>{about}</span></span>}
    </div>
  )
}

/** Copies without saying what: the notice stays on the screen longer than the secret should. */
export async function copySecret(text: string): Promise<void> {
  const done = await copyText(text)
  notify(done ? 'ok' : 'err', t(done ? 'secret.copied' : 'copy.failed'))
}
