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

/**
 * A client with several apps that provide and consume APIs (wire-protocols 6.4): requests are passed to their provider, answers to
 * their consumer. A consumer is a page of yet another app, whose messages a test makes and reads.
 */
const APIS_PAGE = `<!doctype html><html><head><meta charset="utf-8"><title>myApps</title><link rel="icon" href="data:,">
<style>iframe{width:640px;height:400px}</style></head><body><script>
const apps = JSON.parse(new URLSearchParams(location.search).get('apps'))
const frames = new Map()
const apis = {}
const consumed = new Map()
window.passed = []
window.answerLogins = true
const post = (name, message) => frames.get(name).contentWindow.postMessage(JSON.stringify(message), '*')
const update = () => { for (const name of consumed.keys()) post(name, { mt: 'ApiUpdate', apis, defaultApiProviders: {} }) }
window.open1 = (name, url) => {
  const frame = document.createElement('iframe')
  frame.id = name
  frame.src = url
  frames.set(name, frame)
  document.body.append(frame)
}
window.close1 = name => {
  for (const api of consumed.get(name) ?? []) for (const provider of Object.keys(apis[api] ?? {})) post(provider, { mt: 'ApiConsumerClosed', api, consumer: name })
  consumed.delete(name)
  frames.get(name).remove()
  frames.delete(name)
}
addEventListener('message', async event => {
  const name = [...frames].find(([, frame]) => frame.contentWindow === event.source)?.[0]
  if (name === undefined) return
  const message = JSON.parse(event.data)
  passed.push({ from: name, ...message })
  const { api } = message
  if (message.mt === 'getLogin' && answerLogins) {
    const app = new URL(frames.get(name).src).pathname.split('/').at(-1).replace('.htm', '')
    post(name, { mt: 'Login', src: message.src, pbxObj: message.app, ...await (await fetch('/login?app=' + app + '&challenge=' + message.challenge)).json() })
  }
  if (message.mt === 'RegisterApi') {
    ;(apis[api] ??= {})[name] = { title: name, url: frames.get(name).src, info: {}, model: {} }
    update()
  }
  if (message.mt === 'ApiModel') { apis[api][name].model = message.model; update() }
  if (message.mt === 'ConsumeApi') { consumed.set(name, [...consumed.get(name) ?? [], api]); update() }
  if (message.mt === 'ApiRequest') {
    const providers = message.provider === '*' ? Object.keys(apis[api] ?? {}) : [message.provider ?? Object.keys(apis[api] ?? {})[0]]
    for (const provider of providers) post(provider, { mt: 'ApiRequest', api, consumer: name, src: message.src, msg: message.msg })
  }
  if (message.mt === 'ApiResult') {
    if (frames.has(message.consumer)) post(message.consumer, { mt: 'ApiResult', api, provider: name, src: message.src, msg: message.msg })
  }
})
for (const { name, url } of apps) open1(name, url)
</script></body></html>`

const CONSUMER_PAGE = `<!doctype html><html><head><meta charset="utf-8"><title>Consumer</title><link rel="icon" href="data:,"></head><body><script>
window.results = []
window.known = {}
addEventListener('message', event => {
  if (event.source !== parent) return
  const message = JSON.parse(event.data)
  if (message.mt === 'ApiResult') results.push(message)
  if (message.mt === 'ApiUpdate') known = message.apis
})
const post = message => parent.postMessage(JSON.stringify(message), '*')
window.ask = (api, src, msg, provider) => post({ mt: 'ApiRequest', api, provider, src, title: 'Consumer', msg })
for (const api of ['com.innovaphone.devices', 'com.innovaphone.search', 'com.innovaphone.devicesui']) post({ mt: 'ConsumeApi', api })
</script></body></html>`

export interface MyApps {
  /** Address of the client that shows this app. */
  show(app: string): string
  /** Address of the client with these apps; `name` is that of the App object. */
  showAll(apps: readonly { readonly name: string, readonly url: string }[]): string
  /** Page of an app that consumes APIs. */
  readonly consumer: string
  stop(): Promise<void>
}

/** The PBX part: makes the login of a user for a challenge (wire-protocols 5.4, with info). */
function login(challenge: string, password: string, app = 'innovaphone-devices'): object {
  const info = { appobj: 'devices', appdn: 'Devices', pbx: 'pbx', cn: 'Ada Lovelace', groups: [], apps: [] }
  const fields = { app, domain: 'example.com', sip: 'ada', guid: 'f48b06484a8a61015853009033400109', dn: 'Lovelace, Ada' }
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
      response.end(JSON.stringify(login(searchParams.get('challenge') ?? '', password, searchParams.get('app') ?? undefined)))
    } else {
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.end(pathname === '/apis' ? APIS_PAGE : pathname === '/consumer' ? CONSUMER_PAGE : PAGE)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    show: app => `http://127.0.0.1:${port}/?app=${encodeURIComponent(app)}`,
    showAll: apps => `http://127.0.0.1:${port}/apis?apps=${encodeURIComponent(JSON.stringify(apps))}`,
    consumer: `http://127.0.0.1:${port}/consumer`,
    stop: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
