/**
 * Who looks (architecture, invariant 6). A login becomes a `Viewer`; every query and command of the store takes one, so
 * that no check can be forgotten. Rules: wire-protocols 5.7, features 2.2.
 */
import type { Role } from '../protocol/domain-messages.ts'

export interface Viewer {
  /** Access to all domains and to devices without one. */
  readonly admin: boolean
  /** What the App object of the login may do in the domains it sees. */
  readonly role: Role
  /** A login of the PBX Manager plugin: it sees nothing of the devices, whatever else is said here (wire-protocols 7.2). */
  readonly plugin?: boolean
  /** Domain of the login. */
  readonly domainId: number
  /** Domains of a login that is not an administrator: its own and those granted to it. Grants can change: ask anew, keep nothing. */
  readonly domainIds: ReadonlySet<number>
  /** For the audit log and for preferences: `user@domain` or the app object. */
  readonly who: string
  readonly address: string
}

export const maySee = (viewer: Viewer, domainId: number): boolean =>
  viewer.admin || (domainId !== 0 && viewer.domainIds.has(domainId))

/** SQL condition on a column with domain ids, and its parameters. Ids are our own integers. */
export const visible = (viewer: Viewer, column: string): string =>
  viewer.admin ? '1' : `${column} IN (${[...viewer.domainIds].filter(id => id !== 0).join(',')})`
