/** Who watches a list of devices hears of those that come into it or leave it because rights or categories change (wire-protocols 3.7). */
import t from 'tap'
import { AppClient, type Message } from '../fixtures/app-client.ts'
import { PASSWORD, startService } from '../fixtures/service.ts'

const service = await startService()
const app = await AppClient.login(service.wsBase, { password: PASSWORD })
t.teardown(() => service.stop())
const domain = async (name: string): Promise<number> => Number((await app.request('AddDomain', { name, ...app.encrypted('password', `password of ${name}`) }))['id'])
const [home, shared] = [await domain('home.test'), await domain('shared.test')]
const add = async (hwId: string, domainId: number): Promise<number> => Number((await app.request('AddDevice', { hwId, domainId, name: `name of ${hwId}` }))['id'])
await add('009033600001', home)
const theirs = [await add('009033600002', shared), await add('009033600003', shared)]

const watch = async (fields: object): Promise<AppClient> => {
  const watcher = await AppClient.login(service.wsBase, { domain: 'home.test', password: 'password of home.test' })
  watcher.send({ mt: 'GetDevices', recvUpdates: true, src: 'list', ...fields })
  await watcher.until(message => message.mt === 'GetDevicesResult' && message['last'] === true)
  return watcher
}
const hwIds = (watcher: AppClient, mt: string): string[] => watcher.received.filter(message => message.mt === mt).map(message => (message['device'] as { hwId: string }).hwId).toSorted()
/** Everything that was on its way is there. */
async function settled(watcher: AppClient, mt: string, count: number): Promise<Message[]> {
  const of = (): Message[] => watcher.received.filter(message => message.mt === mt)
  while (of().length < count) await watcher.until(message => message.mt === mt)
  return of()
}

t.test('access is granted and taken away', async t => {
  const watcher = await watch({})
  await app.request('EditDomain', { id: home, access: [shared] })
  const added = await settled(watcher, 'DeviceAdded', 2)
  t.same(hwIds(watcher, 'DeviceAdded'), ['009033600002', '009033600003'])
  t.match(added[0], { src: 'list', device: { domainId: shared, name: /^name of/ } })
  await app.request('EditDomain', { id: home, access: [] })
  await app.request('EditDevice', { id: theirs[0], name: 'a new name' })
  const removed = await settled(watcher, 'DeviceRemoved', 2)
  t.same(hwIds(watcher, 'DeviceRemoved'), ['009033600002', '009033600003'])
  t.notMatch(JSON.stringify(removed), /a new name|name of/, 'nothing of what they are now')
  t.match(removed[0], { src: 'list', device: { online: false } })
  await watcher.close()
})

t.test('a category is renamed and deleted', async t => {
  const category = Number((await app.request('AddCategory', { domainId: home, name: 'floor' }))['id'])
  const id = await add('009033600004', home)
  await app.request('EditDevice', { id, categories: [category] })
  const watcher = await watch({ categories: 'floor,ground floor' })
  const other = await watch({ categories: 'ground floor' })
  await app.request('EditCategory', { id: category, name: 'ground floor' })
  await settled(other, 'DeviceAdded', 1)
  t.same(hwIds(other, 'DeviceAdded'), ['009033600004'])
  await app.request('DeleteCategory', { id: category, force: true })
  for (const one of [watcher, other]) {
    await settled(one, 'DeviceRemoved', 1)
    t.same(hwIds(one, 'DeviceRemoved'), ['009033600004'])
  }
  t.same(hwIds(watcher, 'DeviceAdded'), [], 'it was in the list all the time')
  await watcher.close()
  await other.close()
})
