/**
 * Encryption of secrets at rest (architecture, invariant 9): AES-256-GCM with a random nonce; the context (which secret of
 * which row) is authenticated, so a sealed value copied to another row does not open there.
 */
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { InvariantError, StoreError, UsageError } from '../errors.ts'

const NONCE = 12
const TAG = 16
const KEY_BYTES = 32

export class Secrets {
  /** A key object: with plain bytes, OpenSSL would prepare the key for every single secret. */
  readonly #key: crypto.KeyObject

  constructor(key: Uint8Array) {
    if (key.length !== KEY_BYTES) throw new UsageError('secret-key', `the secret key must have ${KEY_BYTES} bytes, not ${key.length}`)
    this.#key = crypto.createSecretKey(key)
  }

  /** Seals `text` for `context`, for example `device:42:password`. */
  seal(text: string, context: string): Buffer {
    const nonce = crypto.randomBytes(NONCE)
    const cipher = crypto.createCipheriv('aes-256-gcm', this.#key, nonce)
    cipher.setAAD(Buffer.from(context))
    const body = cipher.update(text, 'utf8')
    cipher.final()
    return Buffer.concat([nonce, cipher.getAuthTag(), body])
  }

  /** Opens what `seal` made. Throws `StoreError` `wrong-key` when key, context or bytes do not fit. */
  open(sealed: Uint8Array, context: string): string {
    try {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
      const decipher = crypto.createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE), { authTagLength: TAG })
      decipher.setAAD(Buffer.from(context))
      decipher.setAuthTag(bytes.subarray(NONCE, NONCE + TAG))
      const clear = decipher.update(bytes.subarray(NONCE + TAG))
      decipher.final() // throws when they do not fit: nothing is handed out before
      return clear.toString('utf8')
    } catch (cause) {
      throw new StoreError('wrong-key', `a stored secret cannot be opened: the database belongs to another secret key (${context})`, { cause })
    }
  }
}

export const KEY_FILE = 'secret.key'

/** The key of the operator (base64), where he keeps it himself; an empty one counts as none. */
export const operatorKey = (): string | undefined => process.env['DEVICES_SECRET_KEY']?.trim() || undefined

/** Whether two keys in base64 are the same. */
export const sameKey = (a: string, b: string): boolean => Buffer.from(a, 'base64').equals(Buffer.from(b, 'base64'))

const parseKey = (text: string, from: string): Buffer => {
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== KEY_BYTES) throw new UsageError('secret-key', `${from} does not hold a secret key (${KEY_BYTES} bytes in base64)`)
  return key
}

/**
 * The key of an instance: given by the operator (`DEVICES_SECRET_KEY`, base64), else kept beside the database (mode 0600),
 * made at the first start.
 */
export function loadSecretKey(workingPath: string, given: string | undefined): Buffer {
  if (given) return parseKey(given, 'DEVICES_SECRET_KEY')
  const file = path.join(workingPath, KEY_FILE)
  try {
    return parseKey(fs.readFileSync(file, 'utf8'), file)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause
  }
  const key = crypto.randomBytes(KEY_BYTES)
  // Linked into place complete, so that two processes starting at once, or a crash, never leave half a key.
  const draft = `${file}.${process.pid}`
  fs.writeFileSync(draft, key.toString('base64') + '\n', { mode: 0o600, flush: true })
  try {
    fs.linkSync(draft, file)
    return key
  } catch {
    return parseKey(fs.readFileSync(file, 'utf8'), file)
  } finally {
    fs.unlinkSync(draft)
  }
}

const PASSWORD_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_!'

/** Random bytes are drawn in one go for many uses: a thousand devices a second need challenges and seeds. Each byte is used once. */
const pool = Buffer.alloc(4096)
let drawn = pool.length

function randomByte(): number {
  if (drawn === pool.length) {
    crypto.randomFillSync(pool)
    drawn = 0
  }
  const byte = pool[drawn] ?? 0
  pool[drawn++] = 0
  return byte
}

const DIGITS_MASK = 15
/** Texts are put together here, so that each of their characters is no string of its own. */
const draft = Buffer.alloc(64)

/**
 * Random text of `[A-Za-z0-9_!]`, or of another alphabet of at most 64 ASCII characters; at most 64 characters. Sysclient
 * passwords have 32, seeds 16 (wire-protocols 2.6, 2.8). Bits that fall outside of the alphabet are thrown away, so every
 * character is equally likely.
 */
export function randomText(length: number, alphabet: string = PASSWORD_ALPHABET): string {
  if (length > draft.length) throw new InvariantError(`a random text of ${length} characters`)
  const mask = alphabet.length <= DIGITS_MASK + 1 ? DIGITS_MASK : 63
  for (let at = 0; at < length;) {
    const index = randomByte() & mask
    if (index < alphabet.length) draft[at++] = alphabet.charCodeAt(index)
  }
  const text = draft.toString('latin1', 0, length)
  draft.fill(0)
  return text
}
/** For passwords that people read and type: no look-alikes, no signs. */
export const READABLE = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789'
export const DIGITS = '0123456789'
