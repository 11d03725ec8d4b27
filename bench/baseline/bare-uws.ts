/**
 * The least a uWebSockets.js server can do: upgrade and echo, empty user data, the same pings as the product.
 * Usage: bare-uws.ts [--cert=… --key=…] [--files=<folder>] [--publish=<bytes>]
 * files: every GET is answered with that file of the folder. publish: a text message publishes so many bytes to all; what comes
 * back is taken and dropped.
 */
import fs from 'node:fs'
import path from 'node:path'
import { uws, type ListenAt } from '../../app/hosts/standalone/uws.ts'
import { LIMITS } from '../../app/limits.ts'

const option = (name: string): string | undefined => process.argv.find(arg => arg.startsWith(`--${name}=`))?.slice(name.length + 3)
const cert = option('cert')
const app = cert === undefined ? uws().App() : uws().SSLApp({ cert_file_name: cert, key_file_name: option('key') ?? '' })

const published = option('publish') === undefined ? undefined : Buffer.alloc(Number(option('publish')), 'x')

app.ws('/*', {
  idleTimeout: LIMITS.peerIdleSeconds.value, sendPingsAutomatically: true, maxPayloadLength: 65_536, compression: 0,
  open: socket => { if (published) socket.subscribe('all') },
  message: (socket, message, binary) => {
    if (!published) socket.send(message, binary)
    else if (!binary) app.publish('all', published, true)
  },
})

const files = new Map<string, { body: Buffer, type: string }>()
const folder = option('files')
if (folder) {
  for (const name of fs.readdirSync(folder)) {
    files.set(`/${name}`, { body: fs.readFileSync(path.join(folder, name)), type: name.endsWith('.css') ? 'text/css' : name.endsWith('.woff2') ? 'font/woff2' : 'text/html; charset=utf-8' })
  }
}
app.get('/*', (res, req) => {
  const file = files.get(req.getUrl())
  if (file) res.writeHeader('content-type', file.type).end(file.body)
  else res.writeStatus('404 Not Found').end()
})

const listen: ListenAt = (app.listen as unknown as ListenAt).bind(app)
listen('127.0.0.1', 0, 1, socket => {
  if (!socket) process.exit(1)
  process.stdout.write(`ready ${cert === undefined ? 'http' : 'https'}://127.0.0.1:${uws().us_socket_local_port(socket)}\n`)
})
