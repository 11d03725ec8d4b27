/** The categories of a domain: provisioning categories (what a device is) and standard ones (where it belongs to). */
import { useState } from 'preact/hooks'
import { RequestRefused } from '../connection/errors.ts'
import { TextField } from '../parts/fields.tsx'
import { Icon } from '../parts/icons.tsx'
import { announce, notify } from '../parts/notices.tsx'
import { linkTo } from '../route/navigation.ts'
import { NO_FILTER, START } from '../route/route.ts'
import { useWhyNot } from '../session/rights.ts'
import { connection } from '../session/session.ts'
import { t } from '../text/text.ts'
import type { Category, Domain } from '../../app/protocol/types.ts'
import { DeleteCategory, RenameCategory } from './category-dialogs.tsx'
import { categoryWrong } from './category-rules.ts'
import { w, whyRefused } from './words.ts'

export const Categories = ({ domain }: { domain: Domain }) => {
  const [open, setOpen] = useState<{ readonly dialog: 'rename' | 'delete', readonly category: Category }>()
  const Dialog = open?.dialog === 'rename' ? RenameCategory : DeleteCategory
  return (
    <div class="cols">
      {[true, false].map(config => <Kind key={String(config)} domain={domain} config={config} onOpen={(dialog, category) => setOpen({ dialog, category })} />)}
      {open && <Dialog domain={domain} category={open.category} onClose={() => setOpen(undefined)} />}
    </div>
  )
}

interface KindProps { readonly domain: Domain, readonly config: boolean, onOpen(dialog: 'rename' | 'delete', category: Category): void }
const Kind = ({ domain, config, onOpen }: KindProps) => {
  const notManager = useWhyNot('manage')
  const [name, setName] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const kind = config ? 'config' : 'standard'
  const id = `category-${kind}`
  const all = domain.categories.filter(category => category.config === config).sort((a, b) => a.name.localeCompare(b.name))
  const add = async (): Promise<void> => {
    const wanted = name.trim()
    const wrong = categoryWrong(wanted, domain.categories)
    if (wrong) {
      setError(w(`wrong.${wrong}`))
      document.getElementById(id)?.focus()
      return
    }
    setBusy(true)
    setError(undefined)
    try {
      await connection().request('AddCategory', { domainId: domain.id, name: wanted, ...(config ? { config } : {}) })
      // The list has it before the answer is here: the next name may be typed already.
      setName(now => now.trim() === wanted ? '' : now)
      notify('ok', w('category.added', wanted))
    } catch (cause) {
      setError(cause instanceof RequestRefused && cause.code === 'conflict' && cause.field === 'name' ? w('wrong.taken') : whyRefused(cause))
      announce(w('category.notAdded'))
    }
    setBusy(false)
    document.getElementById(id)?.focus()
  }
  const devices = (category: Category): string => linkTo({ ...START, filter: { ...NO_FILTER, domains: [domain.name], categories: [category.name] } })
  return (
    <section class="panel" aria-labelledby={`${id}-head`}>
      <div class="panel-head"><h2 id={`${id}-head`}>{w(`category.${kind}`)}</h2><div class="end"><span class="count">{all.length}</span></div></div>
      <div class="panel-body stack"><p class="dim">{w(`category.${kind}About`)}</p></div>
      {all.length === 0 ? <p class="panel-body dim">{w(`category.${kind}None`)}</p> : (
        <ul class="list">{all.map(category => (
          <li key={category.id} class="entry">
            <Icon name="tag" />
            <a class={`chip${config ? ' prov' : ''}`} href={devices(category)} title={w('category.devices', category.name)}>{category.name}</a>
            <span class="btns">
              <button type="button" class="btn small ghost" disabled={notManager !== undefined} title={notManager} aria-label={w('category.renameOne', category.name)} onClick={() => onOpen('rename', category)}>{w('category.rename')}</button>
              <button type="button" class="btn small icon ghost" disabled={notManager !== undefined} title={notManager ?? w('category.deleteOne', category.name)} aria-label={w('category.deleteOne', category.name)} onClick={() => onOpen('delete', category)}><Icon name="trash" /></button>
            </span>
          </li>
        ))}</ul>
      )}
      <form class="panel-body addline" noValidate onSubmit={event => {
        event.preventDefault()
        if (!busy) void add()
      }}>
        <TextField id={id} label={w(`category.${kind}Add`)} value={name} maxLength={128} disabled={notManager} error={error} onInput={text => {
          setName(text)
          setError(undefined)
        }} />
        <button type="submit" class="btn" disabled={busy || notManager !== undefined} title={notManager}><Icon name="plus" />{t('action.add')}</button>
      </form>
    </section>
  )
}
