/**
 * Binary frames of the sysclient websocket, both directions (wire-protocols 2.2-2.4, 2.11). All words and dwords are
 * big endian. A decoder never throws and never reads past the end: it answers a frame or the reason why there is none.
 */
export const ADMIN = 0x01
const TUNNEL = 0x02

export const AdminType = { Identify: 0, SysclientPassword: 1, Challenge: 2, AdminPassword: 3, Provision: 4, ProvisionResult: 5, Configuration: 6 } as const
export type AdminType = typeof AdminType[keyof typeof AdminType]

export const TunnelEvent = { Send: 0, Recv: 1, RecvResult: 2, SendResult: 3, Shutdown: 4 } as const
export type TunnelEvent = typeof TunnelEvent[keyof typeof TunnelEvent]

/** Length of a tunnel frame without its payload. */
export const TUNNEL_HEADER = 9

export type SysclientFrame =
  | { readonly kind: 'admin', readonly type: number, readonly json: Uint8Array }
  /** `data` is a view into the frame: copy to keep. */
  | { readonly kind: 'tunnel', readonly session: number, readonly event: number, readonly data: Uint8Array }
  | { readonly kind: 'bad', readonly why: 'empty' | 'short' | 'unknown-type' }

const bad = (why: 'empty' | 'short' | 'unknown-type'): SysclientFrame => ({ kind: 'bad', why })
const dword = (b: Uint8Array, at: number): number =>
  ((b[at] as number) * 0x1000000) + (((b[at + 1] as number) << 16) | ((b[at + 2] as number) << 8) | (b[at + 3] as number))

/** Decodes one websocket message. */
export function decodeFrame(bytes: Uint8Array): SysclientFrame {
  if (bytes.length === 0) return bad('empty')
  if (bytes[0] === ADMIN) {
    if (bytes.length < 3) return bad('short')
    return { kind: 'admin', type: ((bytes[1] as number) << 8) | (bytes[2] as number), json: bytes.subarray(3) }
  }
  if (bytes[0] === TUNNEL) {
    if (bytes.length < TUNNEL_HEADER) return bad('short')
    return { kind: 'tunnel', session: dword(bytes, 1), event: dword(bytes, 5), data: bytes.subarray(TUNNEL_HEADER) }
  }
  return bad('unknown-type')
}

const encoder = new TextEncoder()

/** Where short admin messages are put together: one allocation less for each. */
const draft = new Uint8Array(1024)
const draftJson = draft.subarray(3)
/** UTF-8 of one UTF-16 unit. */
const MOST_PER_UNIT = 3

/** One admin message. */
export function encodeAdmin(type: AdminType, body: object): Uint8Array {
  const json = JSON.stringify(body)
  let out: Uint8Array
  if (json.length * MOST_PER_UNIT <= draftJson.length) {
    out = draft.slice(0, 3 + encoder.encodeInto(json, draftJson).written)
  } else {
    const bytes = encoder.encode(json)
    out = new Uint8Array(3 + bytes.length)
    out.set(bytes, 3)
  }
  out[0] = ADMIN
  out[1] = type >> 8
  out[2] = type & 255
  return out
}

/** Writes `value` as four bytes, the highest first. */
export function putDword(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24
  target[at + 1] = value >>> 16
  target[at + 2] = value >>> 8
  target[at + 3] = value
}

/** Writes the header of a tunnel message at the start of `frame`, all of its bytes. */
export function putTunnelHeader(frame: Uint8Array, session: number, event: number): void {
  frame[0] = TUNNEL
  putDword(frame, 1, session)
  putDword(frame, 5, event)
}

/** One tunnel message. `data` is copied. */
export function encodeTunnel(session: number, event: TunnelEvent, data?: Uint8Array): Uint8Array {
  const out = new Uint8Array(TUNNEL_HEADER + (data?.length ?? 0))
  putTunnelHeader(out, session, event)
  if (data) out.set(data, TUNNEL_HEADER)
  return out
}

/** A RECV frame: asks for up to `wanted` bytes. */
export function encodeRecv(session: number, wanted: number): Uint8Array {
  const data = new Uint8Array(4)
  putDword(data, 0, wanted)
  return encodeTunnel(session, TunnelEvent.Recv, data)
}
