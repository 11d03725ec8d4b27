/** What the modules of a device answer to their verbs (device-commands chapters 2 and 3). A verb that is not listed answers `?`. */
import type { Box } from './box.ts'
import { decoded, encoded, isSecretName } from './commands.ts'
import type { Argument, ModuleCommand } from './commands.ts'
import { PBX_OBJECTS } from './factory-settings.ts'
import { channels, counterList, counterValues } from './gauges.ts'
import { DONE, RESET, UNKNOWN, failed } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { element, textElement } from './xml.ts'

type Verb = (box: Box, command: ModuleCommand) => Outcome

const argument = (command: ModuleCommand, name: string): string | undefined => command.args.find(([key]) => key === name)?.[1]
const has = (command: ModuleCommand, name: string): boolean => command.args.some(([key]) => key === name)
const info = (attributes: Readonly<Record<string, string | number | undefined>>, children = ''): Outcome =>
  ({ is: 'xml', xml: element('info', attributes, children) })

/** Buttons and words of forms that are no options. */
const NO_OPTION = new Set(['save', 'op', 'del', 'id'])
const UNCHANGED = '********'

/** Stores the fields of a form: `on` is a flag, empty removes, `del` lists flags to remove, asterisks leave a password as it is (device-commands 1.2, 2.5). */
function storeForm(box: Box, line: string, args: readonly Argument[]): Outcome {
  const removed = new Set<string>()
  for (const [name, value] of args) if (name === 'del') for (const flag of (value ?? '').split(/[ +]+/)) removed.add(decoded(flag).replace(/^\//, ''))
  const set: Argument[] = []
  for (const [name, value] of args) {
    if (NO_OPTION.has(name) || name.endsWith('*') || value === UNCHANGED) continue
    if (value === undefined) removed.add(name)
    else set.push([name, value === 'on' ? undefined : encoded(value)])
  }
  if (removed.size > 0) box.configuration.edit('rem', line, [...removed].map((name): Argument => [name, undefined]))
  if (set.length > 0 && !box.configuration.edit('add', line, set)) return failed('no space')
  box.configuration.write()
  box.activate()
  return DONE
}

function shownOptions(box: Box, line: string): Record<string, string> {
  const shown: Record<string, string> = {}
  for (const [name, value] of box.configuration.line(line)) shown[name] = isSecretName(name) ? UNCHANGED : value === undefined ? 'on' : decoded(value)
  return shown
}

/** `…/USER-UI?cmd=reg-edit-reg&id=<n>&op=show|OK`: id counts from 0 (device-commands 2.5). */
const editRegistration: Verb = (box, command) => {
  const id = argument(command, 'id') ?? '0'
  if (!/^\d$/.test(id)) return failed('bad id')
  const line = `PHONE REG${id}`
  return argument(command, 'op') === 'show' ? info({ id, ...shownOptions(box, line) }) : storeForm(box, line, command.args)
}

const reset: Verb = (box, command) => {
  if (!has(command, 'reset')) return info({})
  box.reset('reset')
  return RESET
}

const certificates: Verb = box => info({}, element('servercert', {}, element('certificate', {
  subject_cn: box.host.identity.id, issuer_cn: 'innovaphone Device Certification Authority',
  not_before: 'Thu, 01 Jan 2015 00:00:00 GMT', not_after: 'Sat, 01 Jan 2050 00:00:00 GMT',
})))

const alarms: Verb = box => info({}, box.alarms.map(alarm => element('fault', {
  type: 'alarm', severity: alarm.severity, time: Math.floor(alarm.time / 1000), code: alarm.code, serial: box.host.identity.id,
}, textElement('text', alarm.text))).join(''))

const calls: Verb = box => info({}, box.calls.map(call => element('call', { id: call.id, state: call.state }, element('userB', { e164: call.number }))).join(''))

const dectUsers: Verb = () => info({}, element('user', { cn: 'Handset 1', dn: 'Handset 1', guid: '1', usn: 1, e164: '301', h323: 'handset1' }, element('gw', { ac: '', ipei: '' })) +
  element('master-id', { 'master-id': 0 }))

/** Objects and registrations of the PBX; as CSV or XML file with `cmd=download`. */
const pbxShow: Verb = (box, command) => {
  if (!box.host.identity.pbxActive) return info({})
  if (has(command, 'reg')) return info({}, PBX_OBJECTS.slice(0, 2).map(object => element('reg', { cn: object.cn })).join(''))
  const wanted = argument(command, 'user-guid')
  return info({}, PBX_OBJECTS.filter(object => wanted === undefined || object.guid === wanted)
    .map(object => element('user', { guid: object.guid, cn: object.cn, dn: object.cn, e164: object.e164, h323: object.h323, node: 'root', loc: '.' })).join(''))
}
const pbxDownload: Verb = (box, command) => argument(command, 'format') === 'csv'
  ? { is: 'text', type: 'text/csv', text: ['cn,e164,h323', ...PBX_OBJECTS.map(object => `${object.cn},${object.e164},${object.h323}`), ''].join('\r\n') }
  : pbxShow(box, { ...command, args: [] })
const pbxLicences: Verb = box => box.host.identity.pbxActive
  ? info({ 'cmd-lics-time': 864000 }, element('lic', { name: 'Port', count: 10, used: PBX_OBJECTS.length }))
  : info({})
const submitObject: Verb = (_box, command) => argument(command, 'cn') ? DONE : failed('cn missing')

/** `MODULE[/SUB] verb`; an empty verb is the state of the module. */
const VERBS: Readonly<Record<string, Verb>> = {
  'CMD0 xml-info': box => info({ name: box.host.identity.name ?? '' }),
  'CMD0 reset': reset,
  'X509 xml-info': certificates,
  'LOG0/CNT xml-counts': () => info({}, counterList()),
  'LOG0/CNT xml-count': (box, command) => {
    const counter = counterValues(box, argument(command, 'x') ?? '')
    return counter ? info({ s: counter.scale }, counter.xml) : failed('no such counter')
  },
  'LOG0/FAULT xml-alarms': alarms,
  'LOG0/FAULT xml-faults': alarms,
  'PHONE/APP xml-calls': calls,
  'PHONE/USER-UI reg-edit-reg': editRegistration,
  'PHONE/CONF-UI phone-ring': () => DONE,
  'PBX0/ADMIN ': pbxLicences,
  'PBX0/ADMIN show': pbxShow,
  'PBX0/ADMIN download': pbxDownload,
  'PBX0/ADMIN submit-object': submitObject,
  'GW-DECT show': dectUsers,
  'GW-DECT submit-user': submitObject,
  'GW-DECT/MASTER ': () => info({ mode: 'active' }),
  'GW-DECT/MASTER xml-radios': () => info({}, element('radio', { name: 'Radio 1' })),
  'CDR0 test-cdr': () => DONE,
  'CPU mips-usage': () => ({ is: 'text', text: 'cpu 7%\r\n' }),
  'FLASHMAN0 info': () => ({ is: 'text', text: 'segments 128 used 41\r\n' }),
  'IP0 tcp-sockets': () => ({ is: 'text', text: 'tcp 80 listen\r\ntcp 443 listen\r\n' }),
  'IP0 udp-sockets': () => ({ is: 'text', text: 'udp 5060\r\n' }),
  'X509 servercert-create': () => DONE,
  'FLASHDIR0 add-item': (_box, command) => command.words.length === 0 ? failed('directory missing') : DONE,
}

export function moduleOutcome(box: Box, command: ModuleCommand): Outcome {
  const name = command.sub === '' ? command.module : `${command.module}/${command.sub}`
  const verb = VERBS[`${name} ${command.verb}`]
  if (verb) return verb(box, command)
  if (command.verb === 'form') return argument(command, 'op') === 'show' ? state(box, command) : storeForm(box, name.replace('/', ' '), command.args)
  if (command.verb === '' && command.args.length === 0) return state(box, command)
  return UNKNOWN
}

/** The module's state: for interfaces with channels their link, else its options. */
function state(box: Box, command: ModuleCommand): Outcome {
  const name = command.sub === '' ? command.module : `${command.module}/${command.sub}`
  if (/^(PRI|BRI|TEL)\d$/.test(name)) return info({ link: 'Up', physical: 'Up' }, channels(box, name))
  return info(shownOptions(box, name.replace('/', ' ')))
}
