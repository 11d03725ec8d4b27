/** What the dialogs need of the page. */
import type { AppObjects } from './app-objects.ts'
import type { AppObject, Kind, Pbx } from './pbx.ts'
import type { TextId } from './text/en.ts'

export interface PageContext {
  readonly root: Element
  readonly pbx: Pbx
  readonly objects: AppObjects
  /** https address of the instance. */
  readonly base: string
  /** Says what has been done. */
  done(text: TextId, ...values: readonly string[]): void
  /** Says what is left to do by hand. */
  warn(text: TextId, ...values: readonly string[]): void
  /** Passwords that may have changed are checked, and connections looked at for a while. */
  settled(): void
  /** Where the keyboard goes on when what had the focus is gone. */
  focusKind(kind: Kind): void
}

/** How an object is called: users know its name, administrators its SIP name. */
export const nameOf = (object: AppObject): string => object.title === object.sip ? object.sip : `${object.title} (${object.sip})`
