/** What a session needs before a request is even looked at: the only place where roles are checked (wire-protocols 5.7; feature table R19). */
import type { Viewer } from '../domains/viewer.ts'
import { RequestError } from '../errors.ts'
import type { Role } from '../protocol/domain-messages.ts'
import type { Needs } from '../protocol/message.ts'

const RANK: Record<Role, number> = { read: 0, operate: 1, full: 2 }
const NEEDED: Record<Exclude<Needs, 'nothing'>, Role> = { proof: 'read', login: 'read', read: 'read', operate: 'operate', manage: 'full', admin: 'full' }

/** May this role do what needs `needed`? */
export const roleSuffices = (role: Role, needed: Role): boolean => RANK[role] >= RANK[needed]

/** Why a request is refused before its parameters are read; undefined: it may go on. */
export function refusal(viewer: Viewer | undefined, needs: Needs): RequestError | undefined {
  if (needs === 'nothing') return undefined
  if (!viewer) return new RequestError('notLoggedIn', 'Log in first.')
  if (viewer.plugin === true && needs !== 'proof') {
    return new RequestError('noAccess', 'This is a login of the PBX Manager plugin: it may ask whether a password is right, and nothing else.')
  }
  const needed = NEEDED[needs]
  const { role } = viewer
  if (!roleSuffices(role, needed)) {
    return new RequestError('noAccess', `The App object of this login has the role "${role}"; this needs the role "${needed}".`)
  }
  if (needs === 'admin' && !viewer.admin) return new RequestError('noAccess', 'Only administrators may do this: logins of the domain of the instance.')
  return undefined
}
