/** FXS interfaces of gateways that were provisioned with a code (features 3.6). */
import type BetterSqlite3 from 'better-sqlite3'
import { LIMITS } from '../limits.ts'
import type { Store } from '../store/store.ts'

export class Interfaces {
  readonly #store: Store
  readonly #names: BetterSqlite3.Statement<[number], { name: string }>
  readonly #put: BetterSqlite3.Statement<[number, string, number | null, string]>
  readonly #remove: BetterSqlite3.Statement<[number, string]>

  constructor(store: Store) {
    this.#store = store
    this.#names = store.sqlite.prepare('SELECT name FROM device_interfaces WHERE device_id = ? ORDER BY name')
    this.#put = store.sqlite.prepare(`INSERT INTO device_interfaces (device_id, name, category_id, sip) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET category_id = excluded.category_id, sip = excluded.sip`)
    this.#remove = store.sqlite.prepare('DELETE FROM device_interfaces WHERE device_id = ? AND name = ?')
  }

  names(deviceId: number): string[] { return this.#names.all(deviceId).map(row => row.name) }

  /** Is there room for it, or is it there already? */
  hasRoom(deviceId: number, name: string): boolean {
    const names = this.names(deviceId)
    return names.includes(name) || names.length < LIMITS.interfacesPerDevice.value
  }

  /** Provisions an interface, or provisions it anew. */
  put(deviceId: number, name: string, categoryId: number | null, sip: string): void {
    this.#store.begin()
    this.#put.run(deviceId, name, categoryId, sip)
  }

  /** False when it was not provisioned. */
  remove(deviceId: number, name: string): boolean {
    this.#store.begin()
    return this.#remove.run(deviceId, name).changes === 1
  }
}
