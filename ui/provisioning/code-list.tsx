/** All codes with what became of them, live. */
import { useState } from 'preact/hooks'
import { copyAndTell } from '../parts/copy-button.tsx'
import { Mac } from '../parts/device-words.tsx'
import { Icon } from '../parts/icons.tsx'
import { MenuButton, type MenuItem } from '../parts/menu.tsx'
import { reasonText } from '../parts/notices.tsx'
import { ScrollEnd } from '../parts/scroll-end.tsx'
import { go, linkTo } from '../route/navigation.ts'
import { domainName, domains } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { formatDateTime, formatDay, formatNumber, t } from '../text/text.ts'
import type { ProvisioningCode } from '../../app/protocol/provisioning-messages.ts'
import { codes, grouped, isOpen, shownCode, validity } from './codes.ts'
import { Countdown } from './countdown.tsx'
import { codesAsCsv, download } from './export.ts'
import { serverText } from './server-texts.ts'
import { printSheet } from './sheet.tsx'
import { w } from './words.ts'

const FILTERS = ['open', 'used', 'refused', 'expired'] as const
type Filter = typeof FILTERS[number]
const fits = (code: ProvisioningCode, filter: Filter | undefined): boolean => filter === undefined || (filter === 'open' ? isOpen(code) : code.state === filter)
const STEP = 100

const Result = ({ code }: { code: ProvisioningCode }) => {
  switch (code.state) {
    case 'open': return <span class="st info"><Icon name="wait" /><span class="clip">{w('state.open')}</span></span>
    case 'used': return <span class="st ok"><Icon name="ok" /><span class="clip">{code.interface && <>{code.interface} · </>}{code.hwId ? <a href={linkTo({ view: 'device', hwId: code.hwId, tab: 'overview' })}><Mac hwId={code.hwId} /></a> : null} {w('result.added')}</span></span>
    case 'refused': {
      const text = code.errorText ? serverText(code.errorText) : w('state.refused')
      return <span class="st err" title={text}><Icon name="err" /><span class="clip">{w('result.refused', text)}</span></span>
    }
    case 'expired': return <span class="st off"><Icon name="off" /><span class="clip">{w('state.expired')}</span></span>
  }
}

export const CodeList = ({ now, onCancel }: { now: number, onCancel(code: ProvisioningCode): void }) => {
  const all = useCell(codes.items)
  const problem = useCell(codes.problem)
  const several = useCell(domains).length > 1
  const shown = useCell(shownCode)
  const [filter, setFilter] = useState<Filter>()
  const [words, setWords] = useState('')
  const [most, setMost] = useState(STEP)
  const wanted = words.trim().toLowerCase()
  const digits = wanted.replaceAll(/\s/g, '')
  const matching = (all ?? []).filter(code => fits(code, filter) && (wanted === '' || code.sip.toLowerCase().includes(wanted) || code.category.toLowerCase().includes(wanted)
    || code.code.includes(digits) || (code.hwId ?? '').includes(digits) || domainName(code.domainId).toLowerCase().includes(wanted)))
  const open = matching.filter(isOpen)
  const menu = (code: ProvisioningCode): MenuItem[] => [
    ...(isOpen(code) ? [{ label: w('menu.show'), run: () => show(code) }, { label: w('menu.copy'), run: () => void copyAndTell(code.code) }, { label: w('menu.print'), run: () => printSheet([code]) }] : []),
    ...(code.hwId ? [{ label: w('menu.device'), run: () => go({ view: 'device', hwId: code.hwId ?? '', tab: 'overview' }) }] : []),
    { label: w(isOpen(code) ? 'menu.cancel' : 'menu.remove'), danger: isOpen(code), apart: true, run: () => onCancel(code) },
  ]
  const show = (code: ProvisioningCode): void => {
    shownCode.set(code.code)
    document.getElementById('main')?.scrollTo({ top: 0 })
  }
  return (
    <section class="panel" aria-labelledby="codes-head">
      <div class="panel-head wraps"><h2 id="codes-head">{w('codes')}</h2>{all && <span class="count">{formatNumber(all.length)}</span>}
        <div class="chips" role="group" aria-label={w('filter')}>
          {FILTERS.map(one => {
            const count = (all ?? []).filter(code => fits(code, one)).length
            return count > 0 || filter === one ? <button key={one} type="button" class="chip" aria-pressed={filter === one} onClick={() => setFilter(filter === one ? undefined : one)}>{w(`filter.${one}`)} {formatNumber(count)}</button> : null
          })}
        </div>
        <div class="end">
          {all && all.length > 6 && <input class="in find" type="search" value={words} aria-label={w('find')} placeholder={w('find')} onInput={event => setWords(event.currentTarget.value)} />}
          <button type="button" class="btn small ghost" disabled={open.length === 0} title={w('print.about')} onClick={() => printSheet(open)}><Icon name="print" />{w('print')}</button>
          <button type="button" class="btn small ghost" disabled={matching.length === 0} onClick={() => download('provisioning-codes.csv', codesAsCsv(matching))}><Icon name="download" />CSV</button>
        </div></div>
      {problem !== undefined && !all && <p class="msg err inset" role="alert"><Icon name="err" /><span>{reasonText(problem)}</span> <button type="button" class="link" onClick={() => codes.readAgain()}>{t('action.retry')}</button></p>}
      <div class={`rows g-codes${several ? ' with-domain' : ''}`} role="table" aria-labelledby="codes-head" aria-busy={!all}>
        <div class="rows-head" role="row"><div role="columnheader">{w('column.code')}</div><div role="columnheader" class="c-for">{w('column.for')}</div><div role="columnheader" class="c-res">{w('column.result')}</div><div role="columnheader" class="c-left">{w('column.left')}</div><div role="columnheader"><span class="sr">{w('column.actions')}</span></div></div>
        {!all && problem === undefined && [1, 2, 3].map(line => <div key={line} class="rows-row" role="row"><div role="cell"><span class="sk w3" /></div><div role="cell"><span class="sk w2" /></div><div role="cell"><span class="sk w2" /></div></div>)}
        {matching.slice(0, most).map(code => (
          <div key={code.code} class={`rows-row${isOpen(code) ? '' : ' is-muted'}`} role="row" aria-current={code.code === shown ? true : undefined}>
            <div role="cell" class="c-code">{isOpen(code) ? <button type="button" class="plain" title={w('menu.show')} onClick={() => show(code)}>{grouped(code.code)}</button> : grouped(code.code)}</div>
            <div role="cell" class="c-for"><span class="forcell"><span class="chip prov">{code.category || '–'}</span><span class="clip" title={code.sip}>{code.sip}</span>{several && <span class="clip dim">{domainName(code.domainId)}</span>}</span></div>
            <div role="cell" class="c-res"><Result code={code} /></div>
            <div role="cell" class="c-left">{isOpen(code) ? <Countdown until={code.validUntil} whole={validity(code)} now={now} small /> : <span class="dim" title={formatDateTime(code.usedAt ?? code.validUntil)}>{formatDay(code.usedAt ?? code.validUntil)}</span>}</div>
            <div role="cell" class="c-menu"><MenuButton class="btn icon small" label={w('actionsFor', grouped(code.code))} items={menu(code)}><Icon name="more" /></MenuButton></div>
          </div>
        ))}
      </div>
      {all && matching.length === 0 && <p class="dim inset">{w(all.length === 0 ? 'codes.none' : 'codes.noMatch')}</p>}
      {matching.length > most && <ScrollEnd label={w('more')} rest={matching.length - most} onMore={() => setMost(most + STEP)} />}
    </section>
  )
}
