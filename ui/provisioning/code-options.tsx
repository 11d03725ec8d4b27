/** What every new code needs: domain, provisioning category, how long, which password. */
import { useEffect, useState } from 'preact/hooks'
import { Check, Select } from '../parts/fields.tsx'
import { Icon } from '../parts/icons.tsx'
import { likelyDomain } from '../devices/domain-dialogs.tsx'
import { linkTo } from '../route/navigation.ts'
import { pageRoute } from '../route/route.ts'
import { useWhyNot } from '../session/rights.ts'
import { connection, domains } from '../session/session.ts'
import { Cell, useCell } from '../state/cell.ts'
import type { CategoryUse } from '../../app/protocol/domain-messages.ts'
import type { Domain } from '../../app/protocol/types.ts'
import { w, ws } from './words.ts'

interface Options { readonly domain: string, readonly category: string, readonly rollout: boolean, readonly administrative: boolean }
/** As chosen last, kept while the page lives. A code made here gives the domain password unless told otherwise (features 2.3). */
const kept = new Cell<Options>({ domain: '', category: '', rollout: false, administrative: true })

export interface ChosenOptions extends Options {
  readonly in: Domain | undefined
  readonly categories: readonly { readonly id: number, readonly name: string }[]
  set(change: Partial<Options>): void
}

/** The choice, always one that exists. */
export function useCodeOptions(): ChosenOptions {
  const all = useCell(domains)
  const chosen = useCell(kept)
  const domain = all.find(one => one.name === chosen.domain) ?? all.find(one => one.id === likelyDomain())
  const categories = (domain?.categories ?? []).filter(category => category.config)
  const category = categories.find(one => one.name === chosen.category)?.name ?? categories[0]?.name ?? ''
  return { ...chosen, category, in: domain, categories, set: change => kept.update(before => ({ ...before, ...change })) }
}

/** What the category brings, read from the service. */
const CategoryHint = ({ id }: { id: number }) => {
  const [use, setUse] = useState<CategoryUse>()
  useEffect(() => {
    let gone = false
    setUse(undefined)
    connection().request('GetCategoryUse', { id }).then(reply => { if (!gone) setUse(reply.use) }, () => undefined)
    return () => { gone = true }
  }, [id])
  return <span class="hint">{use ? <>{use.configs === 0 ? w('hint.noConfigs') : ws('hint.configs', use.configs)}{use.phoneOnly && <> {w('hint.phoneOnly')}</>}</> : ' '}</span>
}

/** @param prefix of the ids of the fields  @param time how long: a choice, or fixed by the caller */
export const CodeOptions = ({ options, prefix, time }: { options: ChosenOptions, prefix: string, time: boolean }) => {
  const all = useCell(domains)
  const refused = useWhyNot('manage')
  const category = options.categories.find(one => one.name === options.category)
  return (
    <>
      {all.length > 1 && <Select id={`${prefix}-domain`} label={w('domain')} value={options.in?.name ?? ''} onChange={domain => options.set({ domain })} options={all.map(one => ({ value: one.name, label: one.name }))} />}
      {category
        ? <div class="field"><Select id={`${prefix}-category`} label={w('category')} value={options.category} onChange={name => options.set({ category: name })} options={options.categories.map(one => ({ value: one.name, label: one.name }))} /><CategoryHint id={category.id} /></div>
        : options.in && <p class="msg box"><Icon name="info" /><span>{w('noCategory', options.in.name)} {refused === undefined && <a href={linkTo(pageRoute('domain', { name: options.in.name, tab: 'categories' }))}>{w('noCategory.add')}</a>}</span></p>}
      {time && (
        <div class="field">
          <span class="lbl" id={`${prefix}-valid`}>{w('valid')}</span>
          <div class="seg" role="radiogroup" aria-labelledby={`${prefix}-valid`} aria-describedby={`${prefix}-valid-about`}>
            <label><input type="radio" name={`${prefix}-valid`} checked={!options.rollout} onChange={() => options.set({ rollout: false })} />{w('valid.short')}</label>
            <label><input type="radio" name={`${prefix}-valid`} checked={options.rollout} onChange={() => options.set({ rollout: true })} />{w('valid.long')}</label>
          </div>
          <span class="hint" id={`${prefix}-valid-about`}>{w('valid.hint')}</span>
        </div>
      )}
      <Check id={`${prefix}-admin`} label={w('administrative')} checked={options.administrative} disabled={options.in && !options.in.deployAdminPasswords ? w('administrative.off') : undefined}
        hint={w(options.in && !options.in.deployAdminPasswords ? 'administrative.off' : options.administrative ? 'administrative.on' : 'administrative.random')} onChange={administrative => options.set({ administrative })} />
    </>
  )
}
