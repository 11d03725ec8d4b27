/** The tunnels of a device that serves files as cheaply as it can (wire-protocols 2.11): every RECV gets as many bytes as it asked for. */
import { answerTo } from './files.ts'

const Event = { send: 0, recv: 1, recvResult: 2, sendResult: 3, shutdown: 4 } as const
/** A RECV for 0 bytes asks for what there is. */
const ANY = 8_192

interface Session { readonly answer: Buffer, at: number }

export class FileTunnels {
  readonly #sessions = new Map<number, Session>()
  readonly #send: (frame: Buffer) => void

  /** `send` takes a message of the device. */
  constructor(send: (frame: Buffer) => void) { this.#send = send }

  /** A tunnel message of the service. */
  message(frame: Buffer): void {
    const id = frame.readUInt32BE(1)
    const session = this.#sessions.get(id)
    switch (frame.readUInt32BE(5)) {
      case Event.send:
        if (!session) this.#sessions.set(id, { answer: answerTo(frame.toString('latin1', 13, frame.indexOf(32, 13))), at: 0 })
        return this.#reply(id, Event.sendResult)
      case Event.recv: {
        if (!session || session.at === session.answer.length) return
        const from = session.at
        session.at = Math.min(session.answer.length, from + (frame.readUInt32BE(9) || ANY))
        return this.#reply(id, Event.recvResult, session.answer.subarray(from, session.at))
      }
      case Event.shutdown:
        this.#sessions.delete(id)
        return this.#reply(id, Event.shutdown)
    }
  }

  #reply(session: number, event: number, data?: Buffer): void {
    const frame = Buffer.allocUnsafe(9 + (data?.length ?? 0))
    frame[0] = 2
    frame.writeUInt32BE(session, 1)
    frame.writeUInt32BE(event, 5)
    data?.copy(frame, 9)
    this.#send(frame)
  }
}
