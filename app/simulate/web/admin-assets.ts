/** Page, style, script and picture of the device's own administration, in the plain manner of small devices. All links are relative. */
import { crc32, deflateSync } from 'node:zlib'
import type { Box } from './box.ts'

const text = (value: string): string => value.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`)

export function adminHtml(box: Box, message: string): string {
  const { id, product, version, name = '', ethIfs = [] } = box.host.identity
  const rows: [string, string][] = [
    ['Product', product], ['Version', version], ['Serial number', (id.match(/../g) ?? []).join('-')],
    ...ethIfs.map((eth): [string, string] => [eth.if, [eth.ipv4, eth.ipv6].filter(Boolean).join(', ') || 'no link']),
    ['Reset required', box.resetRequired ? 'yes' : 'no'],
  ]
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${text(product)}</title>
<link rel="stylesheet" href="admin.css"><script src="admin.js" defer></script></head>
<body><header><img src="device.png" width="32" height="32" alt=""><h1>${text(product)} <small>${text(name)}</small></h1></header>
<nav><a href="admin.xml">General</a> <a href="log.txt">Log</a> <a href="cfg.txt?cd=config.txt">Configuration</a> <a href="private">Private</a></nav>
<main>${message === '' ? '' : `<p class="message" role="status">${text(message)}</p>`}
<table>${rows.map(([key, value]) => `<tr><th scope="row">${text(key)}</th><td>${text(value)}</td></tr>`).join('')}</table>
<form method="post" action="settings"><label>Device name <input name="name" maxlength="64" value="${text(name)}"></label> <button>OK</button></form>
<form method="post" action="login"><label>User <input name="user" value="admin" autocomplete="off"></label>
<label>Password <input name="password" type="password" autocomplete="off"></label> <button>Login</button></form>
<section><h2>Live</h2><dl><dt>Status</dt><dd id="status">…</dd><dt>Websocket</dt><dd id="websocket">…</dd></dl></section>
</main></body></html>
`
}

export const ADMIN_CSS = `body{font:14px/1.4 Verdana,Arial,sans-serif;margin:0;background:#eee;color:#222}
header{display:flex;align-items:center;gap:12px;background:#2b3a55;color:#fff;padding:8px 16px}h1{font-size:18px;margin:0}small{font-weight:400;opacity:.8}
nav{background:#d5dbe6;padding:6px 16px}nav a{color:#1d3a75;margin-right:12px}main{padding:16px;background:#fff;max-width:60em}
table{border-collapse:collapse;margin-bottom:16px}th{text-align:left;padding:2px 16px 2px 0;font-weight:400;color:#666}form{margin:8px 0}
input{padding:3px}.message{background:#dff0d8;padding:6px}dt{float:left;width:8em;color:#666}
`

export const ADMIN_JS = `'use strict'
const show = (id, text) => { document.getElementById(id).textContent = text }
async function poll() {
  try {
    const answer = await fetch('status.json', { headers: { 'X-Requested-With': 'admin' } })
    const status = await answer.json()
    show('status', 'up ' + status.uptime + ' s, ' + status.calls + ' calls')
  } catch (cause) { show('status', 'failed: ' + cause.message) }
}
poll()
setInterval(poll, 5000)
try {
  const address = new URL('ws', location.href)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(address, ['echo'])
  socket.onopen = () => socket.send('hello')
  socket.onmessage = event => show('websocket', event.data === 'hello' ? 'echo ok' : 'wrong echo')
  socket.onerror = () => show('websocket', 'failed')
} catch (cause) { show('websocket', 'failed: ' + cause.message) }
`

let picture: Buffer | undefined

/** A 32 x 32 picture: a phone-like square with a display. */
export function devicePng(): Buffer {
  if (picture) return picture
  const size = 32
  const rows = Buffer.alloc(size * (1 + size * 3))
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) {
    const display = x > 5 && x < 26 && y > 4 && y < 14
    const key = y > 16 && y < 29 && x % 8 > 2 && y % 4 > 0 && x > 4 && x < 28
    const at = y * (1 + size * 3) + 1 + x * 3
    rows.writeUIntBE(display ? 0x9fd3ff : key ? 0xf4f4f4 : 0x55617a, at, 3)
  }
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const out = Buffer.alloc(body.length + 8)
    out.writeUInt32BE(data.length, 0)
    body.copy(out, 4)
    out.writeUInt32BE(crc32(body), body.length + 4)
    return out
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(size, 0)
  head.writeUInt32BE(size, 4)
  head.set([8, 2, 0, 0, 0], 8)
  picture = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
  return picture
}
