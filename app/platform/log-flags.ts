/** Which log lines the operator wants to see (app-platform-local 1.2): bits of 64, given by the manager. */
import type { Level } from '../observe/log.ts'

const APP = 1n
/** The service itself, before the manager has said anything. */
export const DEFAULT_FLAGS = 0x8001n

/** Rooms of the service by the bit that shows them; whatever is not named belongs to the app itself. */
const BITS: Readonly<Record<string, bigint>> = { database: 0x2n, host: 0x2000n, apps: 0x8000n, passthrough: 0x8000_0000n }

/** Decimal, `0x…`, or octal with a leading zero, as C reads it; undefined when it is no number of 64 bits. */
export function parseFlags(text: string): bigint | undefined {
  const given = text.trim()
  if (!/^(\d{1,22}|0[xX][0-9a-fA-F]{1,16})$/.test(given) || /^0\d*[89]/.test(given)) return undefined
  const value = BigInt(/^0\d+$/.test(given) ? `0o${given.slice(1)}` : given)
  return value < 1n << 64n ? value : undefined
}

/** Warnings and errors are always shown; details only when the bit of their room is set. */
export const isShown = (flags: bigint, room: string, level: Level): boolean => level === 'warn' || level === 'error' || (flags & (BITS[room] ?? APP)) !== 0n
