/** Carries out commands and scripts on a box (device-commands 1.2, 1.3; features 9.1, 9.2). */
import { LIMITS } from '../../limits.ts'
import type { Box } from './box.ts'
import { commandText, parseCommand } from './commands.ts'
import type { Command, ModuleCommand, VarsCommand } from './commands.ts'
import { diagnosticText } from './dumps.ts'
import { hasModule } from './factory-settings.ts'
import { moduleOutcome } from './modules.ts'
import { DONE, UNKNOWN, failed } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { checkSerial, timeAllows, up0, up1 } from './updates.ts'

/** One command. `edited` says that it is an edit of the device's own pages, which the Administration log prints. */
export async function execute(box: Box, command: Command, edited = false): Promise<Outcome> {
  switch (command.kind) {
    case 'unknown': return UNKNOWN
    case 'reset':
      box.reset(command.how)
      return DONE
    case 'dump': return { is: 'text', text: diagnosticText(box, command.what) }
    case 'vars': return variable(box, command)
    case 'config': {
      if (command.line !== '' && !hasModule(box.host.kind, command.line.split(' ')[0] ?? '')) return UNKNOWN
      if (command.verb === 'activate') box.activate()
      else if (!box.configuration.run(command)) return failed('no space')
      return { is: 'text', text: 'ok\r\n' }
    }
    case 'module': return moduleCommand(box, command, edited)
  }
}

async function moduleCommand(box: Box, command: ModuleCommand, edited: boolean): Promise<Outcome> {
  if (!hasModule(box.host.kind, command.module)) return UNKNOWN
  if (edited && command.verb !== '' && box.administrationLog) {
    box.log(`CMD admin@${box.host.identity.ethIfs?.[0]?.ipv4 ?? '127.0.0.1'} ${commandText(command)}`)
  }
  const run = { line: (text: string) => execute(box, parseCommand(text)), script: (text: string) => runScript(box, text) }
  if (command.module === 'UP0' && command.verb !== '') return up0(box, command, run)
  if (command.module === 'UP1' && ['reinit', 'setvar', 'poll', 'provision'].includes(command.verb)) return up1(box, command, run)
  return moduleOutcome(box, command)
}

function variable(box: Box, command: VarsCommand): Outcome {
  if (command.name === '') return UNKNOWN
  switch (command.verb) {
    case 'read': return { is: 'text', text: `${box.variables.get(command.name)?.value ?? ''}\r\n` }
    case 'del':
      box.variables.delete(command.name)
      return DONE
    case 'create':
      if (box.variables.size >= LIMITS.simulatedOptions.value) return failed('no space')
      box.variables.set(command.name, { flags: command.flags, value: command.value })
      // Always, even with an equal value (features 9.1).
      box.needReset()
      return DONE
  }
}

/** A script or configuration file, line by line; unknown lines are skipped. A failed `check` or `times` ends it. */
export async function runScript(box: Box, text: string): Promise<Outcome> {
  if (Buffer.byteLength(text) > LIMITS.simulatedScript.value) return failed('too large')
  const atEnd: (() => void)[] = []
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const command = parseCommand(line)
    if (command.kind === 'module' && command.module === 'UP1' && command.verb === 'check') {
      const checked = checkSerial(box, command)
      if (!checked.goOn) break
      atEnd.push(checked.atEnd)
    } else if (command.kind === 'module' && command.module === 'UP1' && (command.verb === 'times' || command.verb === 'time')) {
      if (!timeAllows(box, command)) break
    } else {
      const outcome = await execute(box, command)
      if (outcome.is === 'unknown') box.log(`CMD unknown: ${line.split(' ').slice(0, 4).join(' ')}`)
    }
  }
  for (const run of atEnd) run()
  return DONE
}
