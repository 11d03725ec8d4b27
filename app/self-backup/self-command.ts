/** Runs a command of this very program in a process of its own, so that verifying a large database holds up nobody. */
import { execFile } from 'node:child_process'
import sea from 'node:sea'
import { UsageError } from '../errors.ts'

/** The program that runs, even when its file has been replaced meanwhile. */
const PROGRAM = '/proc/self/exe'

/** Resolves with what it printed. Throws `UsageError` with its own words where it refuses. `signal` ends it. */
export function selfCommand(args: readonly string[], secretKey: string | undefined, signal: AbortSignal): Promise<string> {
  const script = process.argv[1]
  const all = [...(sea.isSea() || script === undefined ? [] : [script]), ...args]
  const { DEVICES_SECRET_KEY: _, ...env } = process.env
  return new Promise((resolve, reject) => {
    execFile(PROGRAM, all, { signal, killSignal: 'SIGKILL', env: { ...env, ...(secretKey === undefined ? {} : { DEVICES_SECRET_KEY: secretKey }) } }, (error, out, err) => {
      if (!error) return resolve(out)
      reject(new UsageError('self-command', err.replace(/^devices: /, '').trim() || error.message, { cause: error }))
    })
  })
}
