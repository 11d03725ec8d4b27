/** Keys for the backup and restore addresses: once, ten minutes, a hundred at most (wire-protocols 7.5; the rest is ours). */
import t from 'tap'
import { HttpKeys } from '../../app/self-backup/http-keys.ts'
import type { Viewer } from '../../app/domains/viewer.ts'

const viewer: Viewer = { admin: true, role: 'full', domainId: 1, domainIds: new Set(), who: 'admin@example.com', address: '' }

t.test('a key', async t => {
  let now = 0
  const keys = new HttpKeys(() => now)
  const key = keys.make(viewer)
  t.match(key, /^[A-Za-z0-9]{32}$/)
  now = 10 * 60_000 - 1
  t.equal(keys.owner(key), viewer)
  now++
  t.equal(keys.owner(key), undefined, 'ten minutes later')
  const used = keys.make(viewer)
  keys.use(used)
  t.equal(keys.owner(used), undefined)
  const first = keys.make(viewer)
  for (let n = 0; n < 100; n++) keys.make(viewer)
  t.equal(keys.owner(first), undefined, 'the oldest is forgotten')
  for (const wrong of ['', first.slice(1), 'undefined']) t.equal(keys.owner(wrong), undefined)
})
