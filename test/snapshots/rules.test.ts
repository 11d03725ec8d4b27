/** What is done with the snapshot that PostgreSQL carries: every row of both tables, and the notes beside the database. */
import fc from 'fast-check'
import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { NOTES_FILE, SnapshotNotes } from '../../app/snapshots/snapshot-notes.ts'
import { decide, type Found, type LocalFile } from '../../app/snapshots/snapshot-rules.ts'
import { temporaryFolder } from '../fixtures/service.ts'

const own = 'devices@example.com'
const file = (written: readonly string[], more: object = {}): LocalFile => ({ instance: own, exists: true, written, devices: () => 5, ...more })
const found = (id: string, more: object = {}): Found => ({ id, instance: own, complete: true, ...more })

t.test('what is done with a snapshot', async t => {
  for (const [what, local, there, missing, decision] of [
    ['its own', file(['a']), found('a'), 0, 'continue'],
    ['the commit of b was under way and did not get through', file(['a', 'b']), found('a'), 0, 'continue'],
    ['or it did', file(['a', 'b']), found('b'), 0, 'continue'],
    ['somebody restored another', file(['a']), found('x'), 0, 'load'],
    ['nothing is known of the file', file([]), found('x'), 0, 'load'],
    ['the file is lost', file(['a'], { exists: false }), found('a'), 0, 'load'],
    ['a new instance', file([], { exists: false }), found('x', { instance: 'other@example.com' }), 0, 'load'],
    ['a new instance that has begun already, and has no devices', file(['a'], { devices: () => 0 }), found('x', { instance: 'other@example.com' }), 0, 'load'],
    ['of another instance, and this one has devices', file(['a']), found('x', { instance: 'other@example.com' }), 0, 'refuse'],
    ['a restore is under way', file(['a']), found('x', { complete: false }), 0, 'wait'],
    ['it has just gone', file(['a']), undefined, 0, 'wait'],
    ['it has gone for a while', file(['a']), undefined, 59_999, 'wait'],
    ['it has gone for long', file(['a']), undefined, 60_000, 'write'],
    ['at the start nobody waits', file(['a']), undefined, Infinity, 'write'],
    ['there has never been one', file([]), undefined, 0, 'write'],
    ['nor a file', file([], { exists: false }), undefined, 0, 'write'],
  ] as const) t.equal(decide(local, there, missing, 60_000), decision, what)
})

t.test('notes that cannot be read know nothing', async t => {
  const folder = temporaryFolder()
  const notes = new SnapshotNotes(folder)
  t.same(notes.written, [])
  notes.written = ['a', 'b']
  t.same(new SnapshotNotes(folder).written, ['a', 'b'])
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.json().map(text => `{"written":${text}}`)), text => {
    fs.writeFileSync(path.join(folder, NOTES_FILE), text)
    const { written } = notes
    return written.length <= 2 && written.every(id => typeof id === 'string')
  }))
})
