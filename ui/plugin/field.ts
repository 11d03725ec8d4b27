/** A text field with its label, its hint and what is wrong with it. */
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
  const input = make('input', { id: freshId(), type: 'text', class: 'idm-input', autocomplete: 'off', spellcheck: 'false', required: true, maxlength: String(most) })
  input.value = value
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
    element: make('div', { class: 'idm-field' }, saying('label', { for: input.id }, label), input, wrongLine, hintLine),
    get value() { return input.value.trim() },
    mark, focus: () => input.focus(),
  }
}
