/** Which config templates give the app: read when the form opens, checkmarks then. */
import { freshId, icon, make, say, saying } from './elements.ts'
import { faultOf } from './fault.ts'
import { sayFault } from './fault-text.ts'
import type { Pbx, Template } from './pbx.ts'
import { gives, readTemplates, type TemplateState } from './template-rights.ts'

export interface TemplateChoice {
  readonly element: HTMLElement
  /** What was read; empty until then. */
  readonly states: readonly TemplateState[]
  wanted(template: Template): boolean
  /** Resolves when it can be chosen, also when reading has failed. */
  read(sip: string): Promise<void>
}

export function templateChoice(pbx: Pbx): TemplateChoice {
  const list = make('div', { class: 'idm-templates' })
  const element = make('fieldset', { class: 'idm-fieldset' }, saying('legend', {}, 'templates.legend'), list)
  const boxes = new Map<string, HTMLInputElement>()
  let states: readonly TemplateState[] = []

  const row = (state: TemplateState, sip: string): HTMLElement => {
    const box = make('input', { type: 'checkbox', id: freshId(), class: 'idm-check', disabled: state.apps === undefined })
    // After a try that has failed for some templates, what was wanted stays.
    box.checked = boxes.get(state.template.name)?.checked ?? gives(state, sip)
    boxes.set(state.template.name, box)
    const label = make('label', { for: box.id }, state.template.name)
    return make('div', { class: 'idm-choice' }, box, label, ...(state.apps === undefined ? [saying('span', { class: 'idm-hint' }, 'templates.unreadable')] : []))
  }

  return {
    element,
    get states() { return states },
    wanted: ({ name }) => boxes.get(name)?.checked ?? false,
    read: async sip => {
      const progress = saying('span', {}, 'templates.reading')
      list.replaceChildren(make('p', { class: 'idm-status', role: 'status' }, icon('run'), progress))
      try {
        states = await readTemplates(pbx, (read, of) => { say(progress, 'templates.readingOf', [String(read), String(of)]) })
        list.replaceChildren(...states.length === 0 ? [saying('p', { class: 'idm-hint' }, 'templates.none')] : states.map(state => row(state, sip)))
      } catch (cause) {
        states = []
        list.replaceChildren(sayFault(make('p', { class: 'idm-problem', role: 'alert' }), faultOf(cause)))
      }
    },
  }
}
