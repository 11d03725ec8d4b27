/** What a device measures about itself: counters with a history since its restart, channels, box information (device-commands chapter 3). */
import { seededRandom } from '../random.ts'
import type { Box } from './box.ts'
import { element } from './xml.ts'

const COUNTERS = [{ name: 'CPU', scale: 100 }, { name: 'MEM', scale: 131072 }, { name: 'TEMP', scale: 100 }] as const
const MINUTE = 60_000
const HOURS_KEPT = 24
/** A PRI line has 30 bearer channels and one more that is none; TEL and BRI lines have fewer. */
const CHANNELS: Readonly<Record<string, number>> = { PRI: 31, BRI: 3, TEL: 1 }

export const counterList = (): string => COUNTERS.map(({ name }, x) => element('cnt', { n: name, x })).join('')

/** Hours that hold one value per minute since the restart, the current one last; undefined for an unknown counter. */
export function counterValues(box: Box, x: string): { readonly scale: number, readonly xml: string } | undefined {
  const counter = /^\d$/.test(x) ? COUNTERS[Number(x)] : undefined
  if (!counter) return undefined
  const minutes = Math.min(HOURS_KEPT * 60, Math.floor((box.host.now() - box.bootedAt) / MINUTE) + 1)
  const random = seededRandom(Number(x) + Math.floor(box.bootedAt / MINUTE))
  let xml = ''
  for (let hour = 0; hour * 60 < minutes; hour++) {
    const values = Array.from({ length: Math.min(60, minutes - hour * 60) }, () => element('m', { c: 5 + Math.floor(random() * 40) }))
    xml += element('h', {}, values.join(''))
  }
  return { scale: counter.scale, xml }
}

/** `<ch>` elements; the first ones carry the calls of the device. */
export function channels(box: Box, line: string): string {
  const busy = line === 'PRI1' || line === 'TEL1' || line === 'BRI1' ? box.calls : []
  return Array.from({ length: CHANNELS[line.slice(0, 3)] ?? 0 }, (_, n) => element('ch', { state: busy[n] ? 'Connected' : 'Idle' })).join('')
}

/** `/CMD0/box_info.xml`: version in bracket groups, `reset-required` only when a reset is needed. */
export function boxInfo(box: Box): string {
  const { version, product, fwBuild = '', bcBuild = '' } = box.host.identity
  const [label = ''] = version.split(' [')
  const hardware = /\/([^/\]]*)\]$/.exec(version)?.[1] ?? '0'
  const firmware = /\[([^/]*)\//.exec(version)?.[1] ?? fwBuild
  return element('info', {}, element('sys', {
    version: `${label} ${product}[${firmware}], Bootcode[${bcBuild}], HW[${hardware}]`,
    temp: box.host.kind === 'gateway' ? 41 : undefined, sync: box.host.kind === 'gateway' ? '-' : undefined,
    'reset-required': box.resetRequired ? 'true' : undefined,
  }))
}
