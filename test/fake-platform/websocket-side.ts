/** One websocket of the outside, handed to a plugin (app-platform-local 3.5). */
import type http from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket, WebSocketServer } from 'ws'
import { readTlv, tlv, type Frame } from './frames.ts'
import { rejectStatus, requestItems } from './http-side.ts'
import type { Plugin } from './plugin.ts'

const TEXT = 0x8000
const MORE = 0x4000
const MOST = 0xffff

export function serveWebSocket(plugin: Plugin, server: WebSocketServer, relative: string, registered: string, request: http.IncomingMessage, socket: Duplex, head: Buffer, flags: number): void {
  let client: WebSocket | undefined
  let receiving = false
  let sending = false
  let over = false
  /** Parts of messages that wait for a RECV. */
  const queue: { flags: number, data: Buffer }[] = []

  const finish = (): void => {
    over = true
    plugin.finish(cid)
  }
  const refuse = (status: number): void => {
    finish()
    socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
  }
  const deliver = (): void => {
    const next = receiving ? queue.shift() : undefined
    if (!next) return
    receiving = false
    if (queue.length === 0) client?.resume()
    plugin.send(cid, 0x11, next.flags * 0x10000 + 6, next.data)
  }
  const opened = (socketOfClient: WebSocket): void => {
    client = socketOfClient
    plugin.send(cid, 0x11, 2)
    client.on('message', (raw, binary) => {
      const data = raw as Buffer
      for (let at = 0; at === 0 || at < data.length; at += MOST) {
        const more = at + MOST < data.length
        queue.push({ flags: (binary ? 0 : TEXT) + (more ? MORE : 0), data: data.subarray(at, at + MOST) })
      }
      client?.pause()
      deliver()
    })
    client.on('error', () => {})
    client.on('close', code => {
      if (over) return
      finish()
      plugin.send(cid, 0x11, 8, Buffer.from([0, code === 1006 ? 2 : 0]))
    })
  }
  const message = (gp: number, payload: Buffer): void => {
    const sub = gp & 0xffff
    if (sub === 0) {
      if (client) return plugin.wrong('CONNECT_ACCEPT twice')
      socket.removeAllListeners('end').removeAllListeners('close').removeAllListeners('data')
      return server.handleUpgrade(request, socket, head, opened)
    }
    if (sub === 1) return refuse(403)
    if (!client) return plugin.wrong('a message before CONNECT_COMPLETE')
    if (sub === 5) {
      if (receiving) plugin.wrong('a second RECV on a websocket')
      receiving = true
      deliver()
    } else if (sub === 3) {
      if (sending) plugin.wrong('a second SEND on a websocket')
      if ((gp >>> 16 & ~TEXT) !== 0) plugin.wrong('a fragment')
      sending = true
      client.send(payload, { binary: (gp >>> 16 & TEXT) === 0 }, () => {
        sending = false
        if (!over) plugin.send(cid, 0x11, 4)
      })
    } else if (sub === 7) {
      if (sending) plugin.wrong('CLOSE before SEND_RESULT')
      if (!readTlv(payload).has(0x0a)) plugin.wrong('CLOSE without a reason')
      client.resume()
      client.close(1000)
    } else plugin.wrong(`websocket message ${sub}`)
  }
  const talk = ({ type, gp, payload }: Frame): void => {
    if (type === 0x11) message(gp, payload)
    else if (type === 0x0b && gp !== 0 && !client) refuse(rejectStatus(gp))
    else plugin.wrong(`message ${type.toString(16)} on a websocket`)
  }
  const cid = plugin.begin(talk, () => {
    over = true
    if (client) client.terminate()
    else socket.destroy()
  })
  const gone = (): void => {
    if (over || client) return
    finish()
    plugin.send(cid, 0x0f)
    socket.destroy()
  }
  socket.on('end', gone).on('close', gone).on('error', () => {})
  socket.resume()
  plugin.send(cid, 0x10, 0, tlv(requestItems(relative, registered, request, flags)))
}
