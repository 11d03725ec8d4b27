/** The digest of a challenge and the cipher of passwords, as a device computes them (wire-protocols 2.7, 2.8). */
import { createHash } from 'node:crypto'

/** `sha256(id:product:version:challenge:password)` in lower-case hex; all strings verbatim (wire-protocols 2.7). */
export const challengeDigest = (id: string, product: string, version: string, challenge: string, password: string): string =>
  createHash('sha256').update([id, product, version, challenge, password].join(':'), 'utf8').digest('hex')

/** Key stream of plain RC4, nothing discarded, applied to `data` (wire-protocols 2.8). */
export function arcfour(key: Buffer, data: Buffer): Buffer {
  const box = Buffer.from(Array.from({ length: 256 }, (_, n) => n))
  const at = (n: number): number => box.readUInt8(n & 0xff)
  const swap = (a: number, b: number): void => {
    const kept = at(a)
    box.writeUInt8(at(b), a)
    box.writeUInt8(kept, b)
  }
  let y = 0
  for (let x = 0; x < 256; x++) {
    y = (y + at(x) + key.readUInt8(x % key.length)) & 0xff
    swap(x, y)
  }
  let x = 0
  y = 0
  return Buffer.from(data.map(byte => {
    x = (x + 1) & 0xff
    y = (y + at(x)) & 0xff
    swap(x, y)
    return byte ^ at(at(x) + at(y))
  }))
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Clear text of a hex coded secret under `seed:sysclientPassword`; undefined when it cannot be one (wire-protocols 2.8, 2.10). */
export function decryptSecret(seed: string, sysclientPassword: string, hex: string): string | undefined {
  if (!/^(?:[0-9a-f]{2})*$/i.test(hex)) return undefined
  try {
    return utf8.decode(arcfour(Buffer.from(`${seed}:${sysclientPassword}`, 'utf8'), Buffer.from(hex, 'hex')))
  } catch {
    return undefined
  }
}
