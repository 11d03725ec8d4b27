/** Memory for bytes that live until the end of a turn. Handed out piece by piece and taken back all at once. */
export class Arena {
  static readonly #BLOCK = 256 * 1024
  /** Blocks kept for the next turn. */
  static readonly #KEPT = 8
  #blocks: Buffer[] = []
  #block = 0
  #used = 0

  /** `size` bytes with unknown content. */
  take(size: number): Buffer {
    if (size > Arena.#BLOCK) return Buffer.allocUnsafeSlow(size)
    if (this.#blocks.length === 0) this.#blocks.push(Buffer.allocUnsafeSlow(Arena.#BLOCK))
    if (this.#used + size > Arena.#BLOCK) {
      this.#block++
      this.#used = 0
      if (this.#block === this.#blocks.length) this.#blocks.push(Buffer.allocUnsafeSlow(Arena.#BLOCK))
    }
    const start = this.#used
    this.#used += size
    return (this.#blocks[this.#block] as Buffer).subarray(start, start + size)
  }

  /** Bytes handed out, as far as they take whole blocks. */
  get blocks(): number { return this.#block * Arena.#BLOCK }

  reset(): void {
    if (this.#blocks.length > Arena.#KEPT) this.#blocks.length = Arena.#KEPT
    this.#block = this.#used = 0
  }
}

/** Bytes of all devices that may wait for the end of a turn. */
const MOST_HELD = 16 * 1024 * 1024

/** One that has something to do in a turn. */
export interface TurnTaker {
  /** Handles what has come in. */
  takeIn(): void
  /** Sends what is to go out. */
  sendOut(): void
}

/**
 * A listener reads a socket and writes to the same one in few system calls, but writing to another socket from there costs one
 * call for every few bytes. So frames are only noted while a socket is read; all of one round of the event loop are handled
 * behind it, where every socket can be written to at once, and all frames for a device go out together.
 */
export class Turn {
  readonly arena = new Arena()
  readonly #defer: (run: () => void) => void
  #waiting: TurnTaker[] = []
  #scheduled = false
  #run = (): void => {
    // What comes up meanwhile is done in the same turn.
    while (this.#waiting.length > 0) {
      const takers = this.#waiting
      this.#waiting = []
      for (const taker of takers) taker.takeIn()
      for (const taker of takers) taker.sendOut()
    }
    this.arena.reset()
    this.#scheduled = false
  }

  /** `defer` calls back once, behind the current round of the event loop. */
  constructor(defer: (run: () => void) => void) { this.#defer = defer }

  /** True when so much waits, of all devices together, that what comes in is better handled at once. */
  get full(): boolean { return this.arena.blocks >= MOST_HELD }

  /** Gives `taker` a place in the next turn. */
  add(taker: TurnTaker): void {
    this.#waiting.push(taker)
    if (this.#scheduled) return
    this.#scheduled = true
    this.#defer(this.#run)
  }
}
