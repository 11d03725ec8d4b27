/** A list of the service that is read once in parts and kept up to date by its indications; read again after each reconnect. */
import { Cell } from './cell.ts'
import type { State } from '../connection/machine.ts'
import type { ReadCell } from './cell.ts'

type Message = Readonly<Record<string, unknown>>
export interface LiveSource<T, K> {
  readonly state: ReadCell<State>
  onIndication(mt: string, listener: (message: Message) => void): () => void
  /** Reads everything and subscribes. @throws as the connection does */
  read(onPart: (items: readonly T[]) => void): Promise<void>
  keyOf(item: T): K
  /** Indications that carry an item, and how to find it in them. */
  readonly put: readonly string[]
  itemIn(message: Message): T | undefined
  readonly gone: string
  keyIn(message: Message): K | undefined
  /** Order of the list. */
  compare(a: T, b: T): number
}

/** Changes are put together for this long, in ms: a roll-out changes many items at once. */
const TOGETHER = 50

export class LiveList<T, K> {
  /** Undefined until the first answer. */
  readonly items = new Cell<readonly T[] | undefined>(undefined)
  readonly problem = new Cell<unknown>(undefined)
  readonly #source: () => LiveSource<T, K>
  #known = new Map<K, T>()
  /** While the list is read: what indications say meanwhile is newer. */
  #meanwhile: Map<K, T | undefined> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #users = 0
  #stops: (() => void)[] = []

  /** @param source made at the first use, when there is a connection */
  constructor(source: () => LiveSource<T, K>) { this.#source = source }

  /** @returns the function that ends this use; the last one ends the list */
  start(): () => void {
    if (this.#users++ === 0) this.#begin()
    let over = false
    return () => {
      if (over) return
      over = true
      if (--this.#users > 0) return
      for (const stop of this.#stops.splice(0)) stop()
      clearTimeout(this.#timer)
      this.#timer = undefined
    }
  }

  get(key: K): T | undefined { return this.#known.get(key) }

  /** Takes an item that is known from elsewhere, such as the answer that made it. */
  put(item: T): void { this.#note(this.#source().keyOf(item), item) }

  readAgain(): void { void this.#read() }

  #begin(): void {
    const source = this.#source()
    let online = false
    const follow = (): void => {
      const is = source.state.value.at === 'online'
      if (is && !online) void this.#read()
      online = is
      // Whoever signs in next starts with nothing.
      if (source.state.value.at === 'signedOut') {
        this.#known = new Map()
        this.items.set(undefined)
      }
    }
    this.#stops = [
      source.state.subscribe(follow),
      ...source.put.map(mt => source.onIndication(mt, message => {
        const item = source.itemIn(message)
        if (item !== undefined) this.#note(source.keyOf(item), item)
      })),
      source.onIndication(source.gone, message => {
        const key = source.keyIn(message)
        if (key !== undefined) this.#note(key, undefined)
      }),
    ]
    follow()
  }

  async #read(): Promise<void> {
    const source = this.#source()
    const meanwhile = this.#meanwhile = new Map<K, T | undefined>()
    const found = new Map<K, T>()
    try {
      await source.read(items => { for (const item of items) found.set(source.keyOf(item), item) })
      if (this.#meanwhile !== meanwhile) return
      for (const [key, item] of meanwhile) {
        if (item === undefined) found.delete(key)
        else found.set(key, item)
      }
      this.#known = found
      this.problem.set(undefined)
      this.#show()
    } catch (error) {
      if (this.#meanwhile === meanwhile) this.problem.set(error)
    } finally {
      if (this.#meanwhile === meanwhile) this.#meanwhile = undefined
    }
  }

  #note(key: K, item: T | undefined): void {
    this.#meanwhile?.set(key, item)
    if (item === undefined) this.#known.delete(key)
    else this.#known.set(key, item)
    this.#timer ??= setTimeout(() => this.#show(), TOGETHER)
  }

  #show(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const { compare } = this.#source()
    this.items.set([...this.#known.values()].sort(compare))
  }
}
