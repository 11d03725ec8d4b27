/** The files of the apps as every host serves them: compressed, known by their content, in parts. */
import fc from 'fast-check'
import path from 'node:path'
import t, { type Test } from 'tap'
import zlib from 'node:zlib'
import type { Router } from '../../app/hosts/exchange.ts'
import { startAppPlatform } from '../../app/hosts/app-platform/host.ts'
import { startStandalone } from '../../app/hosts/standalone/host.ts'
import { entityTag, rangeOf } from '../../app/site/conditions.ts'
import { Site } from '../../app/site/site.ts'
import { startFakeWebserver } from '../fake-platform/webserver.ts'
import { temporaryFolder } from '../fixtures/service.ts'
import { ask } from './behaviour.ts'

const BASE = '/example.com/devices'
const TEXT = Buffer.from('const text = 1\n'.repeat(1000))
const FONT = Buffer.from(Array.from({ length: 1000 }, (_, n) => n % 251))
const FILES: Readonly<Record<string, Buffer>> = { 'ui_main.js': TEXT, 'ui_font.woff2': FONT, 'ui_empty.txt': Buffer.alloc(0) }

const site = new Site('abc1', name => FILES[name])
const router: Router = {
  request: exchange => { if (!site.serve(exchange, exchange.path.slice(BASE.length), BASE)) exchange.respond(404, []) },
  upgrade: () => ({ status: 404, text: 'no' }),
}

async function everything(t: Test, base: string): Promise<void> {
  const font = `${base}/abc1/font.woff2`
  const main = `${base}/abc1/main.js`
  const get = (url: string, headers: Record<string, string> = {}, method = 'GET'): ReturnType<typeof ask> => ask(url, { method, headers })

  const whole = await get(font)
  const tag = whole.headers.etag ?? ''
  t.match(whole, { status: 200, headers: { 'content-length': '1000', 'cache-control': /immutable/, 'accept-ranges': 'bytes', 'content-type': 'font/woff2', etag: /^"[\w-]{22}"$/ } })
  t.ok(whole.body.equals(FONT))

  // Two forms of a file are two things to a cache.
  const plain = await get(main)
  const gzip = await get(main, { 'accept-encoding': 'gzip, br' })
  t.match(gzip.headers, { 'content-encoding': 'gzip', vary: 'accept-encoding' })
  t.equal(plain.headers.vary, 'accept-encoding')
  t.ok(zlib.gunzipSync(gzip.body).equals(TEXT))
  t.not(gzip.headers.etag, plain.headers.etag)
  t.not(plain.headers.etag, tag)

  t.match(await get(font, { 'if-none-match': tag }), { status: 200, headers: { etag: tag } }, 'in full also when it is known (app-platform-local 3.4)')

  for (const [range, start, end] of [['bytes=0-0', 0, 0], ['bytes=10-19', 10, 19], ['bytes=990-', 990, 999], ['bytes=-5', 995, 999], ['bytes=-5000', 0, 999], ['bytes=998-5000', 998, 999], ['bytes=5-6,20-30', 5, 6]] as const) {
    const part = await get(font, { range })
    t.match(part, { status: 206, headers: { 'content-range': `bytes ${start}-${end}/1000`, 'content-length': String(end - start + 1), etag: tag } }, range)
    t.ok(part.body.equals(FONT.subarray(start, end + 1)), range)
  }
  const packed = await get(main, { range: 'bytes=2-9', 'accept-encoding': 'gzip' })
  t.match(packed, { status: 206, headers: { 'content-encoding': 'gzip', 'content-range': `bytes 2-9/${gzip.body.length}`, etag: gzip.headers.etag } })
  t.ok(packed.body.equals(gzip.body.subarray(2, 10)), 'of the bytes that travel')
  t.match(await get(font, { range: 'bytes=10-19', 'if-range': tag }), { status: 206 })
  for (const stale of ['"other"', `W/${tag}`, 'Sat, 29 Oct 1994 19:43:31 GMT']) t.match(await get(font, { range: 'bytes=10-19', 'if-range': stale }), { status: 200, headers: { 'content-length': '1000' } }, stale)
  t.match(await get(font, { range: 'bytes=1000-' }), { status: 416, headers: { 'content-range': 'bytes */1000' } })
  t.match(await get(`${base}/abc1/empty.txt`, { range: 'bytes=0-' }), { status: 416, headers: { 'content-range': 'bytes */0' } })
  for (const nonsense of ['lines=1-2', 'bytes=']) t.equal((await get(font, { range: nonsense })).status, 200, nonsense)
  t.match(await get(`${base}/font.woff2`, { 'if-none-match': '*', range: 'bytes=1-2' }), { status: 302 })
}

t.test('stand-alone', async t => {
  const host = await startStandalone({ listen: { host: '127.0.0.1', port: 0 }, router, log: () => {} })
  await everything(t, `${host.urls[0]}${BASE}`)
  // The webserver of an App Platform has no message for HEAD of its own.
  const head = await ask(`${host.urls[0]}${BASE}/abc1/font.woff2`, { method: 'HEAD', headers: { range: 'bytes=10-19' } })
  t.match(head, { status: 200, headers: { 'content-length': '1000' } }, 'ranges are for GET')
  await host.stop()
})

t.test('behind the webserver of an App Platform', async t => {
  const socketPath = path.join(temporaryFolder(), 'webserver')
  const webserver = await startFakeWebserver({ socketPath })
  const host = startAppPlatform({ socketPath, webPath: BASE, router, log: () => {} })
  await webserver.registered(BASE)
  await everything(t, `${webserver.url}${BASE}`)
  await host.stop()
  await webserver.stop()
  t.same(webserver.violations, [])
})

t.test('ranges: inside the file, or none, or all of it', async t => {
  const part = fc.tuple(fc.option(fc.nat(200), { nil: '' }), fc.option(fc.nat(200), { nil: '' })).map(([from, to]) => `${from}-${to}`)
  fc.assert(fc.property(fc.oneof(fc.array(part, { minLength: 1, maxLength: 3 }).map(parts => `bytes=${parts.join(',')}`), fc.string()), fc.nat(150), (header, size) => {
    const range = rangeOf(header, undefined, '"t"', size)
    if (typeof range === 'object') t.ok(range.start >= 0 && range.start <= range.end && range.end < size)
  }))
  t.equal(rangeOf('bytes=5-4', undefined, '"t"', 10), undefined)
  t.equal(rangeOf('bytes=-0', undefined, '"t"', 10), 'none')
  t.same(rangeOf('bytes=20-30, 2-3', undefined, '"t"', 10), { start: 2, end: 3 }, 'the first one that is there')
  t.equal(entityTag(Buffer.from('x')), entityTag(Buffer.from('x')))
})
