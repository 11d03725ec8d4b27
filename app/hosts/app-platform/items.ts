/** Payloads made of items, the "extended header" (app-platform-local 3.2): one table, read in both directions. */
import { ProtocolError } from '../../errors.ts'
import type { HeaderList } from '../exchange.ts'

/** A range as in HTTP; `kind`: 1 from start to end inclusive, 2 from start, 3 the last `start` bytes. */
export interface ByteRange { readonly kind: number, readonly start: number, readonly end: number }
/** How content travels; `flags`: 1 gzip, 2 range. `size` only for version 0; 0xffffffff is chunked. */
export interface Transfer { readonly resource: number, readonly flags: number, readonly size?: number }

interface Kinds { text: string, u32: number, u64: number, empty: true, headers: HeaderList, ranges: readonly ByteRange[], transfer: Transfer }
interface ItemEntry<K extends keyof Kinds = keyof Kinds> { readonly type: number, readonly is: K }
const item = <K extends keyof Kinds>(type: number, is: K): ItemEntry<K> => ({ type, is })

/** In the order in which they are written. */
export const ITEMS = {
  path: item(0x00, 'text'), registeredPath: item(0x01, 'text'), etag: item(0x02, 'text'), headers: item(0x05, 'headers'),
  pathToRegister: item(0x07, 'text'), user: item(0x08, 'text'), password: item(0x09, 'text'), host: item(0x06, 'text'), flags: item(0x04, 'u32'),
  closeReason: item(0x0a, 'u32'), redirect: item(0x0f, 'text'), dynamicAuthentication: item(0x10, 'empty'), size: item(0x11, 'u64'), chunked: item(0x12, 'empty'),
  status: item(0x13, 'u32'), statusText: item(0x14, 'text'), transfer: item(0x0b, 'transfer'), ranges: item(0x03, 'ranges'),
} as const satisfies Record<string, ItemEntry>

type Name = keyof typeof ITEMS
export type Items = { [N in Name]?: Kinds[(typeof ITEMS)[N]['is']] | undefined }

const BY_TYPE: ReadonlyMap<number, Name> = new Map((Object.keys(ITEMS) as Name[]).map(name => [ITEMS[name].type, name]))
const TOTAL = 4
const ITEM_HEADER = 3
const U32 = 4
const RANGE = { short: 1 + 2 * U32, long: 1 + 2 * 8 } as const

const bad = (why: string): ProtocolError => new ProtocolError('items', why)

// ---- writing

const LATIN1 = /^[\u0000-\u00ff]*$/
/** HTTP heads are read as ISO 8859-1: so they are written, where it suffices. */
const headerBytes = (value: string): Buffer => Buffer.from(value, LATIN1.test(value) ? 'latin1' : 'utf8')
const NUL = Buffer.alloc(1)

function number(size: number, value: number): Buffer {
  const out = Buffer.alloc(size)
  if (size === 8) out.writeBigUInt64BE(BigInt(value))
  else out.writeUIntBE(value, 0, size)
  return out
}

const WRITERS: { readonly [K in keyof Kinds]: (value: Kinds[K], version: number) => Uint8Array } = {
  text: value => Buffer.from(`${value}\0`),
  u32: value => number(U32, value),
  u64: value => number(8, value),
  empty: () => new Uint8Array(0),
  headers: value => Buffer.concat(value.flatMap(([name, text]) => [Buffer.from(name), NUL, headerBytes(text), NUL])),
  ranges: (value, version) => Buffer.concat([number(U32, value.length),
    ...value.flatMap(({ kind, start, end }) => [number(1, kind), number(version === 0 ? U32 : 8, start), number(version === 0 ? U32 : 8, end)])]),
  transfer: ({ resource, flags, size }) => Buffer.concat([number(2, resource), number(2, flags), ...(size === undefined ? [] : [number(U32, size)])]),
}

function written<N extends Name>(name: N, items: Items, version: number): Uint8Array | undefined {
  const value: unknown = items[name]
  if (value === undefined) return undefined
  // The type of `Items` ties each name to its writer; the compiler cannot follow that through the table.
  const write = WRITERS[ITEMS[name].is] as (value: unknown, version: number) => Uint8Array
  return write(value, version)
}

/** The payload; `undefined` when it is longer than a message may be. */
export function encodeItems(items: Items, version: number): Buffer | undefined {
  const parts: Uint8Array[] = [new Uint8Array(TOTAL)]
  let total = 0
  for (const name of Object.keys(ITEMS) as Name[]) {
    const value = written(name, items, version)
    if (!value) continue
    if (value.length > 0xffff) return undefined
    const header = Buffer.alloc(ITEM_HEADER)
    header.writeUInt8(ITEMS[name].type, 0)
    header.writeUInt16BE(value.length, 1)
    parts.push(header, value)
    total += ITEM_HEADER + value.length
  }
  parts[0] = number(U32, total)
  return total + TOTAL > 0xffff ? undefined : Buffer.concat(parts)
}

// ---- reading

function text(data: Buffer): string {
  const end = data.at(-1) === 0 ? data.length - 1 : data.length
  if (data.subarray(0, end).includes(0)) throw bad('a text with a zero byte inside')
  return data.toString('utf8', 0, end)
}

function u32(data: Buffer): number {
  if (data.length !== U32) throw bad(`a number of ${data.length} bytes`)
  return data.readUInt32BE()
}

function safe(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw bad('a size beyond all bounds')
  return Number(value)
}

function headers(data: Buffer): HeaderList {
  const parts = data.toString('utf8').split('\0')
  if (parts.pop() !== '' || parts.length % 2 !== 0) throw bad('header fields without an end')
  const out: [string, string][] = []
  for (let at = 0; at < parts.length; at += 2) out.push([(parts[at] as string).toLowerCase(), parts[at + 1] as string])
  return out
}

function ranges(data: Buffer): ByteRange[] {
  if (data.length < U32) throw bad('ranges without their number')
  const count = data.readUInt32BE()
  const size = (data.length - U32) / Math.max(count, 1)
  if (count > 0 && size !== RANGE.short && size !== RANGE.long) throw bad('ranges of an odd length')
  return Array.from({ length: count }, (_, n) => {
    const at = U32 + n * size
    const bounds = size === RANGE.short ? [data.readUInt32BE(at + 1), data.readUInt32BE(at + 5)] : [safe(data.readBigUInt64BE(at + 1)), safe(data.readBigUInt64BE(at + 9))]
    return { kind: data.readUInt8(at), start: bounds[0] ?? 0, end: bounds[1] ?? 0 }
  })
}

function transfer(data: Buffer): Transfer {
  if (data.length !== 4 && data.length !== 8) throw bad('transfer information of an odd length')
  return { resource: data.readUInt16BE(0), flags: data.readUInt16BE(2), ...(data.length === 8 ? { size: data.readUInt32BE(4) } : {}) }
}

const READERS: { readonly [K in keyof Kinds]: (data: Buffer) => Kinds[K] } = {
  text, u32, headers, ranges, transfer, empty: () => true,
  u64: data => {
    if (data.length !== 8) throw bad(`a size of ${data.length} bytes`)
    return safe(data.readBigUInt64BE())
  },
}

/** Reads a payload; items of unknown types are left out. Throws `ProtocolError` when lengths do not fit exactly. */
export function decodeItems(payload: Buffer): Items {
  if (payload.length === 0) return {}
  if (payload.length < TOTAL || payload.readUInt32BE() !== payload.length - TOTAL) throw bad('the total length does not fit')
  const items: Record<string, unknown> = {}
  for (let at = TOTAL; at < payload.length;) {
    if (payload.length - at < ITEM_HEADER) throw bad('an item is cut off')
    const end = at + ITEM_HEADER + payload.readUInt16BE(at + 1)
    if (end > payload.length) throw bad('an item is longer than its message')
    const name = BY_TYPE.get(payload.readUInt8(at))
    if (name) items[name] = READERS[ITEMS[name].is](payload.subarray(at + ITEM_HEADER, end))
    at = end
  }
  // Each value was made by the reader that the table names for it.
  return items as Items
}
