/** What each app of the service offers (wire-protocols 5.8: AppInfo). */
import type { Reply } from '../protocol/message.ts'
import type { AppInfo } from '../protocol/app-websocket.ts'

/** Names of the apps and of the PBX Manager plugin, as they stand in URLs. */
export const APPS = { ui: 'innovaphone-devices', api: 'innovaphone-devices-api' } as const

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
