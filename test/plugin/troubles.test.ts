/** What the PBX answers when something is wrong, and texts of the PBX that want to be more than texts (wire-protocols 7.2). */
import t from 'tap'
import { eventually, openBrowser } from '../browser/browser.ts'
import { Bed } from './bed.ts'

const bed = await Bed.start()
const browser = await openBrowser()
t.teardown(async () => {
  await browser.close()
  await bed.stop()
})

t.test('the list cannot be read; read again', async t => {
  bed.reset()
  bed.pbx.refused.set('GetAppObjects', 7)
  const { frame, context } = await bed.show(browser)
  await frame.getByRole('alert').getByText('The PBX has refused it: 7. Check that you may administer the PBX').waitFor()
  t.notOk(await frame.getByRole('button', { name: 'Create Devices', exact: true }).isVisible(), 'nothing is offered that nobody knows to be missing')
  bed.pbx.refused.clear()
  bed.pbx.held.add('GetAppObjects')
  await frame.getByRole('button', { name: 'Try again' }).click()
  await frame.getByRole('status').getByText('Reading the App objects of the PBX…').waitFor()
  t.equal(await frame.getByRole('alert').count(), 0)
  bed.pbx.release()
  await frame.locator('.idm-empty').waitFor()
  await context.close()
})

t.test('templates that cannot be read or written', async t => {
  bed.reset()
  bed.pbx.add({ cn: 'Devices', h323: 'devices', url: `${bed.httpsBase}/innovaphone-devices`, pwd: bed.password })
  bed.pbx.templates.push({ guid: 't1', cn: 'One', apps: 'users' }, { guid: 't2', cn: 'Two', apps: 'devices' })
  const { frame, context } = await bed.show(browser)
  await frame.getByText('Password right').waitFor()
  bed.pbx.refused.set('GetConfigObjects', 'no rights')
  const dialog = frame.getByRole('dialog')
  const edit = frame.getByRole('button', { name: 'Edit Devices (devices)' })
  await edit.click()
  await dialog.getByRole('alert').getByText('The PBX has refused it: no rights.').waitFor()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  t.strictSame(bed.pbx.templates.map(one => one.apps), ['users', 'devices'], 'the object can be saved all the same')

  bed.pbx.refused.clear()
  bed.pbx.refused.set('GetObject', 'locked')
  await edit.click()
  await dialog.getByText('cannot be read and is left as it is').first().waitFor()
  t.ok(await dialog.getByLabel('One').isDisabled())
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  t.strictSame(bed.pbx.templates.map(one => one.apps), ['users', 'devices'])

  bed.pbx.refused.clear()
  await edit.click()
  await dialog.getByLabel('One').check()
  bed.pbx.refused.set('GetObject', 'locked')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByRole('alert').getByText('The object is saved, but not all config templates could be changed: One').waitFor()
  bed.pbx.refused.clear()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await edit.click()
  await dialog.getByLabel('One').check()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  t.strictSame(bed.pbx.templates.map(one => one.apps), ['users,devices', 'devices'])
  await context.close()
})

t.test('an object that cannot be deleted stays, with the reason', async t => {
  bed.reset()
  bed.pbx.add({ cn: 'Devices', h323: 'devices', url: `${bed.httpsBase}/innovaphone-devices`, pwd: bed.password })
  const { frame, context } = await bed.show(browser)
  await frame.getByText('Password right').waitFor()
  bed.pbx.refused.set('DeleteObject', '')
  await frame.getByRole('button', { name: 'Delete Devices (devices)' }).click()
  const dialog = frame.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await dialog.getByRole('alert').getByText('The PBX has refused it: no reason given.').waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  t.equal(await frame.locator('.idm-card').count(), 1)
  await context.close()
})

for (const [trouble, why] of [[{ errorText: 'instance stopped' }, 'instance stopped'], [{ msg: { mt: 'SetInstancePasswordResult', error: true } }, 'no reason given']] as const) {
  t.test(`an App Platform that refuses the first password: ${why}`, async t => {
    bed.reset()
    bed.managerTrouble = trouble
    const { frame, context } = await bed.show(browser)
    await frame.getByRole('button', { name: 'Create Devices', exact: true }).click()
    const dialog = frame.getByRole('dialog')
    await dialog.getByText('The PBX has no config templates.').waitFor()
    await dialog.getByRole('button', { name: 'Create' }).click()
    await dialog.getByRole('alert').getByText(`The App Platform has refused it: ${why}. Check in its manager that the instance is there`).waitFor()
    t.equal(bed.pbx.objects.size, 0, 'no object without a password')
    await context.close()
  })
}

t.test('hostile texts of the PBX are shown as texts', async t => {
  bed.reset()
  const bad = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>&lt;b&gt;'
  bed.pbx.add({ cn: bad, h323: '"><svg/onload=hurt=1>', url: `${bed.httpsBase}/innovaphone-devices`, pwd: bed.password })
  bed.pbx.templates.push({ guid: 't1', cn: bad, apps: '' })
  const { frame, context } = await bed.show(browser)
  await frame.getByText('Password right').waitFor()
  t.equal(await frame.locator('.idm-name').textContent(), bad)
  const dialog = frame.getByRole('dialog')
  await frame.getByRole('button', { name: /^Edit/ }).click()
  await dialog.getByRole('checkbox').waitFor()
  t.equal(await dialog.locator('.idm-choice label').textContent(), bad)
  t.equal(await dialog.getByLabel('Name').inputValue(), bad)
  bed.pbx.refused.set('UpdateObject', bad)
  await dialog.getByLabel('SIP').fill('harmless')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByRole('alert').getByText('<script>window.hurt=1</script>').waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await frame.getByRole('button', { name: /^Delete/ }).click()
  await dialog.getByRole('heading').getByText('<script>').waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  t.equal(await frame.evaluate(() => Reflect.get(window, 'hurt')), undefined)
  t.equal(await frame.locator('.innovaphone-devicesmanager :is(img:not(.idm-picture), script, svg:not(.idm-icon))').count(), 0, 'nothing of it is an element')
  await context.close()
})

t.test('answers that are no answers', async t => {
  bed.reset()
  const url = `${bed.httpsBase}/innovaphone-devices`
  bed.pbx.add({ cn: '', h323: 'devices', url, pwd: bed.password })
  const odd = bed.pbx.answer.bind(bed.pbx)
  t.teardown(() => { bed.pbx.answer = odd })
  bed.pbx.answer = async message => {
    const answer = await odd(message)
    if (message['mt'] !== 'GetAppObjects' || !answer) return answer
    return { ...answer, objects: [null, 7, 'x', {}, { url }, { url, guid: 5 }, { url: 7, guid: 'g' }, ...(answer['objects'] as object[]).map(one => ({ ...one, title: undefined, pseudo: 'no', connected: 'yes' }))] }
  }
  const { frame, context } = await bed.show(browser)
  await frame.getByText('Password right').waitFor()
  t.equal(await frame.locator('.idm-card').count(), 2, 'what has no guid is not shown')
  t.strictSame(await frame.locator('.idm-name').allTextContents(), ['', 'devices'])
  t.equal(await frame.getByText('Connected', { exact: true }).count(), 0)
  await context.close()
})

t.test('an instance whose name begins with that of this one is another one', async t => {
  bed.reset()
  bed.pbx.add({ cn: 'Devices', h323: 'devices', url: `${bed.httpsBase}/innovaphone-devices`, pwd: bed.password })
  bed.pbx.add({ cn: 'Test', h323: 'test', url: `${bed.httpsBase}-test/innovaphone-devices`, pwd: 'of the other' })
  const { frame, context } = await bed.show(browser)
  await frame.getByText('Password right').waitFor()
  t.strictSame(await frame.locator('.idm-name').allTextContents(), ['Devices'])
  await context.close()
})

t.test('settings made on the PBX while the form was open stay', async t => {
  bed.reset()
  const object = bed.pbx.add({ cn: 'Devices', h323: 'devices', url: `${bed.httpsBase}/innovaphone-devices`, pwd: bed.password })
  const { frame, context } = await bed.show(browser)
  await frame.getByText('Password right').waitFor()
  await frame.getByRole('button', { name: 'Edit Devices (devices)' }).click()
  const form = frame.getByRole('dialog')
  await form.getByText('The PBX has no config templates.').waitFor()
  object.app['services'] = true
  object.others['cd'] = 'somewhere'
  await form.getByLabel('Name').fill('Renamed')
  await form.getByRole('button', { name: 'Save' }).click()
  await form.waitFor({ state: 'detached' })
  t.match(bed.pbx.of('devices'), { cn: 'Renamed', app: { services: true, websocket: true }, others: { cd: 'somewhere' } })
  await context.close()
})

t.test('a PBX that once does not tell whether it is connected is asked again', async () => {
  bed.reset()
  const object = bed.pbx.add({ cn: 'Devices', h323: 'devices', url: `${bed.httpsBase}/innovaphone-devices`, pwd: bed.password })
  const { frame, context } = await bed.show(browser)
  await frame.getByText('Not connected').waitFor()
  bed.pbx.refused.set('GetAppObjects', 'busy')
  await eventually('it was refused', async () => bed.pbx.asked('GetAppObjects').length === 2)
  bed.pbx.refused.clear()
  object.app['websocket'] = true
  await frame.getByText('Connected', { exact: true }).waitFor()
  await context.close()
})
