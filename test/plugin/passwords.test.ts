/** Passwords of App objects: looked at through the service, wrong and missing ones are shown and can be repaired (wire-protocols 7.2). */
import t from 'tap'
import { eventually, openBrowser } from '../browser/browser.ts'
import { Bed } from './bed.ts'

const bed = await Bed.start()
const browser = await openBrowser()
t.teardown(async () => {
  await browser.close()
  await bed.stop()
})

const add = (cn: string, h323: string, app: string, pwd: string): void => { bed.pbx.add({ cn, h323, pwd, url: `${bed.httpsBase}/${app}`, app: { websocket: true } }) }

t.test('right, wrong and missing passwords; one repair copies the right one', async t => {
  bed.reset()
  add('Devices', 'devices', 'innovaphone-devices', bed.password)
  add('Old', 'old', 'innovaphone-devices', 'of another time')
  add('Empty', 'empty', 'innovaphone-devices-api', '')
  const { frame, context } = await bed.show(browser)
  const card = (name: string) => frame.locator('.idm-card', { has: frame.getByText(name, { exact: true }) })
  await card('Devices').getByText('Password right').waitFor()
  t.notOk(await card('Devices').getByRole('button', { name: /^Repair/ }).isVisible())
  for (const [name, sip] of [['Old', 'old'], ['Empty', 'empty']] as const) {
    await card(name).getByText('Password wrong or missing').waitFor()
    await card(name).getByText('The PBX cannot connect with it').waitFor()
    await frame.getByRole('button', { name: `Repair password of ${name} (${sip})` }).click()
    const dialog = frame.getByRole('dialog', { name: `Repair the password of ${name} (${sip})?` })
    await dialog.getByText('It gets the password of Devices (devices), which is right.').waitFor()
    await dialog.getByRole('button', { name: 'Repair password' }).click()
    await dialog.waitFor({ state: 'detached' })
    await card(name).getByText('Password right').waitFor()
    t.equal(bed.pbx.of(sip)?.pwd, bed.password)
  }
  t.strictSame(bed.managed.filter(one => one['mt'] === 'SetInstancePassword'), [], 'the instance keeps its password')
  t.equal(bed.pbx.of('empty')?.app['hidden'], true, 'an API object without its mark gets it too')
  await context.close()
})

t.test('none is right: instance and all objects get a new one', async t => {
  bed.reset()
  add('Devices', 'devices', 'innovaphone-devices', 'one')
  add('Devices API', 'devices-api', 'innovaphone-devices-api', 'two')
  const { frame, context } = await bed.show(browser)
  await frame.getByText('Password wrong or missing').nth(1).waitFor()
  const before = bed.password
  await frame.getByRole('button', { name: 'Edit Devices (devices)' }).click()
  const edit = frame.getByRole('dialog')
  await edit.getByText('The password is not changed here.').waitFor()
  await edit.getByLabel('Name').fill('Renamed')
  await edit.getByRole('button', { name: 'Save' }).click()
  await edit.waitFor({ state: 'detached' })
  t.equal(bed.password, before, 'an edit makes no new password')
  t.match(bed.pbx.of('devices'), { cn: 'Renamed', pwd: 'one' })
  await frame.getByRole('button', { name: 'Repair password of Renamed (devices)' }).click()
  const dialog = frame.getByRole('dialog')
  await dialog.getByText('No App object has the right password.').waitFor()
  await dialog.getByRole('button', { name: 'Repair password' }).click()
  await dialog.waitFor({ state: 'detached' })
  t.not(bed.password, before)
  t.strictSame([...bed.pbx.objects.values()].map(one => one.pwd), [bed.password, bed.password])
  await frame.getByText('Password right').nth(1).waitFor()
  await context.close()
})

t.test('the PBX refuses the first object: the next try does not change the password of the instance again', async t => {
  bed.reset()
  const { frame, context } = await bed.show(browser)
  bed.pbx.refused.set('UpdateObject', 'h323 exists')
  await frame.getByRole('button', { name: 'Create Devices', exact: true }).click()
  const form = frame.getByRole('dialog')
  await form.getByText('The PBX has no config templates.').waitFor()
  await form.getByRole('button', { name: 'Create' }).click()
  await form.getByRole('alert').getByText('The PBX has refused it: h323 exists. Check that').waitFor()
  bed.pbx.refused.clear()
  await form.getByRole('button', { name: 'Create' }).click()
  await form.waitFor({ state: 'detached' })
  t.equal(bed.managed.filter(one => one['mt'] === 'SetInstancePassword').length, 1)
  t.equal(bed.pbx.of('devices')?.pwd, bed.password)
  await frame.getByText('Password right').waitFor()
  await context.close()
})

t.test('the App Platform has said yes, but the instance has not got the password: a repair sets another one', async t => {
  bed.reset()
  bed.managerLoses = true
  const { frame, context } = await bed.show(browser)
  await frame.getByRole('button', { name: 'Create Devices', exact: true }).click()
  const form = frame.getByRole('dialog')
  await form.getByText('The PBX has no config templates.').waitFor()
  await form.getByRole('button', { name: 'Create' }).click()
  await form.waitFor({ state: 'detached' })
  await frame.getByText('Password wrong or missing').waitFor()
  bed.managerLoses = false
  await frame.getByRole('button', { name: 'Repair password of Devices (devices)' }).click()
  await form.getByText('No App object has the right password.').waitFor()
  await form.getByRole('button', { name: 'Repair password' }).click()
  await form.waitFor({ state: 'detached' })
  await frame.getByText('Password right').waitFor()
  t.equal(bed.managed.filter(one => one['mt'] === 'SetInstancePassword').length, 2)
  t.equal(bed.pbx.of('devices')?.pwd, bed.password)
  await context.close()
})

t.test('while nothing can be checked, an edit leaves the password alone', async t => {
  bed.reset()
  add('Old', 'old', 'innovaphone-devices', 'of another time')
  add('Devices', 'devices', 'innovaphone-devices', bed.password)
  bed.managerTrouble = { errorText: 'no rights' }
  const { frame, context } = await bed.show(browser)
  await frame.getByText('Password not checked').nth(1).waitFor()
  await frame.getByRole('button', { name: 'Edit Devices (devices)' }).click()
  const form = frame.getByRole('dialog')
  await form.getByText('The password is not changed here.').waitFor()
  await form.getByLabel('Name').fill('Renamed')
  await form.getByRole('button', { name: 'Save' }).click()
  await form.waitFor({ state: 'detached' })
  t.match(bed.pbx.of('devices'), { cn: 'Renamed', pwd: bed.password })
  await context.close()
})

t.test('a manager that knows the instance by the path of the plugin', async t => {
  bed.reset()
  bed.pathForm = 'plugin'
  add('Devices', 'devices', 'innovaphone-devices', bed.password)
  const { frame, context } = await bed.show(browser, { item: 'new' })
  await frame.getByText('Password right').waitFor()
  t.match(bed.managed.at(-1), { mt: 'GetInstanceLogin', path: 'example.com/devices/innovaphone.devicesmanager', app: '-' })
  await context.close()
})

t.test('what keeps passwords from being checked is said, with a way on', async t => {
  bed.reset()
  add('Devices', 'devices', 'innovaphone-devices', bed.password)
  bed.managerTrouble = { errorText: 'no rights' }
  const { frame, page, context } = await bed.show(browser)
  const alert = frame.locator('.idm-alert').getByRole('alert')
  await alert.getByText('The App Platform has refused it: no rights. Check in its manager').waitFor()
  await frame.getByText('Password not checked').waitFor()
  bed.managerTrouble = undefined
  bed.wrongLogins = true
  await frame.getByRole('button', { name: 'Try again' }).click()
  await alert.getByText('The service has refused the login of the App Platform').waitFor()
  await frame.getByText('Password not checked').waitFor()
  bed.wrongLogins = false
  await frame.getByRole('button', { name: 'Try again' }).click()
  await frame.getByText('Password right').waitFor()
  t.equal(await alert.count(), 0)
  await bed.platform.stopInstance('devices')
  bed.pbx.refused.set('GetAppLogin', 'no such object')
  await frame.getByRole('button', { name: 'Read again' }).click()
  await alert.getByText('The PBX has refused it: no such object.').waitFor()
  bed.pbx.refused.clear()
  await page.clock.install()
  await frame.getByRole('button', { name: 'Try again' }).click()
  // It has patience for 20 s.
  await eventually('it gives up', async () => {
    await page.clock.fastForward(5000)
    return await alert.getByText(/^The service does not answer at ws:.*innovaphone\.devicesmanager, so passwords cannot be checked\. Check that the instance is running/).count() === 1
  })
  await context.close()
})
