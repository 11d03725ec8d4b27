/** Lists travel in parts, because messages are bounded. */
import { LIMITS } from '../limits.ts'

const budget = LIMITS.appMessageOut.value - 1024

/** Splits a list so that each part, as JSON, stays within the longest message (wire-protocols 5.1). */
export function * inParts<T>(items: Iterable<T[]>): Generator<{ items: T[], last: boolean }> {
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

/** The first of a page's rows, as many as fit one message: a client asks for the rest with a higher offset. At least one. */
export function firstThatFit<T>(rows: T[]): T[] {
  for (const { items } of inParts([rows])) return items
  return []
}
