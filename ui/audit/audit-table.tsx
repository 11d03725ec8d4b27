/** Entries of the audit log as a table; on narrow screens each is a block. */
import type { ComponentChildren } from 'preact'
import { en } from '../text/en-domains.ts'
import { w, type WordId } from '../domains/words.ts'
import { linkTo } from '../route/navigation.ts'
import { pageRoute } from '../route/route.ts'
import { domains } from '../session/session.ts'
import { formatDateTime } from '../text/text.ts'
import type { AuditEntry } from '../../app/protocol/domain-messages.ts'
import { changesOf } from './changes.ts'

const isWord = (id: string): id is WordId => Object.hasOwn(en, id)
/** What was done, in words; an action that has none yet as it is written. */
export function actionWords(action: string): string {
  const id = `did.${action}`
  return isWord(id) ? w(id) : action
}

const HARDWARE_ID = /\b[0-9a-f]{12}\b/
/** The subject, with a way to it where there is one. */
const Subject = ({ entry: { action, subject } }: { entry: AuditEntry }): ComponentChildren => {
  const hwId = HARDWARE_ID.exec(subject)?.[0]
  if (hwId !== undefined) return <a href={linkTo({ view: 'device', hwId, tab: 'overview' })}>{subject}</a>
  if (action.startsWith('domain.') && domains.value.some(domain => domain.name === subject)) return <a href={linkTo(pageRoute('domain', { name: subject }))}>{subject}</a>
  return <>{subject}</>
}

/** Names of settings as the page calls them; what it does not know stays as it is written. */
function settingWords(setting: string): string {
  const id = `audit.setting.${setting}`
  return isWord(id) ? w(id) : setting
}
const valueWords = (value: string): string => value === 'true' ? w('value.yes') : value === 'false' ? w('value.no') : value

const Changes = ({ entry }: { entry: AuditEntry }) => (
  <>
    {changesOf(entry.before, entry.after).map(({ setting, before, after }) => {
      const [was, is] = [valueWords(before), valueWords(after)]
      return (
        <span key={setting} title={[was, is].filter(Boolean).join(' → ')}>
          {setting && <>{settingWords(setting)}: </>}
          {was && <><span class="sr">{w('audit.before')} </span><s class="was">{was}</s> </>}
          {is ? <><span class="sr">{w('audit.after')} </span><span class="is">{is}</span></> : was && entry.after && <span class="dim">{w('value.empty')}</span>}
        </span>
      )
    })}
  </>
)

export const AuditTable = ({ entries, withDomain }: { entries: readonly AuditEntry[], withDomain: boolean }) => (
  <div class="panel tbl-wrap">
    <table class="tbl audit">
      <caption class="sr">{w('audit.title')}</caption>
      <thead><tr>
        <th scope="col">{w('audit.time')}</th><th scope="col">{w('audit.who')}</th><th scope="col">{w('audit.what')}</th><th scope="col">{w('audit.subject')}</th>
        <th scope="col">{w('audit.change')}</th>
      </tr></thead>
      <tbody>
        {entries.map(entry => (
          <tr key={entry.id}>
            <td class="nowrap">{formatDateTime(entry.at)}</td>
            <td>{entry.who}{(entry.address || (withDomain && entry.domain)) && <small class="dim">{[entry.address, withDomain && entry.domain].filter(Boolean).join(' · ')}</small>}</td>
            <td class="strong">{actionWords(entry.action)}</td>
            <td><Subject entry={entry} /></td>
            <td class="values"><Changes entry={entry} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)
