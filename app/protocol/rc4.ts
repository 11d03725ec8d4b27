/**
 * Plain RC4, no discarded key stream bytes: the cipher of passwords on the sysclient channel and of secrets on the
 * AppWebsocket (wire-protocols 2.8, 5.6). Written here because OpenSSL 3 has no `rc4` without its legacy provider.
 */
export function rc4(key: Uint8Array, data: Uint8Array): Uint8Array {
  const s = state
  s.set(IDENTITY)
  for (let i = 0, j = 0, k = 0; i < 256; i++) {
    const a = s[i] as number
    j = (j + a + (key[k] as number)) & 255
    if (++k === key.length) k = 0
    s[i] = s[j] as number
    s[j] = a
  }
  const out = new Uint8Array(data.length)
  for (let n = 0, i = 0, j = 0; n < data.length; n++) {
    i = (i + 1) & 255
    const a = s[i] as number
    j = (j + a) & 255
    const b = s[j] as number
    s[i] = b
    s[j] = a
    out[n] = (data[n] as number) ^ (s[(a + b) & 255] as number)
  }
  return out
}

/** Made anew by each call; kept, because a fleet that comes back needs one per device. */
const state = new Uint8Array(256)
const IDENTITY = Uint8Array.from({ length: 256 }, (_, i) => i)
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function hex(bytes: Uint8Array): string {
  let out = ''
  for (let i = 0; i < bytes.length; i++) out += HEX[bytes[i] as number] as string
  return out
}

/** Lower-case hex of RC4(`seed:key`, text), all UTF-8. */
export const encryptHex = (seed: string, key: string, text: string): string =>
  hex(rc4(encoder.encode(`${seed}:${key}`), encoder.encode(text)))

/** Reverses `encryptHex`; undefined when the hex or the UTF-8 inside is malformed (most often: a wrong key). */
export function decryptHex(seed: string, key: string, data: string): string | undefined {
  if (data.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(data)) return undefined
  const bytes = new Uint8Array(data.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(data.slice(2 * i, 2 * i + 2), 16)
  try {
    return decoder.decode(rc4(encoder.encode(`${seed}:${key}`), bytes))
  } catch {
    return undefined
  }
}
