/** Messages on the webserver's socket (app-platform-local 3.1, 3.5). */

/** Bytes of a header: u32 connection, u16 type, u32 purpose, u16 length of the payload; big endian. */
export const HEADER = 12
/** Longest payload of one message; also the longest websocket message of the service. */
export const MOST = 0xffff
/** The connection of registrations; every other one is a request or a websocket. */
export const CONTROL = 0xffffff00

export const Type = {
  Register: 0x01, RegisterResult: 0x02, RegisterPassthrough: 0x03, WebSocketListen: 0x04,
  Send: 0x09, SendResult: 0x0a, MetaData: 0x0b, Receive: 0x0c, ReceiveResult: 0x0d,
  ShutdownComplete: 0x0f, WebSocketRequest: 0x10, WebSocketMessage: 0x11, HandlerClosed: 0x12,
  UserPassword: 0x1d, UserPasswordResult: 0x1e, WebRoot: 0x1f, WebRootResult: 0x22,
} as const

/** Requests by their method. PASSTHROUGH_REQUEST (8) is not among them: nothing is registered for it. */
export const METHODS: ReadonlyMap<number, string> = new Map([
  [0x05, 'GET'], [0x06, 'POST'], [0x07, 'PUT'], [0x13, 'PROPFIND'], [0x14, 'MOVE'], [0x15, 'COPY'], [0x16, 'MKCOL'],
  [0x17, 'DELETE'], [0x18, 'OPTIONS'], [0x19, 'LOCK'], [0x1a, 'UNLOCK'], [0x1b, 'PROPPATCH'],
])
export const PASSTHROUGH_REQUEST = 0x08

/** Kinds of `WebSocketMessage`: the low 16 bits of its purpose. */
export const Sub = {
  Accept: 0, Reject: 1, Accepted: 2, Send: 3, SendResult: 4, Receive: 5, ReceiveResult: 6, Close: 7, Closed: 8,
} as const
/** Flags of `WebSocketMessage`: the high 16 bits of its purpose, shifted down. */
export const TEXT = 0x8000
export const MORE = 0x4000
export const purpose = (sub: number, flags = 0): number => flags * 0x10000 + sub

/** The protocol version of the service. */
export const VERSION = 2
/** `MetaData` with this purpose is a redirect. */
export const REDIRECT = 1
/** `MetaData` with one of these and no payload refuses the request and ends it (3.4). */
export const Reject = { notFound: 0x10, badRequest: 0x11, unavailable: 0x12, noLength: 0x13, stream: 0x14, denied: 0x15, internal: 0x16 } as const
export type RejectCode = (typeof Reject)[keyof typeof Reject]

/** What a status becomes where only a refusal can be sent: an upgrade, or a webserver without statuses. */
export function rejectOf(status: number): RejectCode {
  if (status === 404 || status === 410) return Reject.notFound
  if (status === 401 || status === 402 || status === 403) return Reject.denied
  if (status === 411) return Reject.noLength
  if (status === 429 || status === 503) return Reject.unavailable
  if (status === 502 || status === 504) return Reject.stream
  return status >= 500 ? Reject.internal : Reject.badRequest
}
