/**
 * Gives memory back after a storm. When a fleet has come back, the heap is full of what the coming cost; V8 would collect that
 * when it needs the room, which on a quiet service is never. So one collection is asked for as soon as nearly nobody comes any
 * more: some fifty milliseconds for 20,000 devices, at a moment when nobody waits. V8 gives the pages back some seconds later.
 */
import v8 from 'node:v8'
import vm from 'node:vm'

/** Fewer arrivals than this since the last look: quiet. */
const QUIET = 50
/** A heap that has grown by this many bytes is worth it. */
const WORTH = 4 * 1024 * 1024

/** A full collection, by V8's own function: it is visible only where somebody asks for it. */
function collector(): () => void {
  v8.setFlagsFromString('--expose-gc')
  const collect: unknown = vm.runInNewContext('gc')
  v8.setFlagsFromString('--no-expose-gc')
  return typeof collect === 'function' ? () => { collect() } : () => {}
}

const heapSize = (): number => v8.getHeapStatistics().total_heap_size

export class QuietCollection {
  #collect: (() => void) | undefined
  /** Size of the heap after the last collection, or at the start. */
  #base: number
  #arrivals = 0
  readonly #heapSize: () => number

  /** For tests: another heap and another collection of it. */
  constructor(means: { heapSize: () => number, collect: (() => void) | undefined } = { heapSize, collect: undefined }) {
    this.#heapSize = means.heapSize
    this.#collect = means.collect
    this.#base = means.heapSize()
  }

  /** Called every few seconds with the number of all arrivals so far. True when it has collected. */
  look(arrivals: number): boolean {
    const since = arrivals - this.#arrivals
    this.#arrivals = arrivals
    const size = this.#heapSize()
    if (size < this.#base) this.#base = size
    if (since >= QUIET || size - this.#base < WORTH) return false
    this.#collect ??= collector()
    this.#collect()
    this.#base = this.#heapSize()
    return true
  }
}
