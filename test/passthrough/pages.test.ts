/** What is altered in documents for browsers, and what this service serves under the prefix of a device. */
import fc from 'fast-check'
import t from 'tap'
import { documentKind, PageRewrite, placeInHtml } from '../../app/passthrough/page-rewrite.ts'
import { stillBed } from './still-bed.ts'
import { ok, serveHttp } from './tunnel-device.ts'

const NAVIGATION = { 'user-agent': 'Mozilla/5.0', accept: 'text/html', 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' }
const PLACE = { prefix: '/i/passthrough/d/device', host: 'devices.example', addresses: () => ['172.16.14.35'] }
const TAGS = { storage: '<S>', stylesheet: '<X>' }

t.test('the place of the script', async t => {
  for (const [before, after] of [
    ['<!DOCTYPE html><html><head>', '<title>x</title>'], ['\ufeff<!-- a > b --> <!doctype html>\n<HTML lang="en">\n<Head class="a">', '<meta charset=x>'],
    ['<!DOCTYPE html>', '<p>'], ['', 'text only'], ['<html>', '<body>'], ['<?xml version="1.0"?><!DOCTYPE html PUBLIC "a" "b"><html xmlns="c"><head>', ''], ['', '<header>'], ['<!---->', '<title>'],
    ['', ''], ['  ', '<h1>'], ['', '<!-- never closed'],
  ] as const) {
    const whole = Buffer.from(before + after)
    t.equal(placeInHtml(whole.toString('latin1'), true), Buffer.byteLength(before), before + after)
    const at = placeInHtml(whole.toString('latin1'), false)
    t.ok(at === undefined || at === Buffer.byteLength(before), `${before + after} in part`)
  }
  t.equal(placeInHtml('\xff\xfe<\0', true), -1, 'UTF-16 is left alone')
  for (const part of ['<', '<!', '<!d', '<!-', '<!--', '<!-- x --', '<h', '<head', '<html a="', '<!DOCTYPE html>', '<?xml', ' ']) t.equal(placeInHtml(part, false), undefined, part)
})

t.test('in any pieces the same', async t => {
  const pieces = fc.array(fc.constantFrom('<!DOCTYPE html>', '<html>', '<head>', '<head x="1">', '<!-- c -->', '<!--', '<title>', 'text', ' ', '<', '<he', '<h1>', '>', '-->'), { maxLength: 12 })
  fc.assert(fc.property(pieces, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (parts, cuts) => {
    const text = parts.join('')
    const place = placeInHtml(text, true) as number
    const page = new PageRewrite([['content-type', 'text/html']], 'html', TAGS, PLACE)
    let out = ''
    for (let at = 0, n = 0; at <= text.length; n++) {
      const size = cuts[n % cuts.length] as number
      const piece = text.slice(at, at + size)
      at += size
      const last = at > text.length
      out += Buffer.from(page.feed(Buffer.from(piece), last) ?? []).toString()
    }
    return out === `${text.slice(0, place)}<S>${text.slice(place)}`
  }), { numRuns: 2000 })
  const long = new PageRewrite([], 'html', TAGS, PLACE)
  let fed = 0
  while (!long.feed(Buffer.from('<!-- endless '), false)) fed++
  t.ok(fed < 1500, 'a start that never ends is not waited for')
})

t.test('which answers', async t => {
  t.equal(documentKind([['content-type', 'Text/HTML ; charset=x']]), 'html')
  t.equal(documentKind([['content-type', 'application/xml']]), 'xml')
  for (const headers of [[['content-type', 'text/plain']], [], [['content-type', 'text/html'], ['content-encoding', 'gzip']], [['content-type', 'text/html'], ['content-disposition', 'attachment; filename=x.htm']]] as [string, string][][]) {
    t.equal(documentKind(headers), undefined)
  }
  const bed = stillBed()
  let coding: string | undefined
  const html = '<!DOCTYPE html><html><head><title>x</title></head></html>'
  const xml = '<?xml version="1.0" encoding="iso-8859-1"?><?xml-stylesheet type="text/xsl" href="x.xsl"?><a/>'
  const answers: Record<string, Buffer> = {
    '/page': ok(html, 'Content-Type: text/html\r\n'), '/close': Buffer.from(`HTTP/1.0 404 no\r\nContent-Type: text/html\r\n\r\n${html}`), '/xml': ok(xml, 'Content-Type: text/xml\r\n'),
    '/chunked': Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n<!\r\n${(html.length - 2).toString(16)}\r\n${html.slice(2)}\r\n0\r\n\r\n`),
    '/css': ok('<?xml-stylesheet type="text/css" href="x"?><a/>', 'Content-Type: text/xml\r\n'), '/empty': ok('', 'Content-Type: text/html\r\n'), '/broken': Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99\r\n\r\n<!'),
  }
  serveHttp(bed.device, ({ target, headers }, connection) => {
    coding = headers.get('accept-encoding')
    connection.write(answers[target.replace(/\?.*/, '')] ?? ok('none'))
    connection.end()
  })
  const expected = '<!DOCTYPE html><html><head><script src="/i/passthrough/d/device/.passthrough/storage.js?%2F'
  for (const path of ['/page?a="<', '/close', '/chunked']) {
    const answer = bed.request('GET', path, { ...NAVIGATION, 'accept-encoding': 'gzip, br' })
    t.ok(answer.text.startsWith(expected) && answer.text.endsWith('"></script><title>x</title></head></html>'), answer.text)
    t.ok(answer.length === undefined || answer.length === answer.text.length)
    t.equal(coding, 'identity')
    t.equal(bed.request('GET', path, { 'user-agent': 'Mozilla/5.0', accept: '*/*', 'accept-encoding': 'gzip, br' }).text, html, 'no navigation: byte-exact')
    t.equal(coding, 'gzip, br')
  }
  const shown = bed.request('GET', '/xml', NAVIGATION)
  t.same(shown.field('content-type'), ['text/html; charset=iso-8859-1'])
  t.ok(shown.text.startsWith('<!DOCTYPE html><script') && shown.text.endsWith(`<plaintext>${xml}`))
  t.match(bed.request('GET', '/css', NAVIGATION), { text: /^<\?xml-stylesheet/, status: 200 })
  t.match(bed.request('GET', '/empty', NAVIGATION), { status: 200, text: /^<script src="[^"]+"><\/script>$/ })
  t.equal(bed.request('GET', '/broken', NAVIGATION).status, 502, 'nothing was delivered yet: a page that says so')
  t.equal(bed.request('HEAD', '/page', NAVIGATION).status, 200)
})

t.test('our own addresses never reach the device', async t => {
  const bed = stillBed({ cookieSize: 100 })
  let asked = 0
  serveHttp(bed.device, (_request, connection) => {
    asked++
    connection.write(ok('x', 'Set-Cookie: hidden=1; HttpOnly; Path=/\r\nSet-Cookie: a="</script>"; Path=/admin\r\n'))
  })
  bed.request('GET', '/admin/x')
  t.equal(asked, 1)
  const script = bed.request('GET', '/.passthrough/storage.js?%2Fadmin%2Fx')
  t.match(script.field('content-type')[0], 'text/javascript')
  t.notMatch(script.text, /<\/script>|hidden/)
  t.ok(script.text.includes('"a=\\"\\u003c/script>\\"", "/admin/x")'))
  const cookies = (path: string, method = 'GET', body = ''): string => {
    const exchange = bed.request(method, `/.passthrough/cookies?${encodeURIComponent(path)}`, { origin: 'null' }, body.length)
    exchange.onData?.(Buffer.from(body), true)
    t.same(exchange.field('access-control-allow-origin'), ['null'])
    return exchange.text
  }
  t.equal(cookies('/admin'), 'a="</script>"')
  t.equal(cookies('/admin/y', 'POST', 'b=2; path=/; HttpOnly'), 'a="</script>"', 'a script makes no HttpOnly cookie')
  t.equal(cookies('/admin/y', 'POST', 'b=2; path=/'), 'a="</script>"; b=2')
  t.equal(cookies('/other', 'POST', 'hidden=changed; path=/'), 'b=2')
  t.equal(cookies('%zz', 'POST', 'b=; max-age=0; path=/'), '')
  const tooLong = bed.request('POST', '/.passthrough/cookies?%2F', {}, undefined)
  tooLong.onData?.(Buffer.alloc(9000), false)
  tooLong.onData?.(Buffer.alloc(9000), true)
  t.equal(tooLong.status, 400)
  t.equal(bed.request('POST', '/.passthrough/cookies?%2F', {}, 9000).status, 400)
  t.equal(bed.request('GET', '/.passthrough/other').status, 404)
  t.equal(asked, 1)
})
