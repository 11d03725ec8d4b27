/** What a read leads to leaves in one write, whether it is said at once or put off to the end of the turn. */
import t from 'tap'
import { FrameReader, Outbox } from '../../app/hosts/app-platform/frames.ts'

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

function watched(): { outbox: Outbox, writes: number[][] } {
  const writes: number[][] = []
  const outbox = new Outbox(bytes => {
    const numbers: number[] = []
    new FrameReader().read(bytes, cid => numbers.push(cid))
    writes.push(numbers)
  })
  return { outbox, writes }
}

t.test('put while a read is handled, and behind it', async t => {
  const { outbox, writes } = watched()
  outbox.hold(() => {
    outbox.put(1, 0x11, 5)
    setImmediate(() => outbox.put(2, 0x11, 3))
  })
  await turn()
  t.same(writes, [[1, 2]])
})

t.test('without a read, and after one that said nothing or failed', async t => {
  const { outbox, writes } = watched()
  outbox.put(1, 0x11, 5)
  await turn()
  outbox.hold(() => {})
  await turn()
  t.same(writes, [[1]], 'nothing was sent for nothing')
  t.throws(() => outbox.hold(() => {
    outbox.put(2, 0x11, 5)
    throw new Error('a handler failed')
  }), 'the failure is not hidden')
  await turn()
  outbox.put(3, 0x11, 5)
  await turn()
  t.same(writes, [[1], [2], [3]])
})
