/** What a domain may be called, and what its secrets may contain. Pure. */
import { RequestError } from '../errors.ts'
import { LIMITS } from '../limits.ts'

const NAME = /^[\p{L}\p{N}]([\p{L}\p{N}._-]*[\p{L}\p{N}])?$/u

/**
 * The name as it is kept: without outer blanks, Unicode composed. A login, a registration URL and a `user@domain` carry it, so it
 * has letters, digits, dots, hyphens and underscores only, as names of PBX domains do.
 */
export function domainName(given: string): string {
  const name = given.trim().normalize('NFC')
  if (!NAME.test(name)) throw new RequestError('badRequest', 'A domain name has letters, digits, dots and hyphens, such as example.com.', 'name')
  return name
}

/** A password or token as somebody typed it. Empty takes it away. */
export function secretValue(clear: string | undefined, field: 'password' | 'provisioningToken'): string {
  if (clear === undefined) throw new RequestError('badRequest', 'The value was not encrypted with the key of this connection.', field)
  if (/\p{Cc}/u.test(clear)) throw new RequestError('badRequest', 'Control characters cannot be typed again; leave them out.', field)
  if (clear.length > LIMITS.secret.value) throw new RequestError('badRequest', `At most ${LIMITS.secret.value} characters.`, field)
  return clear
}
