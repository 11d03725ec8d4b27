/**
 * A domain password and a registration URL reach a large fleet: all devices, never more of them at once than the window, and kill -9
 * in the middle loses none. Everything is seen from the side of the devices.
 * `FLEET=10000` takes more of them.
 */
import t from 'tap'
import { LightFleet } from '../../bench/load/light-fleet.ts'
import { LIMITS } from '../../app/limits.ts'
import { AppClient } from '../fixtures/app-client.ts'
import { fill } from '../fixtures/fill.ts'
import { freePort, PASSWORD, startService, temporaryFolder, type Service } from '../fixtures/service.ts'

const COUNT = Number(process.env['FLEET'] ?? 2_000)
const workingPath = temporaryFolder()
fill(workingPath, COUNT)
const port = await freePort()
let service: Service = await startService({ workingPath, port })
const fleet = new LightFleet({ port, count: COUNT, answerAfter: 15 })
t.teardown(async () => {
  fleet.stop()
  await service.stop()
})
interface TaskView { id: number, state: string, total: number, done: number, failed: number, skipped: number, finishedAt?: number }
let app = await AppClient.login(service.wsBase, { password: PASSWORD })

async function killed(): Promise<void> {
  await service.kill()
  service = await startService({ workingPath, port })
  app = await AppClient.login(service.wsBase, { password: PASSWORD })
}
async function over(id: unknown): Promise<TaskView> {
  for (;;) {
    const task = (await app.list('GetTasks', 'tasks') as unknown as TaskView[]).find(one => one.id === id)
    if (task?.finishedAt !== undefined) return task
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
const have = (password: string): number => fleet.passwords.filter(one => one === password).length
const use = (url: string): number => fleet.urls.filter(one => one === url).length

t.test(`a new domain password for ${COUNT} devices`, async t => {
  await fleet.until(() => fleet.online === COUNT && have(PASSWORD) === COUNT)
  const { task } = await app.request('EditDomain', { id: 1, ...app.encrypted('password', 'the second') })
  t.match(await over(task), { state: 'done', total: COUNT, done: COUNT, failed: 0, skipped: 0 })
  t.equal(have('the second'), COUNT)
  t.ok(fleet.owing.mostPings > 0 && fleet.owing.mostPings <= LIMITS.passwordsAtOnce.value, `at most ${fleet.owing.mostPings} at once`)
})

t.test('kill -9 in the middle of the next: every device has it in the end', async t => {
  const { task } = await app.request('EditDomain', { id: 1, ...app.encrypted('password', 'the third') })
  await fleet.until(() => have('the third') > COUNT / 4)
  const before = have('the third')
  await killed()
  t.ok(before < COUNT, `${before} had it before`)
  t.match(await over(task), { state: 'done', total: COUNT, done: COUNT, failed: 0, skipped: 0 })
  t.equal(have('the third'), COUNT)
  t.ok(fleet.owing.mostPings <= LIMITS.passwordsAtOnce.value, `at most ${fleet.owing.mostPings} at once`)
})

t.test('a new registration URL, killed in the middle, too', async t => {
  const url = 'wss://devices.example.net/example.com/devices/sysclients'
  const { task } = await app.request('StartUrlRollout', { url })
  await fleet.until(() => use(url) > COUNT / 4)
  const before = use(url)
  await killed()
  t.ok(before < COUNT, `${before} had it before`)
  t.match(await over(task), { state: 'done', total: COUNT, done: COUNT, failed: 0, skipped: 0 })
  t.equal(use(url), COUNT)
  t.ok(fleet.owing.mostCommands > 0 && fleet.owing.mostCommands <= LIMITS.registrationUrlsAtOnce.value, `at most ${fleet.owing.mostCommands} at once`)
})

t.test('while it goes on, the service answers others', async t => {
  const { task } = await app.request('EditDomain', { id: 1, ...app.encrypted('password', 'the fourth') })
  let answers = 0
  let ended = false
  const end = over(task).then(() => { ended = true })
  while (!ended) {
    await app.request('GetDevicesPage', { offset: 0, limit: 1 })
    answers++
  }
  await end
  t.ok(answers > 3, `${answers} pages meanwhile`)
})
