/** Bodies for tests of tunnels: large answers that can be checked byte for byte, digests of what arrived, delays, echo. */
import { createHash } from 'node:crypto'
import { LIMITS } from '../../limits.ts'
import type { ByteSource } from '../device/byte-queue.ts'
import { seededRandom } from '../random.ts'
import { formFields } from './commands.ts'
import { collect } from './web-types.ts'
import type { BodySink, Framing, WebAnswer, WebRequest } from './web-types.ts'

const BLOCK = 64 * 1024
const MARK_EVERY = 4096
const blocks = new Map<number, Buffer>()

/** 64 KiB that belong to a seed. Few are kept: tests use few seeds. */
function block(seed: number): Buffer {
  let bytes = blocks.get(seed)
  if (!bytes) {
    const random = seededRandom(seed)
    bytes = Buffer.from(Array.from({ length: BLOCK }, () => Math.floor(random() * 256)))
    if (blocks.size >= 16) blocks.clear()
    blocks.set(seed, bytes)
  }
  return bytes
}

/**
 * Bytes `from` to `to` of the endless body that belongs to `seed`: a repeated random block whose every 4096th byte position
 * carries its own offset (48-bit big endian), so that lost, doubled and exchanged parts show.
 */
export function blobBytes(seed: number, from: number, to: number): Buffer {
  const first = Math.floor(from / MARK_EVERY) * MARK_EVERY
  const bytes = Buffer.allocUnsafe(Math.ceil((to - first) / MARK_EVERY) * MARK_EVERY)
  const source = block(seed)
  for (let at = 0; at < bytes.length;) {
    const start = (first + at) % BLOCK
    at += source.copy(bytes, at, start)
  }
  for (let at = 0; at < bytes.length; at += MARK_EVERY) bytes.writeUIntBE((first + at) % 2 ** 48, at, 6)
  return bytes.subarray(from - first, to - first)
}

function blobSource(seed: number, size: number): ByteSource {
  let at = 0
  return wanted => {
    if (at >= size) return undefined
    const to = Math.min(size, at + wanted)
    const bytes = blobBytes(seed, at, to)
    at = to
    return bytes
  }
}

const isFraming = (text: string): text is Framing => ['length', 'chunked', 'close'].includes(text)

/**
 * `/blob?bytes=N&seed=S&framing=length|chunked|close`, `/digest` (sha256 and length of the body), `/slow?ms=`, `/echo`.
 * Undefined for other paths.
 */
export function testBody(request: WebRequest, answer: WebAnswer, later: (ms: number, callback: () => void) => void): { readonly sink: BodySink | undefined } | undefined {
  const query = new Map(formFields(request.query))
  const number = (name: string, fallback: number): number => /^\d{1,15}$/.test(query.get(name) ?? '') ? Number(query.get(name)) : fallback
  const wish = query.get('framing') ?? 'length'
  const framing: Framing = isFraming(wish) ? wish : 'length'
  switch (request.path) {
    case '/blob': {
      const size = number('bytes', 1024)
      if (size > LIMITS.simulatedBody.value) answer.send(400, {}, 'too large\r\n')
      else answer.stream(200, { 'Content-Type': 'application/octet-stream' }, framing, size, blobSource(number('seed', 1), size))
      return { sink: undefined }
    }
    case '/digest': {
      const hash = createHash('sha256')
      let length = 0
      return { sink: {
        data(bytes) { hash.update(bytes); length += bytes.length },
        end() { answer.send(200, { 'Content-Type': 'application/json' }, JSON.stringify({ sha256: hash.digest('hex'), length, method: request.method })) },
      } }
    }
    case '/slow':
      later(Math.min(number('ms', 1000), 600_000), () => answer.send(200, { 'Content-Type': 'text/plain' }, 'late\r\n'))
      return { sink: undefined }
    case '/echo':
      return { sink: collect(answer, body => {
        const headers = { 'Content-Type': request.headers.get('content-type') ?? 'application/octet-stream', 'X-Target': request.target, 'X-Method': request.method }
        let left: Buffer | undefined = body
        answer.stream(200, headers, framing, body.length, () => { const all = left; left = undefined; return all && all.length > 0 ? all : undefined })
      }) }
    default: return undefined
  }
}
