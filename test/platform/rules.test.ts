/** The pure parts under a manager: arguments, log flags and files, messages, machine, alarms, certificate. */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { ProtocolError } from '../../app/errors.ts'
import { Alarms } from '../../app/platform/alarms.ts'
import { platformArguments } from '../../app/platform/arguments.ts'
import { certificateTrouble } from '../../app/platform/certificate.ts'
import { isShown, parseFlags } from '../../app/platform/log-flags.ts'
import { LogFiles } from '../../app/platform/log-files.ts'
import { encodeManagerMessage, ManagerReader } from '../../app/platform/manager-frames.ts'
import { next, START, type Input, type State } from '../../app/platform/manager-machine.ts'
import { FROM_MANAGER, readManagerMessage, TO_MANAGER, type Alarm, type ManagerMessage } from '../../app/platform/manager-messages.ts'
import { normalWebPath } from '../../app/platform/instances.ts'
import { temporaryFolder } from '../fixtures/service.ts'

t.test('arguments', async t => {
  t.equal(platformArguments(['--listen=1', 'simulate']), undefined)
  t.equal(platformArguments(['--manager=']), undefined)
  const shown = (given: readonly string[]): object => {
    const { logFlags, ...others } = platformArguments(given) ?? { logFlags: undefined }
    return { ...others, logFlags: String(logFlags) }
  }
  t.match(shown(['x=1', 'manager=no', '--manager=/a', '--unknown', '--service-id=', '--manager=/b=c', '--log-flags=0x8003', '--log-size=5', '--segfaulted', '--disable-hexdumps', '--tz=CET-1CEST,M3.5.0']),
    { manager: '/b=c', serviceId: '', logFlags: '32771', logSize: 5, segfaulted: true, tz: 'CET-1CEST,M3.5.0', dns: '', listen: undefined })
  t.match(shown(['--manager=/a', '--log-flags=junk', '--log-size=-1']), { serviceId: 'generic', logFlags: 'undefined', logSize: undefined })
})

t.test('log flags', async t => {
  t.same(['32771', '0x8003', '0100003', '0', '18446744073709551615', '18446744073709551616', '', 'x', '089', '-1'].map(text => String(parseFlags(text))),
    ['32771', '32771', '32771', '0', '18446744073709551615', 'undefined', 'undefined', 'undefined', 'undefined', 'undefined'])
  t.ok(isShown(0n, 'host', 'warn'))
  t.notOk(isShown(1n, 'host', 'info'))
  t.ok(isShown(0x2000n, 'host', 'info'))
  t.ok(isShown(1n, 'tasks', 'info'))
})

t.test('log files: line format, size, five files, the newest goes on', async t => {
  const folder = temporaryFolder()
  let now = Date.UTC(2024, 1, 3, 4, 5, 6, 7)
  const fallback: string[] = []
  const open = (): LogFiles => new LogFiles({ folder, name: 'devices', now: () => now, fallback: line => fallback.push(line) })
  const logs = open()
  logs.service('room')('info', 'hello\nforged')
  logs.instance('a@b', () => 0n)('room')('info', 'not wanted')
  logs.instance('a@b', () => 1n)('room')('error', 'wanted')
  const files = (): string[] => fs.readdirSync(path.join(folder, 'devices')).sort()
  t.same(files(), ['devices-2024-02-03T04_05_06Z_007.txt'])
  t.equal(fs.readFileSync(path.join(folder, 'devices', files()[0] ?? ''), 'utf8'), '02-03 04:05:06.007 room: hello forged\n02-03 04:05:06.007 a@b error room: wanted\n')
  logs.close()
  const again = open()
  t.equal(files().length, 1, 'goes on')
  again.size = 50
  for (let n = 0; n < 20; n++) {
    now += 1000
    again.service('room')('info', `line ${n} ${'x'.repeat(60)}`)
  }
  t.equal(files().length, 5)
  t.match(fs.readFileSync(path.join(folder, 'devices', files().at(-1) ?? ''), 'utf8'), /line 19/)
  again.enabled = false
  again.service('room')('error', 'silent')
  again.close()
  t.same(fallback, [])
  new LogFiles({ folder: '/proc/nowhere', name: 'x', now: () => now, fallback: line => fallback.push(line) }).service('room')('warn', 'no file')
  t.match(fallback, [/warn room: no file\n$/])
})

t.test('frames and messages: any bytes, any JSON', async t => {
  fc.assert(fc.property(fc.array(fc.jsonValue(), { maxLength: 5 }), fc.integer({ min: 1, max: 40 }), (values, size) => {
    const all = Buffer.concat(values.map(value => encodeManagerMessage({ value })))
    const reader = new ManagerReader()
    const texts: string[] = []
    for (let at = 0; at < all.length; at += size) texts.push(...reader.read(all.subarray(at, at + size)))
    t.same(texts.map(text => JSON.parse(text) as unknown), JSON.parse(JSON.stringify(values.map(value => ({ value })))))
  }), { numRuns: 50 })
  t.throws(() => new ManagerReader().read(Buffer.from('7fffffff', 'hex')), ProtocolError)
  const tried = (json: string): void => {
    try {
      readManagerMessage(json)
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause
    }
  }
  fc.assert(fc.property(fc.string(), tried))
  fc.assert(fc.property(fc.constantFrom(...Object.keys(FROM_MANAGER)), fc.dictionary(fc.constantFrom('instance', 'appName', 'appDomain', 'logFlags', 'cert', 'dns', 'pwd', 'domain', 'enable'), fc.jsonValue()), (mt, fields) => tried(JSON.stringify({ ...fields, mt }))))
  try {
    readManagerMessage('{"mt":"AppDomain","appName":"a","appDomain":"b","domain":5,"pwd":"secret"}')
  } catch (cause) {
    t.notMatch(String(cause), /secret/)
  }
  const start = readManagerMessage('{"mt":"AppStart","instance":{"appName":"a","appDomain":"b","appPassword":null,"logFlags":"0x10"}}')
  if (start?.mt !== 'AppStart') return void t.fail('AppStart')
  t.same([start.instance.appPassword, start.instance.dbHost, String(start.instance.logFlags)], ['', '', '16'])
  t.equal(readManagerMessage('{"mt":"toString"}'), undefined)
  t.equal(JSON.stringify(TO_MANAGER.AppAlarm('s', { appName: 'a', appDomain: 'b', type: 0, severity: 2, code: 1, time: 5, text: 't', details: '' })),
    '{"mt":"AppAlarm","serviceID":"s","appName":"a","appDomain":"b","type":0,"severity":2,"code":1,"time":5,"text":"t","details":""}')
})

t.test('machine: every start is told once, every stop once, and in the end it exits', async t => {
  const instance = (name: string): ManagerMessage => readManagerMessage(`{"mt":"AppStart","instance":{"appName":"${name}","appDomain":"d"}}`) as ManagerMessage
  const message = (name: string, mt: string): Input => ({ kind: 'message', message: mt === 'AppStart' ? instance(name) : readManagerMessage(`{"mt":"${mt}","instance":{"appName":"${name}","appDomain":"d"}}`) as ManagerMessage })
  const inputs = fc.array(fc.oneof(
    { weight: 8, arbitrary: fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('AppStart', 'AppStop')).map(([name, mt]) => message(name, mt)) },
    { weight: 4, arbitrary: fc.constantFrom('a@d', 'b@d').map<Input>(key => ({ kind: 'stopped', key })) },
    { weight: 1, arbitrary: fc.constantFrom<Input>({ kind: 'signal' }, { kind: 'closed' }, { kind: 'message', message: readManagerMessage('{"mt":"AppServiceStop"}') as ManagerMessage }) }))
  fc.assert(fc.property(inputs, list => {
    let state: State = next(START, { kind: 'connected' }).state
    const up = new Map<string, boolean>()
    const alive = new Set<string>()
    const feed = (input: Input): void => {
      // Only what was started can stop.
      if (input.kind === 'stopped' && !alive.delete(input.key)) return
      const step = next(state, input)
      state = step.state
      for (const effect of step.effects) {
        if (effect.do === 'status') {
          const key = `${effect.given.appName}@${effect.given.appDomain}`
          t.not(up.get(key) ?? false, effect.up, 'a change')
          up.set(key, effect.up)
        }
        if (effect.do === 'start') alive.add(`${effect.given.appName}@${effect.given.appDomain}`)
      }
    }
    list.forEach(feed)
    feed({ kind: 'signal' })
    for (const key of [...alive]) feed({ kind: 'stopped', key })
    feed({ kind: 'closed' })
    t.equal(state.at, 'ended')
  }), { numRuns: 200 })
  t.equal(next(START, { kind: 'unreachable' }).state.at, 'ended')
})

t.test('alarms: set once, cleared once', async t => {
  const sent: Alarm[] = []
  const alarms = new Alarms(alarm => sent.push(alarm), () => 5_999)
  const source = { appName: 'a', appDomain: 'b' }
  alarms.clear('databaseNotWritable', source)
  alarms.set('databaseNotWritable', 'full', source)
  alarms.set('databaseNotWritable', 'full', source)
  alarms.set('databaseNotWritable', 'full')
  alarms.clearAll(source)
  t.same(sent, [
    { ...source, type: 0, severity: 2, code: 1, time: 5, text: 'full', details: '' }, { type: 0, severity: 2, code: 1, time: 5, text: 'full', details: '' },
    { ...source, type: 1, severity: 2, code: 1, time: 5, text: 'full', details: '' },
  ])
})

t.test('certificate', async t => {
  const folder = temporaryFolder()
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${folder}/key`, '-out', `${folder}/cert`, '-days', '60', '-subj', '/CN=ap'], { stdio: 'ignore' })
  const pem = fs.readFileSync(`${folder}/key`, 'utf8') + fs.readFileSync(`${folder}/cert`, 'utf8')
  const day = 24 * 3600_000
  t.equal(certificateTrouble('', Date.now()), undefined)
  t.equal(certificateTrouble(pem, Date.now()), undefined)
  t.match(certificateTrouble(pem, Date.now() + 40 * day), /expires on/)
  t.match(certificateTrouble(pem, Date.now() + 70 * day), /has expired/)
  t.match(certificateTrouble('junk', 0), /cannot be read/)
})

t.test('web path: one slash in front', async t => {
  const names = { appName: 'inst1', appDomain: 'example.com' }
  for (const given of ['/example.com/inst1', 'example.com/inst1', '', '//example.com/inst1/']) t.equal(normalWebPath(given, names), '/example.com/inst1')
})
