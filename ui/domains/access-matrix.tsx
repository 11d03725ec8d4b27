/** Who may see whom: a row for each domain that looks, a column for each that is seen. */
import type { ComponentChildren } from 'preact'
import { useMemo, useRef, useState } from 'preact/hooks'
import { Empty } from '../devices/empty.tsx'
import { Icon } from '../parts/icons.tsx'
import { announce, notify } from '../parts/notices.tsx'
import { linkTo, refine } from '../route/navigation.ts'
import { pageRoute } from '../route/route.ts'
import { useWhyNot } from '../session/rights.ts'
import { connection, domains } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { t } from '../text/text.ts'
import type { DomainSettings } from '../../app/protocol/domain-messages.ts'
import type { Domain } from '../../app/protocol/types.ts'
import { useAllSettings } from './all-settings.ts'
import { matrixPart } from './matrix-part.ts'
import { w, whyRefused, ws } from './words.ts'

export const AccessMatrix = ({ tabs, words }: { tabs: ComponentChildren, words: string }) => {
  const all = useCell(domains)
  const settings = useAllSettings(true)
  const notAdmin = useWhyNot('admin')
  const [busy, setBusy] = useState<string>()
  const known = settings.at === 'here' ? settings.byId : undefined
  const part = useMemo(() => known && matrixPart(all, known, words), [all, known, words])

  /** Reads before it writes: grants that somebody else gives in this moment stay. */
  const set = async (from: Domain, to: Domain, sees: boolean, again = false): Promise<void> => {
    setBusy(`${from.id} ${to.id}`)
    try {
      const { settings: { access } } = await connection().request('GetDomainSettings', { id: from.id })
      const wanted = sees ? [...new Set([...access, to.id])] : access.filter(id => id !== to.id)
      await connection().request('EditDomain', { id: from.id, access: wanted })
      const text = w(sees ? 'matrix.given' : 'matrix.taken', from.name, to.name)
      announce(text)
      notify('ok', again ? text : <>{text} <button type="button" class="link" onClick={() => void set(from, to, !sees, true)}>{t('action.undo')}</button></>)
    } catch (error) {
      notify('err', whyRefused(error))
    } finally {
      setBusy(undefined)
    }
  }
  const body = (): ComponentChildren => {
    if (settings.at === 'failed') return <Empty icon="err" title={w('settings.failed')}>{whyRefused(settings.error)}</Empty>
    if (!part) return <div class="panel skeleton-panel" role="status" aria-busy="true" aria-label={w('settings.loading')}><span class="sk w2" /><span class="sk w3" /><span class="sk w1" /></div>
    if (part.rows.length === 0) return <Empty icon="search" title={w('domains.noMatch', words)} actions={<button type="button" class="btn" onClick={() => refine(pageRoute('domains', { tab: 'access' }))}>{w('domains.showAll')}</button>} />
    return <Matrix rows={part.rows} columns={part.columns} known={part.known} disabled={notAdmin} busy={busy} onSet={(from, to, sees) => void set(from, to, sees)} />
  }
  return (
    <div class="page">
      <div class="head"><div><h1>{w('matrix.title')}</h1><p class="sub">{part ? <span>{ws('matrix.grants', part.grants)}</span> : <span class="sk w1 figure" />}</p></div></div>
      {tabs}
      <p class="dim">{w('matrix.about')}</p>
      <div class="filterbar"><div class="field grow"><label for="matrix-search">{w('domains.search')}</label>
        <input class="in" id="matrix-search" type="search" value={words} maxLength={128} autocomplete="off" spellcheck={false} onInput={event => refine(pageRoute('domains', { tab: 'access', q: event.currentTarget.value }))} />
        {part && part.hidden > 0 && <span class="hint">{ws('matrix.hidden', part.hidden)}</span>}</div></div>
      {body()}
    </div>
  )
}

interface MatrixProps {
  readonly rows: readonly Domain[], readonly columns: readonly Domain[], readonly known: ReadonlyMap<number, DomainSettings>
  readonly disabled: string | undefined, readonly busy: string | undefined
  onSet(from: Domain, to: Domain, sees: boolean): void
}
const Matrix = ({ rows, columns, known, disabled, busy, onSet }: MatrixProps) => {
  const table = useRef<HTMLTableElement>(null)
  const [at, setAt] = useState({ row: 0, column: 0 })
  const here = { row: Math.min(at.row, rows.length - 1), column: Math.min(at.column, columns.length - 1) }
  const move = (event: KeyboardEvent): void => {
    const to = {
      ArrowRight: { ...here, column: here.column + 1 }, ArrowLeft: { ...here, column: here.column - 1 }, ArrowDown: { ...here, row: here.row + 1 }, ArrowUp: { ...here, row: here.row - 1 },
      Home: { ...here, column: 0 }, End: { ...here, column: columns.length - 1 },
    }[event.key]
    if (!to) return
    event.preventDefault()
    const next = { row: Math.max(0, Math.min(rows.length - 1, to.row)), column: Math.max(0, Math.min(columns.length - 1, to.column)) }
    setAt(next)
    table.current?.querySelector<HTMLElement>(`[data-cell="${next.row} ${next.column}"]`)?.focus()
  }
  return (
    <div class="panel matrix-wrap">
      <table ref={table} class="tbl matrix" role="grid" aria-label={w('matrix.title')} aria-readonly={disabled === undefined ? undefined : true} onKeyDown={move}>
        <thead><tr><th scope="col" class="corner"><span>{w('matrix.sees')}</span></th>{columns.map(to => <th key={to.id} scope="col" class="turn" title={to.name}><span>{to.name}</span></th>)}</tr></thead>
        <tbody>{rows.map((from, row) => (
          <tr key={from.id}>
            <th scope="row"><a href={linkTo(pageRoute('domain', { name: from.name }))}>{from.name}</a></th>
            {columns.map((to, column) => {
              const label = w('matrix.cell', from.name, to.name)
              const own = from.id === to.id
              const tabIndex = row === here.row && column === here.column ? 0 : -1
              const cell = `${row} ${column}`
              if (own || from.isInstanceDomain) return <td key={to.id} role="gridcell" class="fixed" tabIndex={tabIndex} data-cell={cell} title={w(own ? 'matrix.own' : 'domains.seesAll')} onFocus={() => setAt({ row, column })}><Icon name="check" size="s" /><span class="sr">{w(own ? 'matrix.own' : 'domains.seesAll')}</span></td>
              const sees = known.get(from.id)?.access.includes(to.id) === true
              return (
                <td key={to.id} role="gridcell">
                  <input class="ck" type="checkbox" checked={sees} tabIndex={tabIndex} data-cell={cell} aria-label={label} title={disabled ?? label} aria-busy={busy === `${from.id} ${to.id}`} aria-disabled={disabled === undefined ? undefined : true} onFocus={() => setAt({ row, column })}
                    onClick={event => {
                      event.preventDefault()
                      // The box shows what the service has; it follows when that changes.
                      if (disabled === undefined && busy === undefined) onSet(from, to, !sees)
                    }} />
                </td>
              )
            })}
          </tr>
        ))}</tbody>
      </table>
    </div>
  )
}
