/** A PBX of another domain next to one of the domain of the instance: each has its own password (wire-protocols 5.7, 7.2, 7.3). */
import t from 'tap'
import type { Frame } from 'playwright-core'
import { eventually, openBrowser } from '../browser/browser.ts'
import { AppClient } from '../fixtures/app-client.ts'
import { Bed } from './bed.ts'
import type { FakePbx } from './fake-pbx.ts'

const bed = await Bed.start()
const browser = await openBrowser()
t.teardown(async () => {
  await browser.close()
  await bed.stop()
})

const wsBase = bed.base.replace(/^http/, 'ws')
const BOTH = ['devices', 'devices-api']
/** What the manager was told about the instance; under another path it only learns that this is none. */
const sent = (mt: string): object[] => bed.managed.filter(one => one['mt'] === mt && one['path'] === 'example.com/devices')
const card = (frame: Frame, name: string) => frame.locator('.idm-card', { has: frame.getByText(name, { exact: true }) })
const passwordOf = (pbx: FakePbx, sip: string): string | undefined => pbx.of(sip)?.pwd

/** Opens the form, has it say something about the password, and saves. */
async function create(frame: Frame, kind: string, says: string | RegExp, password = ''): Promise<void> {
  await frame.getByRole('button', { name: `Create ${kind}`, exact: true }).click()
  const form = frame.getByRole('dialog')
  await form.getByText(says).waitFor()
  if (password !== '') await form.getByLabel('Password of branch.example in Devices').fill(password)
  await form.getByText('The PBX has no config templates.').waitFor()
  await form.getByRole('button', { name: 'Create', exact: true }).click()
  await form.waitFor({ state: 'detached' })
  await card(frame, kind).getByText('Password right').waitFor()
}

async function repair(frame: Frame, button: string, says: string | RegExp): Promise<void> {
  await frame.getByRole('button', { name: button }).click()
  const dialog = frame.getByRole('dialog')
  await dialog.getByText(says).waitFor()
  await dialog.getByRole('button', { name: 'Repair password' }).click()
  await dialog.waitFor({ state: 'detached' })
  await frame.getByText('Password right').nth(1).waitFor()
}

const admin = async (): Promise<AppClient> => AppClient.login(wsBase, { password: bed.password })
/** Both PBXs connect to the service with what their objects have. */
const reaching = async (): Promise<object> => ({ pbx: await bed.pbx.reaching(), branch: await bed.branch.reaching() })

/** Devices has the domain of the other PBX with this password, or no longer has it. */
async function domain(password?: string): Promise<void> {
  const client = await admin()
  const known = ((await client.request('GetDomains'))['domains'] as { id: number, name: string }[]).find(one => one.name === bed.branch.domain)
  if (known) await client.request('DeleteDomain', { id: known.id, force: true })
  if (password !== undefined) t.equal((await client.request('AddDomain', { name: bed.branch.domain, ...client.encrypted('password', password) }))['error'], undefined)
  await client.close()
}

t.test('create, edit, repair and delete on one PBX leave the objects of the other alone', async t => {
  bed.reset()
  const own = await bed.show(browser)
  await create(own.frame, 'Devices', 'The instance and this object get a new random password.')
  await create(own.frame, 'Devices API', 'It gets the password of Devices (devices).')
  t.strictSame(await reaching(), { pbx: BOTH, branch: [] })
  const instance = bed.password

  const branch = await bed.show(browser, { pbx: bed.branch })
  await create(branch.frame, 'Devices', 'This PBX is in the domain branch.example, so the object gets the password that this domain has in Devices.')
  t.match(sent('InstanceDomain'), [{ pwd: passwordOf(bed.branch, 'devices') }], 'the domain has got the password of the object')
  await create(branch.frame, 'Devices API', 'It gets the password of Devices (devices).')
  t.equal(passwordOf(bed.branch, 'devices-api'), passwordOf(bed.branch, 'devices'))
  t.not(passwordOf(bed.branch, 'devices'), instance)
  t.strictSame(await reaching(), { pbx: BOTH, branch: BOTH })
  const login = await AppClient.login(wsBase, { domain: bed.branch.domain, password: passwordOf(bed.branch, 'devices') ?? '' })
  t.match(await login.request('GetUserInfo'), { admin: false })
  t.match((await login.request('GetDomains'))['domains'], [{ name: 'branch.example' }], 'the PBX sees its own domain')
  await login.close()

  await branch.frame.getByRole('button', { name: 'Edit Devices (devices)' }).click()
  const edit = branch.frame.getByRole('dialog')
  await edit.getByText('The password is not changed here.').waitFor()
  await edit.getByLabel('Name').fill('Devices of the branch')
  await edit.getByRole('button', { name: 'Save' }).click()
  await edit.waitFor({ state: 'detached' })
  t.strictSame(await reaching(), { pbx: BOTH, branch: BOTH })

  for (const object of bed.branch.objects.values()) object.pwd = 'of another time'
  await branch.frame.getByRole('button', { name: 'Read again' }).click()
  await branch.frame.getByText('Password wrong or missing').nth(1).waitFor()
  await repair(branch.frame, 'Repair password of Devices API (devices-api)', 'No App object has the right password. This PBX is in the domain branch.example')
  t.equal(sent('InstanceDomain').length, 2)
  t.strictSame(await reaching(), { pbx: BOTH, branch: BOTH })
  t.strictSame([sent('SetInstancePassword').length, bed.password], [1, instance], 'only the PBX of its own domain has changed the password of the instance')

  for (const object of bed.pbx.objects.values()) object.pwd = 'of another time'
  await own.frame.getByRole('button', { name: 'Read again' }).click()
  await own.frame.getByText('Password wrong or missing').nth(1).waitFor()
  await repair(own.frame, 'Repair password of Devices API (devices-api)', 'The instance and all of its App objects on this PBX get a new random one.')
  t.not(bed.password, instance)
  t.strictSame(await reaching(), { pbx: BOTH, branch: BOTH })

  await branch.frame.getByRole('button', { name: 'Delete Devices of the branch (devices)' }).click()
  await branch.frame.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await branch.frame.getByRole('dialog').waitFor({ state: 'detached' })
  t.strictSame(await reaching(), { pbx: BOTH, branch: ['devices-api'] })
  await own.frame.getByRole('button', { name: 'Delete Devices (devices)' }).click()
  await own.frame.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await own.frame.getByRole('dialog').waitFor({ state: 'detached' })
  t.strictSame(await reaching(), { pbx: ['devices-api'], branch: ['devices-api'] })
  await Promise.all([own.context.close(), branch.context.close()])
})

t.test('whoever knows the password of the domain changes it for nobody', async t => {
  bed.reset()
  await domain('known to all')
  const { frame, context } = await bed.show(browser, { pbx: bed.branch })
  await create(frame, 'Devices', 'This PBX is in the domain branch.example', 'known to all')
  t.equal(passwordOf(bed.branch, 'devices'), 'known to all')
  t.strictSame([sent('InstanceDomain'), sent('SetInstancePassword')], [[], []])
  t.strictSame(await reaching(), { pbx: [], branch: ['devices'] })
  await context.close()
})

for (const deaf of [false, true]) {
  t.test(`a manager that ${deaf ? 'does not answer' : 'refuses'} InstanceDomain: the password of the domain is asked for`, async t => {
    bed.reset()
    await domain('known to all')
    bed.lacks.add('InstanceDomain')
    bed.managerDeaf = deaf
    const { frame, page, context } = await bed.show(browser, { pbx: bed.branch })
    await frame.getByRole('button', { name: 'Create Devices', exact: true }).click()
    const form = frame.getByRole('dialog')
    const field = form.getByLabel('Password of branch.example in Devices')
    await field.waitFor()
    await form.getByText('The PBX has no config templates.').waitFor()
    if (deaf) await page.clock.install()
    const button = form.getByRole('button', { name: 'Create', exact: true })
    await button.click()
    const says = form.getByText(`The App Platform has not set a new password for the domain: ${deaf ? 'no reason given' : 'unknown message'}. Enter the password`)
    // It has patience for 20 s.
    await eventually('it asks', async () => {
      if (deaf) await page.clock.fastForward(5000)
      return await says.count() === 1
    })
    t.equal(await field.getAttribute('aria-invalid'), 'true')
    t.ok(await field.evaluate(element => element === document.activeElement))
    t.equal(bed.branch.objects.size, 0, 'no object without a password')
    await field.fill('known to all')
    await button.click()
    await form.waitFor({ state: 'detached' })
    t.strictSame(sent('SetInstancePassword'), [], 'never that of the instance')
    t.strictSame(await reaching(), { pbx: [], branch: ['devices'] })
    await context.close()
  })
}

t.test('a wrong password is seen, and repaired with the right one', async t => {
  bed.reset()
  await domain('known to all')
  bed.branch.add({ cn: 'Devices', h323: 'devices', url: `${bed.httpsBase}/innovaphone-devices`, pwd: bed.password, app: { websocket: true } })
  const { frame, context } = await bed.show(browser, { pbx: bed.branch })
  await card(frame, 'Devices').getByText('Password wrong or missing').waitFor()
  t.strictSame(await reaching(), { pbx: [], branch: [] }, 'the password of the instance is none there')
  await frame.getByRole('button', { name: 'Repair password of Devices (devices)' }).click()
  const dialog = frame.getByRole('dialog')
  await dialog.getByLabel('Password of branch.example in Devices').fill('known to all')
  await dialog.getByRole('button', { name: 'Repair password' }).click()
  await dialog.waitFor({ state: 'detached' })
  await card(frame, 'Devices').getByText('Password right').waitFor()
  t.strictSame([sent('InstanceDomain'), sent('SetInstancePassword')], [[], []])
  t.strictSame(await reaching(), { pbx: [], branch: ['devices'] })
  await context.close()
})

t.test('a domain that gets its password late, and a PBX that does not say which object it has made: it is asked again', async t => {
  bed.reset()
  await domain('of another time')
  bed.branch.saysGuid = false
  bed.managerDelay = 1500
  const { frame, context } = await bed.show(browser, { pbx: bed.branch })
  await create(frame, 'Devices', 'This PBX is in the domain branch.example')
  t.strictSame(await reaching(), { pbx: [], branch: ['devices'] })
  await context.close()
})

t.test('an instance whose address does not name its domain: the service says which it is', async t => {
  const elsewhere = await Bed.start('apps/devices')
  t.teardown(() => elsewhere.stop())
  const { frame, context } = await elsewhere.show(browser)
  await create(frame, 'Devices', 'The instance and this object get a new random password.')
  t.equal(elsewhere.pbx.of('devices')?.pwd, elsewhere.password)
  t.strictSame(await elsewhere.pbx.reaching(), ['devices'])
  await context.close()
})
