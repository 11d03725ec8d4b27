/** Codes for many people at once: names pasted or imported, judged while one types, made together, printed. */
import { useMemo, useState } from 'preact/hooks'
import { NotConnected } from '../connection/errors.ts'
import { Check, Select } from '../parts/fields.tsx'
import { Icon } from '../parts/icons.tsx'
import { ListInput } from '../parts/list-input.tsx'
import { announce } from '../parts/notices.tsx'
import { linkTo } from '../route/navigation.ts'
import { pageRoute } from '../route/route.ts'
import { connection } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { formatNumber, t } from '../text/text.ts'
import type { ProvisioningCode } from '../../app/protocol/provisioning-messages.ts'
import { CodeOptions, useCodeOptions } from './code-options.tsx'
import { codes, grouped, isOpen, learnClock } from './codes.ts'
import { codesAsCsv, download } from './export.ts'
import { guessColumn, MOST_LINES, readNames, readTable } from './name-list.ts'
import { codeReason } from './new-code.tsx'
import { printSheet } from './sheet.tsx'
import { w, ws } from './words.ts'

/** As many as one request takes (service limit). */
const AT_ONCE = 1_000
const LISTED = 200

export const Rollout = () => {
  const options = useCodeOptions()
  const known = useCell(codes.items)
  const [text, setText] = useState('')
  const [column, setColumn] = useState<number>()
  const [made, setMade] = useState<readonly ProvisioningCode[]>([])
  const [progress, setProgress] = useState<{ readonly done: number, readonly total: number }>()
  const [problem, setProblem] = useState<string>()
  const [again, setAgain] = useState(false)
  const table = useMemo(() => readTable(text), [text])
  const guess = useMemo(() => guessColumn(table), [table])
  const chosen = Math.min(column ?? guess.column, Math.max(0, table.columns - 1))
  const domainId = options.in?.id
  const open = useMemo(() => new Set((known ?? []).filter(code => isOpen(code) && code.domainId === domainId && code.sip).map(code => code.sip.toLowerCase())), [known, domainId])
  const names = useMemo(() => readNames(table, chosen, guess.head, progress ? new Set() : open), [table, chosen, guess, open, progress !== undefined])
  const good = names.filter(one => one.problem === undefined || (again && one.problem === 'known'))
  const count = (problem: string): number => names.filter(one => one.problem === problem).length
  const busy = progress !== undefined

  const create = async (): Promise<void> => {
    const { in: domain, category, administrative } = options
    if (busy || !domain || !category || good.length === 0) return
    setProblem(undefined)
    const all: ProvisioningCode[] = []
    const sips = good.map(one => one.name)
    try {
      for (let at = 0; at < sips.length; at += AT_ONCE) {
        setProgress({ done: at, total: sips.length })
        await connection().requestParts('AddProvisioningCodes', { domainId: domain.id, category, administrative, rollout: true, sips: sips.slice(at, at + AT_ONCE) }, part => {
          all.push(...part.codes)
          for (const code of part.codes) codes.put(code)
        })
        const last = all.at(-1)
        if (last) learnClock(last.validUntil, true)
      }
      setText('')
      announce(ws('rollout.made', all.length))
    } catch (error) {
      // Names that have their code leave the list, so that another try makes the rest only.
      setText(sips.slice(all.length).join('\n'))
      setColumn(undefined)
      setProblem(`${error instanceof NotConnected && error.sent ? w('rollout.unsure') : codeReason(error)}${all.length > 0 ? ` ${ws('rollout.someMade', all.length)}` : ''}`)
    } finally {
      setProgress(undefined)
      if (all.length > 0) setMade(all)
    }
  }
  const fresh = made.map(code => codes.get(code.code) ?? code)
  const trouble = names.filter(one => one.problem !== undefined)
  return (
    <div class="cols c-side-main">
      <section class="panel" aria-labelledby="rollout-head">
        <div class="panel-head"><h2 id="rollout-head">{w('rollout')}</h2></div>
        <form class="panel-body stack" noValidate onSubmit={event => {
          event.preventDefault()
          void create()
        }}>
          <ListInput id="rollout-names" label={w('rollout.names')} hint={w('rollout.hint')} value={text} placeholder={'lena.hoff\ntim.wolf'} fromFile={w('rollout.file')} tooLarge={w('list.tooLarge')} disabled={busy} onInput={value => {
            setText(value)
            setColumn(undefined)
          }} />
          {table.columns > 1 && <Select id="rollout-column" label={w('rollout.column')} value={String(chosen)} onChange={value => setColumn(Number(value))}
            options={Array.from({ length: table.columns }, (_, at) => ({ value: String(at), label: `${at + 1}: ${table.rows[0]?.cells[at] ?? ''}` }))} />}
          <CodeOptions options={options} prefix="rollout" time={false} />
          {count('known') > 0 && <Check id="rollout-again" label={ws('rollout.knownToo', count('known'))} hint={w('rollout.knownHint')} checked={again} onChange={setAgain} />}
          {problem !== undefined && <p class="msg err" role="alert"><Icon name="err" /><span>{problem}</span></p>}
          <div class="btns"><button type="submit" class="btn primary" disabled={busy || good.length === 0 || !options.category}><Icon name="key" />{good.length === 0 ? w('rollout.createNone') : ws('rollout.create', good.length)}</button>
            <span class="hint">{w('rollout.valid')}</span></div>
          {progress && <p role="status">{w('rollout.progress', progress.done, progress.total)}</p>}
        </form>
      </section>
      <div class="stack">
        {fresh.length > 0 && (
          <section class="panel" aria-labelledby="made-head">
            <div class="panel-head wraps"><span class="ico-ok"><Icon name="ok" /></span><h2 id="made-head">{ws('rollout.made', fresh.length)}</h2>
              <div class="end"><button type="button" class="btn small" onClick={() => printSheet(fresh)}><Icon name="print" />{w('print')}</button>
                <button type="button" class="btn small" onClick={() => download('provisioning-codes.csv', codesAsCsv(fresh))}><Icon name="download" />CSV</button></div></div>
            <p class="panel-body dim">{w('rollout.next')} <a href={linkTo(pageRoute('provisioning'))}>{w('rollout.watch')}</a></p>
            <ul class="list made">{fresh.slice(0, LISTED).map(code => <li key={code.code}><span class={isOpen(code) ? 'ico-info' : 'ico-ok'}><Icon name={isOpen(code) ? 'wait' : 'ok'} /></span><span class="clip">{code.sip}</span><b>{grouped(code.code)}</b></li>)}
              {fresh.length > LISTED && <li><span /><span class="d">{t('bulk.more', fresh.length - LISTED)}</span></li>}</ul>
          </section>
        )}
        <section class="panel" aria-labelledby="preview-head">
          <div class="panel-head"><h2 id="preview-head">{w('rollout.preview')}</h2>{names.length > 0 && <span class="count">{formatNumber(good.length)}</span>}</div>
          {names.length === 0
            ? <p class="panel-body dim">{w('rollout.empty')}</p>
            : <>
                <div class="panel-body stack-s" role="status">
                  {(['twice', 'known', 'long'] as const).filter(one => count(one) > 0).map(one => <p key={one} class={`msg ${one === 'long' ? 'err' : 'warn'}`}><Icon name={one === 'long' ? 'err' : 'warn'} /><span>{ws(`names.${one}`, count(one))}</span></p>)}
                  {table.cut && <p class="msg warn"><Icon name="warn" /><span>{w('list.cut', MOST_LINES)}</span></p>}
                  {trouble.length === 0 && <p class="msg ok"><Icon name="check" /><span>{ws('names.good', good.length)}</span></p>}
                </div>
                <ul class="list made" tabIndex={0} aria-label={w('rollout.preview')}>
                  {[...trouble, ...names.filter(one => one.problem === undefined)].slice(0, LISTED).map(one => (
                    <li key={one.line}><span class={one.problem === undefined ? 'ico-ok' : one.problem === 'long' ? 'ico-err' : 'ico-warn'}><Icon name={one.problem === undefined ? 'check' : one.problem === 'long' ? 'err' : 'warn'} /></span><span class="clip">{one.name}</span><span class="d">{one.problem === undefined ? w('line', one.line) : `${w('line', one.line)} · ${w(`name.${one.problem}`)}`}</span></li>
                  ))}
                  {names.length > LISTED && <li><span /><span class="d">{t('bulk.more', names.length - LISTED)}</span></li>}
                </ul>
              </>}
        </section>
      </div>
    </div>
  )
}
