/** What happened to tasks, put together: whoever watches hears of each task at most five times a second. */
import type { Task } from './task.ts'

export interface TaskListener {
  added(task: Task): void
  changed(task: Task): void
  removed(task: Task): void
}

/** Shortest time between two indications of one task. */
const TELL_EVERY = 200
/** More tasks than this at once: the rest follows in the next round. */
const MOST_PER_ROUND = 20

export class TaskEvents {
  readonly #listeners = new Set<TaskListener>()
  readonly #changed = new Set<Task>()
  #timer: NodeJS.Timeout | undefined

  on(listener: TaskListener): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  added(task: Task): void {
    for (const listener of this.#listeners) listener.added(task)
  }

  removed(task: Task): void {
    this.#changed.delete(task)
    for (const listener of this.#listeners) listener.removed(task)
  }

  changed(task: Task): void {
    if (this.#listeners.size === 0) return
    this.#changed.add(task)
    this.#timer ??= setTimeout(() => this.#tell(), TELL_EVERY)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#changed.clear()
    this.#listeners.clear()
  }

  #tell(): void {
    this.#timer = undefined
    let told = 0
    for (const task of this.#changed) {
      if (told++ >= MOST_PER_ROUND) break
      this.#changed.delete(task)
      for (const listener of this.#listeners) listener.changed(task)
    }
    if (this.#changed.size > 0) this.#timer = setTimeout(() => this.#tell(), TELL_EVERY)
  }
}
