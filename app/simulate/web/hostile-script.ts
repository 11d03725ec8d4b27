/** The script of a hostile device page: one attempt after the other, each reported with whether it got at something that is not its own. */
import type { HostileTarget } from './hostile-page.ts'

export const hostileScript = (target: HostileTarget): string =>
  `'use strict'\nconst other = ${JSON.stringify(target.otherDevice)}, takeTop = ${JSON.stringify(target.takeTop === true)}\n${SCRIPT}`

const SCRIPT = String.raw`
const found = []
const within = (ms, promise) => Promise.race([promise, new Promise((_, fail) => setTimeout(() => fail(new Error('no answer')), ms))])
// Where success is answered at once and failure is silence, more patience only takes time.
const SILENCE = 1500
async function attempt(name, run, patience = 10000) {
  let succeeded = false, detail = ''
  try {
    const got = await within(patience, Promise.resolve().then(run))
    succeeded = got !== undefined && got !== false && got !== null
    detail = succeeded ? String(got) : ''
  } catch (cause) { detail = cause.name + ': ' + cause.message }
  found.push({ attempt: name, succeeded, detail: detail.slice(0, 300) })
}
const path = /^(.*)\/passthrough\/([^/]+)\/([^/]+)\//.exec(location.pathname) || ['', '', '', '']
const app = path[1], key = path[3]
// Relative addresses that end at the root of the host: a service that leads absolute paths of pages back does not change them.
const out = address => '../'.repeat(20) + address.slice(1)
const read = async (address, proof) => {
  const answer = await fetch(address, { credentials: 'include', cache: 'no-store' })
  const text = await answer.text()
  return answer.ok && (!proof || text.includes(proof)) ? answer.status + ', ' + text.length + ' characters' : undefined
}

async function run() {
  await attempt('parent-document', () => parent !== window && parent.document.documentElement.outerHTML.length)
  await attempt('top-location', () => top !== window && top.location.href.length)
  await attempt('top-variable', () => { if (top === window) return false; top.hostile = 1; return top.hostile })
  await attempt('opener', () => window.opener && window.opener.document.title.length)
  await attempt('frame-element', () => window.frameElement && window.frameElement.outerHTML.length)
  await attempt('cookie-read', () => document.cookie !== '' && document.cookie.length)
  await attempt('cookie-write', () => { document.cookie = 'hostile=script; path=/'; return document.cookie.includes('hostile=script') })
  await attempt('local-storage', () => { localStorage.setItem('hostile', '1'); return localStorage.length })
  await attempt('session-storage', () => { sessionStorage.setItem('hostile', '1'); return sessionStorage.length })
  await attempt('cookie-of-host', () => document.cookie.includes('platform='))
  await attempt('storage-of-app', () => localStorage.getItem('app') !== null)
  await attempt('indexed-db', () => new Promise((done, fail) => { const open = indexedDB.open('hostile'); open.onsuccess = () => done('opened'); open.onerror = () => fail(open.error) }))
  await attempt('caches', async () => { await caches.open('hostile'); return 'opened' })
  await attempt('service-worker', async () => { await navigator.serviceWorker.register('worker.js', { scope: '/' }); return 'registered' })
  await attempt('service-worker-here', async () => { await navigator.serviceWorker.register('worker.js'); return 'registered' })
  await attempt('fetch-root', () => read(out('/')))
  await attempt('fetch-app', () => read(out(app + '/')))
  await attempt('fetch-other-device', () => read(out(app + '/passthrough/' + other + '/' + key + '/cfg.txt'), 'config change'))
  await attempt('command-other-device', () => read(out(app + '/passthrough/' + other + '/' + key + '/!config%20write')))
  await attempt('app-websocket', () => new Promise((done, fail) => {
    const socket = new WebSocket(out(app))
    socket.onopen = () => socket.send(JSON.stringify({ mt: 'GetDomains' }))
    socket.onmessage = event => { if (String(event.data).includes('"domains"')) done('domains read') }
    socket.onerror = () => fail(new Error('refused'))
    socket.onclose = () => fail(new Error('closed'))
  }))
  await attempt('ask-parent-for-login', () => new Promise(done => {
    addEventListener('message', event => { if (event.data && /login/i.test(JSON.stringify(event.data))) done('login given') })
    for (const to of [parent, top, window.opener]) if (to && to !== window) {
      to.postMessage(JSON.stringify({ mt: 'getLogin', app: 'innovaphone-devices', challenge: '1' }), '*')
      to.postMessage({ mt: 'getLogin', app: 'innovaphone-devices', challenge: '1' }, '*')
    }
  }), SILENCE)
  await attempt('broadcast-channel', () => new Promise(done => { new BroadcastChannel('devices').onmessage = () => done('heard') }), SILENCE)
  await attempt('popup', () => { const popup = window.open('about:blank'); if (popup) popup.close(); return popup ? 'opened' : false })
  await attempt('clipboard', () => navigator.clipboard.readText())
  await attempt('basic-login-prompt', () => Promise.race([
    fetch('ask').then(answer => answer.headers.get('www-authenticate')),
    new Promise(done => setTimeout(() => done('a prompt is shown'), 1000)),
  ]))
  await attempt('wipe-site-data', async () => {
    localStorage.setItem('hostile', '1')
    await fetch('wipe')
    // Another process of the browser wipes, in its own time.
    for (let look = 0; look < 20 && localStorage.getItem('hostile') !== null; look++) await new Promise(done => setTimeout(done, 100))
    return localStorage.getItem('hostile') === null && 'wiped'
  })
  await attempt('redirect-away', async () => (await fetch('away')).url.includes('attacker'))
  await fetch('report', { method: 'POST', mode: 'no-cors', body: JSON.stringify(found) })
  document.getElementById('state').textContent = 'done'
  if (takeTop) top.location.href = 'about:blank#taken'
}
run()
`
