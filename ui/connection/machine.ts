/**
 * Sign-in and reconnecting as a pure function (wire-protocols 5.2, 5.3). Nothing here touches a socket or a clock:
 * `next` tells what the connection becomes and what has to be done for it.
 */
export type Credentials =
  | { readonly kind: 'password', readonly domain: string, readonly password: string }
  /** Continues a sign-in of this browser tab after a reload. `key`: its session key, which stays. */
  | { readonly kind: 'resume', readonly token: string, readonly key?: string | undefined }
  /** The parent window answers the challenge (myApps). */
  | { readonly kind: 'parent' }

export type SignInProblem = 'wrong' | 'unreachable' | 'expired'

export type State =
  | { readonly at: 'signedOut', readonly problem?: SignInProblem }
  | { readonly at: 'connecting', readonly by: Credentials, readonly attempt: number, readonly lostAt?: number }
  | { readonly at: 'online', readonly by: Credentials }
  /** `retryAt`, `lostAt`: ms of the clock given with the input. */
  | { readonly at: 'waiting', readonly by: Credentials, readonly attempt: number, readonly retryAt: number, readonly lostAt: number }

export type Input =
  | { readonly type: 'signIn', readonly by: Credentials }
  | { readonly type: 'signOut' }
  | { readonly type: 'opened' }
  | { readonly type: 'challenge', readonly challenge: string }
  | { readonly type: 'loginResult', readonly ok: boolean }
  | { readonly type: 'closed' }
  | { readonly type: 'retry' }

export type Effect =
  | { readonly do: 'open' }
  | { readonly do: 'close' }
  | { readonly do: 'askChallenge' }
  | { readonly do: 'login', readonly by: Credentials, readonly challenge: string }
  | { readonly do: 'resume', readonly token: string, readonly key?: string | undefined }
  | { readonly do: 'signedIn' }
  | { readonly do: 'forget' }
  | { readonly do: 'retryIn', readonly ms: number }

const FIRST_DELAY = 1_000
const LONGEST_DELAY = 32_000

/** Wait before the given attempt (1 is the first): 1 s doubling to 32 s (wire-protocols 5.3). */
export const reconnectDelay = (attempt: number): number => Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (attempt - 1))

interface Step { readonly state: State, readonly effects: readonly Effect[] }
const stay = (state: State): Step => ({ state, effects: [] })

export function next(state: State, input: Input, now: number): Step {
  switch (input.type) {
    case 'signIn': {
      const restart: Effect[] = state.at === 'signedOut' ? [] : [{ do: 'close' }]
      return { state: { at: 'connecting', by: input.by, attempt: 0 }, effects: [...restart, { do: 'open' }] }
    }
    case 'signOut':
      return { state: { at: 'signedOut' }, effects: state.at === 'signedOut' ? [] : [{ do: 'forget' }, { do: 'close' }] }
    case 'opened':
      if (state.at !== 'connecting') return stay(state)
      return { state, effects: [state.by.kind === 'resume' ? { do: 'resume', token: state.by.token, key: state.by.key } : { do: 'askChallenge' }] }
    case 'challenge':
      if (state.at !== 'connecting' || state.by.kind === 'resume') return stay(state)
      return { state, effects: [{ do: 'login', by: state.by, challenge: input.challenge }] }
    case 'loginResult':
      return state.at === 'connecting' ? loggedIn(state, input.ok, now) : stay(state)
    case 'closed':
      return lost(state, now)
    case 'retry':
      if (state.at !== 'waiting') return stay(state)
      return { state: { at: 'connecting', by: state.by, attempt: state.attempt, lostAt: state.lostAt }, effects: [{ do: 'open' }] }
  }
}

function loggedIn(state: State & { at: 'connecting' }, ok: boolean, now: number): Step {
  if (ok) return { state: { at: 'online', by: state.by }, effects: [{ do: 'signedIn' }] }
  // The parent may give a better login next time (a licence, a right); a person has to type again.
  if (state.by.kind === 'parent') return { ...wait(state, now), effects: [{ do: 'close' }, ...wait(state, now).effects] }
  const again = state.lostAt !== undefined || state.by.kind === 'resume'
  return { state: { at: 'signedOut', problem: again ? 'expired' : 'wrong' }, effects: [{ do: 'forget' }, { do: 'close' }] }
}

function lost(state: State, now: number): Step {
  if (state.at === 'online') return wait({ at: 'connecting', by: state.by, attempt: 0, lostAt: now }, now)
  if (state.at !== 'connecting') return stay(state)
  // Who has just typed a password sees the reason beside the form.
  if (state.by.kind === 'password' && state.lostAt === undefined) return { state: { at: 'signedOut', problem: 'unreachable' }, effects: [] }
  return wait(state, now)
}

function wait(state: State & { at: 'connecting' }, now: number): Step {
  const attempt = state.attempt + 1
  const ms = reconnectDelay(attempt)
  return { state: { at: 'waiting', by: state.by, attempt, retryAt: now + ms, lostAt: state.lostAt ?? now }, effects: [{ do: 'retryIn', ms }] }
}
