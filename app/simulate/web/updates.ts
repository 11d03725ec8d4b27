/** The update client of a device, modules UP0 and UP1 (features 6.4, 9.2; device-commands 1.4). */
import { LIMITS } from '../../limits.ts'
import type { Box } from './box.ts'
import { decoded, isReset } from './commands.ts'
import type { ModuleCommand } from './commands.ts'
import { configurationText } from './dumps.ts'
import { DONE, UNKNOWN, failed, outcomeBody } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { transfer } from './transfers.ts'

/** Runs one command line or a whole script on the same device. */
export interface Runner {
  line(text: string): Promise<Outcome>
  script(text: string): Promise<Outcome>
}

/** Variables that remember the serial of the last load of each command. */
const SERIALS = { prot: 'PROT', boot: 'BOOT', bmc: 'BMC', cfg: 'CFG', scfg: 'SCFG', check: 'CHECK' } as const
type Loader = keyof typeof SERIALS
const isLoader = (verb: string): verb is Loader => Object.hasOwn(SERIALS, verb)

const serialOf = (box: Box, loader: Loader): string | undefined => box.variables.get(`UPDATE/${SERIALS[loader]}`)?.value
const remember = (box: Box, loader: Loader, serial: string | undefined): void => {
  if (serial !== undefined) box.variables.set(`UPDATE/${SERIALS[loader]}`, { flags: 'p', value: serial })
}

/** `ser` and `nop` do nothing; the resets reset. */
const finish = (box: Box, final: string | undefined): void => {
  if (final !== undefined && isReset(final)) box.reset(final)
}

/** The build that a file holds: named by the serial, else by a part of its path (`…/134250/ip222.bin`). */
const buildOf = (serial: string | undefined, url: string): string | undefined =>
  serial !== undefined && /^\d{5,8}$/.test(serial) ? serial : /(?:^|\/)(\d{5,8})(?=\/)/.exec(url)?.[1]

export async function up0(box: Box, command: ModuleCommand, run: Runner): Promise<Outcome> {
  if (!isLoader(command.verb) || command.verb === 'check') return UNKNOWN
  const [address, final, serial] = command.words
  if (address === undefined) return failed('url missing')
  const work = load(box, command.verb, box.expand(decoded(address)), final, serial, command, run)
  if (command.sync) return work
  void work.then(outcome => { if (outcome.is === 'failed') box.log(`UP0 ${command.verb} failed: ${outcome.error}`) })
  return DONE
}

async function load(box: Box, verb: Exclude<Loader, 'check'>, address: string, final: string | undefined, serial: string | undefined, command: ModuleCommand, run: Runner): Promise<Outcome> {
  const known = serialOf(box, verb) ?? (verb === 'prot' ? box.host.identity.fwBuild : verb === 'boot' ? box.host.identity.bcBuild : undefined)
  if (serial !== undefined && serial === known) return DONE
  if (verb === 'scfg') return backUp(box, address, final, serial, command, run)
  const file = verb === 'prot' ? box.host.identity.fw : verb === 'boot' ? box.host.identity.bc : undefined
  const url = address.endsWith('/') && file !== undefined ? address + file : address
  const got = await transfer(url, { method: 'GET', keep: verb === 'cfg' ? LIMITS.simulatedScript.value : 0, insecure: true })
  if (!got.ok) return failed(got.error)
  if (got.bytes === 0) return failed('empty file')
  box.log(`UP0 ${verb} loaded ${got.bytes} bytes`)
  if (verb === 'cfg') {
    const outcome = await run.script(got.text)
    if (outcome.is === 'failed') return outcome
  } else if (verb !== 'bmc') {
    const build = buildOf(serial, url)
    if (verb === 'prot') box.loaded.firmware = build ?? box.host.identity.fwBuild ?? '0'
    else box.loaded.bootcode = build ?? box.host.identity.bcBuild ?? '0'
    box.needReset()
  }
  remember(box, verb, serial)
  finish(box, final)
  return DONE
}

/** Stores the configuration, or with `/always <command>` what that command prints, at a web server. */
async function backUp(box: Box, address: string, final: string | undefined, serial: string | undefined, command: ModuleCommand, run: Runner): Promise<Outcome> {
  const always = command.args.find(([name]) => name === 'always')?.[1]
  const body = always === undefined ? configurationText(box, false) : outcomeBody(await run.line(decoded(always))).body
  const put = await transfer(address, { method: 'PUT', body, keep: 0, insecure: true })
  if (!put.ok) return failed(put.error)
  remember(box, 'scfg', serial)
  finish(box, final)
  return DONE
}

/** What a poll asks for: with the default file where the URL names a folder, and with what the device tells of itself (features 9.2). */
export function pollAddress(box: Box, url: string): string {
  const { id, product, version, ethIfs } = box.host.identity
  const octets = id.match(/../g) ?? [id]
  const [path = '', query] = url.split('?')
  const told = new URLSearchParams({ ver: version, sn: octets.join('-'), type: product, hwid: `${product}-${octets.slice(3).join('-')}`, ip: ethIfs?.[0]?.ipv4 ?? '' })
  return `${path}${path.endsWith('/') ? `update-${product.toLowerCase()}.htm` : ''}?${query === undefined ? '' : `${query}&`}${told}`
}

export async function up1(box: Box, command: ModuleCommand, run: Runner): Promise<Outcome> {
  switch (command.verb) {
    case 'reinit':
      for (const name of Object.values(SERIALS)) box.variables.delete(`UPDATE/${name}`)
      box.variables.delete('UPDATE/CFG-BACKUP-NUM')
      return DONE
    case 'setvar': {
      const [name, value = ''] = command.words
      if (name === undefined) return failed('name missing')
      box.variables.set(`UPDATE/${name}`, { flags: 'p', value })
      return DONE
    }
    case 'poll': {
      const url = box.configuration.active('UP1', 'url')
      if (url === undefined) return failed('no url')
      const got = await transfer(pollAddress(box, box.expand(decoded(url))), { method: 'GET', keep: LIMITS.simulatedScript.value, insecure: true })
      return got.ok ? run.script(got.text) : failed(got.error)
    }
    case 'provision': return DONE
    default: return UNKNOWN
  }
}

/** `check <final> <serial>` in a script: the rest runs only if the serial differs from the remembered one. */
export function checkSerial(box: Box, command: ModuleCommand): { readonly goOn: boolean, readonly atEnd: () => void } {
  const [final, serial] = command.words
  if (serial === undefined || serial === serialOf(box, 'check')) return { goOn: false, atEnd: () => {} }
  return { goOn: true, atEnd: () => { remember(box, 'check', serial); finish(box, final) } }
}

/** `times /allow <hours>`: whether the rest of a script may run in this hour. */
export function timeAllows(box: Box, command: ModuleCommand): boolean {
  const allow = command.args.find(([name]) => name === 'allow')?.[1]
  return allow === undefined || allow.split(',').map(Number).includes(new Date(box.host.now()).getHours())
}
