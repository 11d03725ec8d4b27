/** The task engine of an instance with everything its kinds work with. */
import type { AuditLog } from '../audit/audit-log.ts'
import type { DeviceCategories } from '../categories/device-categories.ts'
import type { DeviceCommands } from '../devices/device-commands.ts'
import type { DevicePasswords } from '../devices/device-passwords.ts'
import type { DeviceStore } from '../devices/device-store.ts'
import type { Domains } from '../domains/domains.ts'
import { DeviceQueues } from '../jobs/device-queues.ts'
import { adminPasswords } from '../jobs/kinds/admin-passwords.ts'
import { deleteDevices, editDevices } from '../jobs/kinds/edit-devices.ts'
import { registrationUrl } from '../jobs/kinds/registration-url.ts'
import { restartDevices } from '../jobs/kinds/restart-devices.ts'
import { PasswordRollout } from '../jobs/password-rollout.ts'
import { SelectionTasks } from '../jobs/selection-tasks.ts'
import type { Task } from '../jobs/task.ts'
import { Tasks } from '../jobs/tasks.ts'
import type { Log } from '../observe/log.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { DeviceHttp } from '../passthrough/device-http.ts'
import { UrlRollout } from '../registration/url-rollout.ts'
import type { Store } from '../store/store.ts'
import type { SysclientChannel } from '../sysclients/channel.ts'
import type { Registry } from '../sysclients/registry.ts'
import type { InstanceSettings } from './settings.ts'

export interface InstanceTasksDeps {
  readonly store: Store
  readonly devices: DeviceStore
  readonly passwords: DevicePasswords
  readonly channel: SysclientChannel
  readonly registry: Registry
  readonly domains: Domains
  readonly settings: InstanceSettings
  readonly audit: AuditLog
  readonly commands: DeviceCommands
  readonly categories: DeviceCategories
  readonly http: DeviceHttp
  readonly registrationUrl: () => string
  readonly gauge: Metrics['gauge']
  readonly now: () => number
  readonly later: (run: () => void) => void
  readonly log: Log
  /** A task has ended, and some of its devices have failed. */
  readonly failed: (task: Task) => void
}

export function createTasks(deps: InstanceTasksDeps): { tasks: Tasks, rollout: PasswordRollout, urls: UrlRollout, selections: SelectionTasks } {
  const { store, devices, passwords, channel, registry, now, later, log } = deps
  const queues = new DeviceQueues()
  const connected = (hwId: string): boolean => registry.online(hwId) !== undefined
  deps.gauge('devices_in_work', 'Devices that tasks talk with right now', () => queues.busy)
  const tasks = new Tasks({
    store, now, later, log, failed: deps.failed,
    queues,
    connected,
    settleDevices: () => devices.settle(),
    kinds: {
      adminPasswords: adminPasswords({
        deploy: (hwId, done) => channel.deploy(hwId, done),
        forgetRandom: (domainId, after, until) => passwords.forgetRandom(domainId, after, until),
      }),
      registrationUrl: registrationUrl({ http: deps.http, devices, domains: deps.domains, instance: deps.settings }),
      edit: editDevices({ store, devices, commands: deps.commands, categories: deps.categories, log }),
      delete: deleteDevices({ store, devices, commands: deps.commands, categories: deps.categories, log }),
      restart: restartDevices({ http: deps.http, connected, devices, domains: deps.domains, instance: deps.settings }),
    },
  })
  const urls = new UrlRollout({ store, tasks, audit: deps.audit, settings: deps.settings, registrationUrl: deps.registrationUrl })
  return { tasks, rollout: new PasswordRollout(tasks, passwords), urls, selections: new SelectionTasks({ store, devices, domains: deps.domains, audit: deps.audit, tasks, settings: deps.settings }) }
}
