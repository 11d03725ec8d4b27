/** A stand-in for the myApps client: a page of another origin that shows the app in a frame and speaks wire-protocols 6.4 with it. */
import crypto from 'node:crypto'
import http from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

const PAGE = `<!doctype html><html><head><meta charset="utf-8"><title>myApps</title><link rel="icon" href="data:,">
<style>html,body,iframe{margin:0;border:0;width:100%;height:100%;display:block}</style></head><body><script>
window.heard = []
window.answerLogins = true
const frame = document.createElement('iframe')
frame.src = new URLSearchParams(location.search).get('app')
window.tell = message => frame.contentWindow.postMessage(JSON.stringify(message), '*')
addEventListener('message', async event => {
  if (event.source !== frame.contentWindow) return
  const message = JSON.parse(event.data)
  heard.push(message)
  if (message.mt === 'getLogin' && answerLogins) {
    const login = await (await fetch('/login?challenge=' + message.challenge)).json()
    tell({ mt: 'Login', src: message.src, pbxObj: message.app, ...login })
  }
})
document.body.append(frame)
</script></body></html>`

export interface MyApps {
  /** Address of the client that shows this app. */
  show(app: string): string
  stop(): Promise<void>
}

/** The PBX part: makes the login of a user for a challenge (wire-protocols 5.4, with info). */
function login(challenge: string, password: string): object {
  const info = { appobj: 'devices', appdn: 'Devices', pbx: 'pbx', cn: 'Ada Lovelace', groups: [], apps: [] }
  const fields = { app: 'innovaphone-devices', domain: 'example.com', sip: 'ada', guid: 'f48b06484a8a61015853009033400109', dn: 'Lovelace, Ada' }
  const text = [fields.app, fields.domain, fields.sip, fields.guid, fields.dn, JSON.stringify(info), challenge, password].join(':')
  const digest = crypto.createHash('sha256').update(text).digest('hex')
  const key = crypto.createHash('sha256').update(`innovaphoneAppSessionKey:${challenge}:${password}`).digest('hex')
  return { ...fields, info, digest, key }
}

export async function startMyApps(password: string): Promise<MyApps> {
  const server = http.createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://client')
    if (pathname === '/login') {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(login(searchParams.get('challenge') ?? '', password)))
    } else {
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end(PAGE)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    show: app => `http://127.0.0.1:${port}/?app=${encodeURIComponent(app)}`,
    stop: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
