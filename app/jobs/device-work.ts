/**
 * The work of a task on one device as a pure function: waiting, in work, ended. What is on disk of it is `state`, `attempts`,
 * `since` and `text`; when it is due again follows from these, so that a restart goes on where it was.
 */
export type WorkState = 'waiting' | 'working' | 'done' | 'failed' | 'skipped'

export interface Work {
  readonly at: WorkState
  /** Attempts that ended without success. */
  readonly attempts: number
  /** Time of the last change, ms. */
  readonly since: number
  /** Why it failed or was skipped; why the last attempt failed while it waits for the next. */
  readonly text: string
}

export type WorkInput =
  /** It is its turn: there is a free place for it. */
  | { readonly kind: 'turn', readonly now: number, readonly connected: boolean }
  | { readonly kind: 'succeeded', readonly now: number }
  /** `again`: another attempt may succeed. */
  | { readonly kind: 'failed', readonly now: number, readonly text: string, readonly again: boolean }
  /** There is nothing to do on this device, or not any more. */
  | { readonly kind: 'needless', readonly now: number, readonly text: string }
  /** Cancelled, or waited for too long. */
  | { readonly kind: 'givenUp', readonly now: number, readonly text: string }

export type WorkEffect =
  | { readonly do: 'work' }
  /** Nothing before the device is connected. */
  | { readonly do: 'awaitDevice' }
  /** Nothing before `until`. */
  | { readonly do: 'awaitTime', readonly until: number }
  | { readonly do: 'save' }

/** Pauses before further attempts in ms: after the first failure, after the second … None left: it has failed. */
export type Pauses = readonly number[]

export interface WorkStep { readonly work: Work, readonly effects: readonly WorkEffect[] }

const stay = (work: Work): WorkStep => ({ work, effects: [] })
const ended = (at: 'done' | 'failed' | 'skipped', attempts: number, since: number, text: string): WorkStep =>
  ({ work: { at, attempts, since, text }, effects: [{ do: 'save' }] })

/** When a waiting work may be tried next. */
export const dueAt = (work: Work, pauses: Pauses): number => work.attempts === 0 ? 0 : work.since + (pauses[work.attempts - 1] ?? 0)

export function next(work: Work, input: WorkInput, pauses: Pauses): WorkStep {
  switch (input.kind) {
    case 'turn': {
      if (work.at !== 'waiting') return stay(work)
      if (!input.connected) return { work, effects: [{ do: 'awaitDevice' }] }
      const until = dueAt(work, pauses)
      if (until > input.now) return { work, effects: [{ do: 'awaitTime', until }] }
      return { work: { ...work, at: 'working' }, effects: [{ do: 'work' }] }
    }
    case 'succeeded': return work.at === 'working' ? ended('done', work.attempts, input.now, '') : stay(work)
    case 'needless': return work.at === 'working' ? ended('skipped', work.attempts, input.now, input.text) : stay(work)
    case 'failed': {
      if (work.at !== 'working') return stay(work)
      const attempts = work.attempts + 1
      if (!input.again || attempts > pauses.length) return ended('failed', attempts, input.now, input.text)
      return { work: { at: 'waiting', attempts, since: input.now, text: input.text }, effects: [{ do: 'save' }] }
    }
    case 'givenUp': return work.at === 'waiting' ? ended('skipped', work.attempts, input.now, input.text) : stay(work)
  }
}
