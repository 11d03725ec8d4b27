/** Why the service did not make a backup, or did not take one, in the language of the page and with what to do. */
import { isNumber, isString, parseObject } from '../connection/shape.ts'
import { w } from './words.ts'

/** How the service answers at both addresses. `status` 0: there was no answer. */
export interface Answer { readonly status: number, readonly text: string }

/** How many devices were restored; undefined: it was refused. */
export function restoredDevices({ status, text }: Answer): number | undefined {
  const { ok, devices } = parseObject(text) ?? {}
  return status === 200 && ok === true ? isNumber(devices) ? devices : 0 : undefined
}

/** The key is not good any more: another one is asked for. */
export const isKeyRefused = ({ status }: Answer): boolean => status === 403

export const reasonIn = (text: string): string => {
  const { errorText } = parseObject(text) ?? {}
  return isString(errorText) ? errorText : ''
}

/** @param name of the file, as the person knows it */
export function whyNotRestored(answer: Answer, name: string): string {
  const said = reasonIn(answer.text)
  // What is matched stands in app/store/replace.ts and app/self-backup.
  if (answer.status === 403) return w('why.key')
  if (answer.status === 413) return w('why.large')
  if (answer.status === 503) return w(/begun again/.test(said) ? 'why.unable' : 'why.busy')
  if (/ENOSPC|disk is full/i.test(said)) return w('why.full')
  if (/newer version/.test(said)) return w('why.newer')
  if (/secret/i.test(said)) return w('why.secretKey')
  if (/damaged|unpacked|malformed/.test(said)) return w('why.broken')
  if (/no (usable )?backup|not a database/.test(said)) return w('why.noBackup', name)
  return w('why.other', said || String(answer.status))
}

/** @param text what the address of the backup answered instead of one; undefined: nothing that can be read */
export function whyNoBackup(text: string | undefined): string {
  const said = text === undefined ? '' : reasonIn(text)
  if (/under way/.test(said)) return w('why.busy')
  if (/RequestHttpKey/.test(said)) return w('why.key')
  if (/ENOSPC|disk is full/i.test(said)) return w('why.full')
  return w('failed', said || w('failed.unknown'))
}
