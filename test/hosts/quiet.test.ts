/** Memory is given back after a storm, once, and never during one. */
import t from 'tap'
import { QuietCollection } from '../../app/hosts/standalone/quiet.ts'

const MB = 1024 * 1024

t.test('a storm, then quiet', async t => {
  let size = 20 * MB
  let collected = 0
  const quiet = new QuietCollection({ heapSize: () => size, collect: () => { collected++; size = 26 * MB } })
  t.equal(quiet.look(10), false, 'nothing has grown')
  size = 60 * MB
  t.equal(quiet.look(5_000), false, 'not while they come')
  t.equal(quiet.look(10_000), false)
  t.equal(quiet.look(10_001), true, 'as soon as it is quiet')
  t.equal(quiet.look(10_002), false, 'once')
  size = 29 * MB
  t.equal(quiet.look(10_003), false, 'little is not worth it')
  size = 35 * MB
  t.equal(quiet.look(10_004), true, 'growth counts from the last collection')
  t.equal(collected, 2)
})

t.test('a heap that shrank by itself is the new measure', async t => {
  let size = 60 * MB
  const quiet = new QuietCollection({ heapSize: () => size, collect: () => {} })
  size = 20 * MB
  t.equal(quiet.look(0), false)
  size = 40 * MB
  t.equal(quiet.look(0), true)
})

t.test('the collection of V8 itself', async t => {
  let size = 0
  const quiet = new QuietCollection({ heapSize: () => size, collect: undefined })
  const garbage = new WeakRef({ large: new Array(1000).fill(0) })
  await new Promise(resolve => setImmediate(resolve)) // a weak reference holds until the end of its turn
  size = 100 * MB
  t.equal(quiet.look(0), true)
  t.equal(garbage.deref(), undefined)
  t.equal(Reflect.get(globalThis, 'gc'), undefined, 'nobody else can call it')
})
