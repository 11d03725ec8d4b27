/** Form fields with their label, hint and message. */
import type { ComponentChildren } from 'preact'
import { Icon } from './icons.tsx'

interface SelectProps { readonly id: string, readonly label: string, readonly value: string, readonly options: readonly { readonly value: string, readonly label: string }[], onChange(value: string): void }
export const Select = ({ id, label, value, options, onChange }: SelectProps) => (
  <div class="field">
    <label for={id}>{label}</label>
    <span class="selw">
      <select class="sel" id={id} value={value} onChange={event => onChange(event.currentTarget.value)}>
        {options.map(option => <option key={option.value} value={option.value} selected={option.value === value}>{option.label}</option>)}
      </select>
      <Icon name="down" />
    </span>
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
  onInput(value: string): void
}
/** A line of text. An error takes the place of the hint. */
export const TextField = ({ id, label, value, hint, error, maxLength, autocomplete = 'off', code, onInput }: FieldProps) => (
  <div class="field">
    <label for={id}>{label}</label>
    <input class="in" id={id} value={value} maxLength={maxLength} autocomplete={autocomplete} spellcheck={code ? false : undefined} autocapitalize={code ? 'off' : undefined}
      aria-invalid={error ? true : undefined} aria-describedby={error || hint ? `${id}-about` : undefined} onInput={event => onInput(event.currentTarget.value)} />
    {error
      ? <span class="msg err" id={`${id}-about`} role="alert"><Icon name="err" /><span>{error}</span></span>
      : hint && <span class="hint" id={`${id}-about`}>{hint}</span>}
  </div>
)
