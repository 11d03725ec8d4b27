/** The parts of provisioning of one instance, put together. */
import type { DeviceCategories } from '../categories/device-categories.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { DeviceLists } from '../devices/device-lists.ts'
import type { DevicePasswords } from '../devices/device-passwords.ts'
import type { DeviceStore } from '../devices/device-store.ts'
import type { Domains } from '../domains/domains.ts'
import type { Log } from '../observe/log.ts'
import type { CounterName } from '../observe/metrics.ts'
import type { Store } from '../store/store.ts'
import { AddDevices } from './add-devices.ts'
import { Assignment } from './assignment.ts'
import { localDirectory, type CodeDirectory } from './code-directory.ts'
import { CodeStore } from './code-store.ts'
import { Codes } from './codes.ts'
import { Doorkeeper } from './doorkeeper.ts'
import { GuessThrottle } from './guess-throttle.ts'
import { InitUrl } from './init-url.ts'
import { Interfaces } from './interfaces.ts'

export interface ProvisioningDeps {
  readonly store: Store
  readonly devices: DeviceStore
  readonly lists: DeviceLists
  readonly domains: Domains
  readonly passwords: DevicePasswords
  readonly categories: DeviceCategories
  readonly audit: AuditLog
  readonly registrationUrl: () => string
  readonly offline: () => boolean
  readonly now: () => number
  readonly log: Log
  readonly count: (name: CounterName) => void
  /** Hands out the password of a device, if it is connected. */
  readonly assigned: (device: { id: number, hwId: string, domainId: number }, password: string) => void
  /** Default: codes are announced nowhere. */
  readonly directory?: CodeDirectory
}

export interface Provisioning {
  readonly codes: Codes
  readonly doorkeeper: Doorkeeper
  readonly initUrl: InitUrl
  readonly interfaces: Interfaces
  readonly addDevices: AddDevices
  /** To be called once a second. */
  tick(): void
  /** After a commit that failed. */
  reload(): void
}

export function createProvisioning(deps: ProvisioningDeps): Provisioning {
  const { directory = localDirectory } = deps
  const codeStore = new CodeStore(deps.store)
  const codes = new Codes({ ...deps, codes: codeStore, directory })
  const assignment = new Assignment(deps)
  const interfaces = new Interfaces(deps.store)
  const throttle = new GuessThrottle(deps.now)
  return {
    codes, interfaces,
    doorkeeper: new Doorkeeper({ ...deps, codeStore, codes, assignment, interfaces, throttle }),
    initUrl: new InitUrl({ ...deps, enabled: deps.offline, throttle }),
    addDevices: new AddDevices({ ...deps, assignment }),
    tick: () => codes.tick(),
    reload: () => codeStore.recover(),
  }
}
