/** A device that serves files through tunnels as cheaply as it can (wire-protocols 2.11): every RECV gets as many bytes as it asked for. */
import crypto from 'node:crypto'
import { filledDevice, filledPassword } from '../../test/fixtures/fill.ts'
import { answerTo } from './files.ts'
import { RawWebSocket } from './raw-websocket.ts'

const Event = { send: 0, recv: 1, recvResult: 2, sendResult: 3, shutdown: 4 } as const
/** A RECV for 0 bytes asks for what there is. */
const ANY = 8_192

interface Session { readonly answer: Buffer, at: number }

const admin = (body: object): Buffer => Buffer.concat([Buffer.from([1, 0, 0]), Buffer.from(JSON.stringify(body))])

/** Connects the first device of `fill`; resolves when it is in. `url`: base of the service. */
export function tunnelDevice(url: string): Promise<RawWebSocket> {
  const { hostname, port } = new URL(url)
  const { hwId, product, version, type } = filledDevice(0)
  const identity = { id: hwId, product, version, platform: { type } }
  const sessions = new Map<number, Session>()
  return new Promise((resolve, reject) => {
    let corked = false
    const reply = (session: number, event: number, data?: Buffer): void => {
      const frame = Buffer.allocUnsafe(9 + (data?.length ?? 0))
      frame[0] = 2
      frame.writeUInt32BE(session, 1)
      frame.writeUInt32BE(event, 5)
      data?.copy(frame, 9)
      if (!corked) {
        corked = true
        socket.socket.cork()
        process.nextTick(() => {
          corked = false
          socket.socket.uncork()
        })
      }
      socket.send(frame)
    }
    const tunnel = (frame: Buffer): void => {
      const id = frame.readUInt32BE(1)
      const session = sessions.get(id)
      switch (frame.readUInt32BE(5)) {
        case Event.send:
          if (!session) sessions.set(id, { answer: answerTo(frame.toString('latin1', 13, frame.indexOf(32, 13))), at: 0 })
          return reply(id, Event.sendResult)
        case Event.recv: {
          if (!session || session.at === session.answer.length) return
          const from = session.at
          session.at = Math.min(session.answer.length, from + (frame.readUInt32BE(9) || ANY))
          return reply(id, Event.recvResult, session.answer.subarray(from, session.at))
        }
        case Event.shutdown:
          sessions.delete(id)
          return reply(id, Event.shutdown)
      }
    }
    const socket = new RawWebSocket({ host: hostname, port: Number(port), path: '/example.com/devices/sysclients', localAddress: '127.0.0.1', tls: false }, () => socket.send(admin(identity)), payload => {
      if (payload[0] === 2) return tunnel(payload)
      if (payload[2] === 2) {
        const { challenge } = JSON.parse(payload.subarray(3).toString()) as { challenge: string }
        socket.send(admin({ ...identity, digest: crypto.createHash('sha256').update(`${hwId}:${product}:${version}:${challenge}:${filledPassword(0)}`).digest('hex') }))
      } else if (payload[2] === 3) resolve(socket)
    }, reject)
  })
}
