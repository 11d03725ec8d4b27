/** Renaming and deleting a category: what uses it is said first. */
import { useEffect, useState } from 'preact/hooks'
import { RequestRefused } from '../connection/errors.ts'
import { Dialog } from '../parts/dialog.tsx'
import { TextField } from '../parts/fields.tsx'
import { Icon } from '../parts/icons.tsx'
import { notify } from '../parts/notices.tsx'
import { connection } from '../session/session.ts'
import { formatNumber, t } from '../text/text.ts'
import type { CategoryUse } from '../../app/protocol/domain-messages.ts'
import type { Category, Domain } from '../../app/protocol/types.ts'
import { categoryWrong } from './category-rules.ts'
import { w, whyRefused } from './words.ts'

interface Props { readonly domain: Domain, readonly category: Category, onClose(): void }

function useUse(id: number): { use: CategoryUse | undefined, error: string | undefined, again(): void } {
  const [use, setUse] = useState<CategoryUse>()
  const [error, setError] = useState<string>()
  const read = (): void => void connection().request('GetCategoryUse', { id }).then(reply => setUse(reply.use), cause => setError(whyRefused(cause)))
  useEffect(read, [id])
  return { use, error, again: read }
}
const isUsed = (use: CategoryUse): boolean => use.devices + use.configs + use.codes + use.jobs > 0

const Use = ({ use }: { use: CategoryUse | undefined }) => use === undefined
  ? <div class="blast" role="status" aria-busy="true" aria-label={w('category.counting')}>{[1, 2, 3, 4].map(at => <div key={at}><b><span class="sk w2" /></b>&nbsp;</div>)}</div>
  : (
    <>
      <div class="blast">
        {(['devices', 'configs', 'codes', 'jobs'] as const).map(what => <div key={what}><b>{formatNumber(use[what])}</b>{w(`category.use.${what}`)}</div>)}
      </div>
      {use.phoneOnly && <p class="msg"><Icon name="info" /><span>{w('category.phoneOnly')}</span></p>}
    </>
  )

export const RenameCategory = ({ domain, category, onClose }: Props) => {
  const [name, setName] = useState(category.name)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const { use } = useUse(category.id)
  const wanted = name.trim()
  const rename = async (): Promise<void> => {
    const wrong = categoryWrong(wanted, domain.categories.filter(other => other.id !== category.id))
    if (wrong) return setError(w(`wrong.${wrong}`))
    setBusy(true)
    try {
      await connection().request('EditCategory', { id: category.id, name: wanted })
      notify('ok', w('category.renamed', category.name, wanted))
      onClose()
    } catch (cause) {
      setBusy(false)
      setError(cause instanceof RequestRefused && cause.code === 'conflict' && cause.field === 'name' ? w('wrong.taken') : whyRefused(cause))
    }
  }
  return (
    <Dialog title={w('category.renameTitle', category.name)} onClose={onClose} onSubmit={() => void rename()} foot={
      <>
        <button type="button" class="btn ghost" onClick={onClose}>{t('action.cancel')}</button>
        <button type="submit" class="btn primary" disabled={busy || wanted === category.name}>{w('category.rename')}</button>
      </>
    }>
      <Use use={use} />
      <p class="dim">{w('category.renameWhat')}</p>
      <TextField id="category-name" label={t('column.name')} value={name} maxLength={128} error={error} onInput={text => {
        setName(text)
        setError(undefined)
      }} />
    </Dialog>
  )
}

export const DeleteCategory = ({ category, onClose }: Props) => {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const { use, error, again } = useUse(category.id)
  const remove = async (): Promise<void> => {
    if (!use || busy) return
    setBusy(true)
    try {
      await connection().request('DeleteCategory', { id: category.id, ...(isUsed(use) ? { force: true } : {}) })
      notify('ok', w('category.deleted', category.name))
      onClose()
    } catch (cause) {
      setBusy(false)
      setProblem(cause instanceof RequestRefused && cause.code === 'conflict' ? w(isUsed(use) ? 'category.keepsConfig' : 'category.meanwhile') : whyRefused(cause))
      again()
    }
  }
  const shown = problem ?? error
  return (
    <Dialog title={w('category.deleteTitle', category.name)} danger onClose={onClose} onSubmit={() => void remove()} foot={
      <>
        <button type="button" class="btn ghost" onClick={onClose}>{t('action.cancel')}</button>
        <button type="submit" class="btn danger" disabled={busy || use === undefined}>{t('action.delete')}</button>
      </>
    }>
      {shown !== undefined && <p class="msg err" role="alert"><Icon name="err" /><span>{shown}</span></p>}
      <Use use={use} />
      {use && <p>{w(isUsed(use) ? (category.config ? 'category.deleteConfig' : 'category.deleteStandard') : 'category.deleteUnused')}</p>}
    </Dialog>
  )
}
