/** One App object in the list: what it is, whether it works, and what can be done with it. */
import type { PasswordState } from './app-objects.ts'
import { button, icon, make, say, saying, type IconName } from './elements.ts'
import type { AppObject } from './pbx.ts'
import { nameOf } from './page-context.ts'
import type { TextId } from './text/en.ts'

export interface CardActions {
  readonly edit: (object: AppObject) => void
  readonly remove: (object: AppObject) => void
  readonly repair: (object: AppObject) => void
}

const PASSWORD: Readonly<Record<PasswordState, { icon: IconName, text: TextId }>> = {
  checking: { icon: 'run', text: 'password.checking' }, right: { icon: 'ok', text: 'password.right' },
  wrong: { icon: 'wrong', text: 'password.wrong' }, unknown: { icon: 'unknown', text: 'password.unknown' },
}

/** State never by colour alone: sign and words. */
function putMark(mark: HTMLElement, sign: IconName, text: TextId): void {
  if (mark.dataset['state'] === sign) return
  mark.dataset['state'] = sign
  mark.replaceChildren(icon(sign), saying('span', {}, text))
}

export class ObjectCard {
  readonly element = make('li', { class: 'idm-card' })
  readonly #title = make('strong', { class: 'idm-name' })
  readonly #sip = make('span', { class: 'idm-sip' })
  readonly #connected = make('span', { class: 'idm-mark' })
  readonly #password = make('span', { class: 'idm-mark' })
  readonly #wrong: HTMLElement
  readonly #edit: HTMLButtonElement
  readonly #remove: HTMLButtonElement
  readonly #repair: HTMLButtonElement
  #object: AppObject

  constructor(object: AppObject, actions: CardActions) {
    this.#object = object
    this.#edit = button('plain', 'action.edit', () => actions.edit(this.#object))
    this.#remove = button('plain', 'action.delete', () => actions.remove(this.#object))
    this.#repair = button('primary', 'action.repair', () => actions.repair(this.#object))
    this.#wrong = make('div', { class: 'idm-trouble', hidden: true }, saying('p', {}, 'password.wrongText'), this.#repair)
    this.element.append(
      make('div', { class: 'idm-row' }, make('div', { class: 'idm-names' }, this.#title, this.#sip), make('div', { class: 'idm-marks' }, this.#connected, this.#password),
        make('div', { class: 'idm-buttons' }, this.#edit, this.#remove)),
      this.#wrong)
  }

  update(object: AppObject, password: PasswordState): void {
    this.#object = object
    this.#title.textContent = object.title
    this.#sip.textContent = object.sip
    this.#connected.hidden = object.connected === undefined
    putMark(this.#connected, object.connected === true ? 'ok' : 'off', object.connected === true ? 'connected.yes' : 'connected.no')
    putMark(this.#password, PASSWORD[password].icon, PASSWORD[password].text)
    this.#wrong.hidden = password !== 'wrong'
    const name = nameOf(object)
    say(this.#edit, 'action.editOne', [name], 'aria-label')
    say(this.#remove, 'action.deleteOne', [name], 'aria-label')
    say(this.#repair, 'action.repairOne', [name], 'aria-label')
  }
}
