/** Lists travel in parts, because messages are bounded. */
import { LIMITS } from '../limits.ts'

/** Splits a list so that each part, as JSON, stays within the longest message (wire-protocols 5.1). */
export function * inParts<T>(items: Iterable<T[]>): Generator<{ items: T[], last: boolean }> {
  const budget = LIMITS.appMessageOut.value - 1024
  let part: T[] = []
  let size = 0
  for (const chunk of items) {
    for (const item of chunk) {
      const length = Buffer.byteLength(JSON.stringify(item)) + 1
      if (size + length > budget && part.length) {
        yield { items: part, last: false }
        part = []
        size = 0
      }
      part.push(item)
      size += length
    }
  }
  yield { items: part, last: true }
}
