/** The plugin's view: both kinds of App objects of the instance, and what is going on. */
import type { AppObjects } from './app-objects.ts'
import { button, freshId, icon, make, saying, type Child } from './elements.ts'
import { faultOf, type Fault } from './fault.ts'
import { sayFault } from './fault-text.ts'
import type { Item } from './item.ts'
import { ObjectCard } from './object-card.ts'
import { openObjectDialog } from './object-dialog.ts'
import { openDeleteDialog, openRepairDialog } from './other-dialogs.ts'
import type { PageContext } from './page-context.ts'
import { isKind, KINDS, type Kind, type Pbx } from './pbx.ts'
import type { TextId } from './text/en.ts'

/** Objects that are not connected are looked at again this often, ms, and so many times after the last change. */
const LOOK = { every: 5000, times: 24 }

interface KindView { readonly list: HTMLUListElement, readonly none: HTMLElement, readonly add: HTMLButtonElement, readonly cards: Map<string, ObjectCard> }

export class Page implements PageContext {
  readonly root: HTMLElement
  readonly pbx: Pbx
  readonly objects: AppObjects
  readonly base: string
  readonly #status = make('p', { class: 'idm-status', role: 'status' })
  readonly #alert = make('div', { class: 'idm-alert' })
  readonly #empty: HTMLElement
  readonly #kinds = make('div', { class: 'idm-kinds', hidden: true })
  readonly #refresh: HTMLButtonElement
  readonly #views = new Map<Kind, KindView>()
  #loading = false
  /** The one that is shown. */
  #serviceFault: Fault | undefined
  #looks = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(root: HTMLElement, item: Item, pbx: Pbx, objects: AppObjects) {
    this.root = root
    this.pbx = pbx
    this.objects = objects
    this.base = item.base
    const title = saying('h2', { id: freshId() }, 'pluginTitle')
    this.#refresh = button('plain', 'action.refresh', () => void this.load())
    this.#empty = make('div', { class: 'idm-empty', hidden: true }, saying('h3', {}, 'empty.title'), saying('p', {}, 'empty.text'))
    for (const kind of Object.keys(KINDS).filter(isKind)) this.#kinds.append(this.#section(kind))
    const picture = item.png === '' ? [] : [make('img', { src: item.png, alt: '', width: '40', height: '40', class: 'idm-picture' })]
    root.append(make('section', { 'class': 'idm-page', 'aria-labelledby': title.id },
      make('div', { class: 'idm-head' }, ...picture, make('div', { class: 'idm-titles' }, title, saying('p', { class: 'idm-hint' }, 'title.instance', item.base)), this.#refresh),
      this.#status, this.#alert, this.#empty, this.#kinds))
    objects.changed = () => this.#show()
  }

  #section(kind: Kind): HTMLElement {
    const title = saying('h3', { id: freshId() }, `${kind}.title`)
    const list = make('ul', { 'class': 'idm-list', 'aria-labelledby': title.id })
    const none = saying('p', { class: 'idm-none', hidden: true }, `${kind}.none`)
    const add = button('plain', `${kind}.add`, () => openObjectDialog(this, kind))
    this.#views.set(kind, { list, none, add, cards: new Map() })
    return make('section', { 'class': 'idm-kind', 'aria-labelledby': title.id }, title, saying('p', { class: 'idm-hint' }, `${kind}.about`), none, list, add)
  }

  /** Reads everything; `quiet` says nothing about it. */
  async load(quiet = false): Promise<void> {
    if (this.#loading) return
    this.#loading = true
    if (!quiet) {
      this.#refresh.setAttribute('aria-disabled', 'true')
      this.#say(icon('run'), saying('span', {}, 'reading'))
      this.#alert.replaceChildren()
    }
    try {
      await this.objects.load()
      if (!quiet) this.#say()
      this.#kinds.hidden = false
      this.objects.check(quiet ? 'unseen' : 'all')
      this.#lookAgain(quiet ? this.#looks : LOOK.times)
    } catch (cause) {
      if (quiet) {
        // The PBX may be busy: the next look is as good.
        this.#lookAgain(this.#looks)
      } else {
        this.#say()
        this.#fault(faultOf(cause))
      }
    }
    this.#loading = false
    this.#refresh.removeAttribute('aria-disabled')
  }

  done(text: TextId, ...values: readonly string[]): void {
    this.#alert.replaceChildren()
    this.#say(icon('ok'), saying('span', {}, text, ...values))
  }

  warn(text: TextId, ...values: readonly string[]): void {
    this.#say()
    this.#alert.replaceChildren(saying('p', { class: 'idm-problem', role: 'alert' }, text, ...values))
  }

  settled(): void {
    this.objects.check('changed')
    this.#lookAgain(LOOK.times)
  }

  focusKind(kind: Kind): void { this.#views.get(kind)?.add.focus() }

  #say(...children: readonly Child[]): void { this.#status.replaceChildren(...children) }

  #fault(fault: Fault): void {
    const retry = button('plain', 'action.retry', () => void this.load())
    this.#alert.replaceChildren(make('div', { class: 'idm-problem' }, sayFault(make('p', { role: 'alert' }), fault), retry))
  }

  /** The PBX connects by itself: it is shown when it has. Ends when the plugin is no longer on the page. */
  #lookAgain(times: number): void {
    clearTimeout(this.#timer)
    this.#looks = times
    if (times <= 0 || !this.root.isConnected || this.objects.list.every(one => one.connected !== false)) return
    this.#timer = setTimeout(() => {
      this.#looks--
      if (document.visibilityState === 'visible' && this.root.querySelector('dialog') === null) void this.load(true)
      else this.#lookAgain(this.#looks)
    }, LOOK.every)
  }

  #show(): void {
    const { objects } = this
    this.#empty.hidden = objects.list.length > 0
    for (const [kind, view] of this.#views) {
      const list = objects.ofKind(kind)
      view.none.hidden = list.length > 0 || objects.list.length === 0
      view.list.hidden = list.length === 0
      // What is missing is the thing to do.
      view.add.className = `idm-button idm-${list.length === 0 ? 'primary' : 'plain'}`
      for (const [guid, card] of view.cards) {
        if (list.some(one => one.guid === guid)) continue
        card.element.remove()
        view.cards.delete(guid)
      }
      for (const object of list) {
        const card = view.cards.get(object.guid) ?? new ObjectCard(object, {
          edit: one => openObjectDialog(this, kind, one), remove: one => openDeleteDialog(this, one), repair: one => openRepairDialog(this, one),
        })
        card.update(object, objects.password(object))
        if (!view.cards.has(object.guid)) view.list.append(card.element)
        view.cards.set(object.guid, card)
      }
    }
    if (objects.serviceFault === this.#serviceFault) return
    this.#serviceFault = objects.serviceFault
    if (this.#serviceFault) this.#fault(this.#serviceFault)
    else this.#alert.replaceChildren()
  }
}
