/** The plugin of the PBX Manager as the manager of the App Platform announces it (app-platform-local 2.2). */
import { APPS, PLUGIN } from '../appwebsocket/app-info.ts'
import { normalWebPath } from './instances.ts'
import type { Control, InstanceArguments } from './manager-messages.ts'

/** Plugins of an instance: paths without the leading slash; the plugin and its texts without `.js`. It serves PBXs of several domains. */
export function controlsOf(given: InstanceArguments): readonly Control[] {
  const base = normalWebPath(given.webserverPath, given).slice(1)
  return [{ uri: `${base}/${PLUGIN}`, png: `${base}/${APPS.ui}.png`, lang: `${base}/${PLUGIN}texts`, wildcard: true }]
}
