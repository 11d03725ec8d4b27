/** The administrative password of a device in clear text, on explicit request (features 2.3). */
import { RequestError } from '../errors.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { DeviceLists } from '../devices/device-lists.ts'
import type { DevicePasswords } from '../devices/device-passwords.ts'
import type { DeviceStore } from '../devices/device-store.ts'
import type { Requests } from '../protocol/service-api.ts'
import { Status } from '../store/schema.ts'
import type { HandlersOf } from './handler.ts'

export interface DevicePasswordDeps {
  readonly audit: AuditLog
  readonly lists: DeviceLists
  readonly devices: DeviceStore
  readonly passwords: DevicePasswords
}

export const devicePasswordHandler = (deps: DevicePasswordDeps): HandlersOf<Pick<Requests, 'GetDevicePassword'>> => ({
  GetDevicePassword: (params, { session }) => {
    const row = deps.lists.one(session.viewer, { id: params.id })
    const auth = row.status === Status.unassigned ? undefined : deps.devices.auth(row.hwId)
    if (!auth) throw new RequestError('conflict', 'This device belongs to no domain.', 'id')
    const deployed = deps.passwords.deploys(row.domainId)
    // The password of a domain opens the domain: it is not told to those who only see the device.
    if (auth.adminPasswordKind !== 'random') return { kind: 'domain', deployed }
    const clear = deps.passwords.randomOf(auth)
    if (clear === undefined) throw new RequestError('conflict', 'The device gets a new password when it connects.', 'id')
    deps.audit.record(session.viewer, { domainId: row.domainId, action: 'password.revealed', subject: row.hwId })
    const { seed, hex } = session.encrypt(clear)
    return { kind: 'random', deployed, seed, password: hex }
  },
})
