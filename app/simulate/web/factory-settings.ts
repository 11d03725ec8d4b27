/** Modules of each kind of device and the configuration it starts with (device-commands chapter 2). */
import type { DeviceKind, Identity } from '../device/identity.ts'
import type { Random } from '../random.ts'
import { encoded } from './commands.ts'
import type { Variable } from './box.ts'

const EVERYWHERE = [
  'CMD0', 'IP0', 'IP1', 'ETH0', 'ETH1', 'SYSCLIENT', 'SYSCLIENT2', 'UP0', 'UP1', 'LOG0', 'NTP0', 'MEDIA', 'TLS0', 'X509', 'HTTP0', 'HTTPCLIENT0',
  'SNMP0', 'FLASHDIR0', 'FLASHMAN0', 'CPU', 'CDR0', 'DHCP0', 'LDAP0', 'VOIP',
]
const OF_KIND: Readonly<Record<DeviceKind, readonly string[]>> = {
  phone: ['PHONE'],
  gateway: ['RELAY0', 'PBX0', 'PRI1', 'PRI2', 'TEL1', 'TEL2', 'TEL3', 'TEL4', 'GW-DECT'],
  va: ['RELAY0', 'PBX0'],
  dect: ['GW-DECT', 'PBX0'],
  'app-platform': [],
}
const modules = new Map<DeviceKind, ReadonlySet<string>>()

/** Whether such a device has this module; all others answer `?`. */
export function hasModule(kind: DeviceKind, module: string): boolean {
  let known = modules.get(kind)
  if (!known) modules.set(kind, known = new Set([...EVERYWHERE, ...OF_KIND[kind]]))
  return known.has(module)
}

/** The `config change` lines of a fresh device, without the words `config change`. */
export function initialLines(kind: DeviceKind, identity: Identity, url: string, updateUrl = 'http://config.innovaphone.com/init'): string[] {
  const address = identity.ethIfs?.[0]?.ipv4
  const lines = [
    `CMD0${identity.name ? ` /name ${encoded(identity.name)}` : ' /no-telnet'}`,
    `ETH0 /mode client${address ? ` /addr ${address} /mask 255.255.0.0` : ''}`,
    'IP0 /rtp-port 16384 /rtp-num 16384 /tos-rtp 0xb8 /tos-sig 0x68',
    ...(url === '' ? [] : [`SYSCLIENT /sysadmin ${encoded(url)}`]),
    `UP1 /url ${encoded(updateUrl)} /poll 15`,
    'HTTP0 /port 80 /https-port 443',
  ]
  if (kind === 'phone') lines.push('PHONE USER /tones 0', 'PHONE REG0 /enable /prot H323 /gk-addr 10.0.0.1 /e164 101 /coder.model G711A /coder.frame 60')
  if (kind === 'gateway') lines.push('RELAY0 SIP1 /disabled', 'RELAY0 TEL1 /provisioning', 'RELAY0 PRI1 /name Trunk%201', 'PRI1 /tei 0')
  if (kind === 'dect') lines.push('GW-DECT MASTER /mode active')
  if (identity.pbxActive) lines.push('PBX0 /name pbx /domain example.com')
  return lines
}

/** Variables of a fresh device; those named UPDATE/ and TLS0/TICKET/ change by themselves (device-commands 1.1). */
export const initialVariables = (random: Random): [string, Variable][] => [
  ['X509/SERIAL', { flags: 'p', value: String(Math.floor(random() * 2 ** 31)) }],
]

/** Records of flash directory 101, the PBX objects, of a device with an active PBX (device-commands 1.1). */
export const PBX_OBJECTS: readonly { readonly cn: string, readonly h323: string, readonly e164: string, readonly guid: string }[] = [
  { cn: 'Venus', h323: 'venus', e164: '224', guid: '009033000001' },
  { cn: 'Mars', h323: 'mars', e164: '225', guid: '009033000002' },
  { cn: 'Operator', h323: 'operator', e164: '0', guid: '009033000003' },
]
