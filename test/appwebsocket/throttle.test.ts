/** Repeated failed logins are slowed down, per address and per name. */
import t from 'tap'
import { LoginThrottle } from '../../app/appwebsocket/throttle.ts'
import { LIMITS } from '../../app/limits.ts'

const FREE = LIMITS.failedLoginsFree.value

t.test('failures double the wait, up to a bound; time forgives them', t => {
  let now = 0
  const throttle = new LoginThrottle(() => now)
  const waits = Array.from({ length: FREE + 12 }, (_, n) => throttle.begin('1.1.1.1', `domain-${n}`))
  t.ok(waits.slice(0, FREE).every(wait => wait === 0))
  t.same(waits.slice(FREE, FREE + 3), [250, 500, 1000])
  t.equal(waits.at(-1), LIMITS.failedLoginWait.value)
  now += 20 * 60_000
  t.equal(throttle.begin('1.1.1.1', 'a'), 0)
  t.end()
})

t.test('a right password takes back the failures with its own name only', t => {
  const throttle = new LoginThrottle(() => 0)
  for (let n = 0; n < FREE - 1; n++) throttle.begin('1.1.1.1', 'own')
  throttle.begin('1.1.1.1', 'own')
  throttle.succeeded('1.1.1.1', 'own')
  t.equal(throttle.begin('1.1.1.1', 'own'), 0, 'somebody who mistyped starts anew')
  throttle.succeeded('1.1.1.1', 'own')
  // Guessing at another domain, with a right login of one's own after each guess.
  const waits = Array.from({ length: FREE + 4 }, () => {
    const wait = throttle.begin('1.1.1.1', 'victim')
    throttle.begin('1.1.1.1', 'own')
    throttle.succeeded('1.1.1.1', 'own')
    return wait
  })
  t.ok((waits.at(-1) ?? 0) >= 1000, `slowed down: ${waits.join(' ')}`)
  t.end()
})

t.test('a name that is attacked from elsewhere stays usable for its owner', t => {
  const throttle = new LoginThrottle(() => 0)
  for (let n = 0; n < 200; n++) throttle.begin(`10.0.0.${n}`, 'victim')
  t.ok(throttle.begin('1.1.1.1', 'victim') <= 3_000)
  t.end()
})
