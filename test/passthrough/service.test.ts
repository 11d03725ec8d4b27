/** Tunnels through the executable: real sockets on both sides, and a process whose memory is looked at. */
import t from 'tap'
import { ask } from './bed.ts'
import { startServiceBed } from './service-bed.ts'
import { ok, serveHttp } from './tunnel-device.ts'

t.setTimeout(110_000)

t.test('a redirect to an address of the device itself stays in the tunnel', async t => {
  const bed = await startServiceBed(1)
  t.teardown(() => bed.stop())
  const device = await bed.device(0, { ethIfs: [{ if: 'ETH0', ipv4: '172.16.14.35' }, { if: 'ETH1', ipv6: 'fe80::290:33ff:fe41:80be' }] })
  serveHttp(device, ({ target }, connection) => connection.write(ok('', `Location: ${decodeURIComponent(target.slice(2))}\r\n`, '302 Found')))
  const prefix = bed.prefix(0)
  for (const [location, expected] of [
    ['http://172.16.14.35/admin.xml', `${prefix}/admin.xml`], ['https://[fe80::290:33ff:fe41:80be]:443/a?b', `${prefix}/a?b`], ['/login', `${prefix}/login`],
    ['http://172.16.14.36/admin.xml', 'http://172.16.14.36/admin.xml'], ['https://example.org/', 'https://example.org/'],
  ] as const) t.equal((await ask(bed.port, `${prefix}/?${encodeURIComponent(location)}`)).headers.location, expected, location)
  t.same(device.complaints, [])
})
