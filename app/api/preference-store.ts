/** What the user interface keeps per user: columns, density. A user is the name of the login; nothing secret goes here. */
import type { Viewer } from '../domains/viewer.ts'
import { RequestError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import type { Store } from '../store/store.ts'

const MOST_PER_USER = 100

export class PreferenceStore {
  readonly #store: Store
  constructor(store: Store) { this.#store = store }

  get(viewer: Viewer): Record<string, string> {
    const rows = this.#store.sqlite.prepare<[string], { name: string, value: string }>('SELECT name, value FROM preferences WHERE user = ?').all(viewer.who)
    return Object.fromEntries(rows.map(row => [row.name, row.value]))
  }

  /** Keeps the given ones; an empty value forgets one. */
  set(viewer: Viewer, given: Readonly<Record<string, string>>): void {
    const kept = { ...this.get(viewer), ...given }
    if (Object.keys(kept).length > MOST_PER_USER) throw new RequestError('badRequest', `At most ${MOST_PER_USER} preferences are kept per user.`, 'preferences')
    if (Buffer.byteLength(JSON.stringify(kept)) > LIMITS.preferenceBytes.value) throw new RequestError('badRequest', `The preferences of a user have at most ${LIMITS.preferenceBytes.value} bytes.`, 'preferences')
    this.#store.write(() => {
      const put = this.#store.sqlite.prepare('INSERT INTO preferences (user, name, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
      const drop = this.#store.sqlite.prepare('DELETE FROM preferences WHERE user = ? AND name = ?')
      for (const [name, value] of Object.entries(given)) {
        if (value === '') drop.run(viewer.who, name)
        else put.run(viewer.who, name, value)
      }
    })
  }
}
