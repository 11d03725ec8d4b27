/** A button with a menu. The list lies in the browser's top layer, closes on Escape and on a click elsewhere. */
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'

export interface MenuItem {
  readonly label: ComponentChildren
  /** Set for items that are on or off; `radio` items exclude each other. */
  readonly checked?: boolean
  readonly kind?: 'radio' | 'checkbox'
  readonly danger?: boolean
  readonly disabled?: boolean
  /** Such as why it is disabled. */
  readonly title?: string | undefined
  /** A line above. */
  readonly apart?: boolean
  /** Items that stay open after a choice. */
  readonly stays?: boolean
  run(): void
}
interface MenuListProps { readonly items: readonly MenuItem[], readonly anchor: DOMRect, readonly label: string, readonly id?: string, onClose(): void }

/** The list of a menu below (or above) its anchor, aligned to the anchor's right edge where it would not fit otherwise. */
export const MenuList = ({ items, anchor, label, id, onClose }: MenuListProps) => {
  const list = useRef<HTMLDivElement>(null)
  const close = useRef(onClose)
  close.current = onClose
  useEffect(() => {
    const element = list.current
    if (!element) return
    const before = document.activeElement
    element.showPopover()
    const { width, height } = element.getBoundingClientRect()
    element.style.left = `${Math.max(8, Math.min(anchor.left, innerWidth - width - 8))}px`
    element.style.top = `${anchor.bottom + height + 12 > innerHeight && anchor.top > height + 12 ? anchor.top - height - 4 : Math.min(anchor.bottom + 4, Math.max(8, innerHeight - height - 8))}px`
    element.querySelector<HTMLElement>('[role^=menuitem]:not([disabled])')?.focus()
    const toggled = (event: ToggleEvent): void => { if (event.newState === 'closed') close.current() }
    element.addEventListener('toggle', toggled)
    return () => {
      element.removeEventListener('toggle', toggled)
      const inside = element.contains(document.activeElement) || document.activeElement === document.body
      if (inside && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [])
  const move = (event: KeyboardEvent): void => {
    const all = [...list.current?.querySelectorAll<HTMLElement>('[role^=menuitem]:not([disabled])') ?? []]
    const at = all.findIndex(item => item === document.activeElement)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key]
    if (event.key === 'Tab') onClose()
    if (to === undefined) return
    event.preventDefault()
    event.stopPropagation()
    all.at(to % all.length)?.focus()
  }
  return (
    <div ref={list} id={id} class="menu" role="menu" aria-label={label} popover="auto" onKeyDown={move}>
      {items.map(item => (
        <button type="button" role={item.kind === undefined ? 'menuitem' : `menuitem${item.kind}`} aria-checked={item.kind === undefined ? undefined : item.checked === true}
          tabIndex={-1} disabled={item.disabled} title={item.title} class={`${item.danger ? 'danger' : ''}${item.apart ? ' apart' : ''}`}
          onClick={() => {
            if (!item.stays) onClose()
            item.run()
          }}>{item.label}</button>
      ))}
    </div>
  )
}

interface MenuButtonProps { readonly class?: string, readonly label: string, readonly title?: string, readonly items: readonly MenuItem[], readonly children: ComponentChildren }
export const MenuButton = ({ class: className, label, title, items, children }: MenuButtonProps) => {
  const [anchor, setAnchor] = useState<DOMRect>()
  const closedAt = useRef(0)
  const id = useId()
  return (
    <>
      <button type="button" class={className} aria-label={label} title={title} aria-haspopup="menu" aria-expanded={anchor !== undefined} aria-controls={anchor ? id : undefined}
        onClick={event => {
          // The press that closed the open list is not meant to open it again.
          if (event.detail > 0 && event.timeStamp - closedAt.current < 400) return
          setAnchor(anchor ? undefined : event.currentTarget.getBoundingClientRect())
        }}>{children}</button>
      {anchor && <MenuList id={id} items={items} anchor={anchor} label={label} onClose={() => {
        closedAt.current = performance.now()
        setAnchor(undefined)
      }} />}
    </>
  )
}
