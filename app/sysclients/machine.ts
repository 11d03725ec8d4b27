/**
 * The sysclient protocol of one connection as a pure function (wire-protocols 2.5-2.8, 2.12, 2.14). Facts about the device
 * come in with the input; what is to be done comes out as effects. States are small, because 100,000 are held at once.
 */
import type { Identify } from '../protocol/sysclient-messages.ts'

/** What the store knows about the hardware id of an Identify. */
export interface Known {
  readonly deviceId: number
  /** In a domain (0: connected before, but belongs to none). */
  readonly domainId: number
  /** Proven password, if any. */
  readonly password: string | undefined
  /** Stored and perhaps sent, not yet proven. */
  readonly pending: string | undefined
  /** The device has certainly received `pending`. */
  readonly pendingDelivered: boolean
}

export type State =
  | { readonly at: 'new' }
  /** Waits for the answer to `challenge`. */
  | { readonly at: 'challenged', readonly deviceId: number, readonly hwId: string, readonly challenge: string, readonly known: Known, readonly identify: Identify }
  /** A new password is being stored; it is sent when it is on disk. */
  | { readonly at: 'storing', readonly deviceId: number, readonly hwId: string }
  /** Connected, belongs to no domain. */
  | { readonly at: 'unassigned', readonly deviceId: number, readonly hwId: string }
  /** Known, but cannot prove its password: add it again. */
  | { readonly at: 'lost', readonly deviceId: number, readonly hwId: string }
  | { readonly at: 'online', readonly deviceId: number, readonly hwId: string }
  | { readonly at: 'closed' }

export type Input =
  | { readonly kind: 'identify', readonly identify: Identify, readonly known: Known | undefined }
  /** Time is up: no Identify, or no answer to the challenge. */
  | { readonly kind: 'silence' }
  /** An administrator gave the device a password (it is on disk). */
  | { readonly kind: 'assigned', readonly deviceId: number, readonly hwId: string, readonly password: string }
  /** A code or a token let the device in; its password is being stored (features 5). */
  | { readonly kind: 'admitted', readonly deviceId: number, readonly hwId: string }
  /** The password could not be stored. */
  | { readonly kind: 'notStored' }
  /** The device was removed from its domain, or another connection of it took over. */
  | { readonly kind: 'dismissed', readonly reason: string }

export type Effect =
  | { readonly do: 'challenge', readonly challenge: string }
  | { readonly do: 'close', readonly code: number, readonly reason: string }
  /** Store a new password for the device; then input `assigned`. */
  | { readonly do: 'issue', readonly deviceId: number, readonly identify: Identify }
  /** Send the password, then a ping whose pong tells that it has arrived. */
  | { readonly do: 'deliver', readonly password: string }
  /** The pending password is proven: it becomes the password. */
  | { readonly do: 'promote', readonly deviceId: number, readonly password: string }
  | { readonly do: 'online', readonly deviceId: number, readonly hwId: string, readonly identify: Identify | undefined, readonly password: string }
  | { readonly do: 'refresh', readonly deviceId: number, readonly identify: Identify }
  | { readonly do: 'unassigned', readonly identify: Identify }
  | { readonly do: 'lost', readonly deviceId: number, readonly hwId: string, readonly why: 'silent' | 'wrong-digest', readonly identify: Identify }
  | { readonly do: 'unexpected', readonly text: string }

export interface Step { readonly state: State, readonly effects: readonly Effect[] }

/** What the machine needs from outside: randomness and the digest. */
export interface Means {
  challenge(): string
  digest(identify: Identify, challenge: string, password: string): string
}

export const START: State = { at: 'new' }
const CLOSED: State = { at: 'closed' }
const stay = (state: State, ...effects: Effect[]): Step => ({ state, effects })

export function next(state: State, input: Input, means: Means): Step {
  switch (input.kind) {
    case 'identify': return onIdentify(state, input.identify, input.known, means)
    case 'silence': return onSilence(state)
    case 'assigned':
      if (state.at === 'closed' || state.at === 'new') return stay(state)
      return {
        state: { at: 'online', deviceId: input.deviceId, hwId: input.hwId },
        effects: [{ do: 'deliver', password: input.password }, { do: 'online', deviceId: input.deviceId, hwId: input.hwId, identify: undefined, password: input.password }],
      }
    case 'admitted':
      if (state.at === 'closed' || state.at === 'online' || state.at === 'storing') return stay(state)
      return { state: { at: 'storing', deviceId: input.deviceId, hwId: input.hwId }, effects: [] }
    case 'notStored':
      // Let it come again: nothing was promised to it.
      return state.at === 'closed' ? stay(state) : { state: CLOSED, effects: [{ do: 'close', code: 1013, reason: 'try again later' }] }
    case 'dismissed':
      return state.at === 'closed' ? stay(state) : { state: CLOSED, effects: [{ do: 'close', code: 1000, reason: input.reason }] }
  }
}

function onIdentify(state: State, identify: Identify, known: Known | undefined, means: Means): Step {
  if (state.at === 'closed' || state.at === 'storing') return stay(state)
  if (state.at === 'challenged' && identify.digest !== undefined) return onDigest(state, identify, means)
  if (state.at === 'online') {
    // New data of a device that has proven itself (2.5); another id on the same connection would be another device.
    if (identify.id.toLowerCase() === state.hwId) return stay(state, { do: 'refresh', deviceId: state.deviceId, identify })
    return { state: CLOSED, effects: [{ do: 'unexpected', text: 'identify with another id' }, { do: 'close', code: 1008, reason: 'identify with another id' }] }
  }
  if ((state.at === 'unassigned' || state.at === 'lost') && identify.id.toLowerCase() !== state.hwId) {
    return { state: CLOSED, effects: [{ do: 'unexpected', text: 'identify with another id' }, { do: 'close', code: 1008, reason: 'identify with another id' }] }
  }
  return judge(state, identify, known, means)
}

/** What to do with a device that says who it is, without proof. */
function judge(state: State, identify: Identify, known: Known | undefined, means: Means): Step {
  const hwId = identify.id.toLowerCase()
  if (!known || known.domainId === 0) {
    if (state.at === 'unassigned' && known?.deviceId === state.deviceId) return stay(state, { do: 'refresh', deviceId: known.deviceId, identify })
    // The wiring answers the effect with the id of the new row.
    return { state: { at: 'unassigned', deviceId: known?.deviceId ?? 0, hwId }, effects: [{ do: 'unassigned', identify }] }
  }
  if (known.password === undefined && known.pending === undefined) {
    return { state: { at: 'storing', deviceId: known.deviceId, hwId }, effects: [{ do: 'issue', deviceId: known.deviceId, identify }] }
  }
  const challenge = means.challenge()
  return { state: { at: 'challenged', deviceId: known.deviceId, hwId, challenge, known, identify }, effects: [{ do: 'challenge', challenge }] }
}

function onDigest(state: Extract<State, { at: 'challenged' }>, identify: Identify, means: Means): Step {
  const { known } = state
  const hwId = identify.id.toLowerCase()
  if (hwId !== state.identify.id.toLowerCase()) {
    return { state: CLOSED, effects: [{ do: 'unexpected', text: 'digest for another id' }, { do: 'close', code: 1008, reason: 'digest for another id' }] }
  }
  const given = identify.digest?.toLowerCase()
  const online: State = { at: 'online', deviceId: known.deviceId, hwId }
  /** From now on the device uses this password. */
  const come = (password: string): Effect => ({ do: 'online', deviceId: known.deviceId, hwId, identify, password })
  if (known.pending !== undefined && given === means.digest(identify, state.challenge, known.pending)) {
    return { state: online, effects: [{ do: 'promote', deviceId: known.deviceId, password: known.pending }, come(known.pending)] }
  }
  if (known.password !== undefined && given === means.digest(identify, state.challenge, known.password)) {
    // It still uses the former password, so the new one never reached it: hand it out again.
    return { state: online, effects: known.pending === undefined ? [come(known.password)] : [{ do: 'deliver', password: known.pending }, come(known.pending)] }
  }
  return unproven(state, 'wrong-digest', identify)
}

function onSilence(state: State): Step {
  if (state.at === 'new') return { state: CLOSED, effects: [{ do: 'close', code: 1008, reason: 'no identify' }] }
  if (state.at === 'challenged') return unproven(state, 'silent', state.identify)
  return stay(state)
}

/**
 * No proof. A password that was stored for it, but of which we do not know that it ever arrived (we crashed, the line broke),
 * is handed out again: a crash never locks a device out (architecture, invariant 4). Else it has lost its password (2.7).
 */
function unproven(state: Extract<State, { at: 'challenged' }>, why: 'silent' | 'wrong-digest', identify: Identify): Step {
  const { known } = state
  const hwId = identify.id.toLowerCase()
  if (known.pending !== undefined && !known.pendingDelivered) {
    return {
      state: { at: 'online', deviceId: known.deviceId, hwId },
      effects: [{ do: 'deliver', password: known.pending }, { do: 'online', deviceId: known.deviceId, hwId, identify, password: known.pending }],
    }
  }
  return { state: { at: 'lost', deviceId: known.deviceId, hwId }, effects: [{ do: 'lost', deviceId: known.deviceId, hwId, why, identify }] }
}
