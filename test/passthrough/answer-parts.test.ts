/** Head and body of a device's answer in any pieces, and whatever a broken device sends. */
import fc from 'fast-check'
import t from 'tap'
import { ProtocolError } from '../../app/errors.ts'
import { ByteQueue } from '../../app/passthrough/byte-queue.ts'
import { ChunkedBody } from '../../app/passthrough/chunked-body.ts'
import { framingOf, headEnd, HeadCollector, parseHead } from '../../app/passthrough/response-head.ts'

const code = (run: () => unknown): string => {
  try {
    run()
    return 'none'
  } catch (cause) {
    if (cause instanceof ProtocolError) return cause.code
    throw cause
  }
}

t.test('heads', async t => {
  t.equal(headEnd(Buffer.from('HTTP/1.1 200 OK\r\nA: b\r\n\r\nrest')), 25)
  t.equal(headEnd(Buffer.from('HTTP/1.1 200 OK\nA: b\n\nrest')), 22)
  t.equal(headEnd(Buffer.from('HTTP/1.1 200 OK\r\nA: b\r\n\r')), -1)
  t.match(parseHead('HTTP/1.0 404\n\n'), { status: 404, headers: [] })
  t.same(parseHead('HTTP/1.1 200 \r\nServer:  a b \r\nX-Y : \t1\r\nno field\r\n\r\n').headers, [['server', 'a b'], ['x-y', '1']])
  for (const [text, expected] of [
    ['', 'bad-status'], ['HTTP/1.1 99 x', 'bad-status'], ['HTTP/1.1 600 x', 'bad-status'], ['HTTP/1.1 2000 x', 'bad-status'], ['ICY 200 OK', 'bad-status'],
    ['HTTP/1.1 200 OK\r\nA: b\r\n c', 'folded-header'], ['HTTP/1.1 200 OK\r\nA B: c', 'bad-header'], ['HTTP/1.1 200 OK\r\nA: b\rc', 'bad-header'], ['HTTP/1.1 200 OK\r\nA: \u0000', 'bad-header'],
  ] as const) t.same([text, code(() => parseHead(text))], [text, expected])
  const framing = (headers: string, method = 'GET', status = 200) => framingOf(parseHead(`HTTP/1.1 ${status} x\n${headers}\n`), method)
  t.same(framing('Content-Length: 10'), { by: 'length', length: 10 })
  t.same(framing('Transfer-Encoding: Chunked'), { by: 'chunks' })
  t.same(framing('Transfer-Encoding: identity\nContent-Length: 3'), { by: 'length', length: 3 })
  t.same(framing(''), { by: 'close' })
  t.same(framing('Content-Length: 10', 'HEAD'), { by: 'none' })
  t.same(framing('Content-Length: 10', 'GET', 304), { by: 'none' })
  t.same(framing('', 'GET', 204), { by: 'none' })
  for (const bad of ['Content-Length: -1', 'Content-Length: 1, 1', 'Content-Length: 0x10', 'Content-Length: 1\nContent-Length: 1', 'Transfer-Encoding: gzip', 'Content-Length: 1\nTransfer-Encoding: chunked', 'Content-Length: 99999999999999999']) {
    t.same([bad, code(() => framing(bad))], [bad, 'bad-length'])
  }
})

t.test('a head in any pieces is the same head; bytes that are no head never do harm', async t => {
  const heads = fc.tuple(fc.integer({ min: 100, max: 599 }), fc.array(fc.tuple(fc.stringMatching(/^[A-Za-z-]{1,12}$/), fc.stringMatching(/^[ -~]{0,20}$/)), { maxLength: 20 }), fc.constantFrom('\n', '\r\n'))
  fc.assert(fc.property(heads, fc.array(fc.integer({ min: 1, max: 9 })), fc.string(), ([status, fields, eol], cuts, rest) => {
    const text = [`HTTP/1.1 ${status} ok`, ...fields.map(([name, value]) => `${name}: ${value}`), '', ''].join(eol)
    const all = Buffer.from(text + rest)
    const collector = new HeadCollector(64 * 1024)
    for (let at = 0, n = 0; at < all.length; n++) {
      const size = cuts.length > 0 ? cuts[n % cuts.length] as number : all.length
      const found = collector.add(all.subarray(at, at + size))
      if (found) {
        const head = parseHead(found.head)
        return head.status === status && at + found.used === text.length
          && JSON.stringify(head.headers) === JSON.stringify(fields.map(([name, value]) => [name.toLowerCase(), value.trim()]))
      }
      at += size
    }
    return false
  }), { numRuns: 500 })
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
    const collector = new HeadCollector(200)
    code(() => {
      const found = collector.add(bytes)
      if (found) framingOf(parseHead(found.head), 'GET')
    })
  }), { numRuns: 1000 })
  fc.assert(fc.property(fc.string({ unit: 'binary-ascii', maxLength: 200 }), text => {
    code(() => framingOf(parseHead(`HTTP/1.1 200 OK\n${text}\n\n`), 'GET'))
  }), { numRuns: 1000 })
  t.pass('always a head or an error with a code')
})

t.test('chunked coding in any pieces', async t => {
  const read = (coded: Uint8Array, cuts: readonly number[]): { body: Buffer, used: number, done: boolean } => {
    const chunked = new ChunkedBody()
    const parts: Buffer[] = []
    let used = 0
    for (let at = 0, n = 0; at < coded.length && !chunked.done; n++) {
      const size = cuts.length > 0 ? cuts[n % cuts.length] as number : coded.length
      used += chunked.feed(coded.subarray(at, at + size), part => parts.push(Buffer.from(part)))
      at += size
    }
    return { body: Buffer.concat(parts), used, done: chunked.done }
  }
  fc.assert(fc.property(
    fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 })), fc.array(fc.integer({ min: 1, max: 7 })), fc.constantFrom('\r\n', '\n'),
    fc.constantFrom('', ';a=b', ' ; q="1"'), fc.constantFrom('', 'X: 1', 'A: 2\r\nB: 3'), fc.uint8Array({ maxLength: 9 }),
    (chunks, cuts, eol, extension, trailer, after) => {
      const coded = Buffer.concat([
        ...chunks.flatMap(chunk => [Buffer.from(`${chunk.length.toString(16).toUpperCase()}${extension}${eol}`), Buffer.from(chunk), Buffer.from(eol)]),
        Buffer.from(`0${eol}${trailer ? trailer + eol : ''}${eol}`),
      ])
      const { body, used, done } = read(Buffer.concat([coded, Buffer.from(after)]), cuts)
      return done && used === coded.length && body.equals(Buffer.concat(chunks))
    }), { numRuns: 1000 })
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), fc.array(fc.integer({ min: 1, max: 7 })), (bytes, cuts) => { code(() => read(bytes, cuts)) }), { numRuns: 2000 })
  for (const bad of ['x', '\r\n', '5\r\nhelloX', 'fffffffffffffff\r\n', '5\rx', `0\r\n${'a'.repeat(5000)}`, `5;${'a'.repeat(5000)}`]) {
    t.same([bad.slice(0, 20), code(() => read(Buffer.from(bad), []))], [bad.slice(0, 20), 'bad-chunk'])
  }
})

t.test('a queue gives back what went in', async t => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 150 }), fc.integer({ min: 1, max: 17 }), (parts, max) => {
    const queue = new ByteQueue()
    for (const part of parts) queue.push(part)
    const all = Buffer.concat(parts)
    const out = Buffer.alloc(all.length + 1)
    let at = 0
    while (queue.size > 0) {
      const before = queue.size
      const took = queue.readInto(out, at, max)
      if (took !== Math.min(max, before) || queue.size !== before - took) return false
      at += took
    }
    return at === all.length && out.subarray(0, at).equals(all)
  }))
  t.pass('in order')
})
