/** A field with its label, its hint and what is wrong with it. */
import { freshId, make, say, saying, unsay, type Value } from './elements.ts'
import type { TextId } from './text/en.ts'

export interface Field {
  readonly element: HTMLElement
  readonly value: string
  /** Says what is wrong, or nothing. */
  mark(wrong: { readonly id: TextId, readonly values?: readonly Value[] } | undefined): void
  focus(): void
}

export function textField(label: TextId, hint: TextId, value: string, most: number): Field {
  const input = make('input', { type: 'text', required: true, maxlength: String(most) })
  input.value = value
  return field(input, saying('label', {}, label), hint, () => input.value.trim())
}

/** May stay empty; blanks are part of it. */
export function passwordField(label: TextId, labelValue: string, hint: TextId): Field {
  const input = make('input', { type: 'password' })
  return field(input, saying('label', {}, label, labelValue), hint, () => input.value)
}

function field(input: HTMLInputElement, label: HTMLLabelElement, hint: TextId, value: () => string): Field {
  input.id = label.htmlFor = freshId()
  input.className = 'idm-input'
  input.autocomplete = 'off'
  input.setAttribute('spellcheck', 'false')
  const hintLine = saying('p', { id: freshId(), class: 'idm-hint' }, hint)
  const wrongLine = make('p', { id: freshId(), class: 'idm-wrong' })
  input.setAttribute('aria-describedby', `${wrongLine.id} ${hintLine.id}`)
  const mark: Field['mark'] = wrong => {
    if (wrong) say(wrongLine, wrong.id, wrong.values)
    else unsay(wrongLine)
    input.toggleAttribute('data-wrong', wrong !== undefined)
    input.setAttribute('aria-invalid', String(wrong !== undefined))
  }
  input.addEventListener('input', () => mark(undefined))
  return {
    element: make('div', { class: 'idm-field' }, label, input, wrongLine, hintLine),
    get value() { return value() },
    mark, focus: () => input.focus(),
  }
}
