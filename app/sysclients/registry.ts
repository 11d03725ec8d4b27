/** Which device is connected where. In memory only; rebuilt from the connections (architecture, invariant 11). */
import type { Link } from './link.ts'

export class Registry {
  /** Authenticated connections by hardware id. */
  readonly #online = new Map<string, Link>()
  /** Connections of unknown devices, and of known ones that lost their password, by hardware id. */
  readonly #waiting = new Map<string, Link>()
  readonly #waitingPerAddress = new Map<string, number>()

  online(hwId: string): Link | undefined { return this.#online.get(hwId) }
  waiting(hwId: string): Link | undefined { return this.#waiting.get(hwId) }
  any(hwId: string): Link | undefined { return this.#online.get(hwId) ?? this.#waiting.get(hwId) }
  get onlineCount(): number { return this.#online.size }
  get waitingCount(): number { return this.#waiting.size }
  waitingAt(address: string): number { return this.#waitingPerAddress.get(address) ?? 0 }
  links(): Iterable<Link> { return this.#online.values() }
  waitingLinks(): Iterable<Link> { return this.#waiting.values() }

  /** The newest connection of a device wins; the former one is returned. */
  setOnline(hwId: string, link: Link): Link | undefined {
    const former = this.#online.get(hwId)
    this.#online.set(hwId, link)
    return former === link ? undefined : former
  }

  setWaiting(hwId: string, link: Link): Link | undefined {
    const former = this.#waiting.get(hwId)
    this.#waiting.set(hwId, link)
    if (former) this.#count(former.address, -1)
    this.#count(link.address, 1)
    return former === link ? undefined : former
  }

  /** Forgets this connection; true when it was the one that counted as online (or as waiting). */
  remove(hwId: string, link: Link): { online: boolean, waiting: boolean } {
    const online = this.#online.get(hwId) === link && this.#online.delete(hwId)
    const waiting = this.#waiting.get(hwId) === link && this.#waiting.delete(hwId)
    if (waiting) this.#count(link.address, -1)
    return { online, waiting }
  }

  #count(address: string, n: number): void {
    const count = (this.#waitingPerAddress.get(address) ?? 0) + n
    if (count > 0) this.#waitingPerAddress.set(address, count)
    else this.#waitingPerAddress.delete(address)
  }
}
