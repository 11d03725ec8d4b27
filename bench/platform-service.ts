/** The service on core 0 as an App Platform runs it, with a manager that does nothing but start one instance. */
import path from 'node:path'
import { appStart, startFakeManager } from '../test/fake-platform/manager.ts'
import { inRepository, SERVER_CORE, start, type Measured } from './processes.ts'

/** `workingPath` is the instance's; the webserver listens at the socket `webserver` in it. Registration may take a moment longer. */
export async function startPlatformService(workingPath: string): Promise<Measured> {
  const manager = await startFakeManager(path.join(workingPath, 'manager'))
  const measured = await start(SERVER_CORE, [inRepository('dist/devices'), `--manager=${manager.socketPath}`, '--service-id=svc-devices', '--log-flags=0', `--log-path=${path.join(workingPath, 'log')}`],
    manager.until({ mt: 'AppServiceInitConnection' }))
  manager.send(appStart({
    appName: 'devices', appDomain: 'example.com', appPassword: 'instance-pw-1', webserver: path.join(workingPath, 'webserver'), webserverPath: 'example.com/devices', workingPath, logFlags: 0,
  }))
  await manager.until({ mt: 'AppStatusUpdate', status: true })
  return {
    ...measured,
    stop: async () => {
      // Its connections are not waited for.
      const gone = new Promise(resolve => measured.child.once('exit', resolve))
      manager.hangUp()
      await gone
      await manager.stop()
    },
  }
}
