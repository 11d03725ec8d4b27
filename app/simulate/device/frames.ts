/**
 * Sysclient messages as a device reads and writes them (wire-protocols 2.2 to 2.4, 2.11). Deliberately shares nothing with the
 * service's own codec: the simulator proves that one against the document.
 */

/** Types of admin messages (wire-protocols 2.4). */
export const ADMIN = { identify: 0, password: 1, challenge: 2, adminPassword: 3, provision: 4, provisionResult: 5, configuration: 6 } as const
/** Events of tunnel messages (wire-protocols 2.11). */
export const TUNNEL = { send: 0, recv: 1, recvResult: 2, sendResult: 3, shutdown: 4 } as const

export type ServiceMessage =
  | { readonly kind: 'admin', readonly type: number, readonly json: unknown }
  /** `data` is a view into the message. */
  | { readonly kind: 'tunnel', readonly session: number, readonly event: number, readonly data: Buffer }
  | { readonly kind: 'unusable', readonly why: 'short' | 'type' | 'json' }

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads one websocket message of the service. A trailing zero after the JSON is tolerated (wire-protocols 2.4). */
export function readMessage(message: Buffer): ServiceMessage {
  const kind = message[0]
  if (kind === 2) {
    if (message.length < 9) return { kind: 'unusable', why: 'short' }
    return { kind: 'tunnel', session: message.readUInt32BE(1), event: message.readUInt32BE(5), data: message.subarray(9) }
  }
  if (kind !== 1) return { kind: 'unusable', why: message.length === 0 ? 'short' : 'type' }
  if (message.length < 3) return { kind: 'unusable', why: 'short' }
  const end = message[message.length - 1] === 0 ? message.length - 1 : message.length
  try {
    const json: unknown = JSON.parse(utf8.decode(message.subarray(3, end)))
    return { kind: 'admin', type: message.readUInt16BE(1), json }
  } catch {
    return { kind: 'unusable', why: 'json' }
  }
}

export interface JsonSpelling {
  /** Write `/` as `\/`, as vendor devices do (wire-protocols 2.4). */
  readonly escapedSlashes?: boolean
  /** Append a zero byte. */
  readonly trailingZero?: boolean
}

/** One admin message. */
export function adminMessage(type: number, body: object, spelling: JsonSpelling = {}): Buffer {
  let json = JSON.stringify(body)
  if (spelling.escapedSlashes) json = json.replaceAll('/', '\\/')
  if (spelling.trailingZero) json += '\0'
  const message = Buffer.allocUnsafe(3 + Buffer.byteLength(json))
  message.writeUInt8(1, 0)
  message.writeUInt16BE(type, 1)
  message.write(json, 3)
  return message
}

/** One tunnel message; `data` is copied. */
export function tunnelMessage(session: number, event: number, data?: Uint8Array): Buffer {
  const message = Buffer.allocUnsafe(9 + (data?.length ?? 0))
  message.writeUInt8(2, 0)
  message.writeUInt32BE(session, 1)
  message.writeUInt32BE(event, 5)
  if (data) message.set(data, 9)
  return message
}
