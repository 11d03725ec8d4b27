/** The text files of a device: cfg.txt and its standard variant, memory and buffer dumps (device-commands 1.1, chapter 3). */
import type { Box } from './box.ts'
import { PBX_OBJECTS } from './factory-settings.ts'

const CRLF = '\r\n'
const hex = (box: Box, digits: number): string => Array.from({ length: digits }, () => Math.floor(box.host.random() * 16).toString(16)).join('')

const OWN_VARIABLES = new Set(['UPDATE/POLL', 'TLS0/TICKET/00000'])

/** Lines that differ in every dump although nobody changed anything. */
function volatileLines(box: Box): string[] {
  const lines = [
    `vars create UPDATE/POLL p ${box.dumps}`,
    `vars create TLS0/TICKET/00000 pb ${hex(box, 64)}`,
  ]
  if (box.host.kind === 'phone') {
    const time = Math.floor(box.host.now() / 1000)
    lines.push(`mod cmd FLASHDIR0 add-item 102 (info=<call time="${time}" seq="${box.dumps}"/>)(type=in)(e164=${200 + box.dumps % 100})`)
  }
  return lines
}

/** `standard`: what PBX objects hold is replaced by standard passwords. */
export function configurationText(box: Box, standard: boolean): string {
  box.dumps++
  const variables = [...box.variables].filter(([name]) => !OWN_VARIABLES.has(name)).map(([name, { flags, value }]) => `vars create ${name} ${flags} ${value}`.trimEnd())
  const objects = !box.host.identity.pbxActive ? [] : PBX_OBJECTS.map(({ cn, h323, e164 }) => {
    const password = standard ? '00000000000000000000000000000000' : Buffer.from(h323.padEnd(16)).toString('hex')
    return `mod cmd FLASHDIR0 add-item 101 (cn=${cn}) (pbx=<user filter="normal" cd-filter="normal" busy-in="65535" pwd="${password}"/>) ` +
      `(node=root) (loc=.) (e164=${e164}) (h323=${h323})`
  })
  return [...box.configuration.text(), ...variables, ...volatileLines(box), ...objects].join(CRLF) + CRLF
}

/** `complete-IP811-41-00-04.txt`: product and the last three octets (features 3.4). */
export function dumpName(box: Box, standard: boolean): string {
  const { id, product } = box.host.identity
  return `${standard ? 'standard' : 'complete'}-${product.toUpperCase()}-${(id.match(/../g) ?? []).slice(3).join('-')}.txt`
}

/** `/!buf`, `/!mod`, `/!mem`: text for people; its format is not documented. */
export function diagnosticText(box: Box, what: string): string {
  const used = Math.floor(20_000 + box.host.random() * 500)
  return [`${what} ${box.host.identity.product} up ${Math.floor((box.host.now() - box.bootedAt) / 1000)} s`, `used ${used} of 65536`, ''].join(CRLF)
}
