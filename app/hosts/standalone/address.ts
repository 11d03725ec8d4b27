/** Addresses as people read them. */
import net from 'node:net'
import os from 'node:os'

const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
const dotted = (bytes: Uint8Array): string => bytes.join('.')

/** Text of a binary address (4 or 16 bytes). An IPv4 client of an IPv6 listener keeps its IPv4 form; IPv6 is written as in RFC 5952. */
export function addressText(binary: ArrayBuffer): string {
  const bytes = new Uint8Array(binary)
  if (bytes.length === 4) return dotted(bytes)
  if (bytes.length !== 16) return ''
  if (MAPPED.every((byte, at) => bytes[at] === byte)) return dotted(bytes.subarray(12))
  const words = Array.from({ length: 8 }, (_, at) => ((bytes[2 * at] as number) << 8) | (bytes[2 * at + 1] as number))
  const { at, length } = longestZeros(words)
  const hex = (part: readonly number[]): string => part.map(word => word.toString(16)).join(':')
  return length < 2 ? hex(words) : `${hex(words.slice(0, at))}::${hex(words.slice(at + length))}`
}

/** The first of the longest runs of zero words. */
function longestZeros(words: readonly number[]): { at: number, length: number } {
  let best = { at: 0, length: 0 }
  for (let at = 0; at < words.length; at++) {
    let length = 0
    while (words[at + length] === 0) length++
    if (length > best.length) best = { at, length }
    at += length
  }
  return best
}

/** How a listener on `host` can be reached: itself, or for a wildcard each address of this machine, those for others first. */
export function reachableHosts(host: string): string[] {
  if (host !== '0.0.0.0' && host !== '::') return [net.isIPv6(host) ? `[${host}]` : host]
  const own = Object.values(os.networkInterfaces()).flatMap(list => list ?? [])
    .filter(({ family, address }) => (family === 'IPv4' || host === '::') && !address.startsWith('fe80:'))
  return [...own.filter(({ internal }) => !internal), ...own.filter(({ internal }) => internal)]
    .map(({ family, address }) => family === 'IPv6' ? `[${address}]` : address)
}
