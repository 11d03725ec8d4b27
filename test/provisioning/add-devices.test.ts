/** Many devices from a list, against the running executable (feature table R01). */
import t from 'tap'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { startPrepared } from './prepared.ts'

const { service, url, admin, foreign, own, other } = await startPrepared()
t.teardown(() => service.stop())

t.test('each line is judged by itself; a check changes nothing', async t => {
  await admin.request('AddDevice', { hwId: '009033300001', domainId: own })
  await foreign.request('AddDevice', { hwId: '009033300002', domainId: other })
  const waiting = await PlainDevice.connect(url, { id: '009033300003', type: 'GW' })
  waiting.identify()
  while ((await admin.request('GetDevice', { hwId: '009033300003' }))['error']) await new Promise(resolve => setTimeout(resolve, 10))
  const devices = [
    { hwId: '00-90-33-30-00-10', name: 'Reception', provisioningCategory: 'phones' },
    { hwId: '00:90:33:30:00:11', type: 'GW', provisioningCategory: 'any room' },
    { hwId: '009033300010' }, { hwId: 'with blank' }, { hwId: '' },
    { hwId: '009033300012', provisioningCategory: 'standard' },
    { hwId: '009033300013', type: 'GW', provisioningCategory: 'phones' },
    { hwId: '009033300001' }, { hwId: '009033300002' },
    { hwId: '009033300003', name: 'Door', provisioningCategory: 'any room' },
  ]
  const expected = [
    { hwId: '009033300010', ok: true }, { hwId: '009033300011', ok: true },
    { hwId: '009033300010', ok: false, errorText: /twice/ }, { ok: false, errorText: /hardware id/ }, { ok: false, errorText: /hardware id/ },
    { ok: false, errorText: /category/ }, { ok: false, errorText: /gateway/ },
    { ok: false, errorText: /already expected/ }, { ok: false, errorText: /already expected/ },
    { hwId: '009033300003', ok: true },
  ]
  t.match(await admin.list('AddDevices', 'results', { domainId: own, devices, check: true }), expected)
  t.match(await admin.request('GetDevice', { hwId: '009033300010' }), { error: 'notFound' }, 'nothing was added')
  t.equal(waiting.password, undefined)
  const password = waiting.until(1, true)
  t.match(await admin.list('AddDevices', 'results', { domainId: own, devices }), expected.map(line => line.ok ? { ...line, id: Number } : line))
  await password
  t.match(await admin.request('GetDevice', { hwId: '009033300010' }), { device: { name: 'Reception', state: 'expected', provisioningCategory: { name: 'phones' } } })
  t.match(await admin.request('GetDevice', { hwId: '009033300011' }), { device: { type: 'GW', state: 'expected' } })
  t.match(await admin.request('GetDevice', { hwId: '009033300003' }), { device: { name: 'Door', state: 'online', domainId: own, provisioningCategory: { name: 'any room' } } })
  await waiting.close()
  const device = await PlainDevice.connect(url, { id: '009033300010' })
  device.identify()
  await device.until(1, true)
  await device.close()
})

t.test('a line without a type is judged when the device comes', async t => {
  const devices = [['009033300031', 'phones'], ['009033300032', 'any room'], ['009033300033', 'phones']].map(([hwId, provisioningCategory]) => ({ hwId, provisioningCategory }))
  t.match(await admin.list('AddDevices', 'results', { domainId: own, devices }), devices.map(() => ({ ok: true })))
  for (const [hwId, type, category] of [['009033300031', 'GW', undefined], ['009033300032', 'GW', 'any room'], ['009033300033', 'PHONE', 'phones']] as const) {
    const device = await PlainDevice.connect(url, { id: hwId, type })
    device.identify()
    await device.until(1, true)
    const { device: found } = await admin.request('GetDevice', { hwId }) as unknown as { device: { type: string, provisioningCategory?: { name: string } } }
    t.equal(found.type, type)
    t.equal(found.provisioningCategory?.name, category, `${hwId} ${type} (features 18)`)
    await device.close()
  }
  t.match(await admin.request('GetAuditPage', { offset: 0, limit: 5, search: '009033300031' }), { entries: [{ action: 'device.edited', before: /phones/, after: /gateway/ }, { action: 'device.added' }] })
})

t.test('foreign devices and unassigned ones are told alike', async t => {
  const waiting = await PlainDevice.connect(url, { id: '009033300020' })
  waiting.identify()
  while ((await admin.request('GetDevice', { hwId: '009033300020' }))['error']) await new Promise(resolve => setTimeout(resolve, 10))
  const [foreignOne, unassigned, good] = await foreign.list('AddDevices', 'results', { domainId: other, devices: [{ hwId: '009033300001' }, { hwId: '009033300020' }, { hwId: '009033300021' }] })
  t.same({ ...foreignOne, hwId: '' }, { ...unassigned, hwId: '' })
  t.match(good, { ok: true, id: Number })
  t.match(await foreign.request('AddDevices', { domainId: own, devices: [{ hwId: 'x' }] }), { error: 'notFound', field: 'domainId' })
  t.match(await admin.request('AddDevices', { domainId: 99, devices: [{ hwId: 'x' }] }), { error: 'notFound', field: 'domainId' })
  await waiting.close()
})

t.test('a thousand at once, by MAC; the answer comes in parts', async t => {
  const devices = Array.from({ length: 1000 }, (_, n) => ({ hwId: `0090334${n.toString(16).padStart(5, '0')}`, name: `Phone ${n}` }))
  const results = await admin.list('AddDevices', 'results', { domainId: own, devices })
  t.equal(results.filter(result => result['ok']).length, 1000)
  t.match(await admin.request('GetDevicesPage', { offset: 0, limit: 1, search: 'phone 999' }), { total: 1 })
  t.match(await admin.request('AddDevices', { domainId: own, devices: [...devices, { hwId: 'one too many' }] }), { error: 'badRequest' })
})
