/** Who did what, from where, when: newest first, searched and paged by the service. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { w, ws, whyRefused, isLost } from '../domains/words.ts'
import { Empty } from '../devices/empty.tsx'
import { Select } from '../parts/fields.tsx'
import { Icon } from '../parts/icons.tsx'
import { refine } from '../route/navigation.ts'
import { pageRoute, type PageRoute } from '../route/route.ts'
import { connection, domains } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { formatNumber } from '../text/text.ts'
import type { AuditEntry } from '../../app/protocol/domain-messages.ts'
import { AuditTable } from './audit-table.tsx'
import { period } from './period.ts'

const ROWS = 50
const DEBOUNCE = 200
/** The newest entries are read again this often while they are looked at, in ms. */
const EVERY = 5_000

interface Shown { readonly entries: readonly AuditEntry[], readonly total: number, readonly key: string }

export const AuditPage = ({ route }: { route: PageRoute }) => {
  const { q = '', domain = '', from = '', to = '' } = route.args
  const offset = Math.max(0, Math.min(10_000_000, Math.floor(Number(route.args['offset']) || 0)))
  const all = useCell(domains)
  const link = useCell(connection().state)
  const [shown, setShown] = useState<Shown>()
  const [problem, setProblem] = useState<string>()
  const [words, setWords] = useState(q)
  const typing = useRef<ReturnType<typeof setTimeout>>(undefined)
  const id = domain ? all.find(one => one.name === domain)?.id ?? 0 : undefined
  const key = JSON.stringify([q, domain, id, from, to, offset])
  const filtered = Boolean(q || domain || from || to)

  // Typing changes the address a moment later, when other filters may have changed already.
  const args = useRef(route.args)
  args.current = route.args
  const change = (changes: Record<string, string>): void => refine(pageRoute('audit', { ...args.current, offset: '', ...changes }))
  useEffect(() => { if (typing.current === undefined) setWords(q) }, [q])
  useEffect(() => () => clearTimeout(typing.current), [])
  const onWords = (text: string): void => {
    setWords(text)
    clearTimeout(typing.current)
    typing.current = setTimeout(() => {
      typing.current = undefined
      change({ q: text.trim() })
    }, DEBOUNCE)
  }

  const online = link.at === 'online'
  useEffect(() => {
    if (!online) return
    let gone = false
    const read = async (): Promise<void> => {
      try {
        const entries: AuditEntry[] = []
        let total = 0
        // A long message has fewer entries than asked for.
        do {
          const page = await connection().request('GetAuditPage', { offset: offset + entries.length, limit: ROWS - entries.length, ...(q ? { search: q } : {}), ...(id === undefined ? {} : { domainIds: [id] }), ...period(from, to) })
          entries.push(...page.entries)
          total = page.total
          if (page.entries.length === 0) break
        } while (entries.length < Math.min(ROWS, total - offset))
        if (gone) return
        setShown({ entries, total, key })
        setProblem(undefined)
      } catch (error) {
        if (!gone && !isLost(error)) setProblem(whyRefused(error))
      }
    }
    void read()
    const timer = setInterval(() => { if (offset === 0 && !q && document.visibilityState === 'visible') void read() }, EVERY)
    return () => {
      gone = true
      clearInterval(timer)
    }
  }, [key, online])

  const body = (): ComponentChildren => {
    if (problem !== undefined) return <Empty icon="err" title={w('audit.failed')}>{problem}</Empty>
    if (!shown) return <div class="panel skeleton-panel" role="status" aria-busy="true" aria-label={w('audit.loading')}>{[1, 2, 3, 4, 5, 6].map(at => <span key={at} class={`sk w${at % 3 + 1}`} />)}</div>
    if (shown.total === 0) {
      return filtered
        ? <Empty icon="search" title={w('audit.noMatch')} actions={<button type="button" class="btn" onClick={() => refine(pageRoute('audit'))}>{w('audit.showAll')}</button>}>{w('audit.noMatchAbout')}</Empty>
        : <Empty icon="history" title={w('audit.none')}>{w('audit.noneAbout')}</Empty>
    }
    return <AuditTable entries={shown.entries} withDomain={all.length > 1} />
  }
  const total = shown?.total ?? 0
  const lastOffset = Math.max(0, Math.floor((total - 1) / ROWS) * ROWS)
  return (
    <div class="page">
      <div class="head">
        <div><h1>{w('audit.title')}</h1><p class="sub">{shown ? <span>{ws(filtered ? 'audit.matches' : 'audit.entries', total)}</span> : <span class="sk w1 figure" />}</p></div>
      </div>
      <div class="filterbar" role="search" aria-label={w('audit.filter')}>
        <div class="field grow"><label for="audit-words">{w('audit.search')}</label>
          <input class="in" id="audit-words" type="search" value={words} maxLength={200} autocomplete="off" spellcheck={false} onInput={event => onWords(event.currentTarget.value)} aria-describedby="audit-words-hint" />
          <span class="hint" id="audit-words-hint">{w('audit.searchHint')}</span></div>
        {all.length > 1 && <Select id="audit-domain" label={w('audit.domain')} value={domain} onChange={name => change({ domain: name })} options={[{ value: '', label: w('audit.allDomains') }, ...all.map(one => ({ value: one.name, label: one.name }))]} />}
        <div class="field"><label for="audit-from">{w('audit.from')}</label><input class="in" id="audit-from" type="date" value={from} max={to || undefined} onChange={event => change({ from: event.currentTarget.value })} /></div>
        <div class="field"><label for="audit-to">{w('audit.to')}</label><input class="in" id="audit-to" type="date" value={to} min={from || undefined} onChange={event => change({ to: event.currentTarget.value })} /></div>
      </div>
      <div aria-busy={shown?.key !== key}>{body()}</div>
      {total > ROWS && (
        <nav class="pager" aria-label={w('audit.pages')}>
          <button type="button" class="btn" disabled={offset === 0} onClick={() => change({ offset: String(Math.max(0, offset - ROWS) || '') })}><Icon name="left" />{w('audit.newer')}</button>
          <span role="status">{w('audit.range', formatNumber(offset + 1), formatNumber(Math.min(offset + ROWS, total)), formatNumber(total))}</span>
          <button type="button" class="btn" disabled={offset >= lastOffset} onClick={() => change({ offset: String(offset + ROWS) })}>{w('audit.older')}<Icon name="right" /></button>
        </nav>
      )}
    </div>
  )
}
