/** The sysclient password of a device while two of them are on their way (architecture, invariant 4). On a real store. */
import t from 'tap'
import { DevicePasswords } from '../../app/devices/device-passwords.ts'
import { DeviceStore } from '../../app/devices/device-store.ts'
import { Domains } from '../../app/domains/domains.ts'
import { Status } from '../../app/store/schema.ts'
import { Store } from '../../app/store/store.ts'
import { temporaryFolder } from '../fixtures/service.ts'

const store = new Store({ workingPath: temporaryFolder(), onFailure: error => { throw error } })
t.teardown(() => store.close())
const domains = new Domains(store, 'example.com')
const domain = domains.ensureInstanceDomain('instance-pw-1')
const devices = new DeviceStore(store)
const passwords = new DevicePasswords(store, domains, { observer: false })

let numbers = 0
const fresh = (): { id: number, hwId: string } => {
  const hwId = `00903300000${numbers++}`
  return { hwId, id: devices.insert({ hwId, domainId: domain.id, name: '', type: 'PHONE', status: Status.offline, addedHow: 'manual', now: 1, identify: undefined }) }
}
const kept = (hwId: string): ReturnType<DevicePasswords['opened']> => {
  store.flush()
  const row = devices.auth(hwId)
  if (!row) throw new Error('no row')
  return passwords.opened(row)
}

t.test('the device proves the former password while a new one is being stored', t => {
  const { id, hwId } = fresh()
  const first = passwords.renew(id)
  const second = passwords.renew(id) // added again while its challenge is open
  passwords.promote(id, first) // its answer to that challenge comes before the second is sent
  t.same(kept(hwId), { password: first, pending: second, pendingDelivered: false }, 'whichever of them the device keeps, it can prove')
  passwords.delivered(id, first)
  t.equal(kept(hwId).pendingDelivered, false, 'what arrived was the former one')
  passwords.delivered(id, second)
  t.equal(kept(hwId).pendingDelivered, true)
  passwords.promote(id, second)
  t.same(kept(hwId), { password: second, pending: undefined, pendingDelivered: false })
  t.end()
})

t.test('one password', t => {
  const { id, hwId } = fresh()
  const only = passwords.renew(id)
  passwords.delivered(id, only)
  t.same(kept(hwId), { password: undefined, pending: only, pendingDelivered: true })
  passwords.promote(id, only)
  t.same(kept(hwId), { password: only, pending: undefined, pendingDelivered: false })
  t.end()
})
