/** A database with two domains and the devices of each, as a test of rights and of the page's words needs it. */
import { Domains } from '../../app/domains/domains.ts'
import { DeviceStore } from '../../app/devices/device-store.ts'
import { categories, deviceCategories, Status } from '../../app/store/schema.ts'
import { Store } from '../../app/store/store.ts'
import { fill } from '../fixtures/fill.ts'
import { PASSWORD } from '../fixtures/service.ts'

export const OTHER = { domain: 'other.example', password: 'other-pw-1', device: '00903300ffff', name: 'Only in the other domain', categories: ['Wave 2', 'Backup at night'] } as const

/** `count` devices in example.com, one in `OTHER.domain` that has two network interfaces and two categories. */
export function fillTwoDomains(workingPath: string, count: number): void {
  fill(workingPath, count, { domain: 'example.com', password: PASSWORD })
  const store = new Store({ workingPath, onFailure: error => { throw error } })
  const domain = new Domains(store, OTHER.domain).ensureInstanceDomain(OTHER.password)
  const id = new DeviceStore(store).insert({
    hwId: OTHER.device, domainId: domain.id, name: OTHER.name, type: 'GW', status: Status.offline, addedHow: 'manual', now: Date.now(),
    identify: {
      id: OTHER.device, product: 'IP811', version: '14r1 sr4 [1410611/1410611/1300]', platform: { type: 'GW' },
      ethIfs: [{ if: 'ETH0', ipv4: '10.9.9.9', ipv6: '2001:db8::9' }, { if: 'ETH1', ipv4: '10.9.8.1' }],
    },
  })
  for (const name of OTHER.categories) {
    const category = store.orm.insert(categories).values({ domainId: domain.id, name, config: false }).returning({ id: categories.id }).get()
    store.orm.insert(deviceCategories).values({ deviceId: id, categoryId: category.id }).run()
  }
  store.close()
}
