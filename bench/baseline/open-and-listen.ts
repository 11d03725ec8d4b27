/** The least a server with a database does at its start: open it, read one row, listen. Usage: open-and-listen.ts <working path> */
import path from 'node:path'
import { DATABASE_FILE, openFile } from '../../app/store/database.ts'
import { uws, type ListenAt } from '../../app/hosts/standalone/uws.ts'

const database = openFile(path.join(process.argv[2] ?? '', DATABASE_FILE))
database.prepare('SELECT * FROM devices WHERE hw_id = ?').get('009033200001')
const app = uws().App()
const listen: ListenAt = (app.listen as unknown as ListenAt).bind(app)
listen('127.0.0.1', 0, 1, socket => {
  if (!socket) process.exit(1)
  process.stdout.write('ready\n')
})
