/** The page of another build is loaded at once (wire-protocols 5.8). */
import { tabStorage } from './storage.ts'

const REDIRECTED = 'devices.redirected'

/** Never twice to the same, so that two servers cannot send the page round in circles. */
export function openBuild(url: string): void {
  const target = new URL(url, location.href)
  if (target.origin !== location.origin || target.pathname === location.pathname || tabStorage.get(REDIRECTED) === target.pathname) return
  tabStorage.set(REDIRECTED, target.pathname)
  location.replace(target.pathname + location.search + location.hash)
}
