/** What each app of the service offers (wire-protocols 5.8: AppInfo). */
import type { Reply } from '../protocol/message.ts'
import type { AppInfo } from '../protocol/app-websocket.ts'

/** Names of the apps, as they stand in URLs. */
export const APPS = { ui: 'innovaphone-devices', api: 'innovaphone-devices-api' } as const
/** Name of the PBX Manager plugin: its files, and the address of its websocket (wire-protocols 6.2, 7.2). */
export const PLUGIN = 'innovaphone.devicesmanager'

/** Is this the app name of a login that the manager of an App Platform makes for the plugin? It names the app `-` (wire-protocols 7.2). */
export const isPluginApp = (app: string): boolean => app === '-' || app === PLUGIN

export function appInfo(app: string): Reply<typeof AppInfo> {
  if (app === APPS.ui) return { app, info: { apis: { 'com.innovaphone.devicesui': {} } }, serviceInfo: {} }
  if (app === APPS.api) {
    return {
      app, info: { hidden: true, apis: { 'com.innovaphone.devices': {}, 'com.innovaphone.search': {} } },
      serviceInfo: { apis: { 'com.innovaphone.devices': {} } },
    }
  }
  return { app, info: { apis: {} }, serviceInfo: {} }
}
