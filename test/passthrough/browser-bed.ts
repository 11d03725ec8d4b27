/** Pages of devices in a real browser: an app with a frame, the device whose pages are shown in it, and another device. */
import { once } from 'node:events'
import http from 'node:http'
import type net from 'node:net'
import type { Browser, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { WebSocketServer } from 'ws'
import { openBrowser } from '../browser/browser.ts'
import { startBed, type Bed } from './bed.ts'
import { connectTo } from './device-server.ts'

/** Answers of a web server by path. */
export type Site = Record<string, string | ((request: http.IncomingMessage, response: http.ServerResponse, body: string) => void)>

const TYPES: Record<string, string> = { htm: 'text/html', js: 'text/javascript', mjs: 'text/javascript', css: 'text/css', xml: 'text/xml', xsl: 'text/xml', svg: 'image/svg+xml', txt: 'text/plain' }

async function webServer(t: Test, site: Site): Promise<number> {
  const server = http.createServer((request, response) => {
    const path = (request.url ?? '').replace(/\?.*/, '')
    const found = site[path]
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      if (found === undefined) response.writeHead(404).end('no such page')
      else if (typeof found === 'string') response.writeHead(200, { 'Content-Type': TYPES[path.split('.').at(-1) ?? ''] ?? 'text/html' }).end(found)
      else found(request, response, Buffer.concat(parts).toString())
    })
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', socket => socket.on('message', (data, binary) => socket.send(data, { binary })))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as net.AddressInfo).port
}

let browser: Browser
t.before(async () => { browser = await openBrowser() })
t.teardown(() => browser.close())

const APP = `<!DOCTYPE html><title>app</title><script>
localStorage.setItem('login', 'secret'); sessionStorage.setItem('login', 'secret'); window.heard = []
addEventListener('message', event => heard.push(event.origin))
</script><p id="app">the app's own page</p><iframe id="device"></iframe>`

/** The app in a fresh browser window; `site` is what the device `mine` serves. */
export async function open(t: Test, site: Site): Promise<{ bed: Bed, page: Page, errors: string[] }> {
  const bed = await startBed()
  t.teardown(() => bed.stop())
  bed.pages.set('/favicon.ico', { type: 'image/png', body: '' })
  bed.pages.set('/i/', { type: 'text/html', body: APP })
  connectTo(await bed.device('mine'), await webServer(t, site))
  connectTo(await bed.device('other'), await webServer(t, { '/': 'the other device', '/cfg.txt': 'config change SECRET' }))
  const context = await browser.newContext()
  t.teardown(() => context.close())
  const page = await context.newPage()
  const errors: string[] = []
  page.on('console', message => { if (message.type() === 'error') errors.push(message.text()) })
  page.on('pageerror', error => errors.push(error.message))
  page.on('dialog', dialog => void dialog.dismiss())
  await page.goto(`${bed.url}/i/`)
  return { bed, page, errors }
}

/** Shows an address in the frame of the app; resolves when it has loaded. */
export const show = (page: Page, address: string): Promise<unknown> => page.evaluate(src => new Promise(resolve => {
  const frame = document.getElementById('device') as HTMLIFrameElement
  frame.onload = resolve
  frame.src = src
}), address)
