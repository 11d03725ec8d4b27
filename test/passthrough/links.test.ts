/** Links with an absolute path in documents of devices (HTML Standard 13.2.5): under the prefix, and nothing else changed. */
import fc from 'fast-check'
import t from 'tap'
import { PageLinks } from '../../app/passthrough/page-links.ts'
import { stillBed } from './still-bed.ts'
import { serveHttp } from './tunnel-device.ts'

const P = '/i/passthrough/d/device'
const PLACE = { prefix: P, host: 'devices.example', addresses: () => ['172.16.14.35'] }

function led(html: string, cuts: readonly number[] = [html.length + 1]): string {
  const links = new PageLinks(PLACE)
  const bytes = Buffer.from(html)
  const parts: Buffer[] = []
  for (let at = 0, n = 0; at <= bytes.length; n++) {
    const size = cuts[n % cuts.length] as number
    parts.push(links.feed(bytes.subarray(at, at + size), at + size > bytes.length))
    at += size
  }
  return Buffer.concat(parts).toString()
}

t.test('what is led back', async t => {
  for (const [before, after] of [
    ['<a href="/x">', `<a href="${P}/x">`], ["<A HREF = '/x?a=&amp;b#c'>/x</A>", `<A HREF = '${P}/x?a=&amp;b#c'>/x</A>`], ['<a href=/x>', `<a href=${P}/x>`], ['<a class=b href=/x/>', `<a class=b href=${P}/x/>`],
    ['<form action="/save" method=post><button formaction="/y">', `<form action="${P}/save" method=post><button formaction="${P}/y">`],
    ['<img alt="a > b" src="/i.png" srcset="/a.png 1x, b.png 2x,/c.png 3x">', `<img alt="a > b" src="${P}/i.png" srcset="${P}/a.png 1x, b.png 2x,${P}/c.png 3x">`],
    ['<base href="/ui/">', `<base href="${P}/ui/">`], ['<meta http-equiv="Refresh" content="0; url=/next">', `<meta http-equiv="Refresh" content="0; url=${P}/next">`],
    ['<a href="http://devices.example/x">', `<a href="${P}/x">`], ['<a href="http://172.16.14.35/x">', `<a href="${P}/x">`], ['<a href="/">', `<a href="${P}/">`],
    ['<style>a{b:url(/x.png)} c{d:url( "/y")} @import "/z";</style><i style="e:url(/f)">', `<style>a{b:url(${P}/x.png)} c{d:url( "${P}/y")} @import "${P}/z";</style><i style="e:url(${P}/f)">`],
    ['<script>if (a < b) "<a href=\\"/x\\">"</script><script src="/s.js"></script>', `<script>if (a < b) "<a href=\\"/x\\">"</script><script src="${P}/s.js"></script>`],
    ['<p>1 < 2 <b><a href="/x">', `<p>1 < 2 <b><a href="${P}/x">`], ['<!----><a href="/x">', `<!----><a href="${P}/x">`], ['<!--> <a href="/x">', `<!--> <a href="${P}/x">`], ['<use xlink:href="/s.svg#a">', `<use xlink:href="${P}/s.svg#a">`],
  ] as const) {
    t.equal(led(before), after, before)
    t.equal(led(after), after, 'not twice')
    for (const size of [1, 2, 3, 7]) t.equal(led(before, [size]), after, `${before} in pieces of ${size}`)
  }
  const long = `<a href="/long${'x'.repeat(40_000)}"><a href="/y">`
  t.ok(led(long, [8_000]) === long.replace('/y', `${P}/y`), 'a tag without end is not waited for')
})

t.test('what stays', async t => {
  for (const html of [
    '<a href="x">', '<a href="../x">', '<a href="?x">', '<a href="#x">', '<a href="//other.example/x">', '<a href="https://other.example/x">', '<a href="mailto:a@b">', '<a href="javascript:go(\'/x\')">', '<a href="data:,/x">', '<a href="">',
    '<a data-href="/x" title="/x">', '<p>/x href="/x"</p>', '<!-- <a href="/x"> -->', '<!-- > <a href="/x"> -- --!>', '<script>var a = \'<img src="/x">\'</script>', '<textarea><a href="/x"></textarea>', '<title><a href="/x"></title>',
    '<style>a{b:url(x.png) url(//o/x) url(data:/x)} /* "/x" */</style>', '<meta name="content" content="/x">', '<a href="/x', '<a href=/x', '<', '<!', '<a', '</a href="/x">', '<plaintext><a href="/x">', '<?php href="/x"', '<img srcset="a.png, b.png 2x">',
    '<style>a{b:url(/x', '<a href="\u00e4"> \u20ac',
  ]) {
    const expected = html === '<style>a{b:url(/x' ? `<style>a{b:url(${P}/x` : html
    t.equal(led(html), expected, html)
    t.equal(led(html, [1]), expected, `${html} byte by byte`)
  }
})

t.test('in any pieces the same, and nothing but prefixes is added', async () => {
  const token = fc.constantFrom('<a ', 'href', '=', '"', "'", '/x', ' ', '>', '<', '/', '<!--', '-->', '<script>', '</script>', '<style>', '</style>', 'url(/y)', 'srcset="/a 1x, /b"', '<title>', '</title>', 'text', '<img src=/z>', '\u00e4', '@import "/q"')
  fc.assert(fc.property(fc.array(token, { maxLength: 25 }), fc.array(fc.integer({ min: 1, max: 11 }), { minLength: 1 }), (tokens, cuts) => {
    const html = tokens.join('')
    const whole = led(html)
    return led(html, cuts) === whole && whole.replaceAll(P, '') === html
  }), { numRuns: 4000 })
})

t.test('modules', async t => {
  const map = `<script type="importmap">{"imports":{"/":"${P}/","${P}/":"${P}/"}}</script>`
  t.equal(led('<script type="module" src="a.js"></script><script type=module></script>'), `${map}<script type="module" src="a.js"></script><script type=module></script>`, 'once')
  t.equal(led('<link rel=modulepreload href=/a.js>'), `${map}<link rel=modulepreload href=${P}/a.js>`)
  const own = '<script type="importmap">{}</script><script type="module" src="a.js"></script>'
  t.equal(led(own), own, 'a map of its own')
})

t.test('in documents only', async t => {
  const bed = stillBed()
  const html = '<html><head></head><body><a href="/x">'
  serveHttp(bed.device, ({ target }, connection) => {
    connection.write(Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: ${target === '/css' ? 'text/css' : 'text/html'}\r\nContent-Length: 20038\r\n\r\n${html}`))
    connection.write(Buffer.from('<i>'.padEnd(20_000, ' ')))
  })
  const navigation = { 'user-agent': 'Mozilla/5.0', 'sec-fetch-dest': 'iframe', 'sec-fetch-mode': 'navigate' }
  t.match(bed.request('GET', '/page', navigation).text, `<a href="${P}/x"><i>`)
  t.ok(bed.request('GET', '/page', navigation).text.endsWith(' '.repeat(19_000)))
  t.match(bed.request('GET', '/page', { 'user-agent': 'Mozilla/5.0', 'sec-fetch-dest': 'empty' }).text, '<a href="/x"><i>')
  t.match(bed.request('GET', '/page').text, '<a href="/x"><i>')
  t.match(bed.request('GET', '/css', navigation).text, '<a href="/x"><i>')
})
