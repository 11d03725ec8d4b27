/** Create, edit and delete App objects of both kinds in the PBX Manager (wire-protocols 7.2; features 1; feature table S05). */
import t from 'tap'
import { eventually, openBrowser } from '../browser/browser.ts'
import { AppClient } from '../fixtures/app-client.ts'
import { Bed } from './bed.ts'

const bed = await Bed.start()
const browser = await openBrowser()
t.teardown(async () => {
  await browser.close()
  await bed.stop()
})

const KINDS = [
  { title: 'Devices', sip: 'devices', app: 'innovaphone-devices', add: 'Create Devices', hidden: undefined, item: 'old' },
  { title: 'Devices API', sip: 'devices-api', app: 'innovaphone-devices-api', add: 'Create Devices API', hidden: true, item: 'new' },
] as const
const restarted = (problem: string): boolean => /WebSocket/.test(problem)

for (const kind of KINDS) {
  t.test(`${kind.title}: create, edit, delete`, async t => {
    bed.reset()
    bed.pbx.templates.push({ guid: 't1', cn: 'Config User', apps: 'users,phone' }, { guid: 't2', cn: 'Config Admin', apps: undefined })
    const { frame, context, problems } = await bed.show(browser, { item: kind.item })
    const before = bed.password
    t.match(await frame.locator('.idm-empty').textContent(), /There are no App objects.*Create one of each kind/)

    await frame.getByRole('button', { name: kind.add, exact: true }).click()
    const form = frame.getByRole('dialog', { name: `Create an App object for ${kind.title === 'Devices' ? 'Devices' : 'the Devices API'}` })
    t.equal(await form.getByLabel('Name').inputValue(), kind.title)
    t.equal(await form.getByLabel('SIP').inputValue(), kind.sip)
    await form.getByText('The instance and this object get a new random password.').waitFor()
    await form.getByText(`${bed.httpsBase}/${kind.app} and the checkmark`).waitFor()
    await form.getByLabel('Name').fill('Devices of Wien')
    await form.getByLabel('Config User').check()
    await form.getByRole('button', { name: 'Create' }).click()
    await form.waitFor({ state: 'detached' })
    await frame.getByRole('status').getByText('Devices of Wien is created.').waitFor()

    const object = bed.pbx.of(kind.sip)
    t.match(object, { cn: 'Devices of Wien', hide: true, critical: true, url: `${bed.httpsBase}/${kind.app}` })
    t.strictSame(object?.app, { url: `${bed.httpsBase}/${kind.app}`, websocket: true, ...(kind.hidden ? { hidden: true } : {}) })
    t.match(bed.password, /^[A-Za-z0-9]{15}$/, 'a random password, no longer than App objects can have')
    t.not(bed.password, before)
    t.equal(object?.pwd, bed.password)
    t.strictSame(bed.managed.filter(one => one['mt'] === 'SetInstancePassword').map(one => one['path']), ['example.com/devices'], 'the instance has got it once')
    t.strictSame(bed.pbx.templates.map(one => one.apps), [`users,phone,${kind.sip}`, undefined], 'other apps of a template stay, other templates are left alone')
    const card = frame.locator('.idm-card', { hasText: 'Devices of Wien' })
    await card.getByText('Password right').waitFor()
    await card.getByText('Connected', { exact: true }).waitFor()

    await frame.getByRole('button', { name: `Edit Devices of Wien (${kind.sip})` }).click()
    const edit = frame.getByRole('dialog', { name: 'Edit Devices of Wien' })
    t.ok(await edit.getByLabel('Config User').isChecked())
    t.notOk(await edit.getByLabel('Config Admin').isChecked())
    // What somebody else has set on the PBX meanwhile stays.
    if (object) object.app['services'] = true
    await edit.getByRole('button', { name: 'Cancel' }).click()
    await frame.getByRole('button', { name: 'Read again' }).click()
    await card.getByText('Password right').waitFor()
    await frame.getByRole('button', { name: `Edit Devices of Wien (${kind.sip})` }).click()
    await edit.getByLabel('Name').fill('Devices Graz')
    await edit.getByLabel('SIP').fill(`${kind.sip}-graz`)
    await edit.getByLabel('Config Admin').check()
    const user = bed.pbx.templates[0]
    if (user) user.apps = `users,phone,${kind.sip},files`
    await edit.getByRole('button', { name: 'Save' }).click()
    await edit.waitFor({ state: 'detached' })
    await frame.getByRole('status').getByText('Devices Graz is saved.').waitFor()
    const edited = bed.pbx.of(`${kind.sip}-graz`)
    t.match(edited, { guid: object?.guid, cn: 'Devices Graz', pwd: bed.password, app: { services: true, websocket: true } })
    t.equal(bed.pbx.objects.size, 1)
    t.strictSame(bed.pbx.templates.map(one => one.apps), [`users,phone,files,${kind.sip}-graz`, `${kind.sip}-graz`], 'templates name it as it is called now')
    await frame.locator('.idm-card', { hasText: 'Devices Graz' }).getByText('Password right').waitFor()

    await frame.getByRole('button', { name: `Delete Devices Graz (${kind.sip}-graz)` }).click()
    const question = frame.getByRole('dialog', { name: `Delete Devices Graz (${kind.sip}-graz)?` })
    await question.getByRole('button', { name: 'Cancel' }).click()
    t.equal(bed.pbx.objects.size, 1, 'not without the answer')
    await frame.getByRole('button', { name: `Delete Devices Graz (${kind.sip}-graz)` }).click()
    await question.getByRole('button', { name: 'Delete' }).click()
    await question.waitFor({ state: 'detached' })
    await frame.getByRole('status').getByText(`Devices Graz (${kind.sip}-graz) is deleted.`).waitFor()
    t.equal(bed.pbx.objects.size, 0)
    t.strictSame(bed.pbx.templates.map(one => one.apps), ['users,phone,files', ''])
    await frame.locator('.idm-empty').waitFor()
    t.equal(await frame.evaluate(() => document.activeElement?.textContent), kind.add, 'the keyboard goes on where the object was')
    t.strictSame(problems.filter(problem => !restarted(problem)), [])
    await context.close()
  })
}

t.test('a second object gets the password of the first; the PBX connects, and the service learns its address', async t => {
  bed.reset()
  const { frame, context, problems } = await bed.show(browser)
  bed.pbx.add({ cn: 'Devices', h323: 'Devices', url: `${bed.httpsBase}/innovaphone-devices`, pwd: bed.password, app: { websocket: true } })
  bed.pbx.add({ cn: 'Users', h323: 'users', url: `${bed.httpsBase}/innovaphone-somethingelse`, pwd: 'x' })
  await frame.getByRole('button', { name: 'Read again' }).click()
  await frame.getByText('Password right').waitFor()
  t.equal(await frame.locator('.idm-card').count(), 1, 'objects of other apps are none of its business')
  await frame.getByText('No App object: other apps do not find Devices').waitFor()
  await frame.getByRole('button', { name: 'Create Devices API' }).click()
  const form = frame.getByRole('dialog')
  await form.getByText('It gets the password of Devices.').waitFor()
  await form.getByText('The PBX has no config templates.').waitFor()
  await form.getByRole('button', { name: 'Create' }).click()
  await form.waitFor({ state: 'detached' })
  t.strictSame(bed.managed.filter(one => one['mt'] === 'SetInstancePassword'), [])
  t.match(bed.pbx.asked('UpdateObject'), [{ copyPwd: bed.pbx.of('Devices')?.guid, h323: 'devices-api' }])
  t.equal(bed.pbx.of('devices-api')?.pwd, bed.password)
  await eventually('both are connected', async () => await frame.getByText('Connected', { exact: true }).count() === 2)
  const admin = await AppClient.login(bed.base.replace(/^http/, 'ws'), { password: bed.password })
  t.equal((await admin.request('GetRegistrationUrl'))['url'], `${bed.httpsBase.replace('https', 'wss')}/sysclients`)
  await admin.close()
  t.strictSame(problems.filter(problem => !restarted(problem)), [])

  await frame.getByRole('button', { name: 'Create Devices', exact: true }).click()
  t.equal(await form.getByLabel('SIP').inputValue(), 'devices-2', 'a name that is free')
  await context.close()
})

t.test('what is entered is looked at before the PBX sees it', async t => {
  bed.reset()
  bed.pbx.add({ cn: 'Devices', h323: 'devices', url: `${bed.httpsBase}/innovaphone-devices`, pwd: bed.password })
  const { frame, context } = await bed.show(browser)
  await frame.getByRole('button', { name: 'Create Devices', exact: true }).click()
  const form = frame.getByRole('dialog')
  const [name, sip] = [form.getByLabel('Name'), form.getByLabel('SIP')]
  const create = form.getByRole('button', { name: 'Create' })
  await form.getByText('The PBX has no config templates.').waitFor()
  await name.fill('  ')
  await sip.fill('')
  await create.click()
  await form.getByText('Enter a name.').waitFor()
  await form.getByText('Enter a SIP name.').waitFor()
  t.equal(await name.getAttribute('aria-invalid'), 'true')
  t.ok(await name.evaluate(element => element === document.activeElement), 'the first wrong field has the focus')
  await name.fill('Another')
  for (const [wrong, text] of [['a,b', 'No blanks'], ['a b', 'No blanks'], ['DEVICES', 'Another App object of this list has this SIP name.']] as const) {
    await sip.fill(wrong)
    await create.click()
    await form.getByText(text).waitFor()
    t.ok(await sip.evaluate(element => element === document.activeElement), wrong)
  }
  t.strictSame(bed.pbx.asked('UpdateObject'), [])
  await frame.page().keyboard.press('Escape')
  await form.waitFor({ state: 'detached' })
  t.equal(await frame.evaluate(() => document.activeElement?.textContent), 'Create Devices', 'the focus is back where it came from')
  await context.close()
})

t.test('saving is done once, says so meanwhile, and cannot be closed', async t => {
  bed.reset()
  bed.pbx.add({ cn: 'Devices', h323: 'devices', url: `${bed.httpsBase}/innovaphone-devices`, pwd: bed.password })
  const { frame, page, context } = await bed.show(browser)
  await frame.getByText('Password right').waitFor()
  await frame.getByRole('button', { name: 'Create Devices API' }).click()
  const form = frame.getByRole('dialog')
  await form.getByText('The PBX has no config templates.').waitFor()
  bed.pbx.held.add('UpdateObject')
  await form.getByRole('button', { name: 'Create' }).dblclick()
  await form.getByLabel('Name').press('Enter')
  await form.getByRole('status').getByText('Saving…').waitFor()
  await page.keyboard.press('Escape')
  t.ok(await form.isVisible())
  bed.pbx.release()
  await form.waitFor({ state: 'detached' })
  t.equal(bed.pbx.asked('UpdateObject').length, 1)
  t.equal(bed.pbx.objects.size, 2)
  await context.close()
})
