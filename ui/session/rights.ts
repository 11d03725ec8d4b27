/** What this sign-in may do. The service decides; here it only shows what would be refused, and why. */
import { Cell, useCell } from '../state/cell.ts'
import { t } from '../text/text.ts'
import type { Role } from '../../app/protocol/domain-messages.ts'
import type { Needs } from '../../app/protocol/message.ts'

export interface User {
  /** Access to all domains. */
  readonly admin: boolean
  readonly role: Role
  /** Domain of the sign-in. */
  readonly domainId: number
  readonly who: string
}
/** Before the service has said who it is. */
export const NOBODY: User = { admin: false, role: 'full', domainId: 0, who: '' }
export const user = new Cell<User>(NOBODY)

export type Right = Extract<Needs, 'operate' | 'manage' | 'admin'>

/** Roles contain those before them; `admin` is the full role with access to all domains. */
export const may = (right: Right, by: User = user.value): boolean =>
  right === 'operate' ? by.role !== 'read' : by.role === 'full' && (right !== 'admin' || by.admin)

/** Why it may not, as a title of what is disabled; undefined: it may. */
export function whyNot(right: Right, by: User = user.value): string | undefined {
  if (may(right, by)) return undefined
  return t(by.role === 'read' ? 'right.read' : by.role === 'operate' ? 'right.operate' : 'right.admin')
}
export const useWhyNot = (right: Right): string | undefined => whyNot(right, useCell(user))
