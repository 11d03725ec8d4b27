/** The web server behind haproxy: keep-alive, no parsing beyond the request line. Usable for requests without a body only. */
import { once } from 'node:events'
import net from 'node:net'
import { answerTo } from './files.ts'

/** Listens at a port of the loopback, or at a unix socket. */
export async function webServer(at: number | string): Promise<net.Server> {
  const server = net.createServer(socket => {
    socket.setNoDelay(true)
    let rest = ''
    socket.on('data', (data: Buffer) => {
      rest += data.toString('latin1')
      for (let end = rest.indexOf('\r\n\r\n'); end >= 0; end = rest.indexOf('\r\n\r\n')) {
        socket.write(answerTo(rest.slice(4, rest.indexOf(' ', 4))))
        rest = rest.slice(end + 4)
      }
    })
    socket.on('error', () => {})
  })
  if (typeof at === 'string') server.listen(at)
  else server.listen(at, '127.0.0.1')
  await once(server, 'listening')
  return server
}
