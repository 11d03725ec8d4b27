import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import type { Test } from 'tap'
import { commandOfUrl, commandText, formFields, parseCommand } from '../../app/simulate/web/commands.ts'
import { Configuration } from '../../app/simulate/web/configuration.ts'
import type { SimulatedDevice } from '../../app/simulate/device/device.ts'
import type { DeviceKind } from '../../app/simulate/device/identity.ts'
import { createSimulator } from '../../app/simulate/simulator.ts'
import { documentService } from './document-service.ts'
import type { DocumentService, Link } from './document-service.ts'

async function open(t: Test, type: DeviceKind = 'phone', identity = {}): Promise<{ link: Link, device: SimulatedDevice, service: DocumentService }> {
  const service = await documentService()
  const simulator = await createSimulator({ url: service.url, type, reconnect: { first: 10, most: 50 }, restartMs: 10, identity: () => identity })
  t.teardown(async () => { await simulator.stop(); await service.stop() })
  await simulator.start()
  const link = await service.link()
  await link.identify()
  const [device] = simulator.devices
  if (!device) throw new Error('no device')
  return { link, device, service }
}
const command = (link: Link, text: string): Promise<string> => link.text(`/!${encodeURIComponent(text)}`)

/** The classifier of device-commands chapter 3, as a service would write it. */
function classify(status: number, body: string): string {
  if (status !== 200) return 'error'
  if (body.trim() === '?') return 'unknown'
  const error = / error="([^"]*)"/.exec(body)?.[1]
  if (error !== undefined) return `failed: ${error}`
  return body.includes('state="ok"') || body.includes('reset="true"') ? 'success' : 'read back'
}

t.test('both spellings are the same command (device-commands 1.2)', async t => {
  const url = commandOfUrl('/PBX0/ADMIN/mod_cmd_login.xml', formFields('cmd=submit-object&cn=Test&e164=111&h323=test'))
  const line = parseCommand('mod cmd PBX0/ADMIN submit-object /cn Test /e164 111 /h323 test')
  if (!url || line.kind !== 'module') throw new Error('no command')
  t.strictSame({ ...line, rest: '' }, url)
  t.equal(commandText(url), 'mod cmd PBX0/ADMIN submit-object /cn Test /e164 111 /h323 test')
  t.equal(commandOfUrl('/nothing.xml', []), undefined)
  t.match(parseCommand('mod cmd UP0 /sync prot http://x/y/ ser 134250'), { verb: 'prot', sync: true, words: ['http://x/y/', 'ser', '134250'] })
  t.match(parseCommand('config change RELAY0 SIP3 /disabled /name a%20b'), { verb: 'change', line: 'RELAY0 SIP3', options: [['disabled', undefined], ['name', 'a%20b']] })
  t.match(parseCommand('mod CMD FLASHMAN0 info'), { kind: 'module', module: 'FLASHMAN0', verb: 'info' })
  t.match(commandOfUrl('/CMD0/mod_cmd.xml', formFields('xsl=x.xsl&cmd=form&redirect=y&userid=z&proxy=&a=b+c%2Bd')), { args: [['proxy', undefined], ['a', 'b c+d']] })
  fc.assert(fc.property(fc.array(fc.tuple(fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/), fc.string({ minLength: 1 })), { maxLength: 6 }), fields => {
    const kept = fields.filter(([name]) => !['cmd', 'redirect', 'xsl', 'userid'].includes(name) && !/pwd|pass|secret|key/.test(name))
    const query = ['cmd=form', ...kept.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)].join('&')
    const fromUrl = commandOfUrl('/A0/mod_cmd.xml', formFields(query))
    const fromLine = fromUrl && parseCommand(commandText(fromUrl))
    return fromLine?.kind === 'module' && JSON.stringify(fromLine.args) === JSON.stringify(fromUrl?.args)
  }))
  fc.assert(fc.property(fc.string({ maxLength: 200 }), text => typeof parseCommand(text).kind === 'string'))
})

t.test('configuration lines survive a round trip through cfg.txt', async t => {
  const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/)
  const line = fc.record({ module: fc.constantFrom('CMD0', 'RELAY0 SIP1', 'PHONE USER'), options: fc.array(fc.tuple(name, fc.option(fc.string({ minLength: 1 }))), { minLength: 1, maxLength: 5 }) })
  fc.assert(fc.property(fc.array(line, { maxLength: 4 }), lines => {
    const first = new Configuration([], 'replace')
    for (const { module, options } of lines) first.edit('change', module, options.map(([key, value]) => [key, value === null ? undefined : encodeURIComponent(value)]))
    const second = new Configuration([], 'replace')
    for (const text of first.text()) {
      const parsed = parseCommand(text)
      if (parsed.kind !== 'config' || !second.run(parsed)) return false
    }
    return JSON.stringify(first.text()) === JSON.stringify(second.text())
  }))
  const merging = new Configuration(['UP1 /url a /poll 15'], 'merge')
  merging.edit('change', 'UP1', [['url', 'b']])
  t.strictSame(merging.text(), ['config change UP1 /url b /poll 15'])
  const replacing = new Configuration(['UP1 /url a /poll 15'], 'replace')
  replacing.edit('change', 'UP1', [['url', 'b']])
  t.strictSame(replacing.text(), ['config change UP1 /url b'])
  replacing.restart()
  t.strictSame(replacing.text(), ['config change UP1 /url a /poll 15'], 'a restart loses what was not written')
})

t.test('the answer classifier table', async t => {
  const { link, device } = await open(t)
  const table: [string, string][] = [
    ['/NOPE/mod_cmd.xml', 'unknown'], ['/CMD0/mod_cmd.xml?cmd=nonsense', 'unknown'], ['/!nonsense', 'unknown'], ['/!mod%20cmd%20NOPE%20x', 'unknown'],
    ['/PRI1/mod_cmd.xml', 'unknown'], ['/!config%20change%20NOPE%20/x', 'unknown'], ['/!config%20nonsense', 'unknown'],
    ['/MEDIA/mod_cmd.xml?cmd=form&stun=a&save=OK', 'success'], ['/!mod%20cmd%20MEDIA%20form%20/stun%20b', 'success'],
    ['/LOG0/CNT/mod_cmd.xml?cmd=xml-count&x=99', 'failed: no such counter'], ['/!mod%20cmd%20UP0%20prot', 'failed: url missing'],
    ['/!config%20write', 'read back'], ['/CMD0/mod_cmd.xml?cmd=xml-info', 'read back'], ['/CMD0/box_info.xml', 'read back'],
    ['/missing.htm', 'error'],
    ['/CMD0/mod_cmd.xml?cmd=reset&xsl=reset.xsl&reset=OK', 'success'],
  ]
  for (const [target, verdict] of table) {
    const answer = await link.get(target)
    t.equal(classify(answer.status, answer.body.toString()), verdict, target)
  }
  t.equal((await link.text('/NOPE/mod_cmd.xml')), '?\r\n')
  await device.untilDisconnected()
})

t.test('cfg.txt: three kinds of lines, volatile ones, write and activate', async t => {
  const { link, service } = await open(t)
  const before = await link.text('/cfg.txt')
  t.match(before, /^config change CMD0 \//m)
  t.match(before, /^vars create UPDATE\/POLL /m)
  t.match(before, /^mod cmd FLASHDIR0 add-item 102 \(info=.*\)\(type=/m)
  t.ok(before.split('\r\n').every(line => line === '' || /^(config change|vars create|mod cmd) /.test(line)))
  const stable = (text: string): string => text.split('\r\n').filter(line => !/^vars create (UPDATE|TLS0\/TICKET)\/|^config change UP1 \/|\)\(type=|\(info=/.test(line)).join('\n')
  const again = await link.text('/cfg.txt')
  t.not(again, before, 'volatile lines differ')
  t.equal(stable(again), stable(before), 'the rest does not')

  t.equal(await command(link, 'config add CMD0 /name Room%201'), 'ok\r\n')
  t.match(await link.text('/cfg.txt'), /config change CMD0 .*\/name Room%201/)
  await command(link, 'config write')
  await command(link, 'config activate')
  t.match(await link.identify(), { name: 'Room 1' }, 'the new name is identified')
  t.match(await link.text('/CMD0/mod_cmd.xml?cmd=xml-info'), /<info name="Room 1"\/>/)
  await command(link, 'config rem CMD0 /name')
  t.notMatch(await link.text('/cfg.txt'), /Room/)

  const upload = await link.http(`POST /cfg.txt HTTP/1.1\r\nContent-Length: ${Buffer.byteLength(again)}\r\n\r\n${again}`)
  t.equal(upload.status, 200)
  t.equal(stable(await link.text('/cfg.txt')), stable(again), 'loading it back restores it')
  t.equal((await link.text('/cfg.txt')).match(/UPDATE\/POLL/g)?.length, 1)

  t.match((await link.get('/cfg.txt?cd=complete-IP811-41-00-04.txt')).headers.get('content-disposition'), ['attachment; filename="complete-IP811-41-00-04.txt"'])
  t.equal((await link.get('/cfg-standard.txt')).status, 200)

  const other = await documentService()
  t.teardown(() => other.stop())
  await command(link, `config change SYSCLIENT /sysadmin ${encodeURIComponent(`${other.url}?token=a&b=c`)}`)
  t.equal(await command(link, 'config activate'), 'ok\r\n', 'answered before the device moves')
  t.match((await other.link()).url, /\?token=a&b=c$/, 'the newest address is used')
  t.equal(service.links.length, 1)
})

t.test('forms, passwords, the Administration log', async t => {
  const { link } = await open(t)
  t.match(await link.text('/PHONE/USER-UI/mod_cmd.xml?cmd=reg-edit-reg&id=0&op=show'), /gk-addr="10\.0\.0\.1"/)
  await link.get('/LOG0/mod_cmd.xml?cmd=form&admin=on&save=OK')
  const form = 'cmd=reg-edit-reg&id=0&op=OK&del=%2Fenable+%2Ffaststart&enable=on&prot=SIP&gk-addr=pbx.example.com&gk-pwd=s3cret&gk-pwd*=s3cret&e164=&xsl=a.xsl&userid=admin'
  t.equal(classify(200, (await link.post('/PHONE/USER-UI/mod_cmd.xml', form)).body.toString()), 'success')
  const shown = await link.text('/PHONE/USER-UI/mod_cmd.xml?cmd=reg-edit-reg&id=0&op=show')
  t.match(shown, /enable="on"/)
  t.match(shown, /gk-addr="pbx\.example\.com"/)
  t.match(shown, /gk-pwd="\*{8}"/)
  t.notMatch(shown, /e164/)
  const log = await link.text('/log.txt')
  t.match(log, /CMD admin@[\d.]+ mod cmd PHONE\/USER-UI reg-edit-reg \/id 0 \/op OK .*\/gk-addr pbx\.example\.com/)
  t.notMatch(log, /s3cret/)
  await link.post('/PHONE/USER-UI/mod_cmd.xml', 'cmd=reg-edit-reg&id=0&op=OK&gk-pwd=********')
  t.match(await link.text('/cfg.txt'), /gk-pwd s3cret/, 'asterisks leave the password as it is')
})

t.test('calls, channels, counters, alarms, certificates', async t => {
  const { link, device } = await open(t)
  t.notMatch(await link.text('/PHONE/APP/mod_cmd.xml?cmd=xml-calls'), /<call /)
  device.setCalls([{ id: 4, state: 'connected', number: '201' }])
  t.match(await link.text('/PHONE/APP/mod_cmd.xml?cmd=xml-calls'), /<call id="4" state="connected"><userB e164="201"\/><\/call>/)
  const counts = await link.text('/LOG0/CNT/mod_cmd.xml?cmd=xml-counts')
  const x = /n="MEM" x="(\d+)"/.exec(counts)?.[1]
  t.match(await link.text(`/LOG0/CNT/mod_cmd.xml?cmd=xml-count&x=${x}&pos=23`), /<info s="\d+"><h><m c="\d+"\/><\/h><\/info>/, 'one minute since the start')
  device.raiseAlarm({ severity: 2, code: '0x00010002', text: 'registration <failed>', time: 1_700_000_000_000 })
  t.match(await link.text('/LOG0/FAULT/mod_cmd.xml?cmd=xml-alarms'), /type="alarm" severity="2" time="1700000000".*<text>registration &#60;failed&#62;<\/text>/)
  t.match(await link.text('/X509/mod_cmd.xml?cmd=xml-info'), /<servercert><certificate subject_cn=/)

  const gateway = await open(t, 'gateway', { pbxActive: true, platform: { type: 'GW' } })
  const idle = await gateway.link.text('/PRI1/mod_cmd.xml')
  t.match(idle, /link="Up" physical="Up"/)
  t.equal(idle.match(/<ch state="Idle"\/>/g)?.length, 31)
  gateway.device.setCalls([{ id: 1, state: 'connected', number: '0' }])
  t.equal((await gateway.link.text('/PRI1/mod_cmd.xml')).match(/<ch state="Idle"\/>/g)?.length, 30)
  t.match(await gateway.link.text('/PBX0/ADMIN/mod_cmd_login.xml?cmd=show&reg=*'), /<reg cn="Venus"\/>/)
  t.match(await gateway.link.text('/PBX0/ADMIN/mod_cmd_login.xml?cmd=download&format=csv&cd=pbx.csv'), /^cn,e164,h323\r\n/)
  t.match(await gateway.link.text('/cfg.txt'), /^mod cmd FLASHDIR0 add-item 101 \(cn=Venus\) \(pbx=</m)
})

t.test('resets: at once, when idle, when needed', async t => {
  const { link, device, service } = await open(t)
  let restarts = 0
  const rebooted = async (): Promise<Link> => { restarts++; const next = await service.link(); await next.identify(); return next }
  await command(link, 'iresetn')
  await command(link, 'resetn')
  t.notMatch(await link.text('/CMD0/box_info.xml'), /reset-required/)
  await command(link, 'vars create X/Y p 1')
  t.match(await link.text('/CMD0/box_info.xml'), /reset-required/)
  device.setCalls([{ id: 1, state: 'connected', number: '0' }])
  await command(link, 'iresetn')
  t.equal((await link.get('/log.txt')).status, 200, 'it waits for the call to end')
  device.setCalls([])
  const second = await rebooted()
  t.notMatch(await second.text('/CMD0/box_info.xml'), /reset-required/)
  await command(second, 'config add CMD0 /name Lost')
  t.match(await second.text('/CMD0/mod_cmd.xml?cmd=reset&reset=OK'), /reset="true"/)
  const third = await rebooted()
  t.notMatch(await third.text('/cfg.txt'), /Lost/)
  t.equal(service.links.length, 1 + restarts, 'the resets that were not needed did not happen')
})

async function fileServer(t: Test): Promise<{ url: string, puts: { url: string, body: string, headers: http.IncomingHttpHeaders }[], gets: string[] }> {
  const puts: { url: string, body: string, headers: http.IncomingHttpHeaders }[] = []
  const gets: string[] = []
  const server = http.createServer((request, response) => {
    const url = (request.url ?? '').split('?')[0] ?? ''
    if (request.method === 'PUT') {
      let body = ''
      request.on('data', piece => { body += String(piece) }).on('end', () => { puts.push({ url, body, headers: request.headers }); response.writeHead(url.includes('denied') ? 401 : 201).end() })
      return
    }
    gets.push(url)
    if (url.endsWith('.bin')) response.end(Buffer.alloc(300_000, 'f'))
    else if (url === '/script') response.end('# comment\r\nmod cmd UP1 check nop 7\r\nconfig add CMD0 /name Scripted\r\nconfig write\r\nconfig activate\r\nnonsense line\r\n')
    else if (url === '/cut') response.writeHead(200, { 'Content-Length': '100' }).write('x', () => response.destroy())
    else response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, puts, gets }
}

t.test('updates are really loaded and run after a restart', async t => {
  const files = await fileServer(t)
  const { link, device, service } = await open(t, 'phone', { fw: 'ip222.bin', bc: 'boot222.bin', product: 'IP222', version: '13r2 dvl [13.4250/131286/1300]', fwBuild: '134250', bcBuild: '131286' })
  t.equal(await command(link, `mod cmd UP0 /sync prot ${files.url}/f/ ser 134250`).then(body => classify(200, body)), 'success')
  t.strictSame(files.gets, [], 'the running build is not loaded again')
  t.equal(classify(200, await command(link, `mod cmd UP0 /sync prot ${files.url}/f/ ser 139999`)), 'success')
  t.equal(classify(200, await command(link, `mod cmd UP0 /sync boot ${files.url}/f/ ser 139998`)), 'success')
  t.strictSame(files.gets, ['/f/ip222.bin', '/f/boot222.bin'], 'the default file name is appended')
  t.equal(device.identity.fwBuild, '134250', 'nothing changes before the restart')
  t.match(await link.text('/CMD0/box_info.xml'), /IP222\[13\.4250\].*reset-required/)
  await command(link, 'iresetn')
  const after = await service.link()
  t.match(await after.identify(), { fwBuild: '139999', bcBuild: '139998', version: '13r2 dvl [13.9999/139998/1300]' })
  t.equal(classify(200, await command(after, `mod cmd UP0 /sync prot ${files.url}/f/ ser 139999`)), 'success')
  t.equal(files.gets.length, 2, 'an equal serial loads nothing')
  t.equal(classify(200, await command(after, `mod cmd UP0 /sync prot ${files.url}/missing ser 140000`)), 'failed: HTTP 404')
  t.match(classify(200, await command(after, `mod cmd UP0 /sync prot ${files.url}/cut ser 140000`)), /^failed: /)
  t.match(classify(200, await command(after, 'mod cmd UP0 /sync prot http://127.0.0.1:1/x ser 140000')), /^failed: .*ECONNREFUSED/)
  t.equal(classify(200, await command(after, 'mod cmd UP0 /sync prot ftp://x/y ser 140000')), 'failed: bad url')
  t.notMatch(await after.text('/CMD0/box_info.xml'), /reset-required/, 'failures change nothing')
})

t.test('backups are really stored, scripts really run', async t => {
  const files = await fileServer(t)
  const { link, device } = await open(t)
  t.equal(classify(200, await command(link, `mod cmd UP0 /sync scfg ${files.url}/backup/#m.txt`)), 'success')
  t.match(files.puts[0]?.url, `/backup/${(device.id.match(/../g) ?? []).join('-')}.txt`)
  t.match(files.puts[0]?.body, /^config change /)
  t.equal(files.puts[0]?.headers['transfer-encoding'], 'chunked')
  t.equal(classify(200, await command(link, `mod cmd UP0 /sync scfg ${files.url}/always ser nop /always vars%20read%20X509%2FSERIAL`)), 'success')
  t.match(files.puts[1]?.body, /^\d+\r\n$/)
  t.equal(classify(200, await command(link, `mod cmd UP0 /sync scfg ${files.url}/denied`)), 'failed: HTTP 401')
  await command(link, `config add UP1 /url ${encodeURIComponent(`${files.url}/script`)}`)
  await command(link, 'config activate')
  t.equal(classify(200, await command(link, 'mod cmd UP1 poll')), 'success')
  await device.until(() => device.identity.name === 'Scripted', 'the name of the script')
  await command(link, 'config add CMD0 /name Later')
  await command(link, 'mod cmd UP1 poll')
  t.notMatch(await link.text('/cfg.txt'), /name Scripted/, 'an equal serial of check stops the script')
  await command(link, 'mod cmd UP1 reinit')
  await command(link, 'mod cmd UP1 poll')
  t.match(await link.text('/cfg.txt'), /name Scripted/)
})
