/** The search field of the top bar: finds while typing; `label: value` becomes a token. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Icon } from '../parts/icons.tsx'
import { stateLabel, typeLabel } from '../parts/device-words.tsx'
import { go, lastList, refine, route } from '../route/navigation.ts'
import { sameFilter, START, STATES, TYPES, type Filter } from '../route/route.ts'
import { categoryNames, domains } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { t } from '../text/text.ts'
import { readToken, TOKEN_LABELS, tokensOf, type Reading, type Token } from './tokens.ts'

/** Typing faster than this is one search, in ms. */
const DEBOUNCE = 70
const MAX_TEXT = 200

/**
 * Shows the list with this filter. The back button undoes a search and a token, not every letter; a search from a device page
 * leads back to the device.
 */
export function search(filter: Filter): void {
  const list = lastList.value
  const next = { ...START, sort: list.sort, descending: list.descending, filter }
  const now = route.value
  const typingOn = now.view === 'devices' && now.filter.words !== '' && filter.words !== '' && sameFilter({ ...now.filter, words: '' }, { ...filter, words: '' })
  if (typingOn) refine(next)
  else go(next)
}

const tokenValue = ({ label, value }: Token): string => {
  const type = label === 'type' ? TYPES.find(one => one === value) : undefined
  const state = label === 'state' ? STATES.find(one => one === value) : undefined
  return type ? typeLabel(type) : state ? stateLabel(state) : value
}

export const TokenChip = ({ token, onRemove }: { token: Token, onRemove(): void }) => (
  <span class="token"><b>{t(`token.${token.label}`)}:</b><span>{tokenValue(token)}</span>
    <button type="button" aria-label={t('search.removeToken', `${t(`token.${token.label}`)}: ${tokenValue(token)}`)} onClick={onRemove}><Icon name="close" size="s" /></button></span>
)

const hintText = (reading: Reading | undefined): string | undefined => {
  if (reading?.kind === 'unknownLabel') return t('search.unknownLabel', reading.label, TOKEN_LABELS.map(label => t(`token.${label}`)).join(', '))
  if (reading?.kind !== 'unknownValue') return undefined
  if (!reading.value) return reading.choices.length ? t('search.choices', reading.choices.join(', ')) : t('search.anyValue')
  return reading.choices.length ? t('search.unknownValue', reading.value, reading.choices.join(', ')) : t('search.noValue', reading.value)
}

export const SearchBox = ({ onLeave }: { onLeave?: (() => void) | undefined }) => {
  const current = useCell(route)
  const filter = current.view === 'devices' ? current.filter : START.filter
  const [text, setText] = useState(filter.words)
  const [hint, setHint] = useState<Reading>()
  const input = useRef<HTMLInputElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const typed = useRef(filter.words)
  // Words that came with the address (back button, deep link) replace what stands in the field; the own ones do not come back late.
  useEffect(() => {
    if (filter.words === typed.current) return
    typed.current = filter.words
    setText(filter.words)
    setHint(undefined)
  }, [filter.words])

  const find = (words: string, from: Filter = filter): void => {
    clearTimeout(timer.current)
    typed.current = words
    search({ ...from, words })
  }
  const read = (value: string, finished: boolean): void => {
    const reading = readToken(value, filter, domains.value.map(domain => domain.name), categoryNames(domains.value))
    if (reading.kind === 'token' && finished) {
      setText(reading.rest)
      setHint(undefined)
      return find(reading.rest, reading.filter)
    }
    setText(value)
    setHint(reading.kind === 'unknownLabel' || reading.kind === 'unknownValue' ? reading : undefined)
    clearTimeout(timer.current)
    if (reading.kind === 'words') timer.current = setTimeout(() => find(reading.rest), finished ? 0 : DEBOUNCE)
  }
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLInputElement }): void => {
    if (event.key === 'Enter') read(event.currentTarget.value, true)
    if (event.key === 'Backspace' && event.currentTarget.value === '') {
      const last = tokensOf(filter).at(-1)
      if (last) search(last.without)
    }
    if (event.key === 'Escape') {
      event.preventDefault()
      setText('')
      setHint(undefined)
      find('', START.filter)
      onLeave?.()
    }
  }
  useLayoutEffect(() => { if (onLeave) input.current?.focus() }, [])
  useEffect(() => {
    const onSlash = (event: KeyboardEvent): void => {
      const target = event.target
      const typing = target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
      if (event.key !== '/' || (typing && !(target instanceof HTMLInputElement && target.type === 'checkbox')) || document.querySelector('dialog[open]')) return
      event.preventDefault()
      input.current?.focus()
    }
    addEventListener('keydown', onSlash)
    return () => removeEventListener('keydown', onSlash)
  }, [])
  const shownHint = hintText(hint)
  return (
    <div class="search" role="search">
      <Icon name="search" />
      {tokensOf(filter).map(token => <TokenChip key={`${token.label}:${token.value}`} token={token} onRemove={() => {
        search(token.without)
        input.current?.focus()
      }} />)}
      <input ref={input} type="search" aria-label={t('search.label')} placeholder={t('search.placeholder')} autocomplete="off" spellcheck={false} maxLength={MAX_TEXT}
        aria-describedby={shownHint ? 'search-hint' : undefined} value={text}
        onInput={event => read(event.currentTarget.value, /:\s*("[^"]*"|[^\s"]+)\s$/.test(event.currentTarget.value))} onKeyDown={onKeyDown} />
      <kbd aria-hidden="true">/</kbd>
      <p id="search-hint" class="search-hint" role="status" hidden={!shownHint}>{shownHint}</p>
    </div>
  )
}
