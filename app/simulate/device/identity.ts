/** Who a simulated device is: made from a seed and its number, so that a fleet comes back the same (wire-protocols 2.5). */
import { pick, seededRandom } from '../random.ts'

export const PLATFORM_TYPES = { phone: 'PHONE', gateway: 'GW', va: 'VA', dect: 'DECT', 'app-platform': 'APP_PLATFORM' } as const
export type DeviceKind = keyof typeof PLATFORM_TYPES
export const DEVICE_KINDS: readonly DeviceKind[] = ['phone', 'gateway', 'va', 'dect', 'app-platform']
export const isDeviceKind = (text: string): text is DeviceKind => Object.hasOwn(PLATFORM_TYPES, text)

export interface EthernetInterface { readonly if: string, readonly ipv4?: string, readonly ipv6?: string }

/** The fields of Identify (wire-protocols 2.5), without `digest` and `provisioningCode`, which belong to one connection. */
export interface Identity {
  readonly id: string
  readonly product: string
  readonly version: string
  readonly platform: { readonly type: string, readonly fxs?: boolean }
  readonly name?: string
  readonly fwBuild?: string
  readonly bcBuild?: string
  readonly major?: string
  readonly fw?: string
  readonly bc?: string
  readonly mini?: boolean
  readonly pbxActive?: boolean
  readonly other?: boolean
  readonly ethIfs?: readonly EthernetInterface[]
  /** Fields of newer devices are kept and sent as given. */
  readonly [further: string]: unknown
}

const PRODUCTS: Readonly<Record<DeviceKind, readonly string[]>> = {
  phone: ['IP101', 'IP102', 'IP111', 'IP112', 'IP222', 'IP232', 'IP241'],
  gateway: ['IP29', 'IP311', 'IP411', 'IP811', 'IP3011', 'IP6010'],
  va: ['IPVA'],
  dect: ['IP1202', 'IP1203'],
  'app-platform': ['AppPlatform'],
}
const RELEASES = [
  { label: '13r2 dvl', major: '13r2', firmware: '134250', bootcode: '131286' },
  { label: '13r2 sr21', major: '13r2', firmware: '136409', bootcode: '136146' },
  { label: '13r3 sr5', major: '13r3', firmware: '138340', bootcode: '138340' },
  { label: '14r1 sr3', major: '14r1', firmware: '1410520', bootcode: '1410520' },
  { label: '14r2', major: '14r2', firmware: '1422311', bootcode: '1422311' },
] as const
const PLACES = ['Reception', 'Meeting room', 'Workshop', 'Warehouse', 'Office', 'Canteen', 'Laboratory', 'Lobby', 'Gate', 'Call centre'] as const
/** Share of each kind in a mixed fleet, per hundred. */
const MIX: readonly (readonly [DeviceKind, number])[] = [['phone', 80], ['gateway', 10], ['dect', 5], ['va', 3], ['app-platform', 2]]

/** `134250` as it stands in a version string: `13.4250` (wire-protocols 2.5; dots are removed to get the build, features 3.1). */
export const dotted = (build: string): string => build.length > 2 ? `${build.slice(0, 2)}.${build.slice(2)}` : build

/** `<release> [<firmware>/<boot code>/<hardware>]` (wire-protocols 2.5). */
export const versionText = (label: string, firmware: string, bootcode: string, hardware: string): string =>
  `${label} [${dotted(firmware)}/${bootcode}/${hardware}]`

/** Hardware ids of a fleet are 009033 and six hex digits that differ for every number below 2^24. */
export function hardwareId(seed: number, number: number): string {
  const start = Math.floor(seededRandom(seed)() * 2 ** 24)
  return `009033${((start + number * 0x9e3779) & 0xffffff).toString(16).padStart(6, '0')}`
}

function kindOfMix(random: () => number): DeviceKind {
  let rest = random() * 100
  for (const [kind, share] of MIX) if ((rest -= share) < 0) return kind
  return 'phone'
}

/** Device `number` of the fleet made from `seed`. Up to the bound of a fleet all have addresses of their own. */
export function makeIdentity(kind: DeviceKind | 'mix', seed: number, number: number): Identity {
  const random = seededRandom(Math.imul(seed, 0x85ebca6b) ^ Math.imul(number + 1, 0xc2b2ae35))
  const own = kind === 'mix' ? kindOfMix(random) : kind
  const id = hardwareId(seed, number)
  const product = pick(random, PRODUCTS[own])
  const release = pick(random, RELEASES)
  const suffix = `290:33ff:fe${id.slice(6, 8)}:${id.slice(8)}`
  const ethIfs: EthernetInterface[] = [{
    if: 'ETH0', ipv4: `10.${100 + Math.floor(number / 65025) % 100}.${1 + Math.floor(number / 255) % 255}.${1 + number % 255}`, ipv6: `2001:db8:0:1:${suffix}`,
  }]
  if (own === 'gateway') ethIfs.push({ if: 'ETH1' })
  const named = random() < 0.5
  const short = product.toLowerCase()
  return {
    id, product,
    version: versionText(release.label, release.firmware, release.bootcode, own === 'va' || own === 'app-platform' ? '0' : '1300'),
    platform: own === 'gateway' && product === 'IP29' ? { type: PLATFORM_TYPES[own], fxs: true } : { type: PLATFORM_TYPES[own] },
    ...(named ? { name: `${pick(random, PLACES)} ${1 + Math.floor(random() * 99)}` } : {}),
    fwBuild: release.firmware, bcBuild: release.bootcode, major: release.major,
    fw: `${short}.bin`, bc: `boot${short.replace(/^ip/, '')}.bin`,
    mini: false,
    ...(own === 'gateway' || own === 'va' ? { pbxActive: random() < 0.3 } : {}),
    ethIfs,
  }
}
