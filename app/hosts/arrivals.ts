/**
 * Arrivals at all hosts of the process. Instances and listeners share one heap, so whether it is quiet is a question for all of
 * them together: an instance to which nobody comes must not collect while a fleet comes back to another.
 */
import { performance } from 'node:perf_hooks'
import { QuietCollection } from './standalone/quiet.ts'

/** Hosts ask whenever they sweep; the heap is looked at this often, ms. */
const EVERY = 3_500

const quiet = new QuietCollection()
let arrivals = 0
let lookedAt = 0

/** A request or websocket has come. */
export function arrived(): void { arrivals++ }

/** Gives back what a storm has left, if it is over; true when it has. Called by every host every few seconds. */
export function collectWhenQuiet(): boolean {
  const now = performance.now()
  if (now - lookedAt < EVERY) return false
  lookedAt = now
  return quiet.look(arrivals)
}
