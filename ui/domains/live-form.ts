/** The form of a domain's settings and what happens to the settings behind it while it is open. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { isObject } from '../connection/shape.ts'
import { connection, onIndication } from '../session/session.ts'
import type { DomainSettings } from '../../app/protocol/domain-messages.ts'
import { changedFields, draftOf, merge, pick, type Draft, type Field } from './domain-form.ts'
import { isLost } from './words.ts'

export interface FormState {
  readonly settings: DomainSettings
  /** Connected devices that get a new password. */
  readonly passwordDevices: number
  /** What the form began with, or what was saved last. */
  readonly base: Draft
  readonly draft: Draft
  /** Fields somebody else changed while the form was open, already shown as they are now. */
  readonly taken: readonly Field[]
  /** Changed here and there: a decision is needed. Values of the other side are in `base`. */
  readonly conflicts: readonly Field[]
}

/** Takes fresh settings into the form; nothing typed is lost. */
export function refreshed(state: FormState | undefined, settings: DomainSettings, passwordDevices: number): FormState {
  const theirs = draftOf(settings)
  if (!state) return { settings, passwordDevices, base: theirs, draft: theirs, taken: [], conflicts: [] }
  const { draft, taken, conflicts } = merge(state.base, state.draft, theirs)
  const still = state.conflicts.filter(field => changedFields(theirs, draft).includes(field))
  return { settings, passwordDevices, base: theirs, draft, taken: [...new Set([...state.taken, ...taken])], conflicts: [...new Set([...still, ...conflicts])] }
}
export const edit = (state: FormState, change: Partial<Draft>): FormState => ({ ...state, draft: { ...state.draft, ...change } })
export const discard = (state: FormState): FormState => ({ ...state, draft: state.base, taken: [], conflicts: [] })
/** Ends a conflict: with what was typed here, or with what the other has saved. */
export const decide = (state: FormState, field: Field, mine: boolean): FormState =>
  ({ ...state, draft: mine ? state.draft : pick(state.draft, state.base, [field]), conflicts: state.conflicts.filter(one => one !== field) })

export interface LiveForm {
  readonly state: FormState | undefined
  readonly error: unknown
  set(change: (state: FormState) => FormState): void
  /** Reads the settings; resolves with the form as it is then. */
  read(): Promise<FormState>
}

export function useLiveForm(id: number): LiveForm {
  const [state, setState] = useState<FormState>()
  const [error, setError] = useState<unknown>()
  // What was set last, also before it is drawn.
  const now = useRef<FormState>(undefined)
  const put = (next: FormState): FormState => {
    now.current = next
    setState(next)
    return next
  }
  const read = async (): Promise<FormState> => {
    const { settings, passwordDevices } = await connection().request('GetDomainSettings', { id })
    setError(undefined)
    return put(refreshed(now.current, settings, passwordDevices))
  }
  useEffect(() => {
    const update = (): void => {
      if (connection().state.value.at === 'online') read().catch(cause => { if (!isLost(cause)) setError(cause) })
    }
    update()
    const stops = [
      connection().state.subscribe(update),
      onIndication('DomainEdited', ({ domain }) => { if (isObject(domain) && domain['id'] === id) update() }),
    ]
    return () => { for (const stop of stops) stop() }
  }, [id])
  return { state, error, read, set: change => { if (now.current) put(change(now.current)) } }
}
