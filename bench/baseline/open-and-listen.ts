/**
 * The least a server with a database does at its start: open it, read one row, listen. Bundled before it is measured, as the
 * product is. Usage: open-and-listen.cjs <database file>
 */
import Database from 'better-sqlite3'
import { uws, type ListenAt } from '../../app/hosts/standalone/uws.ts'
import { native } from '../../app/runtime/native.ts'

const database = new Database(process.argv[2] ?? '', { fileMustExist: true, nativeBinding: native('better_sqlite3') as never })
database.prepare('SELECT * FROM devices WHERE hw_id = ?').get('009033200001')
const app = uws().App()
const listen: ListenAt = (app.listen as unknown as ListenAt).bind(app)
listen('127.0.0.1', 0, 1, socket => {
  if (!socket) process.exit(1)
  process.stdout.write('ready\n')
})
