/** A modal dialog on the browser's own <dialog>: it traps the focus, closes on Escape and gives the focus back. */
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

interface DialogProps {
  readonly title: string
  readonly danger?: boolean
  readonly wide?: boolean
  /** Escape, or the cancel button of the caller. */
  onClose(): void
  /** With it the dialog is a form. */
  onSubmit?(): void
  readonly foot: ComponentChildren
  readonly children: ComponentChildren
}

export const Dialog = ({ title, danger, wide, onClose, onSubmit, foot, children }: DialogProps) => {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const element = dialog.current
    const before = document.activeElement
    element?.showModal()
    return () => {
      element?.close()
      // The opener may have been drawn again meanwhile: then the browser's own way back is lost, and the caller places the focus.
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [])
  const body = (
    <>
      <div class="dlg-head"><h2 id={heading}>{title}</h2></div>
      <div class="dlg-body">{children}</div>
      <div class="dlg-foot">{foot}</div>
    </>
  )
  return (
    <dialog ref={dialog} class={`dlg${danger ? ' danger' : ''}${wide ? ' wide' : ''}`} aria-labelledby={heading}
      onCancel={event => {
        event.preventDefault()
        onClose()
      }}>
      {onSubmit
        ? <form onSubmit={event => {
            event.preventDefault()
            onSubmit()
          }} noValidate>{body}</form>
        : body}
    </dialog>
  )
}
