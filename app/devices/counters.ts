/** How many devices are in which state, per domain: kept by increments, because counting 100,000 rows for every page is waste. */
import type BetterSqlite3 from 'better-sqlite3'
import { Status } from '../store/schema.ts'
import type { Viewer } from '../domains/viewer.ts'
import type { Counts } from '../protocol/service-api.ts'

const STATES = Object.keys(Status).length

export class DeviceCounters {
  readonly #perDomain = new Map<number, Int32Array>()

  constructor(sqlite: BetterSqlite3.Database) {
    const rows = sqlite.prepare<[], { domainId: number, status: number, n: number }>(
      'SELECT domain_id AS domainId, status, count(*) AS n FROM devices GROUP BY domain_id, status').all()
    for (const row of rows) this.add(row.domainId, row.status, row.n)
  }

  add(domainId: number, status: number, n: number): void {
    let counts = this.#perDomain.get(domainId)
    if (!counts) this.#perDomain.set(domainId, counts = new Int32Array(STATES))
    counts[status] = (counts[status] ?? 0) + n
  }

  move(domainId: number, from: number, to: number): void {
    this.add(domainId, from, -1)
    this.add(domainId, to, 1)
  }

  in(domainId: number, status: Status): number { return this.#perDomain.get(domainId)?.[status] ?? 0 }

  /** All devices of a domain. */
  totalIn(domainId: number): number { return this.#perDomain.get(domainId)?.reduce((sum, n) => sum + n, 0) ?? 0 }

  /** Sums over what the viewer may see. `total` is of devices in domains; `unassigned` are those that wait to be added, for the first time or again. */
  of(viewer: Viewer): Counts {
    let online = 0
    let offline = 0
    let unassigned = viewer.admin ? this.in(0, Status.unassigned) : 0
    for (const [domainId, counts] of this.#perDomain) {
      if (domainId === 0 || (!viewer.admin && !viewer.domainIds.has(domainId))) continue
      online += counts[Status.online] ?? 0
      unassigned += counts[Status.lost] ?? 0
      offline += (counts[Status.offline] ?? 0) + (counts[Status.lost] ?? 0) + (counts[Status.expected] ?? 0)
    }
    return { total: online + offline, online, offline, unassigned }
  }
}
