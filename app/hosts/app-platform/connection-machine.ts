/**
 * The connection to the webserver as a pure function (app-platform-local 3.3, 3.6): greet, register, count the results, come
 * back after a loss with longer and longer pauses.
 */
import { Type } from './message-types.ts'

/** What is registered, in the order in which it is sent. `protected`: the webserver asks us for passwords of users. */
export interface Registration { readonly type: typeof Type.Register | typeof Type.WebSocketListen, readonly path: string, readonly protected?: boolean }

/** In a row: a connect that succeeds ends the losses (3.6), a complete registration the refusals. */
interface Failures { readonly losses: number, readonly refusals: number }

export type State =
  | { readonly at: 'apart' | 'connecting', readonly failures: Failures }
  /** `results`: registrations that are confirmed. Before the webserver says its version, it is taken for the oldest. */
  | { readonly at: 'joined', readonly failures: Failures, readonly version: number, readonly results: number }
  | { readonly at: 'stopped' }

export type Input =
  | { readonly kind: 'start' | 'connected' | 'lost' | 'timer' | 'stop' }
  | { readonly kind: 'version', readonly version: number }
  | { readonly kind: 'result', readonly code: number }

export type Effect =
  | { readonly do: 'connect' }
  /** Sends version and registrations. */
  | { readonly do: 'greet' }
  /** Everything is registered. */
  | { readonly do: 'registered' }
  | { readonly do: 'refused', readonly registration: number, readonly why: string }
  /** All requests and websockets of the connection are dead. */
  | { readonly do: 'drop' }
  | { readonly do: 'disconnect' }
  | { readonly do: 'wait', readonly ms: number }

export interface Step { readonly state: State, readonly effects: readonly Effect[] }

const SECOND = 1000
/** Pauses double from 1 s to 64 s. */
const DOUBLINGS = 6
export const pauseAfter = (failures: number): number => SECOND * 2 ** Math.min(failures, DOUBLINGS)

const NONE: Failures = { losses: 0, refusals: 0 }
export const APART: State = { at: 'apart', failures: NONE }
const stay = (state: State): Step => ({ state, effects: [] })

export function next(state: State, input: Input, registrations: number): Step {
  if (state.at === 'stopped') return stay(state)
  switch (input.kind) {
    case 'start':
    case 'timer':
      return state.at === 'apart' ? { state: { at: 'connecting', failures: state.failures }, effects: [{ do: 'connect' }] } : stay(state)
    case 'connected':
      if (state.at !== 'connecting') return stay(state)
      return { state: { at: 'joined', failures: { ...state.failures, losses: 0 }, version: 0, results: 0 }, effects: [{ do: 'greet' }] }
    case 'version':
      return state.at === 'joined' ? stay({ ...state, version: input.version }) : stay(state)
    case 'result':
      return state.at === 'joined' ? onResult(state, input.code, registrations) : stay(state)
    case 'lost':
      return lost(state)
    case 'stop':
      return { state: { at: 'stopped' }, effects: state.at === 'apart' ? [] : [{ do: 'disconnect' }, { do: 'drop' }] }
  }
}

function onResult(state: Extract<State, { at: 'joined' }>, code: number, registrations: number): Step {
  if (state.results >= registrations) return stay(state)
  if (code !== 0) {
    // This pause goes on growing although each connect succeeds: whoever holds the path will not let go of it within a second.
    const why = code === 1 ? 'the path is not valid' : 'the path is registered already'
    const { refusals } = state.failures
    return {
      state: { at: 'apart', failures: { ...state.failures, refusals: refusals + 1 } },
      effects: [{ do: 'refused', registration: state.results, why }, { do: 'disconnect' }, { do: 'drop' }, { do: 'wait', ms: pauseAfter(refusals) }],
    }
  }
  const results = state.results + 1
  return results === registrations ? { state: { ...state, results, failures: NONE }, effects: [{ do: 'registered' }] } : stay({ ...state, results })
}

function lost(state: Exclude<State, { at: 'stopped' }>): Step {
  if (state.at === 'apart') return stay(state)
  const drop: Effect[] = state.at === 'joined' ? [{ do: 'drop' }] : []
  const { losses } = state.failures
  return { state: { at: 'apart', failures: { ...state.failures, losses: losses + 1 } }, effects: [...drop, { do: 'wait', ms: pauseAfter(losses) }] }
}
