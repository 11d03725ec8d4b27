/** What is done with the snapshot that PostgreSQL carries: every row of both tables, and the notes beside the database. */
import fc from 'fast-check'
import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { NOTES_FILE, SnapshotNotes } from '../../app/snapshots/snapshot-notes.ts'
import { decide, judge } from '../../app/snapshots/snapshot-rules.ts'
import { temporaryFolder } from '../fixtures/service.ts'

t.test('at the start', async t => {
  for (const [exists, written, snapshot, decision] of [
    [true, ['a'], 'a', 'continue'],
    [true, ['a', 'b'], 'a', 'continue'], // the commit of b was under way and did not get through
    [true, ['a', 'b'], 'b', 'continue'], // or it did
    [true, ['a'], 'x', 'load'],
    [true, [], 'x', 'load'],
    [false, ['a'], 'a', 'load'], // the file is lost
    [false, [], 'x', 'load'],
    [true, ['a'], undefined, 'first'],
    [true, [], undefined, 'first'],
    [false, [], undefined, 'first'],
  ] as const) t.equal(decide({ exists, written }, snapshot), decision, JSON.stringify([exists, written, snapshot]))
})

t.test('while it runs', async t => {
  t.same(judge(['a'], { id: 'a', complete: true }, false), { is: 'own' })
  t.same(judge(['a', 'b'], { id: 'b', complete: true }, false), { is: 'own' })
  t.same(judge([], undefined, false), { is: 'own' }, 'there has never been one')
  t.same(judge(['a'], undefined, false), { is: 'vanished', again: false }, 'a restore may be under way')
  t.same(judge(['a'], undefined, true), { is: 'vanished', again: true })
  t.same(judge(['a'], { id: 'x', complete: false }, true), { is: 'restored', complete: false })
  t.same(judge(['a'], { id: 'x', complete: true }, false), { is: 'restored', complete: true })
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
