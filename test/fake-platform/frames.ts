/** Framing of the fake App Platform, written from app-platform-local 2.1, 3.1 and 3.2 alone; shares nothing with `app/`. */

export interface Frame { readonly cid: number, readonly type: number, readonly gp: number, readonly payload: Buffer }

export function frame(cid: number, type: number, gp = 0, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const out = Buffer.alloc(12 + payload.length)
  out.writeUInt32BE(cid, 0)
  out.writeUInt16BE(type, 4)
  out.writeUInt32BE(gp, 6)
  out.writeUInt16BE(payload.length, 10)
  out.set(payload, 12)
  return out
}

/** Collects bytes, calls back with whole frames. */
export function frameCollector(onFrame: (frame: Frame) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return bytes => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
    let at = 0
    for (; rest.length - at >= 12; ) {
      const end = at + 12 + rest.readUInt16BE(at + 10)
      if (end > rest.length) break
      onFrame({ cid: rest.readUInt32BE(at), type: rest.readUInt16BE(at + 4), gp: rest.readUInt32BE(at + 6), payload: rest.subarray(at + 12, end) })
      at = end
    }
    rest = rest.subarray(at)
  }
}

export const text = (value: string): Buffer => Buffer.from(`${value}\0`)
export function u32(value: number): Buffer {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(value)
  return out
}
export function u64(value: number): Buffer {
  const out = Buffer.alloc(8)
  out.writeBigUInt64BE(BigInt(value))
  return out
}

/** `undefined` values are left out. */
export function tlv(items: readonly (readonly [type: number, value: Buffer | undefined])[]): Buffer {
  const parts = items.flatMap(([type, value]) => {
    if (!value) return []
    const head = Buffer.alloc(3)
    head.writeUInt8(type, 0)
    head.writeUInt16BE(value.length, 1)
    return [head, value]
  })
  const body = Buffer.concat(parts)
  return Buffer.concat([u32(body.length), body])
}

/** Items of a payload; throws where the lengths are not exact (the real webserver and service both insist). */
export function readTlv(payload: Buffer): Map<number, Buffer> {
  const items = new Map<number, Buffer>()
  if (payload.length === 0) return items
  if (payload.readUInt32BE(0) !== payload.length - 4) throw new Error(`total length ${payload.readUInt32BE(0)} in a payload of ${payload.length}`)
  for (let at = 4; at < payload.length;) {
    const end = at + 3 + payload.readUInt16BE(at + 1)
    if (end > payload.length) throw new Error('an item is cut off')
    items.set(payload.readUInt8(at), payload.subarray(at + 3, end))
    at = end
  }
  return items
}

/** A text item must carry its NUL. */
export function readText(value: Buffer | undefined): string | undefined {
  if (!value) return undefined
  if (value.length === 0 || value.at(-1) !== 0) throw new Error('a text without NUL')
  return value.toString('latin1', 0, value.length - 1)
}

/** A message of the manager's socket. */
export function managerFrame(message: object): Buffer {
  const body = Buffer.from(JSON.stringify(message))
  return Buffer.concat([u32(body.length), body])
}

export function managerCollector(onMessage: (message: Record<string, unknown>, raw: string) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return bytes => {
    rest = Buffer.concat([rest, bytes])
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const end = 4 + rest.readUInt32BE(0)
      const raw = rest.toString('utf8', 4, end)
      rest = rest.subarray(end)
      onMessage(JSON.parse(raw) as Record<string, unknown>, raw)
    }
  }
}
