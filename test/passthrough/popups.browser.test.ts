/** Windows that pages of devices open: as walled in as the page itself (HTML Standard 7.1.5: sandboxing is inherited by auxiliary browsing contexts). */
import t from 'tap'
import { SESSION_KEY } from './bed.ts'
import { open, show } from './browser-bed.ts'


const POPUP = `<!DOCTYPE html><title>popup</title><script>
const attempt = (results, name, run) => { try { const value = run(); results[name] = value === null || value === undefined ? 'Error none' : String(value) } catch (cause) { results[name] = 'Error ' + cause.name } }
const results = { origin: self.origin, opener: opener ? 'there' : 'none' }
attempt(results, 'opener of the opener', () => opener.parent.document.title)
attempt(results, 'storage of the app', () => opener.top.localStorage.login)
attempt(results, 'cookie', () => document.cookie.includes('secret') ? document.cookie : null)
attempt(results, 'storage', () => localStorage.login || sessionStorage.login)
const app = '../../../'
const read = async () => {
  try { results.read = (await (await fetch(app, { credentials: 'include' })).text()).includes('own page') ? 'read' : 'Error other' } catch (cause) { results.read = 'Error ' + cause.name }
  const frame = document.createElement('iframe')
  await new Promise(yes => { frame.onload = yes; frame.src = app; document.body.append(frame); setTimeout(yes, 1500) })
  attempt(results, 'app by frame', () => frame.contentDocument.title)
  const second = open(app)
  await new Promise(yes => setTimeout(yes, 700))
  attempt(results, 'app by a second popup', () => second.document.title)
  if (second) second.close()
  await fetch('report', { method: 'POST', body: JSON.stringify(results) })
}
addEventListener('load', read)
</script>`

t.test('a popup of a hostile page is walled in like the page', async t => {
  for (const rel of ['opener', 'noopener']) {
    let report = (_text: string): void => {}
    const reported = new Promise<string>(resolve => { report = resolve })
    const { bed, page } = await open(t, {
      '/': `<!DOCTYPE html><body><button id="go" onclick="window.open('popup.html', '_blank', '${rel === 'noopener' ? 'noopener' : ''}')">go</button><button id="app" onclick="window.stolen = window.open('../../../')">app</button>`,
      '/popup.html': POPUP,
      '/report': (_request, response, body) => {
        report(body)
        response.end()
      },
    })
    await show(page, `${bed.prefix('mine')}/`)
    const frame = page.frameLocator('#device')
    const opened = page.context().waitForEvent('page')
    await frame.locator('#go').click()
    const popup = await opened
    const { origin, opener, ...attempts } = JSON.parse(await reported) as Record<string, string>
    t.equal(origin, 'null', `${rel}: no origin`)
    t.equal(opener, rel === 'opener' ? 'there' : 'none')
    t.equal(Object.keys(attempts).length, 7)
    for (const [name, result] of Object.entries(attempts)) t.match(result, /^Error/, `${rel}: ${name}: ${result}`)
    t.notMatch(popup.url(), SESSION_KEY)

    // The app itself, opened by the page: it must run without its own origin, or the page could act in it.
    const second = page.context().waitForEvent('page')
    await frame.locator('#app').click()
    const app = await second
    await app.waitForLoadState()
    t.equal(await app.evaluate(() => self.origin), 'null', `${rel}: the sandbox is inherited, there is no way out of it`)
    t.equal(await page.evaluate(() => localStorage.getItem('login')), 'secret')
    t.equal((await frame.locator('#app').evaluate(() => { try { return (window as unknown as { stolen: Window }).stolen.document.title } catch (cause) { return (cause as Error).name } })), 'SecurityError')
  }
})
