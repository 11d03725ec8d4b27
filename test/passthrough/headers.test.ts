/** What goes into a device and what comes out of it besides the body: addresses, cookies, cross-origin access, and what an untrusted device may not say. */
import t from 'tap'
import { CookieJar } from '../../app/passthrough/cookie-jar.ts'
import { inside, refererFor, refreshInside } from '../../app/passthrough/location.ts'
import { stillBed } from './still-bed.ts'
import { ok, serveHttp } from './tunnel-device.ts'

const CHROME = { 'user-agent': 'Mozilla/5.0 (X11) Chrome/1', accept: '*/*', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
const NAVIGATION = { ...CHROME, accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe', 'upgrade-insecure-requests': '1' }

t.test('addresses', async t => {
  const place = { prefix: '/d/passthrough/0090/key', host: 'Devices.example:8443', addresses: () => ['172.16.14.35', 'fec0:9033:0:230:290:33ff:fe41:a'] }
  for (const [address, expected] of [
    ['/login.htm?a=%20', '/d/passthrough/0090/key/login.htm?a=%20'], ['login.htm', 'login.htm'], ['../x', '../x'], ['?a', '?a'],
    ['http://devices.example:8443/x', '/d/passthrough/0090/key/x'], ['https://user@DEVICES.example:8443', '/d/passthrough/0090/key/'], ['//devices.example:8443?x', '/d/passthrough/0090/key/?x'],
    ['http://172.16.14.35/admin.xml', '/d/passthrough/0090/key/admin.xml'], ['https://172.16.14.35:444/y', '/d/passthrough/0090/key/y'], ['http://[fec0:9033:0:230:290:33ff:fe41:a]/z', '/d/passthrough/0090/key/z'],
    ['/d/passthrough/0090/key/there', '/d/passthrough/0090/key/there'], ['http://devices.example:8443/d/passthrough/0090/key/there', '/d/passthrough/0090/key/there'],
    ['https://other.example/', 'https://other.example/'], ['//other.example/', '//other.example/'], ['http://devices.example:8443.evil.example/', 'http://devices.example:8443.evil.example/'], ['mailto:a@b', 'mailto:a@b'],
    ['/d/passthrough/0090/keyother/', '/d/passthrough/0090/key/d/passthrough/0090/keyother/'],
  ] as const) t.equal(inside(address, place), expected, address)
  let asked = 0
  const counting = { ...place, addresses: () => { asked++; return place.addresses() } }
  for (const address of ['/x', 'x', 'http://devices.example:8443/x']) inside(address, counting)
  t.equal(asked, 0, 'nothing is looked up for addresses that name no other host')
  inside('http://172.16.14.35/', counting)
  t.equal(asked, 1)
  t.equal(inside('https://plain.example/x', { ...place, host: 'plain.example' }), '/d/passthrough/0090/key/x')
  t.equal(inside('https://plain.example:443/x', { ...place, host: 'plain.example' }), '/d/passthrough/0090/key/x')
  t.equal(refreshInside('5; url=/x', place), '5; url=/d/passthrough/0090/key/x')
  t.equal(refreshInside("0;URL='/x'", place), "0;URL='/d/passthrough/0090/key/x'")
  t.equal(refreshInside('30', place), '30')
  t.equal(refererFor('https://devices.example:8443/d/passthrough/0090/key/a?b', place), 'http://Devices.example:8443/a?b')
  t.equal(refererFor('https://devices.example:8443/d/passthrough/0090/other/a', place), undefined)
  t.equal(refererFor('https://elsewhere.example/d/passthrough/0090/key/a', place), undefined)
})

t.test('cookies of a device stay here', async t => {
  const bed = stillBed({ cookiesPerDevice: 3, cookieSize: 100 })
  let cookies = ''
  let answer = ''
  serveHttp(bed.device, ({ headers }, connection) => {
    cookies = headers.get('cookie') ?? ''
    connection.write(ok('x', answer))
  })
  const ask = (path: string, set = ''): string => {
    answer = set
    const exchange = bed.request('GET', path, { cookie: 'platform=secret' })
    t.equal(exchange.status, 200)
    t.same(exchange.field('set-cookie'), [])
    return cookies
  }
  t.equal(ask('/', 'Set-Cookie: sid=a=1%20; HttpOnly\r\nSet-Cookie: lang=de; Path=/admin; Max-Age=60\r\n'), '')
  t.equal(ask('/'), 'sid=a=1%20')
  t.equal(ask('/admin/x'), 'lang=de; sid=a=1%20', 'longer paths first')
  t.equal(ask('/administrator'), 'sid=a=1%20')
  bed.pass(61)
  t.equal(ask('/admin/x', 'Set-Cookie: sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT\r\n'), 'sid=a=1%20', 'expired after a minute')
  t.equal(ask('/', `Set-Cookie: big=${'x'.repeat(200)}\r\n`), '', 'deleted')
  t.equal(ask('/', 'Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nSet-Cookie: c=3\r\nSet-Cookie: d=4\r\n'), '', 'too big')
  t.equal(ask('/'), 'b=2; c=3; d=4', 'the oldest went')
  bed.owner.endDevice('d')
  t.equal(ask('/', 'Set-Cookie: e=5\r\n'), '', 'gone with the tunnel')
  t.equal(ask('/'), 'e=5')
  bed.owner.end()
  t.equal(ask('/'), '', 'gone with the session')

  const jar = new CookieJar({ cookiesPerDevice: 50, cookieSize: 4096 })
  jar.store(['a=1; Path=/x; HttpOnly', 'b=2', '__proto__=3', 'c=4\u0001', '=', 'd=5; Domain=other.example; Secure'], '/x/y.htm', 0)
  t.equal(jar.header('/x/z', 1), 'a=1; b=2; d=5')
  t.equal(jar.header('/x/z', 1, true), 'b=2; d=5', 'a script does not see HttpOnly')
  jar.store(['a=9; Path=/x', 'b=7; Path=/x', 'n=1; HttpOnly'], '/x/y', 1, true)
  t.equal(jar.header('/x/z', 1), 'a=1; b=7; d=5', 'a script does not change HttpOnly')
})

t.test('cross-origin access', async t => {
  const bed = stillBed()
  let asked = ''
  serveHttp(bed.device, ({ method, head }, connection) => {
    asked = head
    connection.write(ok(method, 'Access-Control-Allow-Origin: https://evil.example\r\nAccess-Control-Allow-Credentials: false\r\nVary: Accept\r\n'))
  })
  for (const origin of ['null', 'https://app.example']) {
    const answer = bed.request('GET', '/', { ...CHROME, origin })
    t.same(answer.field('access-control-allow-origin'), [origin])
    t.same(answer.field('access-control-allow-credentials'), ['true'])
    t.match(answer.field('access-control-expose-headers')[0], 'Content-Disposition')
    t.same(answer.field('vary'), ['Accept', 'Origin'])
    t.match(asked, '\r\nOrigin: http://devices.example\r\n')
    const preflight = bed.request('OPTIONS', '/x', { ...CHROME, origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x-a, content-type', 'access-control-request-private-network': 'true' })
    t.equal(preflight.status, 204)
    t.same(preflight.field('access-control-allow-methods'), ['PUT'])
    t.same(preflight.field('access-control-allow-headers'), ['x-a, content-type'])
    t.same(preflight.field('access-control-allow-private-network'), ['true'])
  }
  t.equal(bed.request('OPTIONS', '/x', { origin: 'null', 'access-control-request-method': 'PUT' }, 0, 'bad').status, 403)
  t.equal(bed.request('OPTIONS', '/x').text, 'OPTIONS', 'an OPTIONS of its own goes to the device')
  t.same(bed.request('GET', '/').field('access-control-allow-origin'), [])
  t.same(bed.request('GET', '/', { origin: 'null' }, 0, 'bad').field('access-control-allow-origin'), ['null'], 'a refusal can be read')
})

t.test('what a device may not say', async t => {
  const bed = stillBed()
  const said = [
    'Clear-Site-Data: "*"', 'Strict-Transport-Security: max-age=9', 'Public-Key-Pins: x', 'Alt-Svc: h3=":443"', 'Service-Worker-Allowed: /', 'NEL: {}', 'Report-To: {}', 'Reporting-Endpoints: a="/"',
    'Origin-Agent-Cluster: ?1', 'X-Frame-Options: DENY', 'Cross-Origin-Opener-Policy: same-origin', 'Cross-Origin-Embedder-Policy: require-corp', 'Cross-Origin-Resource-Policy: same-origin',
    'Content-Security-Policy-Report-Only: default-src *; report-uri https://evil.example', 'Speculation-Rules: "/x"', 'Use-As-Dictionary: match="/*"', 'Keep-Alive: 5', 'Referrer-Policy: unsafe-url', 'Set-Cookie: a=b',
    'WWW-Authenticate: Basic realm="Devices"', 'Proxy-Authenticate: Basic',
  ]
  const kept = ['ETag: "1"', 'X-Own: 1', 'SourceMap: /x.map', 'X-Content-Type-Options: nosniff', 'Cache-Control: max-age=5', 'Content-Encoding: gzip', 'Last-Modified: x', 'Content-Disposition: attachment']
  serveHttp(bed.device, (_request, connection) => connection.write(ok('x', `${[...said, ...kept, "Content-Security-Policy: default-src 'self'; frame-ancestors 'none'; report-uri /r"].join('\r\n')}\r\n`, '401 Unauthorized')))
  for (const headers of [CHROME, NAVIGATION]) {
    const answer = bed.request('GET', '/', headers)
    t.same(answer.sent.map(([name]) => name).filter(name => said.some(line => line.toLowerCase().startsWith(`${name}:`)) && name !== 'referrer-policy'), [])
    t.same(kept.filter(line => !answer.sent.some(([name, value]) => `${name}: ${value}`.toLowerCase() === line.toLowerCase())), [])
    t.same(answer.field('content-security-policy'), ["default-src 'self'", 'sandbox allow-scripts allow-forms allow-modals allow-popups allow-downloads'])
    t.same(answer.field('referrer-policy'), ['no-referrer'])
  }
  t.equal(bed.request('GET', '/').field('www-authenticate').length, 1, 'a program may be asked for a password')
})

t.test('what a device does not get', async t => {
  const bed = stillBed()
  let head = ''
  serveHttp(bed.device, (request, connection) => {
    head = request.head
    connection.write(ok('x'))
  })
  const referer = 'http://devices.example/i/passthrough/d/device/page?x'
  bed.request('GET', '/', { ...CHROME, origin: 'null', referer, authorization: 'Basic cGxhdGZvcm0=', cookie: 'platform=secret', 'x-own': 'a\u0000b', 'proxy-authorization': 'x' })
  t.match(head, '\r\nReferer: http://devices.example/page?x\r\n')
  t.notMatch(head, /sec-fetch|authorization|cookie|device\/page|x-own/i)
  bed.request('GET', '/', { ...CHROME, authorization: 'Bearer abc' })
  t.match(head, '\r\nAuthorization: Bearer abc\r\n', 'a script may send its own token')
  bed.request('GET', '/', { ...NAVIGATION, authorization: 'Bearer abc' })
  t.notMatch(head, /authorization/i)
  t.equal(bed.request('GET', '/sw.js', { ...CHROME, 'service-worker': 'script' }).status, 403)
  t.equal(bed.request('GET', '/sw.js', { ...CHROME, 'sec-fetch-dest': 'serviceworker' }).status, 403)
  t.equal(bed.request('GET', '/a b').status, 400)
  t.equal(bed.request('GET', '/x', { host: 'a b' }).status, 400)
  t.equal(bed.request('GE T', '/x').status, 400)
  t.equal(bed.request('PUT', '/x', {}, NaN).status, 400)
  t.equal(bed.request('GET', '/x', { 'x-long': 'x'.repeat(20_000) }).status, 431)
})

t.test('a page that is shown never sees the key of the session', async t => {
  const bed = stillBed()
  serveHttp(bed.device, (_request, connection) => connection.write(ok('x')))
  for (const headers of [NAVIGATION, { ...NAVIGATION, 'sec-fetch-dest': 'object', 'sec-fetch-mode': 'no-cors' }, { 'user-agent': 'Mozilla/5.0', accept: 'text/html', 'upgrade-insecure-requests': '1' }]) {
    const answer = bed.request('POST', '/x?a=%2F', headers, 5, 'session')
    t.equal(answer.status, 307)
    t.same(answer.field('location'), [`/i/passthrough/d/${bed.owner.deviceKey('d')}/x?a=%2F`])
  }
  t.equal(bed.request('GET', '/', CHROME, 0, 'session').status, 200)
  t.equal(bed.request('GET', '/', {}, 0, 'session').status, 200)
  t.equal(bed.request('GET', '/', NAVIGATION, 0, 'device').status, 200)
})

t.test('addresses of the passthrough', async t => {
  const { passthrough: { parse } } = stillBed()
  t.same(parse('/passthrough/0090/key/a/b?c=%20/d'), { hwId: '0090', key: 'key', rest: '/a/b?c=%20/d' })
  t.same(parse('/passthrough/00%3A90/key'), { hwId: '00:90', key: 'key', rest: '' })
  t.same(parse('/passthrough/0090/key?x'), { hwId: '0090', key: 'key', rest: '?x' })
  t.same(parse('/passthrough/%zz/key/'), { hwId: '%zz', key: 'key', rest: '/' })
  for (const none of ['/passthrough/0090', '/passthrough//key/', '/other/0090/key/', 'passthrough/a/b/']) t.equal(parse(none), undefined)
})
