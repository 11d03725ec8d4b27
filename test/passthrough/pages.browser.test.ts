/**
 * Pages of devices in a real browser: an ordinary one works, a hostile one reaches nothing that is not its own
 * (wire-protocols 4.1: the key in the address is the credential).
 */
import t from 'tap'
import { SESSION_KEY } from './bed.ts'
import { open, show, type Site } from './browser-bed.ts'


t.test('an ordinary page works', async t => {
  const reports: string[] = []
  let reported = (): void => {}
  const report = new Promise<void>(resolve => { reported = resolve })
  const site: Site = {
    '/ui/start.htm': `<!-- a comment first --><!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Grüße</title><link rel="stylesheet" href="style.css"><script src="../lib/page.js"></script><script type="module" src="module.mjs"></script></head>
<body><h1>Device</h1><img id="picture" src="picture.svg"><iframe src="inner.htm"></iframe><form id="form" method="post" action="save?x=1"><input name="name" value="ä b"></form></body></html>`,
    '/ui/style.css': 'h1 { color: rgb(1, 2, 3) }',
    '/ui/picture.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="9"/>',
    '/ui/inner.htm': '<p>inner</p><script>parent.postMessage("inner works", "*")</script>',
    '/ui/module.mjs': 'window.moduleRan = true',
    '/lib/page.js': `window.fromInner = new Promise(resolve => addEventListener('message', event => resolve(event.data)))
window.quirks = document.compatMode
document.cookie = 'script=1; path=/'
localStorage.setItem('a', 'b'); sessionStorage.c = 'd'
addEventListener('load', async () => {
  const result = { title: document.title, mode: quirks, cookie: document.cookie, local: localStorage.getItem('a') + localStorage.length + Object.keys(sessionStorage), inner: await fromInner, module: window.moduleRan }
  result.picture = document.getElementById('picture').naturalWidth
  result.color = getComputedStyle(document.querySelector('h1')).color
  result.json = await (await fetch('data')).json()
  result.put = await new Promise(resolve => { const r = new XMLHttpRequest(); r.open('PUT', '../put?a=%2F'); r.setRequestHeader('X-Own', 'yes'); r.onload = () => resolve(r.responseText + r.getResponseHeader('Content-Length')); r.send('body') })
  result.cookieAfter = document.cookie
  result.socket = await new Promise(resolve => { const s = new WebSocket(location.href.replace('http', 'ws').replace('start.htm', 'socket')); s.onopen = () => s.send('echo'); s.onmessage = event => resolve(event.data); s.onerror = () => resolve('error') })
  await fetch('../report', { method: 'POST', body: JSON.stringify(result) })
  document.getElementById('form').submit()
})`,
    '/ui/data': (request, response) => response.writeHead(200, { 'Content-Type': 'application/json', 'Set-Cookie': ['session=1; HttpOnly; Path=/', 'seen=2; Path=/ui'] }).end(JSON.stringify({ cookie: request.headers.cookie, origin: request.headers.origin, host: request.headers.host })),
    '/put': (request, response, body) => { response.end(`${request.method} ${request.url} ${request.headers['x-own']} ${body}`) },
    '/report': (_request, response, body) => {
      reports.push(body)
      response.end()
    },
    '/ui/save': (request, response, body) => response.writeHead(302, { Location: `/ui/saved.htm?${body}&cookie=${encodeURIComponent(request.headers.cookie ?? '')}` }).end(),
    '/ui/saved.htm': (request, response) => {
      reports.push(request.url ?? '')
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'X-Frame-Options': 'DENY' }).end('<p id="saved">saved</p>')
      reported()
    },
  }
  const { bed, page, errors } = await open(t, site)
  await show(page, `${bed.prefix('mine')}/ui/start.htm`)
  await report
  await page.frameLocator('#device').locator('#saved').waitFor()
  t.match(JSON.parse(reports[0] ?? '{}'), {
    title: 'Grüße', mode: 'CSS1Compat', cookie: 'script=1', local: 'b1c', inner: 'inner works', module: true, picture: 7, color: 'rgb(1, 2, 3)', socket: 'echo',
    json: { cookie: 'script=1', origin: bed.url, host: `127.0.0.1:${bed.port}` }, put: 'PUT /put?a=%2F yes body23',
  })
  t.match(reports[0], /"cookieAfter":"(seen=2; script=1)"/, 'cookies of answers are seen, HttpOnly ones are not')
  t.equal(reports[1], `/ui/saved.htm?name=%C3%A4+b&cookie=${encodeURIComponent('seen=2; script=1; session=1')}`, 'form, redirect, cookies')
  t.same(errors, [])
  const frame = page.frames().find(one => one.url().includes('saved.htm'))
  t.ok(frame && !frame.url().includes(SESSION_KEY), 'its address has a key for this device only')
  t.same((await page.context().cookies()).map(cookie => cookie.name), ['platform'])
})

t.test('a page that is XML with a stylesheet', async t => {
  const sheet = (inner: string): string => `<?xml version="1.0"?><xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">${inner}</xsl:stylesheet>`
  const { bed, page, errors } = await open(t, {
    '/admin.xml': (_request, response) => response.writeHead(200, { 'Content-Type': 'text/xml' }).end('<?xml version="1.0" encoding="iso-8859-1"?>\n<?xml-stylesheet type="text/xsl" href="ui/admin.xsl?a=1&amp;b=2"?>\n<info name="Grüße &lt;&amp;" page="</plaintext>"><item>1</item><item>2</item></info>', 'latin1'),
    '/ui/admin.xsl': sheet('<xsl:import href="base.xsl"/><xsl:output method="html"/><xsl:template name="title">mine</xsl:template><xsl:template match="/"><html><head><title><xsl:call-template name="title"/></title><script src="ui/admin.js"></script></head><body><h1 id="name"><xsl:value-of select="info/@name"/></h1><xsl:apply-templates/></body></html></xsl:template>'),
    '/ui/base.xsl': sheet('<xsl:template name="title">base</xsl:template><xsl:template match="item"><b><xsl:value-of select="."/></b></xsl:template>'),
    '/ui/admin.js': 'addEventListener("DOMContentLoaded", () => { localStorage.x = "1"; document.body.insertAdjacentHTML("beforeend", "<i id=ran>" + (1 < 2 && localStorage.x) + document.querySelectorAll("b").length + "</i>") })',
    '/data.xml': '<?xml version="1.0"?><data>plain</data>',
  })
  await show(page, `${bed.prefix('mine')}/admin.xml`)
  const frame = page.frameLocator('#device')
  await frame.locator('#ran').waitFor()
  t.equal(await frame.locator('#ran').textContent(), '12')
  t.equal((await frame.locator('#name').textContent())?.trim(), 'Grüße <&', 'in the coding the page names')
  const own = page.frames().find(one => one.url().includes('admin.xml'))
  t.equal(await own?.title(), 'mine')
  t.same(errors.filter(text => !text.includes('deprecated')), [])
  await show(page, `${bed.prefix('mine')}/data.xml`)
  t.match(await page.frames().find(one => one.url().includes('data.xml'))?.content(), 'plain', 'XML without a stylesheet is shown as it is')
  t.equal((await bed.get(`${bed.prefix('mine')}/admin.xml`)).text.slice(0, 5), '<?xml', 'a program gets what the device said')
})

const HOSTILE = `<!DOCTYPE html><html><head><title>hostile</title></head><body><script>
const results = {}
const attempt = async (name, run) => { try { results[name] = await Promise.race([Promise.resolve(run()), new Promise((_, no) => setTimeout(() => no(new Error('nothing')), 1500))]) } catch (cause) { results[name] = 'Error ' + cause.name } }
const own = location.pathname.match(/^(.*)\\/passthrough\\/([^/]+)\\/([^/]+)/)
// Relative: our script in the page, which the page could undo anyway, leaves them as they are.
const app = '../../../', otherDevice = '../../other/' + own[3] + '/'
const read = async (address, options) => (await (await fetch(address, options)).text())
const run = async () => {
  await attempt('parent document', () => parent.document.title)
  await attempt('parent storage', () => parent.localStorage.login)
  await attempt('top address', () => top.location.href)
  await attempt('frame element', () => frameElement === null ? 'Error none' : frameElement.id)
  await attempt('own origin', () => self.origin)
  await attempt('storage', () => localStorage.login || sessionStorage.login || 'Error nothing there')
  await attempt('cookie', () => document.cookie.includes('secret') ? document.cookie : 'Error only ' + document.cookie)
  await attempt('indexed db', () => new Promise((yes, no) => { const r = indexedDB.open('x'); r.onsuccess = () => yes('open'); r.onerror = () => no(r.error) }))
  await attempt('caches', () => caches.open('x').then(() => 'open'))
  await attempt('service worker', () => navigator.serviceWorker.register('sw.js', { scope: '/' }).then(() => 'registered'))
  await attempt('worker', () => new Promise((yes, no) => { const w = new Worker('sw.js'); w.onmessage = () => yes('runs'); w.onerror = () => no(new Error('refused')) }))
  await attempt('shared worker', () => new Promise((yes, no) => { const w = new SharedWorker('sw.js'); w.port.onmessage = () => yes('runs'); w.onerror = () => no(new Error('refused')) }))
  await attempt('app page', () => read(app, { credentials: 'include' }))
  await attempt('other device', async () => { const text = await read(otherDevice + 'cfg.txt'); return text.includes('SECRET') ? text : 'Error refused' })
  await attempt('other device by frame', () => new Promise((yes, no) => { const f = document.createElement('iframe'); f.onload = () => { try { yes(f.contentDocument.body.textContent) } catch (e) { no(e) } }; f.src = otherDevice; document.body.append(f) }).then(text => { if (text === null) throw new Error('none'); return text }))
  await attempt('app by frame', () => new Promise((yes, no) => { const f = document.createElement('iframe'); f.onload = () => { try { yes(f.contentDocument.title) } catch (e) { no(e) } }; f.src = app; document.body.append(f) }))
  await attempt('app by popup', () => new Promise((yes, no) => { const w = open(app); setTimeout(() => { try { yes(w.document.title) } catch (e) { no(e) } finally { w && w.close() } }, 700) }))
  await attempt('login prompt', async () => (await fetch('ask', { credentials: 'include' })).headers.get('www-authenticate') || 'Error none')
  await attempt('redirect to the app', async () => { const answer = await fetch('away', { credentials: 'include' }); return (await answer.text()).includes('own page') ? 'read' : 'Error ' + answer.status })
  await attempt('referrer', () => document.referrer || 'Error none')
  await attempt('opener', () => opener ? opener.location.href : 'Error none')
  await attempt('ancestors', () => Array.from(location.ancestorOrigins || []).length ? 'Error only origins' : 'Error none')
  await attempt('broadcast', () => new Promise(yes => { new BroadcastChannel('app').onmessage = () => yes('heard') }))
  await attempt('domain', () => { document.domain = location.hostname; return parent.document.title })
  results.address = location.href
  await fetch('report', { method: 'POST', body: JSON.stringify(results) })
  if (top !== window) try { top.location = 'about:blank#taken' } catch (e) {}
  document.title = 'done'
  document.body.insertAdjacentHTML('beforeend', '<p id="done">done</p>')
}
run()
</script></body></html>`

t.test('a hostile page reaches nothing', async t => {
  for (const way of ['in the app', 'alone']) {
    let reports: Record<string, string> | undefined
    const evil = {
      'Set-Cookie': ['platform=stolen; Path=/', 'evil=1; Path=/'], 'Clear-Site-Data': '"*"', 'Service-Worker-Allowed': '/', 'Access-Control-Allow-Origin': '*', 'Content-Security-Policy': "default-src * 'unsafe-inline'",
      'Strict-Transport-Security': 'max-age=99999', 'Referrer-Policy': 'unsafe-url',
    }
    let authorized = ''
    const { bed, page } = await open(t, {
      '/': (_request, response) => response.writeHead(200, { 'Content-Type': 'text/html', ...evil }).end(HOSTILE),
      '/sw.js': (_request, response) => response.writeHead(200, { 'Content-Type': 'text/javascript', ...evil }).end('self.postMessage && self.postMessage(1); self.onconnect = e => e.ports[0].postMessage(1)'),
      '/ask': (request, response) => {
        authorized += request.headers.authorization ?? ''
        response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="app"' }).end()
      },
      '/away': (_request, response) => response.writeHead(302, { Location: `//127.0.0.1:${bed.port}/i/` }).end(),
      '/report': (_request, response, body) => {
        reports = JSON.parse(body) as Record<string, string>
        response.end()
      },
    })
    if (way === 'alone') {
      await page.evaluate(address => { location.href = address }, `${bed.prefix('mine')}/`)
      await page.locator('#done').waitFor()
    } else {
      await show(page, `${bed.prefix('mine')}/`)
      await page.frameLocator('#device').locator('#done').waitFor()
      t.equal(await page.title(), 'app', `${way}: the app is still there`)
      t.same(await page.evaluate(() => [localStorage.getItem('login'), sessionStorage.getItem('login'), document.cookie]), ['secret', 'secret', 'platform=secret'])
    }
    const { address, 'own origin': origin, ...attempts } = reports ?? {}
    t.equal(origin, 'null', `${way}: no origin`)
    t.ok(address?.includes('/passthrough/mine/device-key-mine'), `${way}: it knows a key for itself only`)
    t.notMatch(JSON.stringify(reports), SESSION_KEY)
    const expected = way === 'alone' ? ['top address', 'parent document', 'parent storage', 'domain'] : []
    for (const [name, result] of Object.entries(attempts)) {
      // Alone, parent and top are the page itself.
      if (expected.includes(name)) continue
      t.match(String(result), /^Error/, `${way}: ${name}: ${result}`)
    }
    t.ok(Object.keys(attempts).length >= 22)
    t.same((await page.context().cookies()).map(cookie => `${cookie.name}=${cookie.value}`), ['platform=secret'], `${way}: cookies`)
    t.equal(authorized, '')
  }
})
