/** FXS interfaces of gateways against the running executable (wire-protocols 2.9, 2.12 D, 3.9; features 3.6). */
import t from 'tap'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { startPrepared } from './prepared.ts'

const { service, url, admin, foreign, own } = await startPrepared()
t.teardown(() => service.stop())

const made = async (fields: object = {}, by = admin): Promise<string> => String((await by.request('GetProvisioningCode', { category: 'analogue', ...fields }))['code'])
async function added(id: string, fxs: boolean): Promise<PlainDevice> {
  const device = await PlainDevice.connect(url, { id, type: 'GW', more: { platform: { type: 'GW', fxs } } })
  await admin.request('AddDevice', { hwId: id, domainId: own, type: 'GW' })
  device.identify()
  await device.until(1, true)
  return device
}
async function results(device: PlainDevice, n: number): Promise<Record<string, unknown>[]> {
  const all = (): Record<string, unknown>[] => device.frames.filter(frame => frame.type === 5).map(frame => frame.body)
  while (all().length < n) await device.until(5)
  return all()
}

t.test('an interface is provisioned, again, listed and freed', async t => {
  const gateway = await added('009033200001', true)
  const code = await made({ sip: 'fax' })
  const news = admin.until(message => message.mt === 'DeviceProvisioned' && message['code'] === code)
  gateway.admin(4, { id: 'TEL1', code })
  t.same(await results(gateway, 1), [{}])
  t.match(await news, { device: { hwId: '009033200001', type: 'GW' } }, 'the gateway is named as the device')
  t.match((await admin.list('GetProvisioningCodes', 'codes')).find(entry => entry['code'] === code), { state: 'used', interface: 'TEL1', hwId: '009033200001' })
  t.match(await admin.request('GetProvisionedDevice', { code }), { device: { hwId: '009033200001' } })
  gateway.admin(4, { id: 'TEL2', code: await made() })
  await results(gateway, 2)
  gateway.admin(4, { id: 'TEL1', code: await made({ sip: 'other fax' }) })
  t.same(await results(gateway, 3), [{}, {}, {}])
  t.same((await admin.request('GetDevicePhones', { hwId: '009033200001' }))['phones'], ['TEL1', 'TEL2'])
  t.match(await foreign.request('GetDevicePhones', { hwId: '009033200001' }), { error: 'notFound' })
  t.match(await foreign.request('RemoveDevicePhone', { hwId: '009033200001', id: 'TEL1' }), { error: 'notFound' })
  t.notOk((await admin.request('RemoveDevicePhone', { hwId: '009033200001', id: 'TEL1' }))['error'])
  t.match(await admin.request('RemoveDevicePhone', { hwId: '009033200001', id: 'TEL1' }), { error: 'notFound', field: 'id' })
  t.same((await admin.request('GetDevicePhones', { hwId: '009033200001' }))['phones'], ['TEL2'])
  await gateway.close()
})

t.test('a gateway that belongs to no domain yet gets an answer too', async t => {
  const gateway = await PlainDevice.connect(url, { id: '009033200009', type: 'GW', more: { platform: { type: 'GW', fxs: true } } })
  gateway.identify()
  gateway.admin(4, { id: 'TEL1', code: await made() })
  t.match(await results(gateway, 1), [{ error: /domain/ }])
  await admin.request('AddDevice', { hwId: '009033200009', domainId: own })
  await gateway.until(1, true)
  gateway.admin(4, { id: 'TEL1', code: await made() })
  t.same((await results(gateway, 2))[1], {})
  await gateway.close()
})

t.test('refusals are answered in order, each with an error, and provision nothing', async t => {
  const gateway = await added('009033200002', true)
  const used = await made()
  gateway.admin(4, { id: 'TEL1', code: used })
  await results(gateway, 1)
  const theirs = await made({ category: 'theirs' }, foreign)
  const refused = foreign.until(message => message.mt === 'DeviceProvisioned' && message['code'] === theirs)
  const good = await made({ category: 'any room' })
  gateway.admin(4, { id: 'TEL2', code: used })
  gateway.admin(4, { id: 'TEL2', code: '111122223333' })
  gateway.admin(4, { id: 'TEL2', code: theirs })
  gateway.admin(4, { id: 'TEL 2', code: good })
  gateway.admin(4, { id: 'TEL2' })
  gateway.admin(4, { id: 'TEL2', code: good })
  const answers = (await results(gateway, 7)).slice(1)
  t.match(answers.slice(0, 5), Array.from({ length: 5 }, () => ({ error: /./ })))
  t.same(answers[5], {}, 'the last one, whose code fits')
  t.match(await refused, { error: 'otherDomain', errorText: 'The device belongs to another domain.' })
  t.same((await admin.request('GetDevicePhones', { hwId: '009033200002' }))['phones'], ['TEL1', 'TEL2'])
  await gateway.close()
})

t.test('a gateway without FXS, and a device that is not in, provision nothing', async t => {
  const gateway = await added('009033200003', false)
  const code = await made()
  const news = admin.until(message => message.mt === 'DeviceProvisioned' && message['code'] === code)
  gateway.admin(4, { id: 'TEL1', code })
  t.match(await results(gateway, 1), [{ error: /no such interface/ }])
  t.match(await news, { error: 'noInterface' })
  const stranger = await PlainDevice.connect(url, { id: '009033200004', type: 'GW', more: { platform: { type: 'GW', fxs: true } } })
  stranger.identify()
  while ((await admin.request('GetDevice', { hwId: '009033200004' }))['error']) await new Promise(resolve => setTimeout(resolve, 10))
  stranger.admin(4, { id: 'TEL1', code })
  gateway.admin(4, { id: 'TEL1', code: 'x' })
  await results(gateway, 2)
  t.match(await results(stranger, 1), [{ error: /domain/ }], 'refused before it is in')
  t.match((await admin.list('GetProvisioningCodes', 'codes')).find(entry => entry['code'] === code), { state: 'refused' }, 'the code is still good')
  await stranger.close()
  await gateway.close()
})
