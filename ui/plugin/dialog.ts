/** A question or a form in front of the page: says what it is doing, does it once, and stays with the reason when it cannot. */
import { button, freshId, icon, make, say, unsay, type Child } from './elements.ts'
import { sayFault } from './fault-text.ts'
import { faultOf, type Fault } from './fault.ts'
import type { TextId } from './text/en.ts'

export interface DialogOptions {
  readonly title: TextId, readonly titleValue?: string
  readonly body: readonly Child[]
  readonly action: TextId
  readonly danger?: boolean
  /** What is said meanwhile. */
  readonly busy: TextId
  /** Resolves with whether it is done; false: something is to be corrected, and the body says what. */
  readonly run: (dialog: Dialog) => Promise<boolean>
}

export class Dialog {
  readonly element: HTMLDialogElement
  readonly #status = make('p', { role: 'status', class: 'idm-status' })
  readonly #problem = make('p', { role: 'alert', class: 'idm-problem' })
  readonly #act: HTMLButtonElement
  readonly #cancel: HTMLButtonElement
  readonly #options: DialogOptions
  #busy = false
  #waiting = false

  constructor(options: DialogOptions) {
    this.#options = options
    const title = say(make('h2', { id: freshId() }), options.title, options.titleValue === undefined ? [] : [options.titleValue])
    this.#cancel = button('plain', 'action.cancel', () => this.close())
    this.#act = button(options.danger === true ? 'danger' : 'primary', options.action, () => {})
    this.#act.type = 'submit'
    const form = make('form', { novalidate: true, class: 'idm-form' }, title, ...options.body, this.#problem, this.#status, make('div', { class: 'idm-buttons idm-foot' }, this.#cancel, this.#act))
    form.addEventListener('submit', event => {
      event.preventDefault()
      void this.#run()
    })
    this.element = make('dialog', { 'class': `idm-dialog${options.danger === true ? ' idm-dialog-danger' : ''}`, 'aria-labelledby': title.id }, form)
    // What is under way cannot be taken back by closing.
    this.element.addEventListener('cancel', event => { if (this.#busy) event.preventDefault() })
    this.element.addEventListener('close', () => this.element.remove())
  }

  open(into: Element): void {
    into.append(this.element)
    this.element.showModal()
  }

  close(): void { if (!this.#busy) this.element.close() }

  /** Nothing can be done yet. */
  wait(waiting: boolean): void {
    this.#waiting = waiting
    this.#mark()
  }

  problem(text: TextId, ...values: readonly string[]): void { say(this.#problem, text, values) }
  fault(fault: Fault): void { sayFault(this.#problem, fault) }

  #mark(): void {
    const set = (one: HTMLButtonElement, off: boolean): void => off ? one.setAttribute('aria-disabled', 'true') : one.removeAttribute('aria-disabled')
    set(this.#act, this.#busy || this.#waiting)
    set(this.#cancel, this.#busy)
    this.element.toggleAttribute('data-busy', this.#busy)
  }

  async #run(): Promise<void> {
    if (this.#busy || this.#waiting) return
    this.#busy = true
    this.#mark()
    unsay(this.#problem)
    this.#status.replaceChildren(icon('run'), say(make('span'), this.#options.busy))
    let done = false
    try {
      done = await this.#options.run(this)
    } catch (cause) {
      this.fault(faultOf(cause))
    }
    this.#busy = false
    this.#status.replaceChildren()
    this.#mark()
    if (done) this.close()
  }
}
