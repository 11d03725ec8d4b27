/** Command lines as requests of the device's web server, and what its answers mean (device-commands 1.2, 1.3, chapter 3). */
import type { DeviceAnswer } from '../passthrough/device-http.ts'

/** `/!<command line>`: blanks as `%20`, everything else that a path cannot hold percent-encoded, too (device-commands 1.2). */
export const commandTarget = (line: string): string => `/!${encodeURI(line).replace(/[?#]/g, encodeURIComponent)}`

/** Why the device did not carry a command out; undefined: it did, or says nothing about it. */
export function commandFailure(answer: DeviceAnswer): string | undefined {
  if (answer.status !== 200) return `The device answered with status ${answer.status}.`
  const text = answer.body.toString('latin1', 0, 4096).trim()
  if (text === '?') return 'The device does not know the command.'
  const error = /\serror="([^"]{1,100})"/.exec(text)?.[1]
  return error === undefined ? undefined : `The device refused the command: ${error.replace(/[^\x20-\x7e]/g, ' ')}`
}

/** The value of an option in a line of cfg.txt, decoded; undefined when it is not set (device-commands 1.1). */
export function configuredValue(cfg: string, module: string, option: string): string | undefined {
  const line = cfg.split(/\r?\n/).find(one => one.startsWith(`config change ${module} `))
  const value = line?.split(' /').find(part => part.startsWith(`${option} `))?.slice(option.length + 1).trim()
  if (value === undefined) return undefined
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
