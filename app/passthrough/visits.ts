/** What one app session has going on in devices: the requests that must end with it, and the cookies that devices gave it. */
import type { TunnelOwner } from './channel.ts'
import { CookieJar, type CookieBounds } from './cookie-jar.ts'

/** A request that ends when its session or the right behind it ends. */
export interface Revocable { revoked(): void }

/** One session in one device. */
export class Visit {
  jar: CookieJar | undefined
  readonly users = new Set<Revocable>()
  readonly #bounds: CookieBounds
  readonly #unused: (visit: Visit) => void
  cancel: () => void = () => {}

  constructor(bounds: CookieBounds, unused: (visit: Visit) => void) {
    this.#bounds = bounds
    this.#unused = unused
  }

  enter(user: Revocable): void { this.users.add(user) }

  leave(user: Revocable): void {
    this.users.delete(user)
    this.tidy()
  }

  /** Nothing is kept of a visit without requests and cookies. */
  tidy(): void {
    if (this.users.size === 0 && !this.jar?.size) this.#unused(this)
  }

  /** Takes `Set-Cookie` values. */
  keep(values: readonly string[], path: string, now: number, fromPage = false): void {
    this.jar ??= new CookieJar(this.#bounds)
    this.jar.store(values, path, now, fromPage)
  }

  end(): void {
    this.cancel()
    this.jar = undefined
    for (const user of [...this.users]) user.revoked()
  }
}

export class Visits {
  readonly #bounds: CookieBounds & { readonly cookieJars: number }
  readonly #byOwner = new WeakMap<TunnelOwner, Map<string, Visit>>()

  constructor(bounds: CookieBounds & { readonly cookieJars: number }) { this.#bounds = bounds }

  /** The visit of this session in this device. */
  of(owner: TunnelOwner, hwId: string): Visit {
    const visits = this.#byOwner.get(owner) ?? this.#newOwner(owner)
    const known = visits.get(hwId)
    if (known) return known
    const visit = new Visit(this.#bounds, unused => {
      if (visits.get(hwId) !== unused) return
      visits.delete(hwId)
      unused.cancel()
    })
    visit.cancel = owner.onDeviceEnd(hwId, () => {
      if (visits.get(hwId) === visit) visits.delete(hwId)
      visit.end()
    })
    visits.set(hwId, visit)
    if (visits.size > this.#bounds.cookieJars) this.#dropOldest(visits)
    return visit
  }

  #newOwner(owner: TunnelOwner): Map<string, Visit> {
    const visits = new Map<string, Visit>()
    this.#byOwner.set(owner, visits)
    owner.onEnd(() => {
      this.#byOwner.delete(owner)
      const all = [...visits.values()]
      visits.clear()
      for (const visit of all) visit.end()
    })
    return visits
  }

  /** Forgets the cookies of the oldest visit that nobody is using. */
  #dropOldest(visits: Map<string, Visit>): void {
    for (const [hwId, visit] of visits) {
      if (visit.users.size > 0) continue
      visits.delete(hwId)
      visit.cancel()
      return
    }
  }
}
