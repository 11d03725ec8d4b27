/** Form fields with their label, hint and message. */
import type { ComponentChildren } from 'preact'
import { Icon } from './icons.tsx'

interface SelectProps { readonly id: string, readonly label: string, readonly value: string, readonly options: readonly { readonly value: string, readonly label: string }[], readonly error?: string | undefined, onChange(value: string): void }
export const Select = ({ id, label, value, options, error, onChange }: SelectProps) => (
  <div class="field">
    <label for={id}>{label}</label>
    <span class="selw">
      <select class="sel" id={id} value={value} aria-invalid={error ? true : undefined} aria-describedby={error ? `${id}-about` : undefined} onChange={event => onChange(event.currentTarget.value)}>
        {options.map(option => <option key={option.value} value={option.value} selected={option.value === value}>{option.label}</option>)}
      </select>
      <Icon name="down" />
    </span>
    {error && <span class="msg err" id={`${id}-about`} role="alert"><Icon name="err" /><span>{error}</span></span>}
  </div>
)

interface FieldProps {
  readonly id: string
  readonly label: string
  readonly value: string
  readonly hint?: ComponentChildren
  readonly error?: string | undefined
  readonly maxLength?: number
  readonly autocomplete?: string
  readonly code?: boolean
  /** Why it may not be changed. */
  readonly disabled?: string | undefined
  onInput(value: string): void
}
/** A line of text. An error takes the place of the hint. */
export const TextField = ({ id, label, value, hint, error, maxLength, autocomplete = 'off', code, disabled, onInput }: FieldProps) => (
  <div class="field">
    <label for={id}>{label}</label>
    <input class="in" id={id} value={value} maxLength={maxLength} autocomplete={autocomplete} disabled={disabled !== undefined} title={disabled} spellcheck={code ? false : undefined} autocapitalize={code ? 'off' : undefined}
      aria-invalid={error ? true : undefined} aria-describedby={error || hint ? `${id}-about` : undefined} onInput={event => onInput(event.currentTarget.value)} />
    {error
      ? <span class="msg err" id={`${id}-about`} role="alert"><Icon name="err" /><span>{error}</span></span>
      : hint && <span class="hint" id={`${id}-about`}>{hint}</span>}
  </div>
)

interface CheckProps {
  readonly id: string
  readonly label: string
  readonly hint?: ComponentChildren
  readonly checked: boolean
  /** Why it may not be changed. */
  readonly disabled?: string | undefined
  /** A setting that holds at once looks like a switch. */
  readonly look?: 'ck' | 'sw'
  onChange(checked: boolean): void
}
/** A checkmark with what it does below. */
export const Check = ({ id, label, hint, checked, disabled, look = 'ck', onChange }: CheckProps) => (
  <div class="check" title={disabled}>
    <input class={look} type="checkbox" role={look === 'sw' ? 'switch' : undefined} id={id} checked={checked} disabled={disabled !== undefined} aria-describedby={hint ? `${id}-about` : undefined} onChange={event => onChange(event.currentTarget.checked)} />
    <label for={id}>{label}</label>
    {hint && <span class="hint" id={`${id}-about`}>{hint}</span>}
  </div>
)
