/** Framing on the manager's socket (app-platform-local 2.1): u32 big endian length, then JSON in UTF-8. */
import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'

const HEADER = 4

export function encodeManagerMessage(message: object): Buffer {
  const json = Buffer.from(JSON.stringify(message))
  const out = Buffer.alloc(HEADER + json.length)
  out.writeUInt32BE(json.length)
  json.copy(out, HEADER)
  return out
}

/** Collects pieces of any size; answers the JSON texts that are complete. Throws `ProtocolError` for a message beyond all bounds. */
export class ManagerReader {
  #rest: Buffer = Buffer.alloc(0)

  read(piece: Buffer): string[] {
    const texts: string[] = []
    this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece])
    while (this.#rest.length >= HEADER) {
      const end = HEADER + this.#rest.readUInt32BE()
      if (end > LIMITS.managerMessage.value) throw new ProtocolError('length', `a message of ${end} bytes`)
      if (this.#rest.length < end) break
      texts.push(this.#rest.toString('utf8', HEADER, end))
      this.#rest = this.#rest.subarray(end)
    }
    return texts
  }
}
