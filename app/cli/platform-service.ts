/** What serves instances on an App Platform, whoever starts them: log files, the instances, and what is asked for in addition. */
import type { Log } from '../observe/log.ts'
import { Metrics, metricsText } from '../observe/metrics.ts'
import type { Alarms } from '../platform/alarms.ts'
import type { ServiceArguments } from '../platform/arguments.ts'
import { Instances } from '../platform/instances.ts'
import { LogFiles } from '../platform/log-files.ts'
import { executableName } from '../runtime/executable-name.ts'
import { readRelease, releaseText, type Release } from '../runtime/release.ts'
import { operatorKey } from '../store/secrets.ts'
import { AdditionalListener } from './additional-listener.ts'
import { explain, observe, parseListen, tlsFiles } from './serve.ts'

export interface PlatformService {
  readonly release: Release
  readonly logs: LogFiles
  /** Lines of the service itself. */
  readonly log: Log
  readonly instances: Instances
  /** The platform's certificate, in PEM form, possibly with its key. */
  certificate(pem: string): void
  /** Ends what is left when the instances have stopped. */
  end(): Promise<void>
}

export interface PlatformMeans {
  readonly alarms: Alarms
  /** An instance has stopped, as it was told or by itself. */
  readonly onStopped: (key: string) => void
  readonly publicUrl?: string | undefined
}

/** Starts what is asked for in addition. The instances of the platform are worth more: whatever is wrong with it is logged, and they run. */
async function inAddition<T>(log: Log, start: () => Promise<T>): Promise<T | undefined> {
  try {
    return await start()
  } catch (cause) {
    log('error', explain(cause).text)
    return undefined
  }
}

export async function platformService(given: ServiceArguments, { alarms, onStopped, publicUrl }: PlatformMeans): Promise<PlatformService> {
  const logs = new LogFiles({ folder: given.logPath, name: executableName(), now: Date.now, fallback: line => { process.stdout.write(line) } })
  if (given.logFlags !== undefined) logs.flags = given.logFlags
  if (given.logSize !== undefined) logs.size = given.logSize
  const log = logs.service('service')
  const release = readRelease()
  log('info', `Devices ${releaseText(release)} starts${given.segfaulted ? ' after a crash' : ''}`)
  const { challengeWait, snapshotEvery, devicesArriving } = given
  const instances = new Instances({
    release, logs, alarms, now: Date.now, dns: given.dns, timeZone: given.tz, secretKey: operatorKey(), challengeWait, snapshotEvery, devicesArriving, publicUrl, onStopped,
  })
  // The listener's addon is loaded only where one is asked for.
  const { listen, tlsCert, tlsKey, metricsListen } = given
  const listener = listen === undefined ? undefined : await inAddition(log, async () => {
    const one = new AdditionalListener({ listen: parseListen(listen), tls: tlsFiles(tlsCert, tlsKey), router: instances.router, log, hostLog: logs.service('host') })
    await one.start()
    return one
  })
  const ofProcess = new Metrics(false).ofProcess()
  const observer = metricsListen === undefined ? undefined
    : await inAddition(log, () => observe(parseListen(metricsListen), () => metricsText([{ metrics: ofProcess }, ...instances.metrics()]), () => instances.healthy))
  if (observer) log('info', `metrics at ${observer.url}/metrics`)
  return {
    release, logs, log, instances,
    certificate: pem => listener?.certificate(pem),
    end: async () => {
      observer?.server.close()
      await listener?.stop()
      log('info', 'ends')
      logs.close()
    },
  }
}
