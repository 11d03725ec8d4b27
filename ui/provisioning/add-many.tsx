/** Devices from a list of MAC addresses: each line is judged while one types, by the page and then by the service; each has its result. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import { DomainSelect, likelyDomain } from '../devices/domain-dialogs.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Select } from '../parts/fields.tsx'
import { Mac, typeLabel } from '../parts/device-words.tsx'
import { Icon } from '../parts/icons.tsx'
import { ListInput } from '../parts/list-input.tsx'
import { announce, reasonText } from '../parts/notices.tsx'
import { TYPES } from '../route/route.ts'
import { connection, domainName, domains } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { t } from '../text/text.ts'
import type { DeviceType } from '../../app/protocol/types.ts'
import { readMacs, type ListedMac } from './mac-list.ts'
import { MOST_LINES } from './name-list.ts'
import { serverText } from './server-texts.ts'
import { w, ws } from './words.ts'

/** As many as one request takes (service limit). */
const AT_ONCE = 1_000
const LISTED = 200
/** The service is asked when nobody has typed for this long, in ms. */
const QUIET = 400

type Verdict = { readonly ok: boolean, readonly text: string }
interface Target { readonly domainId: number, readonly category: string, readonly type: DeviceType | '' }

/** @returns what the service says of each hardware id */
async function ask(devices: readonly ListedMac[], { domainId, category, type }: Target, check: boolean, onProgress: (done: number) => void): Promise<Map<string, Verdict>> {
  const verdicts = new Map<string, Verdict>()
  for (let at = 0; at < devices.length; at += AT_ONCE) {
    onProgress(at)
    await connection().requestParts('AddDevices', {
      domainId, ...(check ? { check } : {}),
      devices: devices.slice(at, at + AT_ONCE).map(one => ({ hwId: one.hwId, ...(one.name ? { name: one.name } : {}), ...(category ? { provisioningCategory: category } : {}), ...(type ? { type } : {}) })),
    }, part => { for (const result of part.results) verdicts.set(result.hwId, { ok: result.ok, text: result.errorText ? serverText(result.errorText) : '' }) })
  }
  return verdicts
}

const PLACEHOLDER = '00:90:33:4c:77:11  Reception\n0090.334c.7712; Jens Brandt\n0090334c7713'

/** @param foot what stands beside the button (a dialog's own)  @param onDone some devices have been added */
export const AddMany = ({ id, onDone }: { readonly id: string, onDone?(): void }) => {
  const all = useCell(domains)
  const [text, setText] = useState('')
  const [domain, setDomain] = useState(likelyDomain)
  const [category, setCategory] = useState('')
  const [type, setType] = useState<DeviceType | ''>('')
  const [said, setSaid] = useState<{ readonly key: string, readonly verdicts: ReadonlyMap<string, Verdict>, readonly added: boolean }>()
  const [progress, setProgress] = useState<{ readonly done: number, readonly total: number }>()
  const [problem, setProblem] = useState<string>()
  const domainId = all.some(one => one.id === domain) ? domain : likelyDomain()
  const categories = (all.find(one => one.id === domainId)?.categories ?? []).filter(one => one.config)
  const target: Target = { domainId, category: categories.some(one => one.name === category) ? category : '', type }
  const { devices, cut } = useMemo(() => readMacs(text), [text])
  const good = useMemo(() => devices.filter(one => one.problem === undefined), [devices])
  const key = JSON.stringify([target, text])
  const verdicts = said?.key === key || said?.added ? said.verdicts : undefined
  const added = said?.added === true
  useEffect(() => {
    if (good.length === 0 || added || progress) return
    let gone = false
    const timer = setTimeout(() => {
      ask(good, target, true, () => undefined).then(found => {
        if (gone) return
        setSaid({ key, verdicts: found, added: false })
        setProblem(undefined)
      }, error => { if (!gone) setProblem(reasonText(error)) })
    }, QUIET)
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [key, added])
  const fits = good.filter(one => verdicts?.get(one.hwId)?.ok !== false)
  const add = async (): Promise<void> => {
    if (progress || fits.length === 0 || added) return
    setProblem(undefined)
    try {
      const found = await ask(fits, target, false, done => setProgress({ done, total: fits.length }))
      // Lines that were left out keep what was said of them.
      setSaid({ key, verdicts: new Map([...(verdicts ?? []), ...found]), added: true })
      announce(ws('mac.added', [...found.values()].filter(one => one.ok).length, domainName(domainId)))
      onDone?.()
    } catch (error) {
      setProblem(reasonText(error))
    } finally {
      setProgress(undefined)
    }
  }
  const restart = (rest: readonly ListedMac[]): void => {
    setSaid(undefined)
    setText(rest.map(one => one.text).join('\n'))
  }
  const verdictOf = (one: ListedMac): { look: 'ok' | 'warn' | 'err' | 'off', text: string } => {
    if (one.problem) return { look: one.problem === 'twice' ? 'warn' : 'err', text: w(`mac.${one.problem}`) }
    const verdict = verdicts?.get(one.hwId)
    if (!verdict) return { look: 'off', text: progress ? '' : w('mac.checking') }
    return verdict.ok ? { look: 'ok', text: w(added ? 'mac.isAdded' : 'mac.good') } : { look: 'err', text: verdict.text }
  }
  const judged = devices.map(one => ({ one, verdict: verdictOf(one) }))
  const bad = judged.filter(({ verdict }) => verdict.look === 'err' || verdict.look === 'warn')
  const done = judged.length - bad.length
  const busy = progress !== undefined
  return (
    <form class="stack" noValidate onSubmit={event => {
      event.preventDefault()
      void add()
    }}>
      {!added && (
        <>
          <ListInput id={`${id}-list`} label={w('mac.list')} hint={w('mac.hint')} value={text} placeholder={PLACEHOLDER} fromFile={w('rollout.file')} tooLarge={w('list.tooLarge')} disabled={busy} onInput={value => {
            setText(value)
            setProblem(undefined)
          }} />
          <div class="fields">
            {all.length > 1 && <DomainSelect id={`${id}-domain`} value={domainId} onChange={setDomain} />}
            <Select id={`${id}-category`} label={w('category')} value={target.category} onChange={setCategory} options={[{ value: '', label: w('mac.noCategory') }, ...categories.map(one => ({ value: one.name, label: one.name }))]} />
            <Select id={`${id}-type`} label={t('column.type')} value={type} onChange={value => setType(TYPES.find(one => one === value) ?? '')} options={[{ value: '', label: t('add.typeUnknown') }, ...TYPES.map(one => ({ value: one, label: typeLabel(one) }))]} />
          </div>
        </>
      )}
      {problem !== undefined && <p class="msg err" role="alert"><Icon name="err" /><span>{problem}</span></p>}
      {devices.length > 0 && (
        <div>
          <p role="status" class="summary">{busy ? w('rollout.progress', progress.done, progress.total) : added ? <strong>{ws('mac.added', done, domainName(domainId))}</strong> : ws('mac.fit', fits.length)}{bad.length > 0 && <> · {ws('mac.bad', bad.length)}</>}{cut && <> · {w('list.cut', MOST_LINES)}</>}</p>
          <ul class="list made" tabIndex={0} aria-label={w('mac.lines')} aria-busy={busy}>
            {[...bad, ...judged.filter(one => !bad.includes(one))].slice(0, LISTED).map(({ one, verdict }) => (
              <li key={one.line}><span class={`ico-${verdict.look}`}><Icon name={verdict.look === 'ok' ? 'check' : verdict.look === 'off' ? 'wait' : verdict.look} /></span>
                <span class="clip">{one.hwId ? <><Mac hwId={one.hwId} /> {one.name}</> : one.text}</span><span class="d">{w('line', one.line)} · {verdict.text}</span></li>
            ))}
            {judged.length > LISTED && <li><span /><span class="d">{t('bulk.more', judged.length - LISTED)}</span></li>}
          </ul>
        </div>
      )}
      <div class="btns">
        {added
          ? <>
              <button type="button" class="btn primary" onClick={() => restart([])}>{w('mac.next')}</button>
              {bad.length > 0 && <button type="button" class="btn" onClick={() => restart(bad.map(({ one }) => one))}>{ws('mac.correct', bad.length)}</button>}
            </>
          : <button type="submit" class="btn primary" disabled={busy || fits.length === 0}><Icon name="plus" />{fits.length === 0 ? w('mac.addNone') : ws('mac.add', fits.length)}</button>}
      </div>
    </form>
  )
}

/** The same on the page of devices. */
export const AddManyDialog = ({ onClose }: { onClose(added: boolean): void }) => {
  const [added, setAdded] = useState(false)
  return (
    <Dialog title={w('mac.title')} wide onClose={() => onClose(added)} foot={<button type="button" class="btn ghost" onClick={() => onClose(added)}>{t('action.close')}</button>}>
      <p class="dim">{w('mac.about')}</p>
      <AddMany id="many" onDone={() => setAdded(true)} />
    </Dialog>
  )
}
