/**
 * Stand-ins for two pages: the myApps client, which has the API of the App Platform's manager (wire-protocols 6.4, 7.3), and in a frame
 * of it the PBX Manager, which loads the plugin (7.1).
 */

export const CLIENT_PAGE = String.raw`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>myApps</title><link rel="icon" href="data:,">
<style>html,body,iframe{margin:0;border:0;width:100%;height:100%;display:block}</style></head><body><script>
window.heard = []
const consumed = new Set()
const frame = document.createElement('iframe')
frame.title = 'PBX Manager'
frame.src = 'manager.htm' + location.search
addEventListener('message', async event => {
  if (event.source !== frame.contentWindow) return
  const message = JSON.parse(event.data)
  heard.push(message)
  if (message.mt === 'ConsumeApi') consumed.add(message.api)
  if (message.mt !== 'ApiRequest' || !consumed.has(message.api)) return
  const { api, provider, src, msg } = message
  const answer = await (await fetch('manager-api', { method: 'POST', body: JSON.stringify({ api, provider, msg, domain: JSON.parse(new URLSearchParams(location.search).get('given')).domain }) })).json()
  if (answer.silent) return
  frame.contentWindow.postMessage(JSON.stringify({ mt: 'ApiResult', api, provider, src, ...answer }), '*')
})
document.body.append(frame)
</script></body></html>`

export const MANAGER_PAGE = String.raw`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>PBX Manager</title>
<style>@font-face{font-family:titillium;src:url(titillium.woff2)}html{font-size:12px}body{margin:0;background:#191919;color:#f2f5f6}body.light{background:#fff;color:#4a4a49}.sr{position:absolute;clip-path:inset(50%)}</style>
<script src="libraries.js"></script></head><body><main><h1 class="sr">PBX Manager</h1><div id="panel"></div></main><script>
const given = JSON.parse(new URLSearchParams(location.search).get('given'))
window.start = { lang: given.lang, scheme: given.scheme, onlangchanged: new innovaphone.lib1.Event(), onschemechanged: new innovaphone.lib1.Event() }
window.setLang = lang => { start.lang = lang; document.documentElement.lang = lang; start.onlangchanged.notify() }
window.setScheme = scheme => { start.scheme = scheme; document.body.className = scheme; start.onschemechanged.notify() }
document.documentElement.lang = given.lang
document.body.className = given.scheme
const load = (source, run) => {
  const script = document.createElement('script')
  script.src = source
  script.onload = run
  document.head.append(script)
}
const app = new innovaphone.appwebsocket.Connection(location.href.replace(/^http/, 'ws').replace(/manager\.htm.*/, 'pbx?domain=' + given.domain), 'pbxadmin', 'pbx-password', given.domain, () => {
  if (window.shown) return
  window.shown = true
  load(given.lang_ + '.js', () => {
    document.title = innovaphone.devicesmanagertexts[start.lang in innovaphone.devicesmanagertexts ? start.lang : 'en'].pluginTitle
    load(given.item.uri + '.js', () => {
      const node = new plugin.innovaphone.devicesmanager(start, given.item, app)
      document.getElementById('panel').append(node.container)
      window.node = node
    })
  })
})
</script></body></html>`
