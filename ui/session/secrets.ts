/** Secrets between page and service: encrypted with the session key of this connection (wire-protocols 5.6). */
import { decryptHex, encryptHex } from '../../app/protocol/rc4.ts'
import { connection } from './session.ts'

/** A secret as it travels: `text` is lower-case hex. */
export interface Sealed { readonly seed: string, readonly text: string }

/** This page has no session key (the client gave none): secrets can neither be sent nor read. */
export class NoSessionKey extends Error {
  constructor() { super('this sign-in has no session key'); this.name = 'NoSessionKey' }
}

const SEED_LENGTH = 16
const SEED_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_!'

/** `length` letters of `letters` (256 at most), each equally likely. */
export function randomLetters(length: number, letters: string = SEED_LETTERS): string {
  // Bytes beyond the last whole multiple would make the first letters likelier.
  const fair = 256 - 256 % letters.length
  let text = ''
  while (text.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length))) if (byte < fair && text.length < length) text += letters[byte % letters.length]
  }
  return text
}

function key(): string {
  const found = connection().sessionKey
  if (found === undefined) throw new NoSessionKey()
  return found
}

/** True when secrets can be sent and read. */
export const canSeal = (): boolean => connection().sessionKey !== undefined

/** Encrypts a secret for the service. A seed is never used for two secrets. @throws NoSessionKey */
export function seal(clear: string): Sealed {
  const seed = randomLetters(SEED_LENGTH)
  return { seed, text: encryptHex(seed, key(), clear) }
}

/** Decrypts a secret of the service; undefined when it is not readable with this key. @throws NoSessionKey */
export const open = (seed: string, text: string): string | undefined => decryptHex(seed, key(), text)
