/** The hidden app `innovaphone-devices-api`: gives other apps of the client the APIs of devices and of the search (wire-protocols 3.9, 3.10, 3.13). */
import { DevicesApi } from './api-app/devices-api.ts'
import { startSearch } from './api-app/search-api.ts'
import { Service } from './api-app/service.ts'
import { appName } from './connection/location.ts'
import { ParentWindow } from './host/parent.ts'
import { startArguments } from './host/start-arguments.ts'

/** Usual name of the App object of the user interface. */
const UI_APP_OBJECT = 'devices'

if (window.parent !== window) {
  const start = startArguments(location.search)
  const page = location.origin + location.pathname + location.search
  const nothing = (): void => undefined
  const parent = new ParentWindow(window, start.name ?? appName(page), { onLang: nothing, onScheme: nothing, onArgs: nothing, onMenu: nothing, onPrepareReload: nothing })
  const service = new Service(page, start.url, challenge => parent.login(challenge),
    message => { if (message['mt'] === 'DeviceProvisioned') void devices.provisioned(message) }, () => devices.lost())
  const devices = new DevicesApi(window, service)
  startSearch(window, service, UI_APP_OBJECT)
}
