/**
 * All writes of a few milliseconds go into one transaction (architecture, invariant 7). A write runs at once, inside the open
 * transaction, so the same connection reads it back; who promised durability waits for the commit (synchronous=FULL).
 */
import type Database from 'better-sqlite3'
import { StoreError } from '../errors.ts'

export interface GroupCommitOptions {
  /** Somebody waits for the commit. */
  readonly withinMs: number
  /** Nobody does: states of devices, which are in memory anyway. A storm then costs few transactions. */
  readonly unawaitedWithinMs: number
  /** Called in the event loop after a failed commit: everything written since the last commit is gone. */
  readonly onFailure: (error: StoreError) => void
  /** Called right before each commit: last chance to add what was collected (device states). */
  readonly beforeCommit?: () => void
}

export class GroupCommit {
  readonly #database: Database.Database
  readonly #options: GroupCommitOptions
  #open = false
  #timer: NodeJS.Timeout | undefined
  #timerAwaited = false
  #waiting: ((error: StoreError | undefined) => void)[] = []
  #committing = false

  constructor(database: Database.Database, options: GroupCommitOptions) {
    this.#database = database
    this.#options = options
  }

  /** Runs `work` inside the current transaction. If it throws, what it wrote is undone and the rest of the transaction stays. */
  write<T>(work: () => T): T {
    this.begin()
    this.#database.exec('SAVEPOINT one_write')
    try {
      const result = work()
      this.#database.exec('RELEASE one_write')
      return result
    } catch (cause) {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK TO one_write; RELEASE one_write')
      else this.#open = false
      throw cause
    }
  }

  /**
   * Opens the transaction if none is open, so that a commit comes. For single-statement writes, which undo themselves when they
   * fail, and for what `beforeCommit` will write.
   */
  begin(): void {
    if (this.#open) return
    this.#schedule() // first: if the transaction cannot be opened now, the commit tries again
    this.#database.exec('BEGIN IMMEDIATE')
    this.#open = true
  }

  /** Calls back after the commit of everything written so far; with an error when it was lost. */
  afterCommit(callback: (error: StoreError | undefined) => void): void {
    this.#waiting.push(callback)
    this.#schedule(true)
  }

  committed(): Promise<void> {
    return new Promise((resolve, reject) => this.afterCommit(error => error ? reject(error) : resolve()))
  }

  #schedule(awaited = false): void {
    if (this.#timer && (this.#timerAwaited || !awaited)) return
    clearTimeout(this.#timer)
    this.#timerAwaited = awaited
    this.#timer = setTimeout(() => this.flush(), awaited ? this.#options.withinMs : this.#options.unawaitedWithinMs)
  }

  /** As `afterCommit`, for bookkeeping that is in no hurry. */
  whenCommitted(callback: (error: StoreError | undefined) => void): void {
    this.#waiting.push(callback)
    this.#schedule()
  }

  /** Commits now. */
  flush(): void {
    if (this.#committing) return
    this.#committing = true
    clearTimeout(this.#timer)
    this.#timer = undefined
    let failure: StoreError | undefined
    try {
      this.#options.beforeCommit?.()
      if (this.#open) this.#database.exec('COMMIT')
    } catch (cause) {
      failure = new StoreError('write-failed', `the database could not be written: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK')
    }
    this.#open = false
    this.#committing = false
    // beforeCommit may have scheduled again through begin(): that work is in this commit already.
    clearTimeout(this.#timer)
    this.#timer = undefined
    const waiting = this.#waiting
    this.#waiting = []
    if (failure) this.#options.onFailure(failure)
    for (const callback of waiting) callback(failure)
  }
}
