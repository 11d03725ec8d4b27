/** App connections that want to hear of provisioning codes: of all they may see, or of those they made or asked for (wire-protocols 3.5). */
import type { Indicate } from '../api/subscriptions.ts'
import { roleSuffices } from '../appwebsocket/rights.ts'
import { maySee, type Viewer } from '../domains/viewer.ts'

/** One app connection. `viewer` is asked anew each time: rights can change. */
export interface Listener {
  readonly session: { readonly viewer: Viewer, onEnd(callback: () => void): () => void }
  readonly indicate: Indicate
  readonly src: string | undefined
}

/** May it still hear of codes of that domain? As for asking for them. */
const mayHear = ({ session: { viewer } }: Listener, domainId: number): boolean => maySee(viewer, domainId) && roleSuffices(viewer.role, 'operate')

export class CodeWatchers {
  readonly #lists = new Map<Listener['session'], Listener & { domainId: number | undefined }>()
  readonly #requesters = new Map<string, Map<Listener['session'], Listener>>()
  readonly #asked = new Map<Listener['session'], Set<string>>()

  /** Replaces the connection's subscription of the list (of one domain, if given). */
  watchList(listener: Listener, domainId: number | undefined): void {
    this.#whenEnds(listener)
    this.#lists.set(listener.session, { ...listener, domainId })
  }

  /** The connection made this code or asked for it. */
  watchCode(listener: Listener, code: string): void {
    this.#whenEnds(listener)
    const requesters = this.#requesters.get(code) ?? new Map<Listener['session'], Listener>()
    this.#requesters.set(code, requesters.set(listener.session, listener))
    this.#asked.get(listener.session)?.add(code)
  }

  #whenEnds({ session }: Listener): void {
    if (this.#asked.has(session)) return
    this.#asked.set(session, new Set())
    session.onEnd(() => {
      this.#lists.delete(session)
      for (const code of this.#asked.get(session) ?? []) this.#forget(code, session)
      this.#asked.delete(session)
    })
  }

  #forget(code: string, session: Listener['session']): void {
    const requesters = this.#requesters.get(code)
    requesters?.delete(session)
    if (requesters?.size === 0) this.#requesters.delete(code)
  }

  /** Whoever watches the list and may see that domain. */
  * watching(domainId: number): Generator<Listener> {
    for (const listener of this.#lists.values()) {
      if ((listener.domainId === undefined || listener.domainId === domainId) && mayHear(listener, domainId)) yield listener
    }
  }

  /** Whoever made the code or asked for it, and may still see its domain. */
  * requesters(code: { code: string, domainId: number }): Generator<Listener> {
    for (const listener of this.#requesters.get(code.code)?.values() ?? []) if (mayHear(listener, code.domainId)) yield listener
  }

  /** The code is over: nobody waits for it any more. */
  done(code: string): void {
    for (const session of this.#requesters.get(code)?.keys() ?? []) this.#asked.get(session)?.delete(code)
    this.#requesters.delete(code)
  }
}
