/** A button that opens a list with a search field: for choices of which there may be hundreds. */
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { formatNumber, t } from '../text/text.ts'
import { Icon } from './icons.tsx'

export interface Choice { readonly id: string, readonly label: string, readonly chosen: boolean, /** Drawn instead of the label. */ readonly look?: ComponentChildren }
interface PickerProps {
  readonly class?: string
  readonly label: string
  readonly title?: string | undefined
  readonly disabled?: boolean
  readonly choices: readonly Choice[]
  /** Several may be chosen: the list stays open. */
  readonly several?: boolean
  readonly searchLabel: string
  /** Said when nothing fits. */
  readonly nothing: string
  onChoose(id: string): void
  readonly children: ComponentChildren
}

/** More than these are found by typing. */
const MOST = 100
/** Shorter lists need no search. */
const SEARCHED = 8

export const Picker = ({ children, class: className, label, title, disabled, ...list }: PickerProps) => {
  const [anchor, setAnchor] = useState<DOMRect>()
  const closedAt = useRef(0)
  const id = useId()
  return (
    <>
      <button type="button" class={className} aria-label={label} title={title} disabled={disabled} aria-haspopup="dialog" aria-expanded={anchor !== undefined} aria-controls={anchor ? id : undefined}
        onClick={event => {
          // The press that closed the open list is not meant to open it again.
          if (event.detail > 0 && event.timeStamp - closedAt.current < 400) return
          setAnchor(anchor ? undefined : event.currentTarget.getBoundingClientRect())
        }}>{children}</button>
      {anchor && <PickerList id={id} anchor={anchor} label={label} {...list} onClose={pressed => {
        if (pressed) closedAt.current = performance.now()
        setAnchor(undefined)
      }} />}
    </>
  )
}

interface ListProps extends Omit<PickerProps, 'children' | 'class' | 'title' | 'disabled'> { readonly id: string, readonly anchor: DOMRect, /** @param pressed by a press elsewhere */ onClose(pressed: boolean): void }
const PickerList = ({ id, anchor, label, choices, several, searchLabel, nothing, onChoose, onClose }: ListProps) => {
  const box = useRef<HTMLDivElement>(null)
  const close = useRef(onClose)
  close.current = onClose
  const [words, setWords] = useState('')
  const [at, setAt] = useState(0)
  const needle = words.trim().toLowerCase()
  const found = needle ? choices.filter(choice => choice.label.toLowerCase().includes(needle)) : choices
  const shown = found.slice(0, MOST)
  const active = Math.min(at, shown.length - 1)
  useEffect(() => {
    const element = box.current
    if (!element) return
    const before = document.activeElement
    element.showPopover()
    const { width, height } = element.getBoundingClientRect()
    element.style.left = `${Math.max(8, Math.min(anchor.left, innerWidth - width - 8))}px`
    element.style.top = `${Math.max(8, Math.min(anchor.bottom + 4, innerHeight - height - 8))}px`
    element.querySelector('input')?.focus()
    const toggled = (event: ToggleEvent): void => { if (event.newState === 'closed') close.current(true) }
    element.addEventListener('toggle', toggled)
    return () => {
      element.removeEventListener('toggle', toggled)
      const inside = element.contains(document.activeElement) || document.activeElement === document.body
      if (inside && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [])
  useEffect(() => box.current?.querySelector(`[data-at="${active}"]`)?.scrollIntoView({ block: 'nearest' }), [active, needle])
  const choose = (choice: Choice | undefined): void => {
    if (!choice) return
    if (!several) onClose(false)
    onChoose(choice.id)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + 10, PageUp: active - 10 }[event.key]
    if (event.key === 'Enter') choose(shown[active])
    else if (event.key === 'Tab') onClose(false)
    else if (to !== undefined) setAt(Math.max(0, Math.min(shown.length - 1, to)))
    else return
    if (event.key !== 'Tab') event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div ref={box} id={id} class="menu picker" role="dialog" aria-label={label} popover="auto">
      <div class={`picker-search${choices.length > SEARCHED ? '' : ' sr'}`}><Icon name="search" size="s" />
        <input class="in" type="text" role="combobox" aria-label={searchLabel} aria-expanded="true" aria-controls={`${id}-list`} aria-autocomplete="list" aria-activedescendant={shown.length ? `${id}-${active}` : undefined}
          autocomplete="off" spellcheck={false} maxLength={128} placeholder={searchLabel} value={words} onKeyDown={onKeyDown} onInput={event => {
            setWords(event.currentTarget.value)
            setAt(0)
          }} /></div>
      <ul id={`${id}-list`} role="listbox" aria-label={label} aria-multiselectable={several ? true : undefined}>
        {shown.map((choice, index) => (
          <li key={choice.id} id={`${id}-${index}`} role="option" data-at={index} aria-selected={choice.chosen} class={index === active ? 'active' : undefined}
            onPointerMove={() => { if (index !== active) setAt(index) }} onClick={() => choose(choice)}><Icon name="check" size="s" /><span class="clip" title={choice.label}>{choice.look ?? choice.label}</span></li>
        ))}
      </ul>
      {shown.length === 0 && <p class="picker-note" role="status">{nothing}</p>}
      {found.length > shown.length && <p class="picker-note">{t('picker.more', formatNumber(found.length - shown.length))}</p>}
    </div>
  )
}
