/** Deleting a domain: says first what becomes of its devices; with devices in it the name has to be typed. */
import { useEffect, useState } from 'preact/hooks'
import { RequestRefused } from '../connection/errors.ts'
import { Dialog } from '../parts/dialog.tsx'
import { TextField } from '../parts/fields.tsx'
import { Icon } from '../parts/icons.tsx'
import { notify } from '../parts/notices.tsx'
import { connection } from '../session/session.ts'
import { formatNumber, t } from '../text/text.ts'
import type { Domain } from '../../app/protocol/types.ts'
import { w, whyRefused, ws } from './words.ts'

export const DeleteDomain = ({ domain, onClose }: { domain: Domain, onClose(deleted: boolean): void }) => {
  const [hit, setHit] = useState<{ devices: number, connected: number }>()
  const [typed, setTyped] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const count = async (): Promise<void> => {
    const { settings } = await connection().request('GetDomainSettings', { id: domain.id })
    setHit({ devices: settings.devices, connected: settings.connected })
  }
  useEffect(() => { count().catch(cause => setError(whyRefused(cause))) }, [])
  const sure = hit !== undefined && (hit.devices === 0 || typed.trim() === domain.name)
  const remove = async (): Promise<void> => {
    if (!sure || busy || !hit) return
    setBusy(true)
    setError(undefined)
    try {
      const { devices } = await connection().request('DeleteDomain', { id: domain.id, ...(hit.devices > 0 ? { force: true } : {}) })
      notify('ok', devices > 0 ? ws('delete.doneDevices', devices, domain.name) : w('delete.done', domain.name))
      onClose(true)
    } catch (cause) {
      setBusy(false)
      setError(cause instanceof RequestRefused && cause.code === 'conflict' ? w('delete.meanwhile') : whyRefused(cause))
      // Devices have come meanwhile: their number is said before it is asked again.
      await count().catch(() => undefined)
    }
  }
  return (
    <Dialog title={w('delete.title', domain.name)} danger onClose={() => onClose(false)} onSubmit={() => void remove()} foot={
      <>
        <button type="button" class="btn ghost" onClick={() => onClose(false)}>{t('action.cancel')}</button>
        <button type="submit" class="btn danger" disabled={!sure || busy}>{hit && hit.devices > 0 ? ws('delete.doDevices', hit.devices) : w('delete.do')}</button>
      </>
    }>
      {error !== undefined && <p class="msg err" role="alert"><Icon name="err" /><span>{error}</span></p>}
      {!hit && error === undefined && <p role="status" class="dim">{w('delete.counting')}</p>}
      {hit && hit.devices > 0 && (
        <div class="blast">
          <div><b>{formatNumber(hit.devices)}</b>{w('delete.unassigned')}</div>
          <div><b>{formatNumber(hit.connected)}</b>{w('delete.connected')}</div>
        </div>
      )}
      {hit && <p>{hit.devices > 0 ? w('delete.what') : w('delete.empty')}</p>}
      <p class="dim">{w('delete.rest')}</p>
      {hit && hit.devices > 0 && <TextField id="delete-name" label={w('delete.type', domain.name)} value={typed} maxLength={128} code onInput={setTyped} />}
    </Dialog>
  )
}
