/**
 * The life of the service under a manager as a pure function (app-platform-local 1.3, 2.4). Tolerant where another service
 * crashes: an instance that runs already or is unknown is ignored.
 */
import type { InstanceArguments, ManagerMessage } from './manager-messages.ts'

/** Name and domain of an instance as one text. */
export const keyOf = ({ appName, appDomain }: { appName: string, appDomain: string }): string => `${appName}@${appDomain}`

/** `next`: started again as soon as it has stopped. */
interface Running { readonly given: InstanceArguments, readonly stopping: boolean, readonly next?: InstanceArguments | undefined }
type Instances = ReadonlyMap<string, Running>

export type State =
  | { readonly at: 'connecting' }
  | { readonly at: 'running', readonly instances: Instances }
  /** `orphaned`: the manager has gone; nothing can be said any more. */
  | { readonly at: 'stopping', readonly instances: Instances, readonly orphaned: boolean }
  /** All is stopped and said; the manager closes the connection. */
  | { readonly at: 'waiting' }
  | { readonly at: 'ended' }

export type Input =
  | { readonly kind: 'connected' | 'unreachable' | 'closed' | 'signal' | 'late' }
  | { readonly kind: 'message', readonly message: ManagerMessage }
  /** An instance has stopped, as it was told or by itself. */
  | { readonly kind: 'stopped', readonly key: string }

export type Effect =
  | { readonly do: 'introduce' | 'complete' }
  | { readonly do: 'status', readonly given: InstanceArguments, readonly up: boolean }
  | { readonly do: 'start', readonly given: InstanceArguments }
  | { readonly do: 'stop', readonly key: string }
  /** What concerns neither beginning nor end of anything: logging, certificate, names. */
  | { readonly do: 'apply', readonly message: ManagerMessage }
  /** From here on there is a limit to how long it may take: then `late`. */
  | { readonly do: 'limit' }
  | { readonly do: 'exit' }

export interface Step { readonly state: State, readonly effects: readonly Effect[] }

export const START: State = { at: 'connecting' }
const ENDED: State = { at: 'ended' }
const stay = (state: State, ...effects: Effect[]): Step => ({ state, effects })
const EXIT: Step = { state: ENDED, effects: [{ do: 'exit' }] }
const changed = (instances: Instances, key: string, value: Running | undefined): Instances => {
  const copy = new Map(instances)
  if (value) copy.set(key, value)
  else copy.delete(key)
  return copy
}

export function next(state: State, input: Input): Step {
  if (state.at === 'ended') return stay(state)
  switch (input.kind) {
    case 'connected': return state.at === 'connecting' ? { state: { at: 'running', instances: new Map() }, effects: [{ do: 'introduce' }] } : stay(state)
    // No retry, and code 0: whoever started us is gone.
    case 'unreachable': return EXIT
    case 'late': return EXIT
    case 'closed': return onClosed(state)
    case 'signal': return state.at === 'running' ? stopAll(state.instances, false) : state.at === 'connecting' ? EXIT : stay(state)
    case 'message': return onMessage(state, input.message)
    case 'stopped': return onStopped(state, input.key)
  }
}

function onClosed(state: Exclude<State, { at: 'ended' }>): Step {
  if (state.at === 'running') return stopAll(state.instances, true)
  if (state.at === 'stopping') return stay({ ...state, orphaned: true })
  return EXIT
}

function stopAll(instances: Instances, orphaned: boolean): Step {
  if (instances.size === 0) return orphaned ? EXIT : { state: { at: 'waiting' }, effects: [{ do: 'complete' }, { do: 'limit' }] }
  const stops = [...instances].filter(([, { stopping }]) => !stopping).map<Effect>(([key]) => ({ do: 'stop', key }))
  const stopping = new Map([...instances].map(([key, { given }]) => [key, { given, stopping: true }]))
  return { state: { at: 'stopping', instances: stopping, orphaned }, effects: [...stops, { do: 'limit' }] }
}

function onMessage(state: Exclude<State, { at: 'ended' }>, message: ManagerMessage): Step {
  if (state.at !== 'running') return stay(state)
  const { instances } = state
  if (message.mt === 'AppServiceStop') return stopAll(instances, false)
  if (message.mt === 'AppStart') return onStart(instances, message.instance)
  if (message.mt !== 'AppStop') return stay(state, { do: 'apply', message })
  const key = keyOf(message.instance)
  const known = instances.get(key)
  if (!known) return stay(state)
  const effects: Effect[] = known.stopping ? [] : [{ do: 'stop', key }]
  return { state: { at: 'running', instances: changed(instances, key, { given: known.given, stopping: true }) }, effects }
}

function onStart(instances: Instances, given: InstanceArguments): Step {
  const key = keyOf(given)
  const known = instances.get(key)
  if (known) {
    const entry = known.stopping ? { ...known, next: given } : known
    return stay({ at: 'running', instances: changed(instances, key, entry) })
  }
  // Said at once, before database and webserver are there (2.2).
  return { state: { at: 'running', instances: changed(instances, key, { given, stopping: false }) }, effects: [{ do: 'status', given, up: true }, { do: 'start', given }] }
}

function onStopped(state: Exclude<State, { at: 'ended' }>, key: string): Step {
  if (state.at !== 'running' && state.at !== 'stopping') return stay(state)
  const known = state.instances.get(key)
  if (!known) return stay(state)
  const instances = changed(state.instances, key, undefined)
  const down: Effect = { do: 'status', given: known.given, up: false }
  if (state.at === 'running') {
    const again = known.next ? onStart(instances, known.next) : stay({ at: 'running', instances })
    return { state: again.state, effects: [down, ...again.effects] }
  }
  if (state.orphaned) return instances.size === 0 ? EXIT : stay({ ...state, instances })
  return instances.size === 0 ? { state: { at: 'waiting' }, effects: [down, { do: 'complete' }, { do: 'limit' }] } : { state: { ...state, instances }, effects: [down] }
}
