/** The settings of all visible domains, kept up to date while a page that needs them is open. */
import { useEffect, useState } from 'preact/hooks'
import { isNumber, isObject } from '../connection/shape.ts'
import { connection, onIndication } from '../session/session.ts'
import type { DomainSettings } from '../../app/protocol/domain-messages.ts'
import { isLost } from './words.ts'

export type AllSettings =
  | { readonly at: 'loading' }
  | { readonly at: 'failed', readonly error: unknown }
  | { readonly at: 'here', readonly byId: ReadonlyMap<number, DomainSettings> }

/** Changed domains are read again together at most this often, in ms. */
const EVERY = 250

/** @param wanted false: nothing is asked (the role may not see settings) */
export function useAllSettings(wanted: boolean): AllSettings {
  const [state, setState] = useState<AllSettings>({ at: 'loading' })
  useEffect(() => {
    if (!wanted) return
    let gone = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const changed = new Set<number>()
    const readAll = async (): Promise<void> => {
      if (connection().state.value.at !== 'online') return
      const byId = new Map<number, DomainSettings>()
      try {
        await connection().requestParts('GetAllDomainSettings', {}, part => { for (const one of part.settings) byId.set(one.id, one) })
        if (!gone) setState({ at: 'here', byId })
      } catch (error) {
        if (!gone && !isLost(error)) setState({ at: 'failed', error })
      }
    }
    const readChanged = async (): Promise<void> => {
      timer = undefined
      const ids = [...changed]
      changed.clear()
      const found = await Promise.all(ids.map(id => connection().request('GetDomainSettings', { id }).then(reply => reply.settings, () => undefined)))
      if (gone) return
      setState(now => {
        if (now.at !== 'here') return now
        const byId = new Map(now.byId)
        for (const one of found) if (one) byId.set(one.id, one)
        return { at: 'here', byId }
      })
    }
    const note = ({ domain }: Record<string, unknown>): void => {
      if (!isObject(domain) || !isNumber(domain['id'])) return
      changed.add(domain['id'])
      timer ??= setTimeout(() => void readChanged(), EVERY)
    }
    const stops = [
      connection().state.subscribe(() => void readAll()),
      onIndication('DomainAdded', note), onIndication('DomainEdited', note),
      onIndication('DomainDeleted', ({ id }) => setState(now => {
        if (now.at !== 'here' || !isNumber(id)) return now
        const byId = new Map(now.byId)
        byId.delete(id)
        return { at: 'here', byId }
      })),
    ]
    void readAll()
    return () => {
      gone = true
      clearTimeout(timer)
      for (const stop of stops) stop()
    }
  }, [wanted])
  return state
}
