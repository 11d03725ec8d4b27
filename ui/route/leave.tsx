/** Leaving a page with changes asks once: by a link, by the back button, and by closing the window. */
import { useEffect, useState } from 'preact/hooks'
import { Dialog } from '../parts/dialog.tsx'
import { t } from '../text/text.ts'
import { holdHere } from './navigation.ts'
import type { Route } from './route.ts'

/** @param dirty something would be lost  @param stays true for addresses that keep it (other tabs of the same page) */
export const LeaveGuard = ({ dirty, stays }: { dirty: boolean, stays(to: Route): boolean }) => {
  const [leave, setLeave] = useState<{ go(): void }>()
  useEffect(() => {
    if (!dirty) return
    const letGo = holdHere({ stays, ask: go => setLeave({ go }) })
    const onUnload = (event: BeforeUnloadEvent): void => event.preventDefault()
    addEventListener('beforeunload', onUnload)
    return () => {
      letGo()
      removeEventListener('beforeunload', onUnload)
    }
  }, [dirty, stays])
  if (!leave) return null
  return (
    <Dialog title={t('leave.title')} danger onClose={() => setLeave(undefined)} foot={
      <>
        <button type="button" class="btn ghost" onClick={() => setLeave(undefined)}>{t('leave.stay')}</button>
        <button type="button" class="btn danger" onClick={() => {
          setLeave(undefined)
          leave.go()
        }}>{t('leave.go')}</button>
      </>
    }><p>{t('leave.about')}</p></Dialog>
  )
}
