/** Pages of devices that were written for the root of a host, in a real browser (wire-protocols 4.2). */
import type http from 'node:http'
import t from 'tap'
import { open, show, type Site } from './browser-bed.ts'


t.test('a page written for the root of a host works', async t => {
  let report = (_text: string): void => {}
  const reported = new Promise<string>(resolve => { report = resolve })
  const json = (request: http.IncomingMessage, response: http.ServerResponse): void => { response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ url: request.url })) }
  const site: Site = {
    '/index.html': `<!DOCTYPE html><html><head><title>root</title><link rel="stylesheet" href="/css/style.css"><style>p { background: url(/img/p.svg) }</style>
<script type="module" src="/js/module.mjs"></script><script src="/js/classic.js"></script></head>
<body><h1>Root</h1><img id="picture" src="/img/p.svg"><div id="made"></div><a id="link" href="/next.html?a=%2F">next</a><form id="form" method="post" action="/save"><input name="n" value="1"></form></body></html>`,
    '/css/style.css': 'h1 { color: rgb(1, 2, 3) }',
    '/img/p.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="9"/>',
    '/js/part.mjs': 'export const part = "part"', '/js/late.mjs': 'export const late = "late"', '/js/near.mjs': 'export const near = "near"',
    '/js/module.mjs': 'import { part } from "/js/part.mjs"; import { near } from "./near.mjs"; window.modules = import("/js/late.mjs").then(({ late }) => part + near + late)',
    '/js/added.js': 'window.added("added")',
    '/js/written.js': 'window.written = "written"',
    '/js/classic.js': `document.write('<script src="/js/written.js"><\\/script>')
const loaded = element => new Promise((yes, no) => { element.onload = () => yes(element.naturalWidth || 1); element.onerror = () => no(new Error(element.outerHTML)) })
addEventListener('load', async () => {
  const result = { written: window.written }
  try {
    result.picture = document.getElementById('picture').naturalWidth
    result.color = getComputedStyle(document.querySelector('h1')).color
    result.modules = await window.modules
    result.fetch = (await (await fetch('/api/a?b=%2F#c')).json()).url
    result.url = (await (await fetch(new URL('/api/u', location.href))).json()).url
    result.request = (await (await fetch(new Request('/api/r', { method: 'POST', body: 'x' }))).json()).url
    result.absolute = (await (await fetch(location.protocol + '//' + location.host + '/api/h')).json()).url
    result.relative = (await (await fetch('api/rel')).json()).url
    result.xhr = await new Promise(yes => { const r = new XMLHttpRequest(); r.open('GET', '/api/x'); r.onload = () => yes(JSON.parse(r.responseText).url); r.send() })
    result.socket = await new Promise(yes => { const s = new WebSocket('ws://' + location.host + '/socket'); s.onopen = () => s.send(s instanceof WebSocket ? 'echo' : 'odd'); s.onmessage = event => yes(event.data); s.onerror = () => yes('error') })
    result.events = await new Promise(yes => { const s = new EventSource('/events'); s.onmessage = event => { s.close(); yes(event.data) }; s.onerror = () => { s.close(); yes('error') } })
    const image = new Image(); const shown = loaded(image); image.src = '/img/p.svg'; result.image = await shown
    const set = document.createElement('img'); const there = loaded(set); set.setAttribute('src', '/img/p.svg'); result.setAttribute = await there
    document.getElementById('made').innerHTML = '<b title="/x"><img class="in" src="/img/p.svg"></b>'; result.innerHTML = await loaded(document.querySelector('.in')) + document.querySelector('b').title
    result.script = await new Promise(yes => { window.added = yes; const s = document.createElement('script'); s.src = '/js/added.js'; document.head.append(s) })
  } catch (cause) { result.failed = String(cause) }
  await fetch('/report', { method: 'POST', body: JSON.stringify(result) })
})`,
    '/api/a': json, '/api/u': json, '/api/r': json, '/api/h': json, '/api/rel': json, '/api/x': json,
    '/events': (_request, response) => { response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end('data: event\n\n') },
    '/report': (_request, response, body) => {
      report(body)
      response.end()
    },
    '/next.html': '<p id="next">next</p>',
    '/save': (_request, response, body) => { response.writeHead(200, { 'Content-Type': 'text/html' }).end(`<p id="saved">${body}</p>`) },
  }
  const { bed, page, errors } = await open(t, site)
  const frame = page.frameLocator('#device')
  await show(page, `${bed.prefix('mine')}/index.html`)
  t.match(JSON.parse(await reported), {
    written: 'written', picture: 7, color: 'rgb(1, 2, 3)', modules: 'partnearlate', fetch: '/api/a?b=%2F', url: '/api/u', request: '/api/r', absolute: '/api/h', relative: '/api/rel', xhr: '/api/x',
    socket: 'echo', events: 'event', image: 7, setAttribute: 7, innerHTML: '7/x', script: 'added', failed: undefined,
  })
  await frame.locator('#link').click()
  await frame.locator('#next').waitFor()
  await show(page, `${bed.prefix('mine')}/index.html`)
  await frame.locator('#form').evaluate((form: HTMLFormElement) => form.submit())
  t.equal(await frame.locator('#saved').textContent(), 'n=1')
  t.same(errors, [])
})
