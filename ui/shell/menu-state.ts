/** The navigation: open or closed by the client's menu button (wire-protocols 6.4), or collapsed to icons by the user. */
import { Cell } from '../state/cell.ts'
import { browserStorage } from '../host/storage.ts'

/** Inside myApps: whether the navigation is shown. */
export const menuOpen = new Cell(true)
const KEY = 'devices.nav'
export const navCollapsed = new Cell(browserStorage.get(KEY) === 'icons')
export function toggleNav(): void {
  navCollapsed.update(collapsed => !collapsed)
  browserStorage.set(KEY, navCollapsed.value ? 'icons' : undefined)
}
