/** `devices --manager=<socket>`: serves the instances that the manager of an App Platform starts. */
import { Alarms } from '../platform/alarms.ts'
import type { PlatformArguments } from '../platform/arguments.ts'
import { certificateTrouble } from '../platform/certificate.ts'
import { ManagerLink } from '../platform/manager-link.ts'
import { keyOf } from '../platform/manager-machine.ts'
import type { ManagerMessage } from '../platform/manager-messages.ts'
import { controlsOf } from '../platform/plugin-controls.ts'
import { platformService } from './platform-service.ts'

/** The certificate is looked at this often, ms. */
const DAY = 24 * 3600_000

/** Resolves when the process is to end: the manager has gone, or has seen the stop. */
export async function manage(given: PlatformArguments): Promise<void> {
  const alarms: Alarms = new Alarms(alarm => link.alarm(alarm), Date.now)
  const service = await platformService(given, { alarms, onStopped: key => link.stopped(key) })
  const { instances, log, logs, release } = service
  let certificate = ''
  const watchCertificate = (): void => {
    const trouble = certificateTrouble(certificate, Date.now())
    if (trouble === undefined) alarms.clear('certificateExpires')
    else alarms.set('certificateExpires', trouble)
  }
  const certificateWatch = setInterval(watchCertificate, DAY).unref()
  const apply = (message: ManagerMessage): void => {
    switch (message.mt) {
      case 'SetServiceLogging':
        if (message.logFlags !== undefined) logs.flags = message.logFlags
        if (message.logSize !== undefined) logs.size = message.logSize
        return
      case 'SetInstanceLogFlags':
        if (!instances.setLogFlags(keyOf(message), message.logFlags)) log('info', 'log flags for an instance that does not run')
        return
      case 'SetCertificate':
        certificate = message.cert
        service.certificate(certificate)
        return watchCertificate()
      case 'AppPlatformDns': return instances.setDns(message.dns)
      case 'AppPlatformTz':
        instances.timeZone = message.tz
        return
      case 'AppDomain': return void instances.setDomainPassword(keyOf(message), message.domain, message.pwd)
      case 'LogFilesDeleted': return logs.reopen()
      case 'SetLogging':
        logs.enabled = message.enable
        return
      default: return
    }
  }
  const done = Promise.withResolvers<void>()
  const link: ManagerLink = new ManagerLink({
    socketPath: given.manager, serviceId: given.serviceId, version: { id: release.id, build: release.build, label: release.label }, controls: controlsOf, log,
    start: one => instances.start(one), stop: key => void instances.stop(key), apply, exit: () => done.resolve(),
  })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => link.signal())
  await done.promise
  clearInterval(certificateWatch)
  await service.end()
}
