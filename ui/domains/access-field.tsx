/** Which other domains the logins of a domain may also see. */
import { useState } from 'preact/hooks'
import { Icon } from '../parts/icons.tsx'
import { domainName, domains } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { w } from './words.ts'

interface AccessFieldProps { readonly own: number, readonly value: readonly number[], readonly disabled: string | undefined, onChange(value: readonly number[]): void }
export const AccessField = ({ own, value, disabled, onChange }: AccessFieldProps) => {
  const all = useCell(domains)
  const [chosen, setChosen] = useState('')
  const others = all.filter(one => one.id !== own && !value.includes(one.id))
  const add = (name: string): void => {
    const found = others.find(one => one.name.toLowerCase() === name.trim().toLowerCase())
    setChosen(found ? '' : name)
    if (found) onChange([...value, found.id])
  }
  return (
    <>
      <p class="dim">{w('access.hint')}</p>
      {value.length === 0 ? <p>{w('access.none')}</p> : (
        <ul class="chips" aria-label={w('form.access')}>
          {value.map(id => ({ id, name: domainName(id) || `#${id}` })).sort((a, b) => a.name.localeCompare(b.name)).map(({ id, name }) => (
            <li key={id} class="token"><span>{name}</span>{disabled === undefined && <button type="button" aria-label={w('access.remove', name)} title={w('access.remove', name)} onClick={() => onChange(value.filter(one => one !== id))}><Icon name="close" size="s" /></button>}</li>
          ))}
        </ul>
      )}
      {disabled === undefined
        ? others.length > 0 && (
          <div class="field"><label for="domain-access">{w('access.add')}</label>
            <input class="in" id="domain-access" list="domain-access-list" value={chosen} autocomplete="off" spellcheck={false} placeholder="" onInput={event => add(event.currentTarget.value)} />
            <datalist id="domain-access-list">{others.slice(0, 500).map(one => <option key={one.id} value={one.name} />)}</datalist></div>
        )
        : <p class="dim">{disabled}</p>}
    </>
  )
}
