/** `devices --manager=<socket>`: serves the instances that the manager of an App Platform starts. */
import { startStandalone } from '../hosts/standalone/host.ts'
import { Alarms } from '../platform/alarms.ts'
import type { PlatformArguments } from '../platform/arguments.ts'
import { certificateTrouble } from '../platform/certificate.ts'
import { Instances } from '../platform/instances.ts'
import { LogFiles } from '../platform/log-files.ts'
import { ManagerLink } from '../platform/manager-link.ts'
import { keyOf } from '../platform/manager-machine.ts'
import type { ManagerMessage } from '../platform/manager-messages.ts'
import { controlsOf } from '../platform/plugin-controls.ts'
import type { Log } from '../observe/log.ts'
import { Metrics, metricsText } from '../observe/metrics.ts'
import { executableName } from '../runtime/executable-name.ts'
import { readRelease, releaseText } from '../runtime/release.ts'
import { operatorKey } from '../store/secrets.ts'
import { explain, observe, parseListen, tlsFiles } from './serve.ts'

/** The certificate is looked at this often, ms. */
const DAY = 24 * 3600_000

/** Starts what is asked for in addition. The instances of the platform are worth more: whatever is wrong with it is logged, and they run. */
async function inAddition<T>(log: Log, start: () => Promise<T>): Promise<T | undefined> {
  try {
    return await start()
  } catch (cause) {
    log('error', explain(cause).text)
    return undefined
  }
}

/** Resolves when the process is to end: the manager has gone, or has seen the stop. */
export async function manage(given: PlatformArguments): Promise<void> {
  const logs = new LogFiles({ folder: given.logPath, name: executableName(), now: Date.now, fallback: line => { process.stdout.write(line) } })
  if (given.logFlags !== undefined) logs.flags = given.logFlags
  if (given.logSize !== undefined) logs.size = given.logSize
  const log = logs.service('service')
  const release = readRelease()
  log('info', `Devices ${releaseText(release)} starts${given.segfaulted ? ' after a crash' : ''}`)
  let certificate = ''
  const alarms: Alarms = new Alarms(alarm => link.alarm(alarm), Date.now)
  const instances = new Instances({
    release, logs, alarms, now: Date.now, dns: given.dns, timeZone: given.tz, secretKey: operatorKey(), challengeWait: given.challengeWait, snapshotEvery: given.snapshotEvery, devicesArriving: given.devicesArriving,
    onStopped: key => link.stopped(key),
  })
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
  // The listener's addon is loaded only where one is asked for.
  const { listen, tlsCert, tlsKey, metricsListen } = given
  const host = listen === undefined ? undefined : await inAddition(log, () => startStandalone({
    listen: parseListen(listen), router: instances.router, log: logs.service('host'), tls: tlsFiles(tlsCert, tlsKey),
  }))
  if (host) log('info', `listens at ${host.urls.join(', ')}`)
  const ofProcess = new Metrics(false).ofProcess()
  const observer = metricsListen === undefined ? undefined
    : await inAddition(log, () => observe(parseListen(metricsListen), () => metricsText([{ metrics: ofProcess }, ...instances.metrics()]), () => instances.healthy))
  if (observer) log('info', `metrics at ${observer.url}/metrics`)
  const done = Promise.withResolvers<void>()
  const link: ManagerLink = new ManagerLink({
    socketPath: given.manager, serviceId: given.serviceId, version: { id: release.id, build: release.build, label: release.label }, controls: controlsOf, log,
    start: one => instances.start(one), stop: key => void instances.stop(key), apply, exit: () => done.resolve(),
  })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => link.signal())
  await done.promise
  clearInterval(certificateWatch)
  observer?.server.close()
  await host?.stop()
  log('info', 'ends')
  logs.close()
}
