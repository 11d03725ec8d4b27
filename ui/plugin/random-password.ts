/** A password for the instance and its App objects. */

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
/** Templates make 16 characters; App object passwords longer than 15 are reported to fail (wire-protocols 7.2). */
const LENGTH = 15

/** From the browser's secure random numbers, every letter equally likely: 89 bits. */
export function randomPassword(): string {
  let made = ''
  while (made.length < LENGTH) {
    for (const byte of crypto.getRandomValues(new Uint8Array(LENGTH))) {
      // Bytes beyond the last whole round of letters would make the first ones likelier.
      if (byte < 256 - 256 % LETTERS.length && made.length < LENGTH) made += LETTERS[byte % LETTERS.length] ?? ''
    }
  }
  return made
}
