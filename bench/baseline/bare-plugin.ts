/**
 * The least a plugin of an App Platform's webserver can do: it takes every websocket and sends back what it gets, one SEND and
 * one RECV at a time (app-platform-local 3). What one read brings is answered in one write. It remembers which websockets are
 * open and nothing else about them. Usage: bare-plugin.ts <socket of the webserver>
 */
import net from 'node:net'

const HEADER = 12
const BLOCK = 256 * 1024
const PATH = '/example.com/devices\0'

const open = new Map<number, object>()
const incoming = Buffer.allocUnsafeSlow(BLOCK)
/** What the last read left incomplete. */
let rest = Buffer.alloc(0)
let out = Buffer.allocUnsafeSlow(BLOCK)
let from = 0
let to = 0

function put(cid: number, type: number, purpose: number, payload?: Uint8Array): void {
  const length = payload?.length ?? 0
  if (out.length - to < HEADER + length) {
    flush()
    out = Buffer.allocUnsafeSlow(BLOCK)
    from = to = 0
  }
  out.writeUInt32BE(cid, to)
  out.writeUInt16BE(type, to + 4)
  out.writeUInt32BE(purpose, to + 6)
  out.writeUInt16BE(length, to + 10)
  if (payload) out.set(payload, to + HEADER)
  to += HEADER + length
}

function flush(): void {
  if (to > from) socket.write(out.subarray(from, to))
  from = to
}

function message(cid: number, type: number, purpose: number, payload: Uint8Array): void {
  if (type === 0x10) {
    open.set(cid, {})
    put(cid, 0x11, 0)
  } else if (type === 0x11) {
    const sub = purpose & 0xffff
    if (sub === 2) put(cid, 0x11, 5)
    else if (sub === 6) {
      put(cid, 0x11, 5)
      put(cid, 0x11, purpose - 3, payload)
    } else if (sub === 8) open.delete(cid)
  }
}

function read(piece: Buffer): void {
  const data = rest.length === 0 ? piece : Buffer.concat([rest, piece])
  let at = 0
  while (data.length - at >= HEADER) {
    const end = at + HEADER + data.readUInt16BE(at + 10)
    if (end > data.length) break
    message(data.readUInt32BE(at), data.readUInt16BE(at + 4), data.readUInt32BE(at + 6), data.subarray(at + HEADER, end))
    at = end
  }
  rest = Buffer.from(data.subarray(at))
  flush()
}

const socket = net.connect({
  path: process.argv[2] ?? '',
  onread: { buffer: incoming, callback: bytes => {
    read(incoming.subarray(0, bytes))
    return true
  } },
})
socket.on('close', () => process.exit(0))
socket.on('connect', () => {
  put(0xffffff00, 0x1f, 2, Buffer.from(PATH))
  const item = Buffer.from([7, 0, PATH.length])
  const length = Buffer.from([0, 0, 0, item.length + PATH.length])
  put(0xffffff00, 0x04, 0, Buffer.concat([length, item, Buffer.from(PATH)]))
  flush()
  process.stdout.write('ready\n')
})
