/** Admission while very many devices arrive at once. */
import t from 'tap'
import { Storm } from '../../app/sysclients/storm.ts'

t.test('devices beyond the bound come later; it is told once, and once when it is over', async t => {
  let now = 0
  const told: boolean[] = []
  const storm = new Storm(() => now, 3, active => told.push(active))
  t.same([0, 1, 2, 3, 2, 4].map(arriving => storm.admits(arriving)), [true, true, true, false, true, false])
  t.same(told, [true])
  now = 29_999
  storm.tick()
  t.same(told, [true])
  t.equal(storm.admits(3), false, 'somebody had to wait again')
  now += 29_999
  storm.tick()
  t.same(told, [true])
  now += 1
  storm.tick()
  storm.tick()
  t.same(told, [true, false])
  t.equal(storm.admits(5), false)
  t.same(told, [true, false, true])
})
