/** A real web server inside a test device. */
import net from 'node:net'
import type { TunnelDevice, WebConnection } from './tunnel-device.ts'

/** Connects the sessions of a device to a real server on a socket, as a real device does. A SEND is confirmed when the server has taken it. */
export function connectTo(device: TunnelDevice, port: number): void {
  device.confirms = false
  const sockets = new Map<WebConnection, net.Socket>()
  device.serve = (connection, data) => {
    let socket = sockets.get(connection)
    if (!socket) {
      const made = net.connect(port, '127.0.0.1')
      socket = made
      sockets.set(connection, made)
      made.on('data', part => {
        connection.write(part)
        if (connection.waitingBytes > 100_000) {
          made.pause()
          connection.onTaken = () => { if (connection.waitingBytes < 50_000) made.resume() }
        }
      })
      made.on('end', () => connection.end())
      made.on('error', () => connection.end())
    }
    connection.received = []
    socket.write(data, () => device.confirm(connection.id))
  }
  device.onShutdown = connection => { if (connection) sockets.get(connection)?.destroy() }
}
