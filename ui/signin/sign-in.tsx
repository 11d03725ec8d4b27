/** Sign-in of a page that is opened alone. Inside myApps the parent window signs in. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { chooseLanguage, language, toggleScheme } from '../host/settings.ts'
import { Icon, Mark } from '../parts/icons.tsx'
import { MenuButton } from '../parts/menu.tsx'
import { connection, lastDomain, signIn } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { LANGUAGES, type Language } from '../text/language.ts'
import { t, type TextId } from '../text/text.ts'
import { Fleet } from './fleet.tsx'

const LANGUAGE_LIST: readonly Language[] = ['en', 'de']
/** An answer that takes longer has most likely been delayed by the service after wrong attempts, in ms. */
const SLOW = 2_500

export const SignIn = () => {
  const state = useCell(connection().state)
  const shown = useCell(language)
  const [domain, setDomain] = useState(lastDomain)
  const [password, setPassword] = useState('')
  const [visible, setVisible] = useState(false)
  const [missing, setMissing] = useState<'domain' | 'password'>()
  const [slow, setSlow] = useState(false)
  const failures = useRef(0)
  const tried = useRef('')
  const domainField = useRef<HTMLInputElement>(null)
  const passwordField = useRef<HTMLInputElement>(null)
  const busy = state.at === 'connecting'
  const problem = state.at === 'signedOut' ? state.problem : undefined
  useEffect(() => (domain ? passwordField : domainField).current?.focus(), [])
  useLayoutEffect(() => { passwordField.current?.setAttribute('type', visible ? 'text' : 'password') }, [visible])
  useEffect(() => {
    setSlow(false)
    if (problem === 'wrong') {
      failures.current++
      // Whoever is typing another domain already is left there.
      if (document.activeElement !== domainField.current) passwordField.current?.select()
    }
    if (!busy) return
    const timer = setTimeout(() => setSlow(true), SLOW)
    return () => clearTimeout(timer)
  }, [busy, state])
  const submit = (): void => {
    const name = domain.trim()
    if (!name || !password) {
      setMissing(name ? 'password' : 'domain')
      ;(name ? passwordField : domainField).current?.focus()
      return
    }
    setMissing(undefined)
    // Whoever corrects what is being tried does not wait for its answer, which may be delayed after wrong attempts.
    const attempt = JSON.stringify([name, password])
    if (busy && tried.current === attempt) return
    tried.current = attempt
    signIn(name, password)
  }
  const text: TextId | undefined = busy ? (slow ? (failures.current > 0 ? 'signin.throttled' : 'signin.slow') : undefined)
    : missing ? undefined : problem === 'wrong' ? 'signin.wrong' : problem === 'unreachable' ? 'signin.unreachable' : problem === 'expired' ? 'signin.expired' : undefined
  const bad = problem === 'wrong' && !busy && !missing
  return (
    <main class="sign">
      <div class="sign-form">
        <div class="brand"><Mark /><span>{t('devices.title')}</span></div>
        <form noValidate onSubmit={event => {
          event.preventDefault()
          submit()
        }}>
          <div><h1>{t('signin.title')}</h1><p class="dim">{t('signin.about')}</p></div>
          <div class="field">
            <label for="domain">{t('signin.domain')}</label>
            <input ref={domainField} class="in" id="domain" value={domain} autocomplete="username" autocapitalize="off" spellcheck={false} maxLength={128} aria-invalid={bad || missing === 'domain' ? true : undefined}
              aria-describedby={missing === 'domain' ? 'domain-about' : undefined} onInput={event => setDomain(event.currentTarget.value)} />
            {missing === 'domain' && <span class="msg err" id="domain-about" role="alert"><Icon name="err" /><span>{t('signin.domainMissing')}</span></span>}
          </div>
          <div class="field">
            <label for="password">{t('signin.password')}</label>
            <span class="withbtn">
              <input ref={passwordField} class="in" id="password" type="password" value={password} autocomplete="current-password" maxLength={256}
                aria-invalid={bad || missing === 'password' ? true : undefined} aria-describedby="password-about" onInput={event => setPassword(event.currentTarget.value)} />
              <button type="button" class="btn icon small" aria-label={t(visible ? 'signin.hide' : 'signin.show')} aria-pressed={visible} onClick={() => setVisible(!visible)}><Icon name="eye" /></button>
            </span>
            {missing === 'password' && <span class="msg err" role="alert"><Icon name="err" /><span>{t('signin.passwordMissing')}</span></span>}
            <span class="hint" id="password-about">{t('signin.hint')}</span>
          </div>
          <div role="alert" class="sign-problem">{text && <p class={`msg ${busy || problem === 'expired' ? 'warn' : 'err'}`}><Icon name={busy ? 'wait' : problem === 'expired' ? 'warn' : 'err'} /><span>{t(text)}</span></p>}</div>
          <button type="submit" class="btn primary big" aria-disabled={busy}>{busy && <Icon name="run" spin />}{t(busy ? 'signin.busy' : 'signin.button')}</button>
        </form>
        <footer>
          <button type="button" class="btn small ghost" onClick={toggleScheme}><Icon name="scheme" />{t('scheme.toggle')}</button>
          <MenuButton class="btn small ghost" label={t('signin.language', LANGUAGES[shown])} items={LANGUAGE_LIST.map(one => ({ label: <span lang={one}>{LANGUAGES[one]}</span>, kind: 'radio', checked: one === shown, run: () => chooseLanguage(one) }))}>
            {LANGUAGES[shown]}<Icon name="down" /></MenuButton>
        </footer>
      </div>
      <div class="sign-side"><figure><Fleet /><figcaption>{t('signin.caption')}</figcaption></figure></div>
    </main>
  )
}
