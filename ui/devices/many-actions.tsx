/** What can be done with many devices at once; each is a task of the service. */
import { useEffect, useState } from 'preact/hooks'
import { RequestRefused } from '../connection/errors.ts'
import { Check, Select, TextField } from '../parts/fields.tsx'
import { Icon } from '../parts/icons.tsx'
import { connection, domainName, domains } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { plural, t } from '../text/text.ts'
import { w, ws } from '../tasks/words.ts'
import { DomainSelect, likelyDomain } from './domain-dialogs.tsx'
import { within, type Many } from './many.ts'
import { ManyDialog } from './many-dialog.tsx'

export type ManyAction = 'add' | 'move' | 'delete' | 'categories' | 'restart' | 'url'
interface Props { readonly many: Many, onClose(changed: boolean): void }

export const ManyActionDialog = ({ action, many, onClose }: Props & { readonly action: ManyAction }) => {
  switch (action) {
    case 'add': return <IntoDomain many={many} onClose={onClose} move={false} />
    case 'move': return <IntoDomain many={many} onClose={onClose} move />
    case 'delete': return <DeleteMany many={many} onClose={onClose} />
    case 'categories': return <CategoriesMany many={many} onClose={onClose} />
    case 'restart': return <RestartMany many={many} onClose={onClose} />
    case 'url': return <UrlMany many={many} onClose={onClose} />
  }
}

const IntoDomain = ({ many, onClose, move }: Props & { readonly move: boolean }) => {
  const all = useCell(domains)
  const [chosen, setDomain] = useState(likelyDomain)
  const domainId = all.some(one => one.id === chosen) ? chosen : likelyDomain()
  const id = move ? 'move' : 'assign'
  return (
    <ManyDialog many={many} ready={domainId !== 0} onClose={onClose} title={count => plural(`${id}.title`, count)} doIt={count => plural(`${id}.do`, count)} done={count => plural(`${id}.done`, count, domainName(domainId))}
      start={() => connection().request('StartEdit', { selection: many.selection, domainId })}>
      {({ count }) => <><p>{move ? t('move.hint') : plural('assign.hint', count)}</p><DomainSelect id={`${id}-domain`} value={domainId} onChange={setDomain} /></>}
    </ManyDialog>
  )
}

const DeleteMany = ({ many, onClose }: Props) => (
  <ManyDialog danger many={many} onClose={onClose} title={count => plural('delete.title', count)} doIt={count => plural('delete.do', count)} done={count => plural('delete.done', count)}
    start={() => connection().request('StartDelete', { selection: many.selection })}>
    {({ online }) => <><p>{t('delete.what')}</p>{online > 0 && <p><strong>{plural('delete.online', online)}</strong></p>}</>}
  </ManyDialog>
)

const RestartMany = ({ many, onClose }: Props) => {
  const [whenIdle, setWhenIdle] = useState(true)
  return (
    <ManyDialog danger many={many} hits={count => count.restartable} onClose={onClose} title={count => ws('restart.title', count)} doIt={count => ws('restart.do', count)} done={count => ws('restart.done', count)}
      start={() => connection().request('StartRestart', { selection: many.selection, whenIdle })}>
      {({ count, online, unassigned, restartable }) => {
        const leftOut = [['restart.offline', count - online - unassigned], ['restart.unassigned', unassigned], ['restart.never', online - restartable]] as const
        return (
          <>
            <p>{w('restart.about')}</p>
            {leftOut.map(([id, number]) => number > 0 && <p key={id}><strong>{ws(id, number)}</strong></p>)}
            <Check id="restart-idle" label={w('restart.idle')} hint={w('restart.idleHint')} checked={whenIdle} onChange={setWhenIdle} />
            {!whenIdle && <p class="msg warn" role="status"><Icon name="warn" /><span>{w('restart.calls')}</span></p>}
          </>
        )
      }}
    </ManyDialog>
  )
}

type Change = 'keep' | 'add' | 'remove'
const CHANGES: readonly Change[] = ['keep', 'add', 'remove']

/** Categories belong to a domain: devices of others keep theirs. */
const CategoriesMany = ({ many, onClose }: Props) => {
  const all = useCell(domains)
  const first = many.devices?.[0]?.domainId ?? many.selection.filter?.domainIds?.[0]
  const [chosen, setDomain] = useState(first ?? likelyDomain())
  const domain = all.find(one => one.id === chosen) ?? all.find(one => one.id === likelyDomain())
  const [changes, setChanges] = useState<Readonly<Record<number, Change>>>({})
  const [provisioning, setProvisioning] = useState('keep')
  const categories = [...domain?.categories ?? []].sort((a, b) => a.name.localeCompare(b.name))
  const standard = categories.filter(one => !one.config)
  const ids = (change: Change): number[] => standard.filter(one => changes[one.id] === change).map(one => one.id)
  const mine = domain && all.length > 1 ? within(many, domain.id) : many
  const [addCategories, removeCategories] = [ids('add'), ids('remove')]
  const changed = addCategories.length + removeCategories.length > 0 || provisioning !== 'keep'
  return (
    <ManyDialog many={mine} ready={changed} onClose={onClose} title={count => ws('categories.title', count)} doIt={count => ws('categories.do', count)} done={count => ws('categories.done', count)}
      start={() => connection().request('StartEdit', {
        selection: mine.selection, ...(addCategories.length ? { addCategories } : {}), ...(removeCategories.length ? { removeCategories } : {}),
        ...(provisioning === 'keep' ? {} : { provisioningCategory: provisioning === '' ? null : Number(provisioning) }),
      })}>
      {() => (
        <>
          {all.length > 1 && domain && <><DomainSelect id="categories-domain" value={domain.id} onChange={id => {
            setDomain(id)
            setChanges({})
            setProvisioning('keep')
          }} /><p class="hint">{w('categories.domainHint')}</p></>}
          <Select id="categories-provisioning" label={t('device.provisionedAs')} value={provisioning} onChange={setProvisioning}
            options={[{ value: 'keep', label: w('categories.keepAll') }, { value: '', label: t('category.none') }, ...categories.filter(one => one.config).map(one => ({ value: String(one.id), label: one.name }))]} />
          {standard.length === 0
            ? <p class="dim">{w('categories.noStandard')}</p>
            : <ul class="list changes" aria-label={t('column.categories')}>
                {standard.map(category => (
                  <li key={category.id}><span class="clip" id={`change-${category.id}`}>{category.name}</span>
                    <div class="seg" role="radiogroup" aria-labelledby={`change-${category.id}`}>
                      {CHANGES.map(change => <label key={change}><input type="radio" name={`change-${category.id}`} checked={(changes[category.id] ?? 'keep') === change} onChange={() => setChanges({ ...changes, [category.id]: change })} />{w(`categories.${change}`)}</label>)}
                    </div></li>
                ))}
              </ul>}
        </>
      )}
    </ManyDialog>
  )
}

/** Devices are told another address to register at. */
const UrlMany = ({ many, onClose }: Props) => {
  const [url, setUrl] = useState('')
  const [wrong, setWrong] = useState<string>()
  useEffect(() => { connection().request('GetRegistrationUrl', {}).then(reply => setUrl(before => before || reply.url.replace(/^ws:/, 'wss:')), () => undefined) }, [])
  const fits = /^wss:\/\/[^\s?#]+\/sysclients$/.test(url)
  return (
    <ManyDialog many={many} danger ready={fits} onClose={onClose} title={count => ws('url.title', count)} doIt={count => ws('url.do', count)} done={count => ws('url.done', count)}
      start={async () => {
        setWrong(undefined)
        try {
          return await connection().request('StartUrlRollout', { selection: many.selection, url })
        } catch (error) {
          if (error instanceof RequestRefused && error.field === 'url') setWrong(w('url.wrong'))
          throw error
        }
      }}>
      {({ count, online }) => (
        <>
          <p>{w('url.about')}</p>
          <TextField id="rollout-url" label={w('url.field')} value={url} maxLength={1024} code error={wrong ?? (url !== '' && !fits ? w('url.wrong') : undefined)} onInput={setUrl} />
          <p class="msg warn"><Icon name="warn" /><span>{w('url.warning')}</span></p>
          {online < count && <p class="dim">{w('url.later')}</p>}
        </>
      )}
    </ManyDialog>
  )
}
