/** Host names under which devices reached the service before its address changed: those that still come by one get the new address (features 13). */
import { z } from 'zod'
import type { Store } from '../store/store.ts'

const ROW = 'former-hosts'
const MOST = 10
const stored = z.array(z.string())

export class FormerHosts {
  readonly #store: Store
  #hosts: readonly string[]

  constructor(store: Store) {
    this.#store = store
    this.#hosts = stored.parse(JSON.parse(store.setting(ROW) ?? '[]'))
  }

  /** `host`: value of a Host header field. */
  has(host: string | undefined): boolean { return this.#hosts.length > 0 && host !== undefined && this.#hosts.includes(host.toLowerCase()) }

  /** The service moved from one address to another; both are `https://host[:port]/…`. */
  moved(from: string, to: string): void {
    const [old, current] = [hostOf(from), hostOf(to)]
    const hosts = [old, ...this.#hosts.filter(host => host !== old)].filter(host => host !== '' && host !== current).slice(0, MOST)
    this.#hosts = hosts
    this.#store.setSetting(ROW, JSON.stringify(hosts))
  }
}

const hostOf = (url: string): string => URL.canParse(url) ? new URL(url).host : ''
