/**
 * The least a server with a database does for a search that it has no indexes of its own for: one statement for the rows in
 * order, one for their number, both as they come to mind. Each text message is the words. Usage: raw-search.ts <database>
 */
import { openFile } from '../../app/store/database.ts'
import { uws, type ListenAt } from '../../app/hosts/standalone/uws.ts'

const database = openFile(process.argv[2] ?? '')
database.pragma('cache_size = -4000') // as the product
const ROWS = 60

const app = uws().App()
app.ws('/*', {
  compression: 0, maxPayloadLength: 65_536,
  message: (socket, message) => {
    const words = Buffer.from(message).toString().toLowerCase().split(/\s+/).filter(Boolean)
    const where = `domain_id > 0 ${words.map(() => 'AND instr(search, ?) > 0').join(' ')}`
    const devices = database.prepare(`SELECT id, hw_id, domain_id, name, product, version, type, status, last_seen, eth_ifs FROM devices WHERE ${where} ORDER BY status, label, id LIMIT ${ROWS}`).all(...words)
    const total = database.prepare(`SELECT count(*) FROM devices WHERE ${where}`).pluck().get(...words)
    socket.send(Buffer.from(JSON.stringify({ devices, total })))
  },
})

const listen: ListenAt = (app.listen as unknown as ListenAt).bind(app)
listen('127.0.0.1', 0, 1, socket => {
  if (!socket) process.exit(1)
  process.stdout.write(`ready http://127.0.0.1:${uws().us_socket_local_port(socket)}\n`)
})
