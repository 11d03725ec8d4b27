/** Roles by App object: what those who come through it may do. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Empty } from '../devices/empty.tsx'
import { Select, TextField } from '../parts/fields.tsx'
import { Icon } from '../parts/icons.tsx'
import { notify } from '../parts/notices.tsx'
import { connection } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { t } from '../text/text.ts'
import type { AppRole, Role } from '../../app/protocol/domain-messages.ts'
import { isLost, w, whyRefused } from './words.ts'

const ROLES: readonly Role[] = ['read', 'operate', 'full']
const options = (): { value: Role, label: string }[] => ROLES.map(role => ({ value: role, label: w(`role.${role}`) }))
const asRole = (value: string): Role => ROLES.find(role => role === value) ?? 'read'

export const AppRoles = ({ tabs }: { tabs: ComponentChildren }) => {
  const link = useCell(connection().state)
  const [roles, setRoles] = useState<readonly AppRole[]>()
  const [problem, setProblem] = useState<string>()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('read')
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const read = async (): Promise<void> => {
    try {
      setRoles((await connection().request('GetAppRoles', {})).roles)
      setProblem(undefined)
    } catch (cause) {
      if (!isLost(cause)) setProblem(whyRefused(cause))
    }
  }
  const online = link.at === 'online'
  useEffect(() => { if (online) void read() }, [online])
  const set = async (appObject: string, to: Role | null, before: Role | null, again = false): Promise<boolean> => {
    setBusy(true)
    try {
      await connection().request('SetAppRole', { appObject, role: to })
      const text = to === null ? w('roles.removed', appObject) : w('roles.set', appObject, w(`role.${to}`))
      notify('ok', again ? text : <>{text} <button type="button" class="link" onClick={() => void set(appObject, before, to, true)}>{t('action.undo')}</button></>)
      return true
    } catch (cause) {
      notify('err', whyRefused(cause))
      return false
    } finally {
      setBusy(false)
      await read()
    }
  }
  const add = async (): Promise<void> => {
    const wanted = name.trim()
    if (!wanted || roles?.some(one => one.appObject === wanted)) {
      setError(w(wanted ? 'roles.taken' : 'wrong.missing'))
      document.getElementById('role-name')?.focus()
      return
    }
    if (await set(wanted, role, null)) setName(now => now.trim() === wanted ? '' : now)
  }
  return (
    <div class="page">
      <div class="head"><div><h1>{w('roles.title')}</h1><p class="sub">{w('roles.about')}</p></div></div>
      {tabs}
      <dl class="kv roles-kv">{ROLES.map(one => <><dt>{w(`role.${one}`)}</dt><dd>{w(`role.${one}About`)}</dd></>)}</dl>
      {problem !== undefined ? <Empty icon="err" title={w('settings.failed')} actions={<button type="button" class="btn" onClick={() => void read()}>{t('action.retry')}</button>}>{problem}</Empty>
        : !roles ? <div class="panel skeleton-panel" role="status" aria-busy="true" aria-label={w('settings.loading')}><span class="sk w2" /><span class="sk w3" /></div>
          : (
            <section class="panel" aria-label={w('roles.title')}>
              {roles.length === 0 ? <p class="panel-body lead dim">{w('roles.none')}</p> : (
                <table class="tbl stacked mid">
                  <thead><tr><th scope="col">{w('roles.appObject')}</th><th scope="col">{w('roles.role')}</th><th scope="col"><span class="sr">{t('grid.actionsColumn')}</span></th></tr></thead>
                  <tbody>{roles.map(one => (
                    <tr key={one.appObject}>
                      <th scope="row">{one.appObject}</th>
                      <td><span class="selw short"><select class="sel" aria-label={w('roles.of', one.appObject)} disabled={busy} value={one.role} onChange={event => void set(one.appObject, asRole(event.currentTarget.value), one.role)}>
                        {options().map(option => <option key={option.value} value={option.value} selected={option.value === one.role}>{option.label}</option>)}</select><Icon name="down" /></span></td>
                      <td class="end"><button type="button" class="btn small icon ghost" disabled={busy} aria-label={w('roles.remove', one.appObject)} title={w('roles.remove', one.appObject)} onClick={() => void set(one.appObject, null, one.role)}><Icon name="trash" /></button></td>
                    </tr>
                  ))}</tbody>
                </table>
              )}
              <form class="panel-body addline" noValidate onSubmit={event => {
                event.preventDefault()
                if (!busy) void add()
              }}>
                <TextField id="role-name" label={w('roles.add')} value={name} maxLength={128} code hint={w('roles.addHint')} error={error} onInput={text => {
                  setName(text)
                  setError(undefined)
                }} />
                <Select id="role-role" label={w('roles.role')} value={role} onChange={value => setRole(asRole(value))} options={options()} />
                <button type="submit" class="btn" disabled={busy}><Icon name="plus" />{t('action.add')}</button>
              </form>
            </section>
          )}
    </div>
  )
}
